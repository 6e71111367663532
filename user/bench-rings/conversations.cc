// conversations.cc — two cores, a ring each way: there and back, one way, and one message alone.

#include <utility>

#include "bench-rings/experiment.hh"
#include "bench-rings/head_tail.hh"
#include "urpc/epoch.hh"
#include "urpc/used_bit.hh"

namespace sprat::bench {
namespace {

using urpc::Message;

template <class Ring, std::size_t kWords>
SPRAT_INLINE void receive_now(Ring& ring, Message<kWords>& message) {
  while (!ring.receive(message)) __builtin_ia32_pause();
}

// Room may stand behind a line that must be received first (urpc/ring.hh).
template <class Ring, std::size_t kWords>
SPRAT_INLINE void send_now(Ring& ring, const Message<kWords>& message) {
  while (!ring.send(message)) {
    Message<0> none;
    static_cast<void>(ring.receive(none));
    __builtin_ia32_pause();
  }
}

template <std::size_t kSlots>
urpc::View view_of(const Part& part) {
  const auto side = part.role == 0 ? urpc::Side::first : urpc::Side::second;
  return urpc::view_of(part.floor.first(urpc::frame_lines(kSlots)), side).value();
}

// ---- the parts: of the sender that begins, and of the other side

struct RoundTrip {
  static constexpr std::string_view kName = "round-trip";

  template <unsigned kRegion, class Ring, std::size_t kWords>
  static Result<std::uint64_t> begin(const urpc::View& view) {
    Ring ring(view);
    Message<kWords> message;
    std::uint64_t sum = 0;
    const std::uint64_t spent =
        all_rounds<kRegion>([&](std::uint64_t i) __attribute__((always_inline)) {
          message.words[0] = i;
          send_now(ring, message);
          receive_now(ring, message);
          sum += message.words[0];
        });
    if (sum != kSum) return Error::malformed;
    return spent;
  }
  template <unsigned kRegion, class Ring, std::size_t kWords>
  static Result<std::uint64_t> answer(const urpc::View& view) {
    Ring ring(view);
    Message<kWords> message;
    return all_rounds<kRegion>([&](std::uint64_t) __attribute__((always_inline)) {
      receive_now(ring, message);
      send_now(ring, message);
    });
  }
};

// As fast as it goes; or with a pause after each message, which lets the other core take it before the next is sent.
template <bool kPaced>
struct Stream {
  static constexpr std::string_view kName = kPaced ? "paced" : "stream";

  template <unsigned kRegion, class Ring, std::size_t kWords>
  static Result<std::uint64_t> begin(const urpc::View& view) {
    Ring ring(view);
    Message<kWords> message;
    return all_rounds<kRegion>([&](std::uint64_t i) __attribute__((always_inline)) {
      message.words[0] = i;
      send_now(ring, message);
      if constexpr (kPaced) __builtin_ia32_pause();
    });
  }
  template <unsigned kRegion, class Ring, std::size_t kWords>
  static Result<std::uint64_t> answer(const urpc::View& view) {
    Ring ring(view);
    Message<kWords> message;
    std::uint64_t sum = 0;
    const std::uint64_t spent =
        all_rounds<kRegion>([&](std::uint64_t) __attribute__((always_inline)) {
          receive_now(ring, message);
          sum += message.words[0];
        });
    if (sum != kSum) return Error::malformed;
    return spent;
  }
};

// The region is entered for each message anew, when it is known to be there: it touches each line for the first time.
struct OneMessage {
  static constexpr std::string_view kName = "message";

  template <unsigned kRegion, class Ring, std::size_t kWords>
  static Result<std::uint64_t> begin(const urpc::View& view) {
    Ring ring(view);
    Message<kWords> message;
    for (std::uint64_t i = 0; i < kRounds; ++i) {
      region_begin<static_cast<Region>(kRegion)>();
      const auto sent = ring.send(message);
      region_end<static_cast<Region>(kRegion)>();
      if (!sent) return sent.error();
      receive_now(ring, message);
    }
    return 0;
  }
  template <unsigned kRegion, class Ring, std::size_t kWords>
  static Result<std::uint64_t> answer(const urpc::View& view) {
    Ring ring(view);
    Message<kWords> message;
    for (std::uint64_t i = 0; i < kRounds; ++i) {
      while (!ring.has_line()) __builtin_ia32_pause();
      region_begin<static_cast<Region>(kRegion)>();
      const auto received = ring.receive(message);
      region_end<static_cast<Region>(kRegion)>();
      if (!received) return received.error();
      send_now(ring, message);
    }
    return 0;
  }
};

template <class Kind, class Ring, std::size_t kWords, std::size_t kSlots, unsigned kRegion>
Result<std::uint64_t> play(const Part& part) {
  const urpc::View view = view_of<kSlots>(part);
  return part.role == 0 ? Kind::template begin<kRegion, Ring, kWords>(view)
                        : Kind::template answer<kRegion, Ring, kWords>(view);
}

// ---- the table of all of them

template <class Ring>
constexpr std::string_view kRingName = "epoch";
template <>
constexpr std::string_view kRingName<urpc::UsedBit> = "used-bit";
template <>
constexpr std::string_view kRingName<HeadTail> = "head-tail";

constexpr std::size_t kMostExperiments = 64;
struct Table {
  std::array<Experiment, kMostExperiments> rows{};
  std::size_t count = 0;

  template <class Kind, class Ring, std::size_t kWords, std::size_t kSlots, unsigned kRegion>
  constexpr void add() {
    rows[count++] = {.what = Kind::kName,
                     .ring = kRingName<Ring>,
                     .words = kWords,
                     .slots = kSlots,
                     .lines = 0,
                     .region = kRegion,
                     .play = play<Kind, Ring, kWords, kSlots, kRegion>};
  }

  // A ring has 16 regions.
  template <class Ring, unsigned kFirst>
  constexpr void add_ring() {
    add<RoundTrip, Ring, 1, 16, kFirst>();
    add<RoundTrip, Ring, 7, 16, kFirst + 1>();
    add<Stream<false>, Ring, 1, 4, kFirst + 2>();
    add<Stream<false>, Ring, 1, 8, kFirst + 3>();
    add<Stream<false>, Ring, 1, 16, kFirst + 4>();
    add<Stream<false>, Ring, 1, 64, kFirst + 5>();
    add<Stream<false>, Ring, 7, 4, kFirst + 6>();
    add<Stream<false>, Ring, 7, 8, kFirst + 7>();
    add<Stream<false>, Ring, 7, 16, kFirst + 8>();
    add<Stream<false>, Ring, 7, 64, kFirst + 9>();
    add<Stream<true>, Ring, 7, 16, kFirst + 10>();
    add<OneMessage, Ring, 1, 16, kFirst + 11>();
    add<OneMessage, Ring, 7, 16, kFirst + 12>();
  }
};

constexpr Table kTable = [] {
  Table table;
  table.add_ring<urpc::Epoch, kFirstRegion>();
  table.add_ring<urpc::UsedBit, kFirstRegion + 16>();
  table.add_ring<HeadTail, kFirstRegion + 32>();
  return table;
}();

}  // namespace

std::span<const Experiment> conversations() { return std::span(kTable.rows).first(kTable.count); }

}  // namespace sprat::bench
