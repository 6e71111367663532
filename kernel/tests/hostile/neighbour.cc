// neighbour.cc — a process that no attack may disturb: it counts, checks its memory and registers, and answers calls.

#include <array>
#include <utility>

#include "child.hh"

namespace sprat::hostile {
namespace {

constinit std::array<std::uint64_t, 4096> memory{};

constexpr std::uint64_t pattern(std::size_t index, std::uint64_t round) {
  return (index + 1) * 0x9e3779b97f4a7c15 ^ round;
}

// The memory holds the last round's values; then the next round's.
void check_and_renew() {
  const std::uint64_t round = report().steps;
  for (std::size_t i = 0; i < memory.size(); ++i) {
    if (memory[i] != pattern(i, round) && report().failures++ == 0) {
      report().line = i;
      report().expected = pattern(i, round);
      report().came = memory[i];
    }
    memory[i] = pattern(i, round + 1);
  }
  report().steps = round + 1;
}

extern "C" [[noreturn]] void neighbour_main() {
  take_upcalls();
  for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = pattern(i, 0);
  for (;;) {
    check_and_renew();
    // Only here is it enabled, and can be called. The upcall after the others' turn begins the attempt again.
    bool is_our_turn = false;
    static_cast<void>(trap_of([&] {
      if (std::exchange(is_our_turn, true)) return;
      yield(Yield::stay);
    }));
  }
}

}  // namespace
}  // namespace sprat::hostile
