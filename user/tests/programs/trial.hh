// trial.hh — the common parts of test programs that are a server and its clients: `NAME serve`, and `NAME CORE WHAT ...` for a trial.

#pragma once

#include "interfaces/peer.hh"
#include "lib/connection.hh"
#include "lib/console.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "stress/checked_messages.hh"
#include "tests/programs/command_line.hh"
#include "tests/programs/expectations.hh"

namespace sprat {

inline constexpr int kMostTurns = 1'000'000;  // another core's processor may stand still meanwhile
inline constinit std::uint64_t own_core = 0;

// A client of such a server, on any core: the same over both transports. The server's name is that of the interface.
template <const auto& kInterface>
class ServiceClient {
 public:
  Task<> connect(std::uint64_t core) { return connection_.connect(core, kInterface.name); }
  void close() { connection_.close(); }
  const Connection& connection() const { return connection_; }

  template <const auto& kMessage>
  Task<BodyOf<kMessage.reply>> call(const BodyOf<kMessage>& body) {
    return connection_.use([&](auto& link) { return call_over<kMessage>(link, body); });
  }

 private:
  template <const auto& kMessage, Link AnyLink>
  static Task<BodyOf<kMessage.reply>> call_over(AnyLink& link, const BodyOf<kMessage> body) {
    Peer<kInterface, AnyLink> peer(link);
    co_return co_await peer.template call<kMessage>(body);
  }

  Connection connection_;
};

// Waits until all that this process has used up was given back.  quota_exceeded: not in kMostTurns turns
inline Result<void> wait_until_left(const Quota& quota) {
  for (int turn = 0; turn < kMostTurns; ++turn) {
    if (TRY(quota_left()) == quota) return {};
    yield(Yield::stay);
  }
  return Error::quota_exceeded;
}

// Starts `kills` times a `name` that trades with the one on core `core`, and kills each after some turns. Waits until all is given back.
inline Result<void> reap(std::string_view name, std::uint64_t core, std::uint64_t kills,
                         std::uint64_t seed, const Quota& quota) {
  bench::Dice dice(seed);
  const Quota before = TRY(quota_left());
  std::array<Cap<Type::endpoint>, 3> children;
  for (std::uint64_t killed = 0; killed < kills; ++killed) {
    auto& child = children[dice.roll() % children.size()];
    if (child) static_cast<void>(kill(child));
    auto started =
        run_program(command_line("{} {} trade {}", name, core, dice.roll() % 1'000'000), quota);
    child = started ? std::move(started.value().process) : Cap<Type::endpoint>();
    for (std::uint64_t turns = dice.roll() % 64; turns != 0; --turns) yield(Yield::stay);
  }
  for (auto& child : children)
    if (child) static_cast<void>(kill(child));
  return wait_until_left(before);
}

inline void print_findings(std::string_view name, std::string_view what) {
  if (failure.line == 0) {
    print("{}: {}: all was well\n", name, what);
  } else {
    print("{}: {}: line {}: expected {}, came {}\n", name, what, failure.line, failure.expected,
          failure.came);
  }
}

inline int run_trial(const Startup& startup, std::string_view name, Task<> (*serve)(),
                     Task<> (*try_out)(std::string_view words)) {
  std::string_view words = arguments(startup);
  own_core = startup.core_id;
  while (words.starts_with(" ")) words.remove_prefix(1);
  const auto done = runtime().loop.run(words.starts_with("serve") ? serve() : try_out(words));
  if (!done) print("{}: {}\n", name, name_of(done.error()));
  return done ? 0 : 1;
}

}  // namespace sprat
