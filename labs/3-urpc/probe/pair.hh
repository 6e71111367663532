// pair.hh — two cores that share a frame, each with the doorbell of the other's probe.
//
//   frame   ┌───────┬──────────────┬──────────────┬──
//           │ board │ conversation │ conversation │ …     kPlaceBytes each, all zeros to begin with
//           └───────┴──────────────┴──────────────┴──
//
// A conversation is the code under test's, and takes the lines it needs from the beginning of its place. By the board, two
// probes tell each other the next step of the test.

#pragma once

#include <array>
#include <atomic>

#include "grading/guest/sequence.hh"
#include "grading/probe/probe.hh"
#include "monitor/cores.hh"
#include "urpc/ring.hh"

namespace sprat::probe {

// Each on a line of its own.
struct Board {
  struct alignas(urpc::kLineBytes) Counter {
    std::atomic<std::uint64_t> count;
  };

  Counter asked;     // by the first core: so many steps
  Counter answered;  // by the other
  std::array<std::atomic<std::uint64_t>, 8> words;
};

// Signals the other core's probe, and counts how often.
struct Signal {
  CapAddress irq;
  std::uint64_t* times;

  void operator()() const {
    ++*times;
    static_cast<void>(invoke(irq, Method::signal, 0));
  }
};

class Pair {
 public:
  static constexpr std::uint64_t kPlaceBytes = std::uint64_t{16} << 10;
  static constexpr std::size_t kPlaces = 15;
  static constexpr unsigned kFrameBits = 18;
  static_assert((kPlaces + 1) * kPlaceBytes == std::uint64_t{1} << kFrameBits);

  Pair() = default;

  // Begins: with the frame of the other core's, or one of our own; `number` is 0 or that of the other core.
  void open(std::size_t number, Cap<Type::frame> frame, std::uint32_t apic_id, urpc::Side side);

  Board& board() const { return *reinterpret_cast<Board*>(begin_.value()); }
  urpc::Side side() const { return side_; }

  // This side's view of the conversation in place `place`.
  urpc::View view(std::size_t slots, std::size_t place = 0) const;

  // Is all that is behind the lines of that conversation still zero, up to the end of its place?
  bool is_untouched(std::size_t slots, std::size_t place = 0) const;

  Signal signal() { return {doorbells_.address(), &signals_}; }
  std::uint64_t signals() const { return signals_; }

  // On the first core: asks the other for the next step. On the other: waits until that step is asked for, and says that it is
  // done. Ends the test if nothing comes for long.
  void ask();
  void wait_for_answer();
  void wait_for_question();
  void answer();

 private:
  VirtualAddress place(std::size_t number) const { return begin_ + (number + 1) * kPlaceBytes; }

  VirtualAddress begin_;
  Cap<Type::frame> frame_;
  Cap<Type::irq> doorbells_;
  urpc::Side side_ = urpc::Side::first;
  std::uint64_t signals_ = 0;
  std::uint64_t steps_ = 0;
};

// The most looks in vain where the clock of the guest is its own, and each look gives the other cores their turn: much more
// than any test needs. Where cores are threads of the host, a core may get no processor for seconds, so that no number of
// looks says anything: there the emulator's limits alone end a test, and each look takes some time and few instructions.
inline constexpr std::uint64_t kPatience = 1'500'000;
inline constexpr unsigned kPauses = 16;

// Waits a little for the other core. Returns whether `looks` looks in vain are too many.
bool is_in_vain(std::uint64_t looks);

// Calls `come` until it is true, and hands over to the other cores between two calls. False: it was false too often.
template <class Condition>
bool poll_for(Condition come) {
  for (std::uint64_t looks = 0; !come();)
    if (is_in_vain(++looks)) return false;
  return true;
}

// On the first core: starts all others. On another: meets the first.
inline constexpr std::size_t kMostPairs = 3;
class Pairs final : monitor::Part {
 public:
  Pairs();

  Pair& operator[](std::size_t n) { return pairs_[n]; }
  std::size_t size() const { return count_; }

 private:
  Result<void> before_start(std::uint32_t core, std::uint32_t apic_id,
                            CorePackage& header) override;

  std::array<Pair, kMostPairs> pairs_;
  std::size_t count_ = 0;
};

// The machine of a side that waits (urpc/sleep.hh), with counts of its sleeps and polls. Ends the test of a side that polls
// for ever.
struct Processor {
  std::uint64_t sleeps = 0;
  std::uint64_t polls = 0;

  std::uint64_t now() const { return __builtin_ia32_rdtsc(); }
  void relax();
  void sleep();
};

// A message that a seed decides.
urpc::Message<> draw(evidence::Sequence& sequence);

// A number that depends on all words that were received, and on their order.
class Digest {
 public:
  void add(std::uint64_t word) { value_ = evidence::Sequence(value_ ^ word).next(); }
  void add(const urpc::Message<>& message);
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

}  // namespace sprat::probe
