// links.cc — frames and doorbells of links, and what their lines are for.

#include "monitor/links.hh"

#include <algorithm>
#include <bit>
#include <memory>
#include <new>

#include "lib/console.hh"
#include "lib/runtime.hh"
#include "lib/upcalls.hh"
#include "monitor/broker.hh"
#include "monitor/census_of_others.hh"
#include "monitor/doorbells.hh"
//@ since monitor
#include "monitor/fill.hh"
//@ end

namespace sprat::monitor {
namespace {

// Frames of links are mapped side by side, by the number of the other core.
constexpr VirtualAddress kLinks = kOwnMappings + 64 * kLargePageSize;
constexpr std::uint64_t kFrameBytes = std::uint64_t{1} << Links::kFrameBits;
static_assert((urpc::frame_lines(Links::kSlots) + 1) * sizeof(urpc::Line) <= kFrameBytes);

constexpr unsigned kPageBits = std::countr_zero(kPageSize);
constexpr unsigned kBitsOfPages = kPageBits + std::countr_zero(Links::kPages);

constexpr std::uint32_t kFirstCore = 0;

}  // namespace

Result<void> Links::prepare(Broker& broker, CensusOfOthers& census_of_others) {
  broker_ = &broker;
  census_of_others_ = &census_of_others;
  auto notification =
      TRY(retype<Type::notification>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))));
  const auto signal = TRY(mint(notification, {kAllRights, kSignalled | kSignalledByMonitor, 0}));
  return bind_line(kLineOfMonitor, signal);
}

// Notes the slots and the memory that `take` takes, heap and page tables included.
template <class Take>
auto Links::counted(Take take) {
  const Runtime& own = runtime();
  const std::size_t slots = own.slots.taken();
  const std::uint64_t bytes = own.ram.bytes_made();
  auto result = take();
  slots_ += static_cast<std::uint32_t>(own.slots.taken() - slots);
  kib_ += static_cast<std::uint32_t>((own.ram.bytes_made() - bytes) >> 10);
  return result;
}

// ---- links with core 0

Result<std::uint64_t> Links::add(std::uint32_t core, std::uint32_t apic_id) {
  const Made& made = *TRY(make_frame(kFirstCore, core, kFrameBits));
  const Made& pages = *TRY(make_frame(core, core, kBitsOfPages));
  End& end = *TRY(add_end(core));
  TRY(open(end, apic_id, made.frame));
  pages_behind(end).address = pages.address;
  //@ since monitor
  for (std::size_t i = 0; i < kPages; ++i)
    if (pages.kept_by[i] != 0) pages_behind(end).not_ours |= std::uint64_t{1} << i;
  //@ end
  return made.address;
}

Result<void> Links::join() {
  End& end = *TRY(add_end(kFirstCore));
  end.adopted = TRY(adopt_frame(process_.link, kFrameBytes));
  return open(end, static_cast<std::uint32_t>(process_.link_apic_id), end.adopted);
}

Result<Cap<Type::frame>> Links::page(std::size_t place) const {
  if (process_.core_id == kFirstCore) return runtime().ram.make<Type::frame>(kPageBits);
  return adopt_frame(pages_behind(*ends_[kFirstCore]).address + place * kPageSize, kPageSize);
}

bool Links::has_page(std::size_t place) const {
  if (process_.core_id == kFirstCore) return true;
  const End* const end = ends_[kFirstCore];
  if (end == nullptr || !end->channel.is_open()) return false;
  return (pages_behind(*end).not_ours >> place & 1) == 0;
}

Result<Links::End*> Links::add_end(std::uint32_t core) {
  End* const end = new (std::nothrow_t{}) End(*this, core);
  if (end == nullptr) return Error::out_of_memory;
  ends_[core] = end;
  return end;
}

Result<void> Links::open(End& end, std::uint32_t apic_id, CapRef<Type::frame> frame) {
  end.apic_id = apic_id;
  end.doorbells = TRY(doorbells_of(apic_id));
  TRY(runtime().space.map(place_of_lines(end), frame, kFrameBytes, kWrite));
  const auto side = process_.core_id < end.core ? urpc::Side::first : urpc::Side::second;
  const auto view = TRY(urpc::view_of(lines_of(end), side));
  end.channel.open(runtime().loop, view,
                   {end.doorbells.address(), kLineOfMonitor - kFirstDoorbell});
  end.channel.set_sink(&end);
  //@ since monitor
  TRY(observer_->opened(end.core, end.channel));
  //@ end
  end.outbox.start();
  //@ since monitor
  observer_->sent(end.core);  // lines may wait in the outbox
  //@ end
  return {};
}

VirtualAddress Links::place_of_lines(const End& end) const {
  return kLinks + end.core * kFrameBytes;
}

std::span<urpc::Line> Links::lines_of(const End& end) const {
  return {reinterpret_cast<urpc::Line*>(place_of_lines(end).value()), urpc::frame_lines(kSlots)};
}

Links::Pages& Links::pages_behind(const End& end) const {
  return *reinterpret_cast<Pages*>(&*lines_of(end).end());
}

void Links::End::end(Error error) {
  print("monitor: the link with core {} broke: {}\n", core, name_of(error));
}

// ---- links between others

// On core 0. Both ask if both have messages: the second one's answer is on its way already.
void Links::make_link(std::uint32_t from, std::uint32_t peer) {
  //@ since monitor
  const bool is_too_early = peer < kMaxCores && ends_[peer] != nullptr &&
                            !(observer_->is_linked(from) && observer_->is_linked(peer));
  if (is_too_early) {
    wanted_by_[peer] |= std::uint64_t{1} << from;
    return;
  }
  //@ end
  const bool exists = peer < kMaxCores && peer != from && ends_[peer] != nullptr;
  const auto made = counted([&] {
    return exists ? make_frame(std::min(from, peer), std::max(from, peer), kFrameBits)
                  : Result<Made*>(Error::not_found);
  });
  if (made) {
    tell(from, peer, made.value()->address);
    tell(peer, from, made.value()->address);
  } else if (made.error() != Error::in_use) {
    const LinkMessage answer{.core = peer, .status = status_of(made.error())};
    static_cast<void>(post(from, LineKind::linked, answer));
  }
}

void Links::tell(std::uint32_t core, std::uint32_t peer, std::uint64_t frame) {
  const LinkMessage message{.core = peer, .apic_id = ends_[peer]->apic_id, .frame = frame};
  static_cast<void>(post(core, LineKind::linked, message));
}

// in_use: there is one
Result<Links::Made*> Links::make_frame(std::uint32_t first, std::uint32_t second, unsigned bits) {
  for (Made* made = made_; made != nullptr; made = made->next) {
    if (made->first != first || made->second != second) continue;
    //@ since monitor
    if (!made->is_used) return use_again(*made);
    //@ end
    return Error::in_use;
  }
  std::unique_ptr<Made> made(new (std::nothrow_t{}) Made{first, second, {}, {}, {}, 0, made_});
  if (made == nullptr) return Error::out_of_memory;
  if (first == second) {
    TRY(make_pages(*made));
  } else {
    made->frame = TRY(runtime().ram.make<Type::frame>(bits));
    made->address = TRY(identify(made->frame.address())).base;
  }
  return made_ = made.release();
}

// Each is a frame, for processes of this core that share it with the other one's.
Result<void> Links::make_pages(Made& made) {
  made.ram_of_pages = TRY(runtime().ram.make<Type::ram>(kBitsOfPages));
  for (auto& page : made.pages) page = TRY(retype<Type::frame>(made.ram_of_pages, kPageBits));
  made.address = TRY(identify(made.ram_of_pages.address())).base;
  return {};
}

CapAddress Links::page_of_others(std::uint64_t address) const {
  for (const Made* made = made_; made != nullptr; made = made->next) {
    const std::uint64_t number = (address - made->address) / kPageSize;
    if (made->first == made->second && address >= made->address && number < kPages)
      return made->pages[number].address();
  }
  return {};
}

//@ since monitor
// An earlier incarnation's lines are in it. Pages are zeroed one at a time, for each channel (broker.cc).
Result<Links::Made*> Links::use_again(Made& made) {
  if (made.first != made.second) {
    TRY(fill_frame(made.frame.address(), kFrameBytes,
                   [](std::byte* memory) { std::memset(memory, 0, kFrameBytes); }));
  }
  made.is_used = true;
  return &made;
}

void Links::make_wanted() {
  for (std::uint32_t peer = 0; peer < kMaxCores; ++peer) {
    const std::uint64_t cores = std::exchange(wanted_by_[peer], 0);
    for (std::uint32_t from = 0; from < kMaxCores; ++from)
      if ((cores >> from & 1) != 0 && ends_[from] != nullptr) make_link(from, peer);
  }
}

void Links::close(std::uint32_t core) {
  if (ends_[core] == nullptr) return;
  observer_->closing(core);
  const std::unique_ptr<End> ended(std::exchange(ends_[core], nullptr));
  if (ended->channel.is_open()) static_cast<void>(runtime().space.unmap(place_of_lines(*ended)));
  for (std::uint64_t& cores : wanted_by_) cores &= ~(std::uint64_t{1} << core);
}

void Links::release(std::uint32_t core) {
  for (Made* made = made_; made != nullptr; made = made->next) {
    if (made->first == core || made->second == core) made->is_used = false;
    std::ranges::replace(made->kept_by, static_cast<std::uint8_t>(core), std::uint8_t{0});
  }
}

void Links::post_page(LineKind kind, CapRef<Type::frame> page) {
  const auto identity = identify(page.address());
  if (identity) static_cast<void>(post(kFirstCore, kind, PageMessage{identity.value().base}));
}

void Links::note_page(std::uint32_t from, LineKind kind, std::uint64_t page) {
  for (Made* made = made_; made != nullptr; made = made->next) {
    const std::uint64_t number = (page - made->address) / kPageSize;
    if (made->first != made->second || page < made->address || number >= kPages) continue;
    // Core 0 itself keeps pages under a number that no other core has.
    const std::uint32_t holder = from != kFirstCore ? from : kMaxCores;
    made->kept_by[number] = static_cast<std::uint8_t>(kind == LineKind::page_kept ? holder : 0);
  }
}

//@ end
Result<Links::End*> Links::want_end(std::uint32_t core) {
  if (process_.core_id == kFirstCore) return Error::not_found;
  End* const end = TRY(counted([&] { return add_end(core); }));
  TRY(post(kFirstCore, LineKind::link_wanted, LinkMessage{.core = core}));
  return end;
}

void Links::linked(const LinkMessage& message) {
  if (message.core >= kMaxCores) return;
  const auto opened = counted([&] { return open_wanted(message); });
  End* const end = ends_[message.core];
  if (!opened && end != nullptr) give_up(*end, opened.error());
}

Result<void> Links::open_wanted(const LinkMessage& message) {
  if (message.status != kStatusOk) return error_of(message.status);
  End* const end =
      ends_[message.core] != nullptr ? ends_[message.core] : TRY(add_end(message.core));
  if (end->channel.is_open()) return {};
  end->adopted = TRY(adopt_frame(message.frame, kFrameBytes));
  return open(*end, message.apic_id, end->adopted);
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
  //@ since monitor
  observer_->given_up(end.core);
  //@ end
}

void Links::discount(Census& census) const {
  census.slots -= slots_;
  census.free_kib += kib_;
}

// ---- messages

Result<Links::End*> Links::end_to(std::uint32_t core) {
  if (core >= kMaxCores) return Error::not_found;
  return ends_[core] != nullptr ? ends_[core] : want_end(core);
}

Result<void> Links::post_line(std::uint32_t core, const Line& line) {
  if (core == process_.core_id) {
    take(core, line);
    return {};
  }
  End* const end = TRY(end_to(core));
  //@ since monitor
  if (end->channel.is_open()) observer_->sent(core);
  ++lines_posted_;
  //@ end
  return end->outbox.post(line);
}
//@ since monitor

Result<void> Links::send(std::uint32_t core, const Line& line) {
  End* const end = TRY(end_to(core));
  return end->outbox.post(line);
}

void Links::settle(std::uint32_t core) {
  if (core < kMaxCores && ends_[core] != nullptr) ends_[core]->channel.settle();
}
//@ end

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
    //@ since monitor
    case LineKind::page_kept:
    case LineKind::page_left: return note_page(from, kind, message_of<PageMessage>(line).page);
    default:
      return observer_->take_other(from, line);
      //@ end
  }
}

}  // namespace sprat::monitor
