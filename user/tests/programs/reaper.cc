// reaper.cc — starts victims (victim.cc) and kills them at random moments, on all cores at once: `run reaper KILLS SEED` on
// core 0, and a reaper without words on each of the others, which waits for its order.
//
// In the end each reaper waits until it may have as much as in the beginning: then all that its victims had has come back.

#include <array>
#include <span>

#include "lib/connection.hh"
#include "lib/console.hh"
#include "lib/processes.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "lib/words.hh"
#include "stress/checked_messages.hh"
#include "tests/programs/command_line.hh"

namespace sprat {
namespace {

using bench::Dice;

constexpr std::size_t kMostAlive = 5, kMostPeers = 7;
constexpr Quota kQuotaOfVictim{.processes = 4, .memory = 5 << 20, .channels = 8, .slots = 80};

struct Deaths {
  std::uint64_t killed = 0, ended = 0;  // by itself, before it was killed
};

// Waits until this process may take as much as `before`. Children of victims end by themselves, and ends of channels when
// the peers' monitors have closed them.
//   quota_exceeded   something does not come back
Result<void> wait_until_left(const Quota& before) {
  constexpr int kMostTurns = 1'000'000;
  for (int turn = 0; turn < kMostTurns; ++turn) {
    const auto left = quota_left();
    if (!left) return left.error();
    if (left.value() == before) return {};
    yield(Yield::stay);
  }
  return Error::quota_exceeded;
}

class Reaper {
 public:
  explicit Reaper(std::uint64_t seed) : dice_(seed) {}

  // quota_exceeded   something did not come back
  Result<Deaths> reap(std::uint64_t kills) {
    const auto before = quota_left();
    if (!before) return before.error();
    while (deaths_.killed < kills) {
      start(victims_[dice_.roll() % kMostAlive]);
      for (std::uint64_t turns = any_turns(); turns != 0; --turns) yield(Yield::stay);
      end(victims_[dice_.roll() % kMostAlive]);
    }
    for (auto& victim : victims_) end(victim);
    if (const auto back = wait_until_left(before.value()); !back) return back.error();
    return deaths_;
  }

 private:
  // Mostly few: each turn takes as long as all victims want.
  std::uint64_t any_turns() { return dice_.roll() % (dice_.roll() % 16 == 0 ? 32 : 3); }

  // Unless it runs, or there is no place left for it.
  void start(Cap<Type::endpoint>& victim) {
    if (victim) return;
    const std::string_view words = command_line("victim {}", dice_.roll() % 1'000'000'000);
    auto child = run_program(words, kQuotaOfVictim);
    if (child) victim = std::move(child.value().process);
  }

  void end(Cap<Type::endpoint>& victim) {
    if (!victim) return;
    ++(kill(victim) ? deaths_.killed : deaths_.ended);
    victim = Cap<Type::endpoint>();
  }

  Dice dice_;
  Deaths deaths_;
  std::array<Cap<Type::endpoint>, kMostAlive> victims_;
};

// ---- orders between cores

// The answer's header is 0, or 1 + the Error.
Task<> obey(Channel& channel) {
  for (;;) {
    const auto order = co_await channel.receive();
    if (!order) co_return order.error();
    Reaper reaper(order.value().words[1]);
    const auto deaths = reaper.reap(order.value().words[0]);
    const urpc::Message<2> answer =
        deaths ? urpc::Message<2>{0, {deaths.value().killed, deaths.value().ended}}
               : urpc::Message<2>{static_cast<std::uint32_t>(status_of(deaths.error())), {}};
    if (const auto sent = co_await channel.send(answer); !sent) co_return sent;
  }
}

Task<> answer_all() {
  if (const auto listens = listen(); !listens) co_return listens;
  for (;;) {
    Connection client;
    if (const auto accepted = co_await client.accept(); !accepted) co_return accepted;
    static_cast<void>(co_await obey(client.channel()));
  }
}

// With the reapers of the cores from 1 on.
Task<std::uint64_t> connect(std::span<Connection> peers) {
  std::uint64_t count = 0;
  for (Connection& peer : peers) {
    const auto connected = co_await peer.connect(count + 1, process_name());
    if (!connected && connected.error() != Error::not_found) co_return connected.error();
    if (!connected) break;
    ++count;
  }
  co_return count;
}

Task<Deaths> reap(std::span<Connection> all, std::uint64_t kills, std::uint64_t seed) {
  const auto count = co_await connect(all);
  if (!count) co_return count.error();
  const std::span peers = all.first(count.value());
  const std::uint64_t share = kills / (peers.size() + 1);
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const urpc::Message<2> order{0, {share, seed + 1 + i}};
    if (const auto sent = co_await peers[i].channel().send(order); !sent) co_return sent.error();
  }
  Reaper reaper(seed);
  auto deaths = reaper.reap(kills - share * peers.size());
  if (!deaths) co_return deaths.error();
  for (Connection& peer : peers) {
    const auto answer = co_await peer.channel().receive();
    if (!answer) co_return answer.error();
    if (answer.value().header != 0) co_return error_of(answer.value().header);
    deaths.value().killed += answer.value().words[0];
    deaths.value().ended += answer.value().words[1];
  }
  co_return deaths;
}

Result<void> reap_everywhere(std::uint64_t kills, std::uint64_t seed) {
  const auto before = quota_left();
  if (!before) return before.error();
  std::array<Connection, kMostPeers> peers;
  const auto deaths = runtime().loop.run(reap(peers, kills, seed));
  if (!deaths) return deaths.error();
  for (Connection& peer : peers) peer.close();
  if (const auto back = wait_until_left(before.value()); !back) return back;
  print("reaper: killed {}, and {} others ended before; all came back\n", deaths.value().killed,
        deaths.value().ended);
  return {};
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  std::uint64_t kills = 0, seed = 0;
  const bool is_first = parse_number(next_word(words), kills);
  static_cast<void>(parse_number(next_word(words), seed));
  const auto done = is_first ? reap_everywhere(kills, seed) : runtime().loop.run(answer_all());
  if (done) return 0;
  print("reaper: {}\n", name_of(done.error()));
  return 1;
}
