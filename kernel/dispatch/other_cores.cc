// other_cores.cc — doorbells are interrupt lines that no device has; adopted frames are noted, so that none is adopted twice.
//
// A device interrupts once and is masked until its driver acknowledges. Doorbells cannot be masked one by one: other
// cores send them as often as they like, and each takes this core a few hundred instructions. So a busy core takes
// eight, and then none until it is idle or a quantum has passed; meanwhile they stay pending in the local APIC, one of
// each. The delay costs their receivers no turn: a dispatcher that is woken goes to the end of the run queue, and would
// not run before the present turn has ended.
//@ since monitor
// The monitor, which gets the next turn (scheduler.cc), waits for one more at most.
//@ end

#include "dispatch/other_cores.hh"

//@ since monitor
#include "dispatch/interrupts.hh"
//@ end
#include "dispatch/scheduler.hh"
#include "memory/address_space.hh"
#include "memory/shareable_memory.hh"
#include "sprat/region.hh"
#include "x86/apic.hh"

namespace sprat::dispatch {
namespace {

static_assert(kFirstDoorbell == x86::kInterruptLines);
static_assert(kFirstDoorbell + kDoorbells == x86::kLines);

constinit std::uint32_t gifts = 0;  // of doorbells
constinit std::array<PhysicalRange, kMostAdoptions> adopted{};
//@ since monitor
constinit std::array<bool, kMostAdoptions> is_lonely{};  // of each, since it was last asked for
constinit std::uint64_t lonely_line = kFirstDoorbell;
//@ end

// Doorbells that are taken until the core is idle, or has held them back for a quantum.
constexpr unsigned kDoorbellsInTime = 8;
constinit unsigned doorbells_left = kDoorbellsInTime;
constinit std::uint64_t hear_again_at = 0;  // time stamp, while none is left

// Returns whether the window of this core shows the page at `page`: then it is this core's own. Visits 3 tables.
bool is_in_window(PhysicalAddress page) {
  for (unsigned level = 1; level <= 3; ++level) {
    const x86::PageEntry* const entry =
        memory::find_entry(x86::read_cr3(), memory::kWindowBase + page.value(), level);
    if (entry != nullptr) return entry->get<x86::page_entry::present>();
  }
  return false;
}

// Whether memory of another core can come here: it is RAM, and of no CPU driver. Looks for one page in each `step` bytes.
Result<void> may_come(PhysicalRange range, std::uint64_t step) {
  TRY(memory::shareable_memory.check(range));
  for (PhysicalAddress page = range.begin; page < range.end; page = page + step)
    if (is_in_window(page)) return Error::in_use;
  const auto overlaps = [&](const PhysicalRange& other) {
    return range.begin < other.end && other.begin < range.end;
  };
  return std::ranges::any_of(adopted, overlaps) ? Result<void>(Error::in_use) : Result<void>();
}
//@ since monitor

Result<void> expect_piece(PhysicalRange range) {
  if (!range.begin.is_aligned(kLargePageSize)) return Error::misaligned;
  constexpr PhysicalAddress kEnd{std::uint64_t{1} << 32};
  const bool is_piece = range.size() == kLargePageSize && range.begin < kEnd;
  return is_piece ? Result<void>() : Error::invalid_argument;
}
//@ end

}  // namespace

Result<void> grant_doorbells(cap::Slot& slot, std::uint64_t apic_id, std::uint64_t first,
                             std::uint64_t how_many) {
  constexpr std::uint64_t kAllCores = 0xff;  // means all cores, with x2APIC none
  if (!slot.is_empty()) return Error::slot_in_use;
  if (apic_id >= kAllCores) return Error::invalid_argument;
  if (first >= kDoorbells || how_many > kDoorbells - first) return Error::invalid_argument;
  if (gifts == ~std::uint32_t{0}) return Error::out_of_memory;
  const std::uint64_t number =
      doorbell_number(++gifts, static_cast<std::uint32_t>(apic_id), kFirstDoorbell + first);
  cap::grant(slot, Type::irq, number, how_many != 0 ? how_many : kDoorbells - first);
  return {};
}

Result<void> signal_doorbell(std::uint64_t line) {
  const auto number = static_cast<unsigned>(line_of_doorbell(line));
  if (number < kFirstDoorbell || number >= kFirstDoorbell + kDoorbells)
    return Error::invalid_argument;
  x86::send_interrupt(core_of_doorbell(line).value_or(x86::local_apic_id()),
                      x86::vector_of(number));
  return {};
}

void doorbell_came(const cap::Slot& notification) {
  if (!notification.is_empty()) trace<Event::interrupt>(&notification);
  if (--doorbells_left != 0) return;
  constexpr std::uint64_t kAboveDoorbells = x86::vector_of(kFirstDoorbell) + 1;
  static_assert(kAboveDoorbells % 16 == 0);
  x86::hold_interrupts_below(kAboveDoorbells);
  hear_again_at = x86::read_time_stamp() + x86::time_stamps_in(kQuantumMicroseconds);
  limit_turn();
}

void hear_doorbells() {
  if (doorbells_left == 0) x86::hold_interrupts_below(0);
  doorbells_left = kDoorbellsInTime;
}

void hear_doorbells_in_time() {
  if (doorbells_left != 0) return;
  if (x86::read_time_stamp() >= hear_again_at) return hear_doorbells();
  limit_turn();
}

Result<void> adopt_frame(cap::Slot& slot, PhysicalAddress begin, std::uint64_t bytes,
                         std::uint64_t owner) {
  if (!slot.is_empty()) return Error::slot_in_use;
  if (!begin.is_aligned(kPageSize) || bytes % kPageSize != 0) return Error::misaligned;
  if (bytes == 0 || bytes > kMostAdopted || owner >= kMaxCores) return Error::invalid_argument;
  if (begin + bytes < begin) return Error::invalid_argument;
  const PhysicalRange range{begin, begin + bytes};
  TRY(may_come(range, kPageSize));
  PhysicalRange* const place = std::ranges::find(adopted, PhysicalRange{});
  if (place == adopted.end()) return Error::out_of_memory;
  *place = range;
  cap::grant(slot, Type::frame, begin.value(), bytes);
  slot.is_foreign = true;
  slot.owner = static_cast<std::uint16_t>(owner + 1);
  return {};
}

void end_adoption(PhysicalRange frame) { std::ranges::replace(adopted, frame, PhysicalRange{}); }
//@ since monitor

void note_lonely(PhysicalRange frame) {
  const auto place = std::ranges::find(adopted, frame);
  if (place == adopted.end()) return;
  is_lonely[static_cast<std::size_t>(place - adopted.begin())] = true;
  notify_bound(lonely_line);
}

Result<PhysicalAddress> next_lonely(std::uint64_t line) {
  if (line >= kDoorbells) return Error::invalid_argument;
  lonely_line = kFirstDoorbell + line;
  for (std::size_t place = 0; place < adopted.size(); ++place) {
    if (std::exchange(is_lonely[place], false) && adopted[place] != PhysicalRange{})
      return adopted[place].begin;
  }
  return Error::not_found;
}

Result<void> leave_window(cap::Slot& ram) {
  const PhysicalRange piece{PhysicalAddress(ram.base), PhysicalAddress(ram.end())};
  TRY(expect_piece(piece));
  TRY(cap::may_give_away(ram));
  memory::drop_from_window(piece);
  if (ram.owner == 0) {
    cap::give_away(ram);
  } else {
    cap::take_out(ram);
  }
  return {};
}

Result<void> enter_window(cap::Slot& slot, PhysicalAddress begin, std::uint64_t owner) {
  if (!slot.is_empty()) return Error::slot_in_use;
  if (owner >= kMaxCores) return Error::invalid_argument;
  const PhysicalRange piece{begin, begin + kLargePageSize};
  TRY(expect_piece(piece));
  TRY(may_come(piece, kLargePageSize));
  cap::Slot* const own = cap::find_given_away(piece);
  if (own != nullptr && own->bytes != kLargePageSize) return Error::in_use;
  memory::add_to_window(piece);
  if (own != nullptr) {
    cap::take_back(*own, slot);
  } else {
    cap::grant(slot, Type::ram, begin.value(), kLargePageSize);
    slot.owner = static_cast<std::uint16_t>(owner + 1);
  }
  return {};
}
//@ end

}  // namespace sprat::dispatch
