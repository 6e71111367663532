// pair.cc — frames and doorbells, as the monitors of the whole system have them for each other.

#include "pair.hh"

#include <algorithm>
#include <utility>

#include "lib/source.hh"
#include "lib/upcalls.hh"
#include "monitor/doorbells.hh"

namespace sprat::probe {
namespace {

constexpr VirtualAddress kFrames = kOwnMappings + 64 * kLargePageSize;
constexpr std::uint64_t kFrameBytes = std::uint64_t{1} << Pair::kFrameBits;

// Are cores threads of the host, each with the pace that the host allows?
bool are_cores_threads() { return words().get("cores") == "threads"; }

void listen_to_own_doorbell() {
  const auto notification =
      must(retype<Type::notification>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))),
           "a notification");
  const auto signal = must(mint(notification, {kAllRights, kSignalled, 0}), "its badge");
  must(monitor::bind_line(kFirstDoorbell, signal), "a doorbell");
}

}  // namespace

bool is_in_vain(std::uint64_t looks) {
  static const bool are_threads = are_cores_threads();
  for (unsigned i = 0; i < (are_threads ? kPauses : 1); ++i) __builtin_ia32_pause();
  return !are_threads && looks >= kPatience;
}

void Pair::open(std::size_t number, Cap<Type::frame> frame, std::uint32_t apic_id,
                urpc::Side side) {
  frame_ = std::move(frame);
  doorbells_ = must(monitor::doorbells_of(apic_id), "the other's doorbell");
  begin_ = kFrames + number * kLargePageSize;
  must(runtime().space.map(begin_, frame_, kFrameBytes, kWrite), "mapping the shared frame");
  side_ = side;
}

urpc::View Pair::view(std::size_t slots, std::size_t number) const {
  const std::span lines(reinterpret_cast<urpc::Line*>(place(number).value()),
                        urpc::frame_lines(slots));
  return must(urpc::view_of(lines, side_), "a view");
}

bool Pair::is_untouched(std::size_t slots, std::size_t number) const {
  const std::uint64_t used = urpc::frame_lines(slots) * urpc::kLineBytes;
  const auto* const words = reinterpret_cast<const std::uint64_t*>((place(number) + used).value());
  return std::all_of(words, words + (kPlaceBytes - used) / sizeof *words,
                     [](std::uint64_t word) { return word == 0; });
}

void Pair::ask() { board().asked.count.store(++steps_, std::memory_order_release); }
void Pair::answer() { board().answered.count.store(steps_, std::memory_order_release); }

void Pair::wait_for_answer() {
  const auto& answered = board().answered.count;
  if (!poll_for([&] { return answered.load(std::memory_order_acquire) >= steps_; }))
    give_up("no answer of the other core", Error::again);
}

void Pair::wait_for_question() {
  ++steps_;
  const auto& asked = board().asked.count;
  if (!poll_for([&] { return asked.load(std::memory_order_acquire) >= steps_; }))
    give_up("no question of the first core", Error::again);
}

Pairs::Pairs() {
  listen_to_own_doorbell();
  const FirstProcess& process = first_process();
  if (process.core_id != 0) {
    auto frame = must(monitor::adopt_frame(process.link, kFrameBytes), "the first core's frame");
    pairs_[count_++].open(0, std::move(frame), static_cast<std::uint32_t>(process.link_apic_id),
                          urpc::Side::second);
    return;
  }
  monitor::Parts parts;
  parts.add(*this);
  monitor::Cores(process).start_all(parts);
}

Result<void> Pairs::before_start(std::uint32_t, std::uint32_t apic_id, CorePackage& header) {
  if (count_ == pairs_.size()) return Error::out_of_memory;
  auto frame = must(runtime().ram.make<Type::frame>(Pair::kFrameBits), "a frame to share");
  const std::uint64_t base = must(identify(frame.address()), "its address").base;
  pairs_[count_].open(count_, std::move(frame), apic_id, urpc::Side::first);
  ++count_;
  header.link = base;
  header.link_apic_id = first_process().apic_id;
  return {};
}

void Processor::relax() {
  if (is_in_vain(++polls)) give_up("a side that polls and does not sleep", Error::again);
}

void Processor::sleep() {
  ++sleeps;
  wait_for_notification();
  static_cast<void>(take_notifications());
}

urpc::Message<> draw(evidence::Sequence& sequence) {
  urpc::Message<> message{static_cast<std::uint32_t>(sequence.next()), {}};
  for (std::uint64_t& word : message.words) word = sequence.next();
  return message;
}

void Digest::add(const urpc::Message<>& message) {
  add(message.header);
  for (const std::uint64_t word : message.words) add(word);
}

}  // namespace sprat::probe
