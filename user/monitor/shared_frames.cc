// shared_frames.cc — invocations of the Kernel capability; one entry for each frame.

#include "monitor/shared_frames.hh"

#include <algorithm>

namespace sprat::monitor {
namespace {

// Method::set_remote.
Result<void> set_remote(CapRef<Type::frame> frame, bool is_remote) {
  const Place place = place_of(frame.address());
  const auto set = invoke(task_slot(TaskSlot::kernel), Method::set_remote, place.cnode.raw(),
                          place.slot, is_remote ? 1 : 0);
  return set ? Result<void>() : set.error();
}

Result<Cap<Type::frame>> adopt_anchor(const agreement::Frame& frame, agreement::CoreNumber owner) {
  return fill_slot<Type::frame>([&](CapAddress slot) -> Result<void> {
    const Place place = place_of(slot);
    const auto adopted =
        invoke(task_slot(TaskSlot::kernel), Method::adopt_anchor, place.cnode.raw(), place.slot,
               frame.base, std::uint64_t{1} << frame.bits, owner);
    return adopted ? Result<void>() : adopted.error();
  });
}

// One step of Method::sweep, or Method::drop.
Result<void> on_anchor(Method method, CapRef<Type::frame> anchor) {
  const Place place = place_of(anchor.address());
  const auto done =
      invoke_once(task_slot(TaskSlot::kernel), method, {place.cnode.raw(), place.slot});
  return done ? Result<void>() : done.error();
}

}  // namespace

Result<Cap<Type::frame>> SharedFrames::fetch(const Process& process, CapAddress slot) {
  auto fetched = TRY(fill_slot<Type::frame>(
      [&](CapAddress here) { return Receptions::fetch(process, slot, here); }));
  if (TRY(identify(fetched.address())).description.type == Type::frame) return fetched;
  static_cast<void>(Receptions::put(process, slot, fetched.address(), kAllRights));
  return Error::wrong_type;
}

RamOfProcess SharedFrames::ram_at(std::uint64_t address) const {
  const RamOfProcess own = processes_.ram_at(address);
  if (own.process != nullptr) return own;
  const auto piece = agreement::range_of(agreement::piece_at(address));
  return {processes_.find(pieces_.holder_of(address)), piece.begin, piece.end};
}

void SharedFrames::end(const Process& process) {
  for (Entry& entry : own_) entry.charge.move_up_from(process.account);
  for (Entry& entry : foreign_) entry.charge.move_up_from(process.account);
}

// ---- entries

template <std::size_t kSize>
SharedFrames::Entry* SharedFrames::find(std::array<Entry, kSize>& entries, std::uint64_t base) {
  const auto found = std::ranges::find_if(
      entries, [&](const Entry& entry) { return entry.frame && entry.base == base; });
  return found != entries.end() ? &*found : nullptr;
}

template <std::size_t kSize>
SharedFrames::Entry* SharedFrames::find_free(std::array<Entry, kSize>& entries,
                                             std::uint64_t process, std::size_t most_of_process) {
  const auto count = std::ranges::count_if(
      entries, [&](const Entry& entry) { return entry.frame && entry.process == process; });
  const auto found = std::ranges::find_if(entries, [](const Entry& entry) { return !entry.frame; });
  const bool has_room = found != entries.end() && std::size_t(count) < most_of_process;
  return has_room ? &*found : nullptr;
}

Result<std::uint64_t> SharedFrames::frame_of(std::size_t place) const {
  for (const Entry& entry : own_)
    if (entry.frame && processes_.ram_at(entry.base).process == processes_.at(place))
      return entry.base;
  return Error::not_found;
}

std::size_t SharedFrames::count_own() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(own_, [](const Entry& entry) { return bool(entry.frame); }));
}

std::size_t SharedFrames::count_foreign() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(foreign_, [](const Entry& entry) { return bool(entry.frame); }));
}

// ---- frames of this core

Result<void> SharedFrames::keep(const agreement::Frame& frame) {
  Cap<Type::frame> kept = std::exchange(offered_, {});
  Process* const owner = ram_at(frame.base).process;
  if (!kept || owner == nullptr || owner->number == 0) return Error::no_capability;
  Entry* const entry = find_free(own_, owner->number, kMostOwnOfProcess);
  if (entry == nullptr) return Error::out_of_memory;
  auto charge = Charge::take(owner->account, kCost);
  if (!charge) return charge.error();
  if (const auto set = set_remote(kept, true); !set) {
    static_cast<void>(set_remote(kept, false));
    return set;
  }
  *entry = {frame.base, std::move(kept), owner->number, std::move(charge.value())};
  return {};
}

void SharedFrames::release(std::uint64_t base) {
  Entry* const entry = find(own_, base);
  if (entry == nullptr) return;
  static_cast<void>(set_remote(entry->frame, false));
  *entry = Entry();
}

Result<void> SharedFrames::give(const agreement::Frame& frame, agreement::TicketNumber ticket) {
  const Entry* const entry = find(own_, frame.base);
  if (entry == nullptr) return Error::no_capability;
  return receptions_.put(ticket, entry->frame, Rights(frame.rights));
}

// ---- frames of other cores

Result<void> SharedFrames::adopt(const agreement::Frame& frame, agreement::CoreNumber owner,
                                 agreement::TicketNumber ticket) {
  auto* const reception = receptions_.find(ticket, Type::frame);
  if (reception == nullptr) return Error::no_capability;
  if (const Entry* const entry = find(foreign_, frame.base))
    return receptions_.put(ticket, entry->frame, Rights(frame.rights));
  Entry* const entry = find_free(foreign_, reception->process, kMostForeignOfProcess);
  if (entry == nullptr) return Error::out_of_memory;
  auto anchor = adopt_anchor(frame, owner);
  if (!anchor) return anchor.error();
  const auto given = receptions_.put(ticket, anchor.value(), Rights(frame.rights));
  if (!given) {
    static_cast<void>(on_anchor(Method::drop, anchor.value()));
    return given;
  }
  *entry = {frame.base, std::move(anchor.value()), reception->process,
            std::move(reception->charge)};
  return {};
}

bool SharedFrames::sweep(std::uint64_t base) {
  const Entry* const entry = find(foreign_, base);
  if (entry == nullptr) return true;
  const auto swept = on_anchor(Method::sweep, entry->frame);
  return swept || swept.error() != Error::again;
}

bool SharedFrames::drop(std::uint64_t base) {
  Entry* const entry = find(foreign_, base);
  if (entry == nullptr || !on_anchor(Method::drop, entry->frame)) return false;
  *entry = Entry();
  return true;
}

}  // namespace sprat::monitor
