// talk.cc — messages between programs of any two cores: `talk` listens, and sends each text back; `talk CORE WORDS...`
// sends a text to the one on that core. A listener that receives `bye` ends without an answer.
//@ since monitor
// The first listener of all cores has the name "talk": `talk any WORDS...` sends a text there.
//@ end

#include "interfaces/echo.hh"
#include "interfaces/peer.hh"
#include "lib/connection.hh"
#include "lib/console.hh"
#include "lib/processes.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
//@ since monitor
#include "lib/service_names.hh"
//@ end
#include "lib/words.hh"

namespace sprat {
namespace {

// Each text of one client goes back to it, until it has gone.
template <Link AnyLink>
Task<> answer(AnyLink& link) {
  const auto echo = [](const echo::Text& text) -> Result<echo::Text> {
    if (text.text == "bye") exit_process(0);
    return text;
  };
  const auto add = [](const echo::Summands& s) -> Result<echo::Sum> {
    return echo::Sum{s.a + s.b};
  };
  return handle_calls<echo::interface>(link, on<echo::echo>(echo), on<echo::add>(add),
                                       on<echo::note>([](const echo::Text&) {}));
}

// One client after the other.
Task<> handle_clients() {
  if (const auto listens = listen(); !listens) co_return listens;
  //@ since monitor
  Task<> publishing = publish("talk");  // clients that know the core need not wait for that
  runtime().loop.start(publishing);
  //@ end
  for (;;) {
    Connection client;
    if (const auto accepted = co_await client.accept(); accepted) {
      static_cast<void>(co_await client.use([](auto& link) { return answer(link); }));
    } else {
      print("talk: a client is lost: {}\n", name_of(accepted.error()));
    }
  }
}

template <Link AnyLink>
Task<echo::Text> say(AnyLink& link, const echo::Text& text) {
  Peer<echo::interface, AnyLink> peer(link);
  co_return co_await peer.template call<echo::echo>(text);
}

Task<> talk_by(Connection& server, std::uint64_t core, std::string_view words) {
  echo::Text text;
  if (const auto fits = text.text.assign(words); !fits) co_return fits.error();
  const auto answer = co_await server.use([&](auto& link) { return say(link, text); });
  if (!answer) co_return answer.error();
  print("core {} says: {}\n", core, answer.value().text.text());
  co_return {};
}

Task<> talk(std::uint64_t core, std::string_view words) {
  Connection server;
  if (const auto connected = co_await server.connect(core, "talk"); !connected) co_return connected;
  co_return co_await talk_by(server, core, words);
}

//@ since monitor
Task<> talk_to_any(std::string_view words) {
  const auto publisher = look_up("talk");
  if (!publisher) co_return publisher.error();
  Connection server;
  if (const auto connected = co_await server.connect("talk"); !connected) co_return connected;
  co_return co_await talk_by(server, publisher.value().core, words);
}

//@ end

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  std::uint64_t core = 0;
  std::string_view text = words;
  const std::string_view where = next_word(text);
  const bool is_client = parse_number(where, core);
  while (text.starts_with(' ')) text.remove_prefix(1);
  //@ since monitor
  if (where == "any") {
    const auto said = runtime().loop.run(talk_to_any(text));
    if (!said) print("talk: {}: services lists the names that there are\n", name_of(said.error()));
    return said ? 0 : 1;
  }
  //@ end
  const auto done = runtime().loop.run(is_client ? talk(core, text) : handle_clients());
  if (done) return 0;
  print("talk: {}", name_of(done.error()));
  if (is_client && done.error() == Error::not_found)
    print(": no program talk listens on core {}; MODULES='talk core={}' starts one with the system",
          core, core);
  if (is_client && done.error() == Error::peer_gone) print(": the talk on core {} has ended", core);
  print("\n");
  return 1;
}
