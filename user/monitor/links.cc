// links.cc — frames, doorbells, and messages that are read or handed on.

#include "monitor/links.hh"

#include <new>

#include "lib/console.hh"
#include "lib/runtime.hh"
#include "lib/upcalls.hh"
#include "monitor/broker.hh"
#include "monitor/census_of_others.hh"
#include "monitor/doorbells.hh"

namespace sprat::monitor {
namespace {

// Each link has 2 MiB of addresses.
constexpr VirtualAddress kLinks = kOwnMappings + 64 * kLargePageSize;
constexpr std::uint64_t kFrameBytes = std::uint64_t{1} << Links::kFrameBits;

}  // namespace

Result<void> Links::prepare(Broker& broker, CensusOfOthers& census_of_others) {
  broker_ = &broker;
  census_of_others_ = &census_of_others;
  auto notification =
      TRY(retype<Type::notification>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))));
  const auto signal = TRY(mint(notification, {kAllRights, kSignalled, 0}));
  return bind_line(kLineOfMonitor, signal);
}

// A link that counts when it is open.
Result<Links::Link*> Links::take_place() {
  if (count_ == links_.size()) return Error::out_of_memory;
  if (links_[count_] == nullptr) links_[count_] = new (std::nothrow_t{}) Link;
  if (links_[count_] == nullptr) return Error::out_of_memory;
  return links_[count_];
}

Result<std::uint64_t> Links::add(std::uint32_t core, std::uint32_t apic_id) {
  Link& link = *TRY(take_place());
  auto frame = runtime().ram.make<Type::frame>(kFrameBits);
  if (!frame) return frame.error();
  link.frame = std::move(frame.value());
  link.core = core;
  const auto identity = TRY(identify(link.frame.address()));
  TRY(open(link, apic_id, urpc::Side::first));
  return identity.base;
}

Result<void> Links::join() {
  Link& link = *TRY(take_place());
  auto frame = adopt_frame(process_.link, kFrameBytes);
  if (!frame) return frame.error();
  link.frame = std::move(frame.value());
  return open(link, static_cast<std::uint32_t>(process_.link_apic_id), urpc::Side::second);
}

Result<void> Links::open(Link& link, std::uint32_t apic_id, urpc::Side side) {
  auto doorbells = doorbells_of(apic_id);
  if (!doorbells) return doorbells.error();
  link.doorbells = std::move(doorbells.value());
  const VirtualAddress begin = kLinks + count_ * kLargePageSize;
  TRY(runtime().space.map(begin, link.frame, kFrameBytes, kWrite));
  const std::span lines(reinterpret_cast<urpc::Line*>(begin.value()), urpc::frame_lines(kSlots));
  const auto view = TRY(urpc::view_of(lines, side));
  link.channel.open(runtime().loop, view,
                    {link.doorbells.address(), kLineOfMonitor - kFirstDoorbell});
  ++count_;
  link.reading = read(link);
  runtime().loop.start(link.reading);
  return {};
}

// From all cores but the first, every way leads there.
Links::Link* Links::way_to(std::uint32_t core) {
  for (Link* const link : std::span(links_).first(count_))
    if (process_.core_id != 0 || link->core == core) return link;
  return nullptr;
}

Result<void> Links::post_words(CoreMessage::Kind kind, std::uint32_t to, const Words& words) {
  if (to == process_.core_id) {
    deliver(kind, words);
    return {};
  }
  Link* const link = way_to(to);
  if (link == nullptr) return Error::not_found;
  return link->channel.try_send(urpc::Message<>{static_cast<std::uint32_t>(kind), words});
}

void Links::deliver(CoreMessage::Kind kind, const Words& words) {
  switch (kind) {
    case CoreMessage::Kind::bind:
    case CoreMessage::Kind::bound:
    case CoreMessage::Kind::withdrawn:
    case CoreMessage::Kind::closed: return broker_->read(kind, std::bit_cast<CoreMessage>(words));
    case CoreMessage::Kind::count:
      return census_of_others_->answer(std::bit_cast<CoreMessage>(words));
    case CoreMessage::Kind::counted:
      return census_of_others_->read(std::bit_cast<CensusMessage>(words));
  }
}

// A message that cannot be handed on: the sender of a bind gets an answer all the same.
void Links::send_back(CoreMessage::Kind kind, const CoreMessage& message, Error error) {
  if (kind != CoreMessage::Kind::bind) return;
  const CoreMessage answer{.to = message.from,
                           .from = message.to,
                           .their = message.my,
                           .status = static_cast<std::uint16_t>(status_of(error))};
  static_cast<void>(post(CoreMessage::Kind::bound, answer));
}

Task<> Links::read(Link& link) {
  for (;;) {
    const auto line = co_await link.channel.receive();
    if (!line) {
      print("monitor: the link with core {} broke: {}\n", link.core, name_of(line.error()));
      co_return line.error();
    }
    const auto kind = static_cast<CoreMessage::Kind>(line.value().header);
    const Words& words = line.value().words;
    const auto message = std::bit_cast<CoreMessage>(words);
    if (const auto posted = post_words(kind, message.to, words); !posted)
      send_back(kind, message, posted.error());
  }
}

}  // namespace sprat::monitor
