// stress.cc — pairs of cores that send each other as much as they can, with stalls, and check every message.

#include "bench-rings/experiment.hh"
#include "stress/letters.hh"
#include "urpc/epoch.hh"
#include "urpc/used_bit.hh"

namespace sprat::bench {
namespace {

// Roles 0 and 1 are a pair, 2 and 3, and so on. Both of a pair send and receive `part.amount` messages.
template <class Ring, std::size_t kSlots>
Result<std::uint64_t> exchange(const Part& part) {
  constexpr std::size_t kLines = urpc::frame_lines(kSlots);
  const std::size_t side = part.role % 2;
  const auto frame = part.floor.subspan(part.role / 2 * kLines, kLines);
  Ring ring(urpc::view_of(frame, side == 0 ? urpc::Side::first : urpc::Side::second).value());
  const std::uint64_t own_seed = part.seed + part.role, peer_seed = part.seed + (part.role ^ 1);
  Dice dice(own_seed);
  std::uint64_t sent = 0, received = 0;
  const std::uint64_t begin = now();
  while (sent < part.amount || received < part.amount) {
    for (; sent < part.amount && ring.send(letter(own_seed, sent)); ++sent) stall(dice);
    urpc::Message<> got;
    auto came = ring.receive(got);
    for (; came; came = ring.receive(got)) {
      if (got != letter(peer_seed, received++)) return Error::malformed;
      stall(dice);
    }
    if (came.error() != Error::again) return came.error();
    __builtin_ia32_pause();
  }
  return now() - begin;
}

template <class Ring, std::size_t kSlots>
constexpr Experiment row(std::string_view ring) {
  return {"exchange", ring, urpc::kPayloadWords, kSlots, 0, 0, exchange<Ring, kSlots>};
}

constexpr std::array kTable = {row<urpc::Epoch, 4>("epoch"), row<urpc::Epoch, 16>("epoch"),
                               row<urpc::UsedBit, 4>("used-bit"),
                               row<urpc::UsedBit, 16>("used-bit")};

}  // namespace

std::span<const Experiment> exchanges() { return kTable; }

}  // namespace sprat::bench
