// shared_frames.cc — invocations of the Kernel capability; one entry for each frame.

#include "monitor/shared_frames.hh"

#include <algorithm>

namespace sprat::monitor {
namespace {

constexpr CapAddress kKernel = task_slot(TaskSlot::kernel);

Result<void> share(Method method, CapAddress here, const Process& process, CapAddress there,
                   Rights keep) {
  const Place place = place_of(here);
  const auto shared = invoke(kKernel, method, place.cnode.raw(), place.slot,
                             process.dispatcher.address().raw(), there.raw(), keep.bits());
  return shared ? Result<void>() : shared.error();
}

// Method::set_remote.
Result<void> set_remote(CapRef<Type::frame> frame, bool is_remote) {
  const Place place = place_of(frame.address());
  const auto set =
      invoke(kKernel, Method::set_remote, place.cnode.raw(), place.slot, is_remote ? 1 : 0);
  return set ? Result<void>() : set.error();
}

Result<Cap<Type::frame>> adopt_anchor(const agreement::Frame& frame) {
  return fill_slot<Type::frame>([&](CapAddress slot) -> Result<void> {
    const Place place = place_of(slot);
    const auto adopted = invoke(kKernel, Method::adopt_anchor, place.cnode.raw(), place.slot,
                                frame.base, std::uint64_t{1} << frame.bits);
    return adopted ? Result<void>() : adopted.error();
  });
}

// One step of Method::sweep, or Method::drop.
Result<void> on_anchor(Method method, CapRef<Type::frame> anchor) {
  const Place place = place_of(anchor.address());
  const auto done = invoke_once(kKernel, method, {place.cnode.raw(), place.slot});
  return done ? Result<void>() : done.error();
}

}  // namespace

// ---- slots of processes

Result<Cap<Type::frame>> SharedFrames::fetch(const Process& process, CapAddress slot) {
  return fill_slot<Type::frame>(
      [&](CapAddress here) { return share(Method::fetch, here, process, slot, kAllRights); });
}

Result<void> SharedFrames::put(const Process& process, CapAddress slot, CapRef<Type::frame> frame,
                               Rights keep) {
  return share(Method::put, frame.address(), process, slot, keep);
}

Result<SharedFrames::Destination*> SharedFrames::add_destination(Process& process,
                                                                 CapAddress slot) {
  const auto count = std::ranges::count(destinations_, process.number, &Destination::process);
  const auto place =
      std::ranges::find(destinations_, agreement::TicketNumber{0}, &Destination::ticket);
  if (count >= std::ptrdiff_t{kMostOfProcess} || place == destinations_.end()) return Error::busy;
  auto charge = Charge::take(process.account, kCost);
  if (!charge) return charge.error();
  *place = {0, process.number, slot, std::move(charge.value())};
  return &*place;
}

SharedFrames::Destination* SharedFrames::find(agreement::TicketNumber ticket) {
  if (ticket == 0) return nullptr;
  const auto place = std::ranges::find(destinations_, ticket, &Destination::ticket);
  return place != destinations_.end() ? &*place : nullptr;
}

Result<void> SharedFrames::put(agreement::TicketNumber ticket, CapRef<Type::frame> frame,
                               Rights keep) {
  const Destination* const destination = find(ticket);
  const Process* const process =
      destination != nullptr ? processes_.find(destination->process) : nullptr;
  if (process == nullptr) return Error::no_capability;
  return put(*process, destination->slot, frame, keep);
}

void SharedFrames::end(const Process& process) {
  for (Destination& destination : destinations_) {
    destination.charge.move_up_from(process.account);
    if (destination.process == process.number) destination = Destination();
  }
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
SharedFrames::Entry* SharedFrames::find_free(std::array<Entry, kSize>& entries) {
  const auto found = std::ranges::find_if(entries, [](const Entry& entry) { return !entry.frame; });
  return found != entries.end() ? &*found : nullptr;
}

bool SharedFrames::keeps_frames_of(std::size_t place) const {
  return any_own([&](std::uint64_t base) {
    return (base - processes_.ram_begin(place)) >> kProcessBits == 0;
  });
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
  Process* const owner = processes_.owner_of(frame.base);
  Entry* const entry = find_free(own_);
  if (!kept || owner == nullptr || owner->number == 0) return Error::no_capability;
  if (entry == nullptr) return Error::out_of_memory;
  auto charge = Charge::take(owner->account, kCost);
  if (!charge) return charge.error();
  if (const auto set = set_remote(kept, true); !set) {
    static_cast<void>(set_remote(kept, false));
    return set;
  }
  *entry = {frame.base, std::move(kept), std::move(charge.value())};
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
  return put(ticket, entry->frame, Rights(frame.rights));
}

// ---- frames of other cores

Result<void> SharedFrames::adopt(const agreement::Frame& frame, agreement::CoreNumber,
                                 agreement::TicketNumber ticket) {
  Destination* const destination = find(ticket);
  if (destination == nullptr) return Error::no_capability;
  if (const Entry* const entry = find(foreign_, frame.base))
    return put(ticket, entry->frame, Rights(frame.rights));
  Entry* const entry = find_free(foreign_);
  if (entry == nullptr) return Error::out_of_memory;
  auto anchor = adopt_anchor(frame);
  if (!anchor) return anchor.error();
  if (const auto given = put(ticket, anchor.value(), Rights(frame.rights)); !given) {
    static_cast<void>(on_anchor(Method::drop, anchor.value()));
    return given;
  }
  *entry = {frame.base, std::move(anchor.value()), std::move(destination->charge)};
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
