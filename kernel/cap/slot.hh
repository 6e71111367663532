// slot.hh — a capability: 64 bytes in a CNode that name an object, carry the holder's rights, and hold its place in
// the derivation order.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sprat/capability.hh"
#include "sprat/list.hh"
#include "sprat/result.hh"

namespace sprat::cap {

// The 512 entries of a page table, as the processor reads them, and for each the capability that is mapped there.
struct TableObject {
  std::array<std::uint64_t, 512> entries;
  std::array<struct Slot*, 512> mapped;
};
static_assert(sizeof(TableObject) == std::size_t{1} << object_bits(Type::page_table_1));

// A slot that is all zeros is empty.
struct alignas(64) Slot {
  // ---- place in the derivation order (derivation.cc)
  Slot* previous = nullptr;
  Slot* next = nullptr;

  // ---- the object
  std::uint64_t base = 0;   // physical address; first port; first line
  std::uint64_t bytes = 0;  // size; count of ports or lines

  // ---- data of the type
  union {
    // Ram: this part of the unused memory is zeroed already; empty when begin == end.
    struct {
      std::uint64_t begin;
      std::uint64_t end;
    } clean;
    // Frame, DeviceFrame, PageTable<1..3>, while is_mapped: in which table, from `first_entry` on.
    struct {
      std::uint64_t table;     // physical address of its TableObject
      const Slot* table_slot;  // its only capability; null for a root, which may have several
    } mapping;
    // Endpoint, Notification: tells the callee which copy was used. 0: no badge yet.
    std::uint64_t badge;
    // CNode, Dispatcher, while is_dying: the others that come apart (remove.cc).
    Links dying;
    std::uint64_t words[2] = {0, 0};
  };

  std::uint16_t first_entry = 0;  // while is_mapped
  std::uint16_t emptied = 0;      // while is_dying: so many slots of the CNode have been looked at

  Type type = Type::null;
  Rights rights{};
  bool is_original = false;  // made by retype or by the kernel; false: by copy or mint
  bool is_remote = false;    // other cores may hold copies or descendants
  bool is_part = false;      // lies inside of a Dispatcher, which needs it to run
  bool is_mapped = false;    // in a page table
  bool is_dying = false;     // lies inside of its own object, which is coming apart
  bool is_foreign = false;   // memory of another core: no window shows it here (objects.hh)
  std::uint8_t reserved[4] = {};

  // Returns the fields from `type` on, as user code gets them (Description): one load.
  std::uint64_t description() const {
    std::uint64_t word;
    __builtin_memcpy(&word, &type, sizeof word);
    return word;
  }
  bool is_empty() const { return type == Type::null; }
  std::uint64_t end() const { return base + bytes; }
};
static_assert(sizeof(Slot) == 64);
static_assert(offsetof(Slot, is_foreign) - offsetof(Slot, type) ==
              offsetof(Description, is_foreign));

using CNodeObject = std::array<Slot, kSlotsPerCNode>;
static_assert(sizeof(CNodeObject) == std::size_t{1} << object_bits(Type::cnode));

// Slot 0 of every CNode is the kernel's: there the object keeps its own capability while it comes apart.
inline constexpr std::size_t kOwnSlot = 0;

// Returns whether the two capabilities name the same object.
inline bool same_object(const Slot& a, const Slot& b) {
  return a.base == b.base && a.bytes == b.bytes && a.type == b.type;
}

// Returns the address of the Dispatcher of `endpoint`, an Endpoint or a Notification.
inline PhysicalAddress dispatcher_of(const Slot& endpoint) {
  return PhysicalAddress(endpoint.base)
      .round_down(std::uint64_t{1} << object_bits(Type::dispatcher));
}

}  // namespace sprat::cap
