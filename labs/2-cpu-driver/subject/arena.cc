// arena.cc — physical memory is one allocation, whose ends the address sanitizer guards; hooks only write down that
// they were called.

#include "arena.hh"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "cap/operations.hh"
#include "memory/window.hh"
#include "question.hh"

namespace {

struct Arena {
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;
  std::unique_ptr<sprat::cap::TableObject[]> memory;  // aligned as slots must be

  std::byte* begin() const { return reinterpret_cast<std::byte*>(memory.get()); }
};
Arena arena;
std::string events;

void note(const char* what, std::initializer_list<std::uint64_t> numbers) {
  if (!events.empty()) events += " ";
  events += what;
  for (const std::uint64_t number : numbers) events += " " + subject::hex(number);
}

}  // namespace

namespace subject {

void make_arena(std::uint64_t base, std::uint64_t bytes) {
  const std::size_t objects = bytes / sizeof(sprat::cap::TableObject);
  arena = {base, bytes, std::make_unique<sprat::cap::TableObject[]>(objects)};
  events.clear();
}

std::size_t slots_in_arena() { return arena.bytes / sizeof(sprat::cap::Slot); }

std::byte* memory_at(std::uint64_t address) {
  const std::uint64_t offset = address - arena.base;
  if (address < arena.base || offset >= arena.bytes) {
    std::fprintf(stderr, "physical address 0x%lx is not in the memory of this test\n",
                 static_cast<unsigned long>(address));
    std::abort();
  }
  return arena.begin() + offset;
}

sprat::cap::Slot& slot_at(std::uint64_t address) {
  return *reinterpret_cast<sprat::cap::Slot*>(memory_at(address));
}

std::uint64_t address_of(const void* place) {
  const auto* const byte = static_cast<const std::byte*>(place);
  if (byte == nullptr) return 0;
  if (byte < arena.begin() || byte >= arena.begin() + arena.bytes) return ~std::uint64_t{0};
  return arena.base + static_cast<std::uint64_t>(byte - arena.begin());
}

std::string take_events() { return events.empty() ? "none" : std::exchange(events, std::string()); }

}  // namespace subject

void* sprat::memory::host_address(PhysicalAddress address) {
  return subject::memory_at(address.value());
}

// ---- hooks

namespace sprat::cap {

void dispatcher_made(const Slot& slot) { note("made", {slot.base}); }
void dispatcher_lost_part(const Slot& slot) { note("lost", {subject::address_of(&slot)}); }
void dispatcher_died(const Slot& slot) { note("died", {slot.base}); }
void foreign_frame_ended(const Slot&) {}
//@ since monitor
void foreign_frame_is_lonely(const Slot&) {}
//@ end

// Slot 0 of a dispatcher is its own, the next four are its parts.
Slot& dispatcher_own_slot(const Slot& dispatcher) { return subject::slot_at(dispatcher.base); }
Slot* dispatcher_parts(const Slot& dispatcher) { return &subject::slot_at(dispatcher.base) + 1; }

void forget_translations(PhysicalAddress root, VirtualAddress address, std::uint64_t bytes) {
  note("forget", {root.value(), address.value(), bytes});
}
void leave_address_space(PhysicalAddress root) { note("leave", {root.value()}); }

// Recognisable, and nothing that a user could reach.
void make_kernel_half(TableObject& root) {
  for (std::size_t entry = 256; entry < 512; ++entry) root.entries[entry] = entry << 12;
  note("half", {subject::address_of(&root)});
}

}  // namespace sprat::cap
