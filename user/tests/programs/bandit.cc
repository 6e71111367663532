// bandit.cc — attacks the monitor by requests: `bandit kill`, `wait`, `text`, `bomb`, `far`, `burn`, `channels`, `deaf`. Forbidden requests are made
// of raw words, since the library does not offer them.

#include <cstring>

#include "lib/caps.hh"
#include "lib/channel_requests.hh"
#include "lib/console.hh"
#include "lib/processes.hh"
#include "lib/program.hh"
#include "lib/remote_processes.hh"
#include "lib/runtime.hh"
#include "lib/system_call.hh"
#include "lib/words.hh"

namespace sprat {
namespace {

constexpr std::uint64_t kNumbers = 64;  // processes are counted from 1
constexpr std::uint64_t kAsMuchAsThereIs = ~std::uint64_t{0};

template <class AnyRequest>
constexpr Words words_of(AnyRequest request, std::uint64_t a1 = 0, std::uint64_t a2 = 0) {
  return {static_cast<std::uint64_t>(request), a1, a2};
}

Result<Cap<Type::notification>> make_notification() {
  return retype<Type::notification>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher)));
}

// Like the library's, and with a capability.
Result<Answer> ask_of_monitor(const Words& words, CapAddress capability = {}) {
  return ask(kMonitor, words, capability);
}

// A message holds the request and 32 bytes of text.
bool send_text(std::string_view piece) {
  Words words{static_cast<std::uint64_t>(Request::text)};
  std::memcpy(&words[1], piece.data(), piece.size());
  return ask_of_monitor(words).ok();
}

// Gives the error, if there is one.
Result<void> run_text() {
  const auto ran = ask_of_monitor(Words{static_cast<std::uint64_t>(Request::run), kAsMuchAsThereIs,
                                        kAsMuchAsThereIs, kAsMuchAsThereIs, kAsMuchAsThereIs});
  return ran ? Result<void>() : ran.error();
}

Result<void> run(std::string_view command_line) {
  return send_text(command_line) ? run_text() : Error::invalid_argument;
}

// ---- the attacks

// Has the monitor end a process by an endpoint that says, if it can be made, that it stands for that process (monitor/authority.hh).
bool kill_by_forged_badge(std::uint64_t number) {
  const auto forged = mint(kMonitor, {kAllRights, std::uint64_t{1} << 62 | number, 0});
  return forged && ask(forged.value(), words_of(Request::kill)).ok();
}

// Ends all processes but this one, by their numbers.
void kill_all(std::uint64_t own_number) {
  unsigned killed = 0;
  for (std::uint64_t number = 1; number <= kNumbers; ++number) {
    if (number == own_number) continue;
    if (ask_of_monitor(words_of(Request::kill, number)) || kill_by_forged_badge(number)) ++killed;
  }
  print("bandit: killed {} processes\n", killed);
}

// Takes the place of all waiters, so that they wait for ever.
void wait_for_all() {
  const auto notification = make_notification();
  if (!notification) return print("bandit: has no notification\n");
  unsigned replaced = 0;
  for (std::uint64_t number = 1; number <= kNumbers; ++number)
    if (ask_of_monitor(words_of(Request::wait, number), notification.value().address())) ++replaced;
  print("bandit: waits for {} processes\n", replaced);
}

void spoil_texts() {
  for (int i = 0; i < 2000; ++i) {
    send_text("spoiled");
    yield(Yield::stay);
  }
}

// Says command lines piece by piece while another process spoils them. No program is called so: if the text arrives whole,
// that is the answer.
void say_texts() {
  constexpr int kTexts = 50;
  if (!run("bandit spoil")) return print("bandit: cannot start a spoiler\n");
  int spoiled = 0;
  for (int i = 0; i < kTexts; ++i) {
    yield(Yield::stay);
    const bool is_sent = send_text("nonsense with a word of thirty-t") &&
                         (yield(Yield::stay), true) && send_text("wo letters behind it");
    yield(Yield::stay);
    const auto ran = run_text();
    if (!is_sent || ran.ok() || ran.error() != Error::not_found) ++spoiled;
  }
  print("bandit: {} of {} texts were spoiled\n", spoiled, kTexts);
}

[[noreturn]] void stay_for_ever() {
  for (;;) yield(Yield::wait);
}

// Starts copies of itself, which start copies of themselves, as long as that goes.
void explode(bool is_first) {
  unsigned started = 0;
  Result<void> ran;
  while ((ran = run("bandit fuse")).ok()) ++started;
  if (is_first) print("bandit: started {}, then {}\n", started, name_of(ran.error()));
  stay_for_ever();
}

// The same, and all of them compute without end.
[[noreturn]] void burn() {
  while (run("bandit burn")) {
  }
  for (;;) asm volatile("");
}

// Starts copies of itself on another core, with as much as there is, which start copies of themselves.
void explode_on(std::uint64_t core) {
  Result<void> ran;
  while (ran) {
    const auto child = runtime().loop.run(run_program_on(core, "bandit fuse"));
    if (!child) ran = child.error();
  }
  print("bandit: exploded on core {}: {}\n", core, name_of(ran.error()));
  stay_for_ever();
}

Words words_to_connect(std::string_view name) {
  Words words = words_of(ChannelRequest::connect, 0);
  std::memcpy(&words[2], name.data(), name.size());
  return words;
}

// Connects as often as it goes to the first bandit, which never listens; then ends with all of that half made.
void connect_in_vain() {
  const auto notification = make_notification();
  const auto endpoint =
      retype<Type::endpoint>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher)));
  if (!notification || !endpoint) return;
  if (!ask_of_monitor(words_of(ChannelRequest::doorbell), notification.value().address())) return;
  if (!ask_of_monitor(words_of(ChannelRequest::endpoint), endpoint.value().address())) return;
  unsigned connections = 0;
  while (ask_of_monitor(words_to_connect("bandit"))) ++connections;
  print("bandit: took {} channels\n", connections);
}

// Connects to a process of its own core, which cannot send it lines by LRPC: it has no endpoint.
void connect_without_endpoint() {
  const auto notification = make_notification();
  if (!notification) return;
  if (!ask_of_monitor(words_of(ChannelRequest::doorbell), notification.value().address())) return;
  const auto connected = ask_of_monitor(words_to_connect("talk"));
  print("bandit: connects without an endpoint: {}\n",
        connected ? "ok" : name_of(connected.error()));
}

void take_channels() {
  constexpr int kTakers = 4;
  for (int i = 0; i < kTakers; ++i)
    if (!run("bandit connect")) return print("bandit: cannot start a taker\n");
  stay_for_ever();
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  const std::string_view attack = next_word(words);
  if (attack == "kill") kill_all(startup.process_id);
  if (attack == "wait") wait_for_all();
  if (attack == "text") say_texts();
  if (attack == "spoil") spoil_texts();
  if (attack == "bomb" || attack == "fuse") explode(attack == "bomb");
  if (attack == "far") explode_on(1);
  if (attack == "burn") burn();
  if (attack == "channels") take_channels();
  if (attack == "connect") connect_in_vain();
  if (attack == "deaf") connect_without_endpoint();
  return 0;
}
