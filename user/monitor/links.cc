// links.cc — frames and doorbells of links, and what their lines are for.

#include "monitor/links.hh"

#include <algorithm>
#include <memory>
#include <new>

#include "lib/console.hh"
#include "lib/runtime.hh"
#include "lib/upcalls.hh"
#include "monitor/broker.hh"
#include "monitor/census_of_others.hh"
#include "monitor/doorbells.hh"

namespace sprat::monitor {
namespace {

// Frames of links are mapped side by side, by the number of the other core.
constexpr VirtualAddress kLinks = kOwnMappings + 64 * kLargePageSize;
constexpr std::uint64_t kFrameBytes = std::uint64_t{1} << Links::kFrameBits;
static_assert(urpc::frame_lines(Links::kSlots) * sizeof(urpc::Line) <= kFrameBytes);

constexpr std::uint32_t kFirstCore = 0;

}  // namespace

Result<void> Links::prepare(Broker& broker, CensusOfOthers& census_of_others) {
  broker_ = &broker;
  census_of_others_ = &census_of_others;
  auto notification =
      TRY(retype<Type::notification>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))));
  const auto signal = TRY(mint(notification, {kAllRights, kSignalled, 0}));
  return bind_line(kLineOfMonitor, signal);
}

// ---- links with core 0

Result<std::uint64_t> Links::add(std::uint32_t core, std::uint32_t apic_id) {
  End& end = *TRY(add_end(core));
  auto frame = TRY(runtime().ram.make<Type::frame>(kFrameBits));
  const auto identity = TRY(identify(frame.address()));
  TRY(open(end, apic_id, std::move(frame)));
  return identity.base;
}

Result<void> Links::join() {
  End& end = *TRY(add_end(kFirstCore));
  auto frame = TRY(adopt_frame(process_.link, kFrameBytes));
  return open(end, static_cast<std::uint32_t>(process_.link_apic_id), std::move(frame));
}

Result<Links::End*> Links::add_end(std::uint32_t core) {
  End* const end = new (std::nothrow_t{}) End(*this, core);
  if (end == nullptr) return Error::out_of_memory;
  ends_[core] = end;
  return end;
}

Result<void> Links::open(End& end, std::uint32_t apic_id, Cap<Type::frame> frame) {
  end.apic_id = apic_id;
  end.frame = std::move(frame);
  end.doorbells = TRY(doorbells_of(apic_id));
  const VirtualAddress begin = kLinks + end.core * kFrameBytes;
  TRY(runtime().space.map(begin, end.frame, kFrameBytes, kWrite));
  const std::span lines(reinterpret_cast<urpc::Line*>(begin.value()), urpc::frame_lines(kSlots));
  const auto side = process_.core_id < end.core ? urpc::Side::first : urpc::Side::second;
  const auto view = TRY(urpc::view_of(lines, side));
  end.channel.open(runtime().loop, view,
                   {end.doorbells.address(), kLineOfMonitor - kFirstDoorbell});
  end.channel.set_sink(&end);
  end.outbox.start();
  return {};
}

void Links::End::end(Error error) {
  print("monitor: the link with core {} broke: {}\n", core, name_of(error));
}

// ---- links between others

// On core 0. Both ask if both have messages: the second one's answer is on its way already.
void Links::make_link(std::uint32_t from, std::uint32_t peer) {
  const bool exists = peer < kMaxCores && peer != from && ends_[peer] != nullptr;
  const auto made = exists ? make_frame(std::min(from, peer), std::max(from, peer))
                           : Result<Made*>(Error::not_found);
  if (!made && made.error() == Error::in_use) return;
  const auto identity = made ? identify(made.value()->frame.address()) : made.error();
  LinkMessage answer{.core = peer};
  if (!identity) {
    answer.status = status_of(identity.error());
    static_cast<void>(post(from, LineKind::linked, answer));
    return;
  }
  answer.frame = identity.value().base;
  answer.apic_id = ends_[peer]->apic_id;
  static_cast<void>(post(from, LineKind::linked, answer));
  answer.core = from;
  answer.apic_id = ends_[from]->apic_id;
  static_cast<void>(post(peer, LineKind::linked, answer));
}

// in_use: there is one
Result<Links::Made*> Links::make_frame(std::uint32_t first, std::uint32_t second) {
  for (const Made* made = made_; made != nullptr; made = made->next)
    if (made->first == first && made->second == second) return Error::in_use;
  auto frame = TRY(runtime().ram.make<Type::frame>(kFrameBits));
  Made* const made = new (std::nothrow_t{}) Made{first, second, std::move(frame), made_};
  if (made == nullptr) return Error::out_of_memory;
  return made_ = made;
}

Result<Links::End*> Links::want_end(std::uint32_t core) {
  if (process_.core_id == kFirstCore) return Error::not_found;
  End* const end = TRY(add_end(core));
  TRY(post(kFirstCore, LineKind::link_wanted, LinkMessage{.core = core}));
  return end;
}

void Links::linked(const LinkMessage& message) {
  if (message.core >= kMaxCores) return;
  const auto opened = open_wanted(message);
  End* const end = ends_[message.core];
  if (!opened && end != nullptr) give_up(*end, opened.error());
}

Result<void> Links::open_wanted(const LinkMessage& message) {
  if (message.status != kStatusOk) return error_of(message.status);
  End* const end = ends_[message.core] != nullptr ? ends_[message.core] : TRY(add_end(message.core));
  if (end->channel.is_open()) return {};
  auto frame = TRY(adopt_frame(message.frame, kFrameBytes));
  return open(*end, message.apic_id, std::move(frame));
}

// There will be no such link. The next message asks for it anew.
void Links::give_up(End& end, Error error) {
  const std::unique_ptr<End> ended(std::exchange(ends_[end.core], nullptr));
  end.outbox.for_each([&](const Line& line) {
    switch (static_cast<LineKind>(line.header)) {
      case LineKind::bind:
        return broker_->read(end.core, LineKind::bound,
                             {.their = message_of<BindMessage>(line).my,
                              .status = static_cast<std::uint16_t>(status_of(error))});
      case LineKind::count: return census_of_others_->fail(end.core, error);
      default: return;
    }
  });
}

// ---- messages

Result<void> Links::post_line(std::uint32_t core, const Line& line) {
  if (core == process_.core_id) {
    take(core, line);
    return {};
  }
  if (core >= kMaxCores) return Error::not_found;
  End* const end = ends_[core] != nullptr ? ends_[core] : TRY(want_end(core));
  return end->outbox.post(line);
}

void Links::take(std::uint32_t from, const Line& line) {
  const auto kind = static_cast<LineKind>(line.header);
  switch (kind) {
    case LineKind::link_wanted: return make_link(from, message_of<LinkMessage>(line).core);
    case LineKind::linked: return linked(message_of<LinkMessage>(line));
    case LineKind::bind:
    case LineKind::bound:
    case LineKind::withdrawn:
    case LineKind::closed: return broker_->read(from, kind, message_of<BindMessage>(line));
    case LineKind::count: return census_of_others_->answer(from);
    case LineKind::counted: return census_of_others_->read(from, message_of<Census>(line));
  }
}

}  // namespace sprat::monitor
