// talk.cc — programs on different cores talking: `talk` listens, and says again what it hears; `talk CORE WORDS...` says
// something to the one on that core. To `bye` nobody answers.

#include <cstring>
#include <new>

#include "lib/connection.hh"
#include "lib/console.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "lib/words.hh"

namespace sprat {
namespace {

constexpr std::uint32_t kMore = 0, kEnd = 1;  // headers: is there more of the text?

// Says all of `text`, so much at a time as a line takes.
Task<> say(Channel& channel, std::string_view text) {
  do {
    urpc::Message<> message;
    const std::string_view piece = text.substr(0, sizeof(message.words));
    text.remove_prefix(piece.size());
    message.header = text.empty() ? kEnd : kMore;
    std::memcpy(message.words.data(), piece.data(), piece.size());
    if (const auto sent = co_await channel.send(message); !sent) co_return sent;
  } while (!text.empty());
  co_return {};
}

std::string_view text_of(const urpc::Message<>& message) {
  return until_zero({reinterpret_cast<const char*>(message.words.data()), sizeof(message.words)});
}

// Whatever one client says goes back to it, until it has gone. True: it said good-bye.
Task<bool> answer(Channel& channel) {
  for (;;) {
    const auto message = co_await channel.receive();
    if (!message) co_return message.error();
    if (text_of(message.value()) == "bye") co_return true;
    if (const auto sent = co_await channel.send(message.value()); !sent) co_return sent.error();
  }
}

// One client after the other.
Task<> serve() {
  if (const auto listens = listen(); !listens) co_return listens;
  for (;;) {
    Connection client;
    if (const auto accepted = co_await client.accept(); !accepted) co_return accepted;
    const auto is_over = co_await answer(client.channel);
    if (is_over && is_over.value()) co_return {};
  }
}

Task<> talk(std::uint64_t core, std::string_view text) {
  Connection server;
  if (const auto connected = co_await server.connect(core, "talk"); !connected) co_return connected;
  if (const auto said = co_await say(server.channel, text); !said) co_return said;
  for (bool is_first = true;; is_first = false) {
    const auto message = co_await server.channel.receive();
    if (!message) co_return message.error();
    if (is_first) print("core {} says: ", core);
    print("{}", text_of(message.value()));
    if (message.value().header == kEnd) break;
  }
  print("\n");
  co_return {};
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = until_zero({startup.command_line.data(), startup.command_line.size()});
  static_cast<void>(next_word(words));
  std::uint64_t core = 0;
  std::string_view text = words;
  const bool is_client = parse_number(next_word(text), core);
  while (text.starts_with(' ')) text.remove_prefix(1);
  const auto done = runtime().loop.run(is_client ? talk(core, text) : serve());
  if (done) return 0;
  print("talk: {}; does anybody listen there? MODULES='talk core=1' starts one with the system\n",
        name_of(done.error()));
  return 1;
}
