// updates.cc — state of some lines that several cores update: by stores, each to the lines themselves, or by messages to
// one core that does it for all (Baumann et al., SOSP 2009, figure 3).
//
//   stores    core 0  core 1  core 2          messages   core 1  core 2  core 3
//               │  ╲    │    ╱  │                          ▲▼      ▲▼      ▲▼
//             [line] [line] … shared                     core 0: [line] [line] …
//
// After each update by stores it is the next core's turn: every update finds the lines at another core, as it is when
// several do little else. No update is locked and some are lost: only the cost of lines is measured, and locks would
// cost more.

#include <utility>

#include "bench-rings/experiment.hh"
#include "urpc/epoch.hh"

namespace sprat::bench {
namespace {

constexpr std::size_t kSlots = 16;
constexpr std::size_t kMostClients = 7;
constexpr std::size_t kMostLines = 8;
// On the floor: a line in which each core says how far it is; the state; a ring for each client.
constexpr std::size_t kState = 8, kRings = 16;

template <std::size_t kLines>
SPRAT_INLINE void update(std::span<urpc::Line> state) {
  for (std::size_t i = 0; i < kLines; ++i) {
    urpc::Word& word = state[i].words[0];
    word.store(word.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
}

// Until all are there.
void meet(const Part& part) {
  part.floor[part.role].words[0].store(1, std::memory_order_release);
  for (std::size_t i = 0; i < part.roles; ++i)
    while (part.floor[i].words[0].load(std::memory_order_acquire) == 0) __builtin_ia32_pause();
}

template <std::size_t kLines, unsigned kRegion>
Result<std::uint64_t> by_stores(const Part& part) {
  const std::span state = part.floor.subspan(kState, kMostLines);
  meet(part);
  return all_rounds<kRegion>([&](std::uint64_t) {
    update<kLines>(state);
    __builtin_ia32_pause();
  });
}

using Request = urpc::Message<1>;

urpc::Epoch ring_of(const Part& part, std::size_t client, urpc::Side side) {
  constexpr std::size_t kRingLines = urpc::frame_lines(kSlots);
  const std::size_t first = kRings + client * kRingLines;
  return urpc::Epoch(urpc::view_of(part.floor.subspan(first, kRingLines), side).value());
}

// In a round of the server's, as many requests are handled as there are clients; in a sweep perhaps more, which count for
// the next.
template <std::size_t kLines, unsigned kRegion>
Result<std::uint64_t> handle(const Part& part) {
  const std::span state = part.floor.subspan(kState, kMostLines);
  const std::size_t clients = part.roles - 1;
  std::array<urpc::Epoch, kMostClients> rings =
      [&]<std::size_t... kClient>(std::index_sequence<kClient...>) {
        return std::array{ring_of(part, kClient, urpc::Side::second)...};
      }(std::make_index_sequence<kMostClients>());
  std::uint64_t handled = 0;
  meet(part);
  return all_rounds<kRegion>([&](std::uint64_t i) {
    while (handled < (i + 1) * clients) {
      for (std::size_t client = 0; client < clients; ++client) {
        Request request;
        if (!rings[client].receive(request)) continue;
        update<kLines>(state);
        static_cast<void>(rings[client].send(request));  // the client has room for the answer
        ++handled;
      }
      __builtin_ia32_pause();
    }
  });
}

template <unsigned kRegion>
Result<std::uint64_t> ask(const Part& part) {
  urpc::Epoch ring = ring_of(part, part.role - 1, urpc::Side::first);
  Request request;
  std::uint64_t sum = 0;
  meet(part);
  const std::uint64_t spent = all_rounds<kRegion>([&](std::uint64_t i) {
    request.words[0] = i;
    static_cast<void>(ring.send(request));  // the last one was answered: there is room
    while (!ring.receive(request)) __builtin_ia32_pause();
    sum += request.words[0];
  });
  if (sum != kSum) return Error::malformed;
  return spent;
}

template <std::size_t kLines, unsigned kRegion>
Result<std::uint64_t> by_messages(const Part& part) {
  return part.role == 0 ? handle<kLines, kRegion>(part) : ask<kRegion>(part);
}

// Each number of cores, from 2 on, has a region of its own.
constexpr std::size_t kCounts = kMostClients;

template <std::size_t kLines, unsigned kRegion>
Result<std::uint64_t> stores(const Part& part) {
  return [&]<std::size_t... kCount>(std::index_sequence<kCount...>) {
    return std::array{by_stores<kLines, kRegion + kCount>...}[part.roles - 2](part);
  }(std::make_index_sequence<kCounts>());
}
template <std::size_t kLines, unsigned kRegion>
Result<std::uint64_t> messages(const Part& part) {
  return [&]<std::size_t... kCount>(std::index_sequence<kCount...>) {
    return std::array{by_messages<kLines, kRegion + kCount>...}[part.roles - 2](part);
  }(std::make_index_sequence<kCounts>());
}

template <std::size_t kLines, unsigned kRegion>
constexpr Experiment kStores = {"stores", "-", 0, 0, kLines, kRegion, stores<kLines, kRegion>};
template <std::size_t kLines, unsigned kRegion>
constexpr Experiment kMessages = {
    "messages", "epoch", 1, kSlots, kLines, kRegion, messages<kLines, kRegion>};

constexpr unsigned kFirst = kFirstRegion + 48;
constexpr std::array kUpdates = {kStores<1, kFirst>,        kStores<2, kFirst + 8>,
                                 kStores<4, kFirst + 16>,   kStores<8, kFirst + 24>,
                                 kMessages<1, kFirst + 32>, kMessages<2, kFirst + 40>,
                                 kMessages<4, kFirst + 48>, kMessages<8, kFirst + 56>};

}  // namespace

std::span<const Experiment> updates() { return kUpdates; }

}  // namespace sprat::bench
