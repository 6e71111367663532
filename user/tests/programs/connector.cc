// connector.cc — connects to the talk on a core while the monitor has no slot left, then one, two, …: `connector CORE`. Each attempt
// ends, with an error or with an answer; the tables of both monitors are as before; and with all slots the next one succeeds.
// The monitor is ../few-slots/main.cc.

#include "interfaces/echo.hh"
#include "interfaces/peer.hh"
#include "lib/connection.hh"
#include "lib/console.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "lib/words.hh"
#include "tests/few-slots/few_slots.hh"

namespace sprat {
namespace {

constexpr std::uint64_t kMostSlots = 64;
constexpr int kMostTurns = 100'000;

Result<void> leave_slots(std::uint64_t left) {
  const auto answer = ask(kMonitor, {kLeaveSlots, left});
  return answer ? Result<void>() : answer.error();
}

template <Link AnyLink>
Task<echo::Sum> add(AnyLink& link) {
  Peer<echo::interface, AnyLink> peer(link);
  co_return co_await peer.template call<echo::add>({2, 3});
}

Task<> converse(std::uint64_t core) {
  Connection talk;
  if (const auto connected = co_await talk.connect(core, "talk"); !connected) co_return connected;
  const auto sum = co_await talk.use([](auto& link) { return add(link); });
  if (!sum) co_return sum.error();
  co_return sum.value().sum == 5 ? Result<void>() : Error::malformed;
}

Result<void> try_to_converse(std::uint64_t core) { return runtime().loop.run(converse(core)); }

// The tables of the monitors of this core and of `core`.
struct Tables {
  Census here, there;
  bool operator==(const Tables&) const = default;
};
Result<Tables> tables(std::uint64_t core) {
  const auto here = TRY(census_of(0));
  const auto there = TRY(census_of(core));
  return Tables{here, there};
}

// Waits until no channel is left: a peer may need some turns to close its end.  again: one stays
Result<Tables> tables_without_channels(std::uint64_t core) {
  for (int turn = 0; turn < kMostTurns; ++turn) {
    const auto now = TRY(tables(core));
    if (now.here.channels == 0 && now.there.channels == 0) return now;
    yield(Yield::stay);
  }
  return Error::again;
}

bool is_of_few_slots(Error error) {
  return error == Error::out_of_memory || error == Error::peer_gone;
}

// Gives how many attempts failed before the first that succeeded.
//   again, in_use   a channel, or another entry of a table, has not come back
Result<std::uint64_t> connect_with_few_slots(std::uint64_t core) {
  // A monitor keeps frames and CNodes for the next time: they are made here.
  TRY(try_to_converse(core));
  TRY(leave_slots(0));
  TRY(leave_slots(kAllSlots));
  TRY(try_to_converse(core));
  const auto before = TRY(tables_without_channels(core));
  for (std::uint64_t left = 0; left < kMostSlots; ++left) {
    TRY(leave_slots(left));
    const auto attempt = try_to_converse(core);
    TRY(leave_slots(kAllSlots));
    if (TRY(tables_without_channels(core)) != before) return Error::in_use;
    if (attempt) return left;
    if (!is_of_few_slots(attempt.error())) return attempt.error();
    TRY(try_to_converse(core));
    if (TRY(tables_without_channels(core)) != before) return Error::in_use;
  }
  return Error::quota_exceeded;
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  std::uint64_t core = 0;
  static_cast<void>(parse_number(next_word(words), core));
  const auto attempts = connect_with_few_slots(core);
  if (attempts) {
    print("connector: {} attempts failed for want of slots, and all came back\n", attempts.value());
  } else {
    print("connector: {}\n", name_of(attempts.error()));
  }
  flush_console();
  static_cast<void>(ask(kOwnCore, {static_cast<std::uint64_t>(Request::power_off), attempts.ok()}));
  return 1;
}
