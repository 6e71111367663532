// slot.hh — a capability: 64 bytes in a CNode that name an object, carry the holder's rights, and hold its place in
// the derivation order. And from a capability to the object that it names.

#pragma once

#include "cap/types.hh"
#include "memory/window.hh"
#include "sprat/list.hh"

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
  bool is_foreign = false;   // memory of another core: no window shows it here (LocalMemory)
  std::uint16_t owner =
      0;  // of memory of another core, a Frame or Ram on loan: number of that core + 1

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

// ---- from a capability to its object, with proof that the object's memory is this core's own
//
// The kernel reaches memory through its window, and the window shows the RAM of this core alone. Only a Frame may be memory of
// another core; the kernel's objects (CNodes, page tables, dispatchers) are made from Ram of its own core. So there
// are two ways from a capability to its bytes, and neither can be taken by mistake:
//
//   CNode, PageTable, Dispatcher    slots_in, table_at, dispatcher_at    local by their type
//   Frame                           LocalMemory::of                      local if the capability says so, else an error

// Returns the slots of the CNode that `cnode` names.
inline CNodeObject& slots_in(const Slot& cnode) {
  return *memory::window<CNodeObject>(PhysicalAddress(cnode.base));
}

// Returns the page table at `base`.
inline TableObject& table_at(std::uint64_t base) {
  return *memory::window<TableObject>(PhysicalAddress(base));
}

// The memory of a Frame of this core. To have one is to have asked.
class LocalMemory {
 public:
  // wrong_type       the capability is no Frame
  // foreign_memory   the memory is another core's
  static Result<LocalMemory> of(const Slot& frame) {
    if (!may_be_foreign(frame.type)) return Error::wrong_type;
    if (frame.is_foreign) return Error::foreign_memory;
    return LocalMemory(PhysicalAddress(frame.base));
  }

  constexpr LocalMemory() = default;  // none yet

  // Returns the object at its beginning, as the kernel sees it.
  template <class T>
  T& as() const {
    return *memory::window<T>(begin_);
  }

 private:
  explicit LocalMemory(PhysicalAddress begin) : begin_(begin) {}

  PhysicalAddress begin_{};
};

// Returns the address of the Dispatcher of `endpoint`, an Endpoint or a Notification.
inline PhysicalAddress dispatcher_of(const Slot& endpoint) {
  return PhysicalAddress(endpoint.base)
      .round_down(std::uint64_t{1} << object_bits(Type::dispatcher));
}

}  // namespace sprat::cap
