// stress.cc — pairs of cores that send each other as much as they can, with stalls and sleeps, and check every message.

#include "bench-rings/experiment.hh"
#include "lib/channel.hh"
#include "lib/upcalls.hh"
#include "monitor/doorbells.hh"
#include "stress/checked_messages.hh"
#include "urpc/epoch.hh"
#include "urpc/sleep.hh"
#include "urpc/used_bit.hh"

namespace sprat::bench {
namespace {

struct Processor {
  std::uint64_t now() const { return bench::now(); }
  void relax() const { __builtin_ia32_pause(); }
  void sleep() const {
    wait_for_notification();
    static_cast<void>(take_notifications());
  }
};

struct Progress {
  std::uint64_t sent = 0, received = 0;
};

// Sends and receives as much as is possible now. Returns whether anything was.  malformed
template <class End>
Result<bool> go_on(End& end, Progress& progress, const Part& part, Dice& dice) {
  const std::uint64_t own_seed = part.seed + part.role, peer_seed = part.seed + (part.role ^ 1);
  bool has_moved = false;
  for (; progress.sent < part.amount && end.send(checked_message(own_seed, progress.sent));
       ++progress.sent) {
    stall(dice);
    has_moved = true;
  }
  urpc::Message<> got;
  auto came = end.receive(got);
  for (; came; came = end.receive(got)) {
    if (got != checked_message(peer_seed, progress.received++)) return Error::malformed;
    stall(dice);
    has_moved = true;
  }
  if (came.error() != Error::again) return came.error();
  return has_moved;
}

// Roles 0 and 1 are a pair, 2 and 3, and so on. Both of a pair send and receive `part.amount` messages, and sleep when they
// have polled for long enough.
template <class Ring, std::size_t kSlots>
Result<std::uint64_t> exchange(const Part& part) {
  constexpr std::size_t kLines = urpc::frame_lines(kSlots);
  const auto frame = part.floor.subspan(part.role / 2 * kLines, kLines);
  const auto side = part.role % 2 == 0 ? urpc::Side::first : urpc::Side::second;
  const auto bell = TRY(monitor::doorbell_of(part.peer_apic_id, monitor::kLineOfMonitor));
  urpc::SleepyEnd<Ring, Doorbell> end(urpc::view_of(frame, side).value(), {bell.address(), 0});
  Dice dice(part.seed + part.role);
  Processor processor;
  Progress progress;
  const std::uint64_t begin = now();
  while (progress.sent < part.amount || progress.received < part.amount) {
    if (TRY(go_on(end, progress, part, dice))) continue;
    const bool sends = progress.sent < part.amount;
    urpc::wait_for_any(std::span(&end, 1),
                       sends ? urpc::Wish::message_or_room : urpc::Wish::message,
                       dice.roll() % 8192, processor);
  }
  end.settle();
  return now() - begin;
}

template <class Ring, std::size_t kSlots>
constexpr Experiment row(std::string_view ring) {
  return {"exchange", ring, urpc::kPayloadWords, kSlots, 0, 0, exchange<Ring, kSlots>};
}

constexpr std::array kExchanges = {row<urpc::Epoch, 4>("epoch"), row<urpc::Epoch, 16>("epoch"),
                                   row<urpc::UsedBit, 4>("used-bit"),
                                   row<urpc::UsedBit, 16>("used-bit")};

}  // namespace

std::span<const Experiment> exchanges() { return kExchanges; }

}  // namespace sprat::bench
