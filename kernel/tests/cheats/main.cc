// main.cc — the first process: lets an honest dispatcher compete with each of the cheats, and prints the share of the
// processor it had. A second core, if there is one, floods this one with doorbells meanwhile.

#include <algorithm>
#include <optional>

#include "cheats.hh"
#include "lib/upcalls.hh"
#include "monitor/cores.hh"
#include "monitor/doorbells.hh"

namespace sprat::cheats {
namespace {

constexpr std::uint64_t kPeriod = 1'500'000;  // microseconds
constexpr std::uint64_t kFloodedLines = 4;

constinit std::uint64_t usual = 0, honest_begin = 0, honest_used = 0,
                        honest_time = 0;  // of time stamps
constinit CapAddress own_bell{};

// How long one round of the loop of be_honest takes, when nothing comes between.
void learn_the_usual() {
  usual = ~std::uint64_t{0};
  std::uint64_t last = now();
  for (unsigned i = 0; i < 100; ++i) {
    const std::uint64_t time = now();
    usual = std::min(usual, time - last);
    last = time;
  }
  honest_begin = last;
}

// Uses the processor for kPeriod, and counts for how long it had it: all time that passed while it went round its loop at the
// usual pace. It can be called, and begins anew after each interruption.
void be_honest() {
  crew[0]->frame().is_disabled = 0;
  if (honest_begin == 0) learn_the_usual();
  for (std::uint64_t last = now(); last - honest_begin < microseconds(kPeriod);) {
    const std::uint64_t time = now();
    if (time - last < 8 * usual) honest_used += time - last;
    last = time;
    honest_time = time - honest_begin;
  }
  signal(own_bell);
  for (;;) wait();
}

void serve() {
  for (const std::uint64_t begin = now(); now() - begin < microseconds(kServiceMicroseconds);) {
  }
  reply();
}

std::size_t compete(const Cheat& cheat) {
  honest_begin = honest_used = 0;
  Member honest(0, be_honest, serve);
  Member first(1, cheat.code[0], cheat.serve[0]);
  const std::size_t cheats = cheat.code[1] != nullptr ? 2 : 1;
  std::optional<Member> second;
  if (cheats == 2) second.emplace(2, cheat.code[1], cheat.serve[1]);
  crew = {&honest, &first, second ? &*second : nullptr};
  if (second) second->run();
  first.run();
  honest.run();
  do {
    cheat.monitor != nullptr ? cheat.monitor() : wait_for_notification();
  } while ((take_notifications() & 1) == 0);
  return cheats + (cheat.monitor != nullptr ? 1 : 0);
}

[[noreturn]] void flood() {
  const auto bells = must(monitor::doorbells_of(0), "doorbells");
  for (std::uint64_t line = 0;; line = (line + 1) % kFloodedLines)
    static_cast<void>(invoke_once(bells.address(), Method::signal, {line}));
}

void run() {
  if (first_process().core_id != 0) flood();
  const auto plain =
      must(retype<Type::notification>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))),
           "a notification");
  const auto bell = must(mint(plain, {kAllRights, 1, 0}), "a badge");
  own_bell = bell.address();
  const auto another_bell = must(mint(plain, {kAllRights, 2, 0}), "a badge");
  monitors_bell = another_bell.address();
  monitor::Cores cores(first_process());
  cores.start_all();
  for (const Cheat& cheat : all_cheats()) {
    const std::size_t cheats = compete(cheat);
    print("share {} of {}: {}\n", 1'000 * honest_used / honest_time, cheats + 1, cheat.name);
  }
  print("All cheats have had their turn.\n");
  end_machine(true);
}

}  // namespace
}  // namespace sprat::cheats

namespace sprat {

std::string_view process_name() { return "cheats"; }

extern "C" [[noreturn]] void start(DispatcherFrame& frame) {
  start_first_process(frame, cheats::run);
}

}  // namespace sprat
