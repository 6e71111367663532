// slot.hh — a capability: 64 bytes in a CNode that name an object, say what may be done with it, and hold its place in
// the derivation order.
//
// All capabilities of a core are one doubly linked list. An ancestor comes before its descendants, and they follow it
// without a gap:
//
//   Ram A ── Ram B ── Frame x ── Frame x' ── CNode c ── Ram D ── ...
//   └─ A = [0, 64K)                          │          └─ not within A: A's descendants end here
//        └─ B, part of A, newest child first │
//             └─ x (original), x' (copy)     └─ child of A as well
//
// Who descends from whom is never stored: it follows from types and extents (derivation.hh).

#pragma once

#include <cstddef>
#include <cstdint>

#include "sprat/capability.hh"
#include "sprat/result.hh"

namespace sprat::cap {

struct Slot;

// The 512 entries of a page table, as the processor reads them, and for each the capability that is mapped there.
struct TableObject {
  std::array<std::uint64_t, 512> entries;
  std::array<Slot*, 512> mapped;
};
static_assert(sizeof(TableObject) == std::size_t{1} << object_bits(Type::page_table_1));

struct alignas(64) Slot {
  // ---- place in the derivation order
  Slot* previous = nullptr;
  Slot* next = nullptr;

  // ---- the object
  std::uint64_t base = 0;   // physical address; first port; first line
  std::uint64_t bytes = 0;  // size; count of ports or lines

  // ---- what depends on the type
  union {
    // Ram. Memory from `unused` on belongs to no descendant; of that, [unused, clean) is zeroed.
    struct {
      std::uint64_t unused;
      std::uint64_t clean;
    } ram;
    // Frame, DeviceFrame, PageTable<1..3>: where this capability is mapped.
    struct {
      TableObject* table;  // null: not mapped
      std::uint64_t first_entry;
    } mapping;
    // Endpoint, Notification.
    std::uint64_t badge;
    // CNode and Dispatcher, in the object's own slot, while it comes apart.
    Slot* next_dying;
    std::uint64_t words[2] = {0, 0};
  };

  Type type = Type::null;
  Rights rights{};
  bool is_original = false;  // made by retype or by the kernel; false: by copy or mint
  bool is_remote = false;    // other cores may hold copies or descendants
  bool is_part = false;      // lies inside of a Dispatcher: what that dispatcher lives from
  std::uint8_t reserved[11] = {};

  bool is_empty() const { return type == Type::null; }
  std::uint64_t end() const { return base + bytes; }
};
static_assert(sizeof(Slot) == 64);

using CNodeObject = std::array<Slot, kSlotsPerCNode>;
static_assert(sizeof(CNodeObject) == std::size_t{1} << object_bits(Type::cnode));

// Slot 0 of every CNode is the kernel's: there the object keeps its own capability while it comes apart.
inline constexpr std::size_t kOwnSlot = 0;

// The two capabilities name the same object.
inline bool same_object(const Slot& a, const Slot& b) {
  return a.type == b.type && a.base == b.base && a.bytes == b.bytes;
}

}  // namespace sprat::cap
