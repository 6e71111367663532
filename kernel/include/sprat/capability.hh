// capability.hh — capabilities, as kernel and user code name them: types, rights, slots, methods.

#pragma once

#include <array>

#include "sprat/address.hh"

namespace sprat {

// The type of a capability's object. The order matters: a descendant's type never comes before its ancestor's.
enum class Type : std::uint8_t {
  null,             // an empty slot
  physical_memory,  // addresses that are no RAM: devices, holes
  ram,              // memory without a use; all types below but the last three are made from it
  frame,            // memory a process may map
  device_frame,     // registers of devices a process may map, uncached
  cnode,            // 256 slots
  page_table_1,     // of the table's level: 1 maps pages of 4 KiB ...
  page_table_2,
  page_table_3,
  page_table_4,  // ... and 4 is the root of an address space
  dispatcher,    // a core's share of a process
  endpoint,      // the right to call a dispatcher
  notification,  // the right to set bits in a dispatcher's word and to wake it
  irq,           // interrupt lines
  io_ports,      // ports
  kernel,        // this core's CPU driver
};
inline constexpr std::size_t kTypes = 16;

constexpr const char* name_of(Type type) {
  constexpr std::array<const char*, kTypes> kNames{
      "null",       "physical_memory", "ram",          "frame",        "device_frame",
      "cnode",      "page_table_1",    "page_table_2", "page_table_3", "page_table_4",
      "dispatcher", "endpoint",        "notification", "irq",          "io_ports",
      "kernel"};
  return static_cast<std::size_t>(type) < kTypes ? kNames[static_cast<std::size_t>(type)] : "?";
}

// 1 to 4 for a page table, else 0.
constexpr unsigned table_level(Type type) {
  return type >= Type::page_table_1 && type <= Type::page_table_4
             ? static_cast<unsigned>(type) - static_cast<unsigned>(Type::page_table_1) + 1
             : 0;
}

constexpr Type page_table_type(unsigned level) {
  return static_cast<Type>(static_cast<unsigned>(Type::page_table_1) + level - 1);
}

// Returns whether objects of type `to` are made from a capability of type `from`: the retype table.
constexpr bool may_retype(Type from, Type to) {
  switch (from) {
    case Type::physical_memory: return to == Type::physical_memory || to == Type::device_frame;
    case Type::ram:
      return to == Type::ram || to == Type::frame || to == Type::cnode || table_level(to) != 0 ||
             to == Type::dispatcher;
    case Type::dispatcher: return to == Type::endpoint || to == Type::notification;
    default: return false;
  }
}

// The operations that the holder may do on the object. Mint takes rights away; nothing adds any.
class Rights {
 public:
  constexpr Rights() = default;
  constexpr explicit Rights(std::uint64_t bits) : bits_(static_cast<std::uint8_t>(bits & 15)) {}

  constexpr std::uint8_t bits() const { return bits_; }
  constexpr bool has(Rights wanted) const { return (bits_ & wanted.bits_) == wanted.bits_; }
  constexpr Rights operator&(Rights other) const { return Rights(bits_ & other.bits_); }
  constexpr Rights operator|(Rights other) const { return Rights(bits_ | other.bits_); }
  constexpr bool operator==(const Rights&) const = default;

 private:
  std::uint8_t bits_ = 0;
};

inline constexpr Rights kRead{1};
inline constexpr Rights kWrite{2};    // frames: write; endpoints: call; everything else: change
inline constexpr Rights kExecute{4};  // its meaning for each method: dispatch/methods.hh
inline constexpr Rights kGrant{8};    // may be copied, and sent along with a call
inline constexpr Rights kAllRights{15};

// Of the Kernel capability each right is a power of its own.
inline constexpr Rights kMayPrint = kRead;          // on the console
inline constexpr Rights kMayShare = kWrite;         // memory and doorbells with other cores
inline constexpr Rights kMayRunMachine = kExecute;  // start other cores, power off

inline constexpr unsigned kSlotBits = 6;           // a slot is 64 bytes
inline constexpr unsigned kSlotsPerCNodeBits = 8;  // 256 slots
inline constexpr std::size_t kSlotsPerCNode = std::size_t{1} << kSlotsPerCNodeBits;

// Returns the size of an object in bits where the type decides it, 0 where the caller of retype does.
constexpr unsigned object_bits(Type type) {
  switch (type) {
    case Type::cnode: return kSlotBits + kSlotsPerCNodeBits;
    case Type::page_table_1:
    case Type::page_table_2:
    case Type::page_table_3:
    case Type::page_table_4: return 13;  // 4 KiB of entries, 4 KiB of pointers to the mapped slots
    case Type::dispatcher: return 11;
    default: return 0;
  }
}

// Names a slot of the process's own CSpace, a root CNode of CNodes: slot `slot` of the CNode in slot `node` of the
// root; or, with in_root(), slot `node` of the root itself. Slot 0 of every CNode is the kernel's.
class CapAddress {
 public:
  constexpr CapAddress() = default;
  constexpr explicit CapAddress(std::uint64_t raw) : raw_(static_cast<std::uint32_t>(raw)) {}
  constexpr CapAddress(std::size_t node, std::size_t slot)
      : raw_(static_cast<std::uint32_t>((node % kSlotsPerCNode) << 8 | slot % kSlotsPerCNode)) {}
  static constexpr CapAddress in_root(std::size_t node) {
    return CapAddress(kInRoot | (node % kSlotsPerCNode) << 8);
  }

  constexpr std::uint32_t raw() const { return raw_; }
  constexpr bool names_root_slot() const { return (raw_ & kInRoot) != 0; }
  constexpr std::size_t node() const { return raw_ >> 8 & 0xff; }
  constexpr std::size_t slot() const { return raw_ & 0xff; }
  constexpr bool is_well_formed() const {
    return raw_ < kInRoot || (raw_ < 2 * kInRoot && slot() == 0);
  }
  constexpr bool operator==(const CapAddress&) const = default;

 private:
  static constexpr std::uint32_t kInRoot = 1 << 16;
  std::uint32_t raw_ = 0;
};

// The operations on objects, by type; dispatch/methods.hh says which rights each one needs. Arguments a0 to a4 and
// results r0 to r4 are words (system_call.hh); `slot` is a slot's number within the invoked CNode, `source` the raw
// CapAddress of a slot of the caller's own.
enum class Method : std::uint8_t {
  identify,  // any: r0 a Description; r1 base; r2 bytes; r3 badge; of memory of another core, that core's number + 1

  // CNode: operations on its slots.
  copy,  // a0 slot, a1 source: another capability to the same object, with the same rights
  mint,  // a0 slot, a1 source, a2 rights to keep, a3 badge or first port or line, a4 how many ports or lines
  retype,  // a0 first slot, a1 source, a2 type, a3 size in bits, a4 count; `again` while memory is being zeroed
  remove,  // a0 slot: delete; `again` while an object that ended is taken apart: the slot is empty; call again
  revoke,  // a0 slot: delete all copies and descendants of its capability; `again` while there are more
  look,  // a0 slot: identify for any slot of the CNode
  move,  // a0 slot, a1 source: the capability leaves its slot for this one

  // Page table.
  map,  // a0 first entry, a1 source, a2 rights (kRead is always there); as many entries as the object needs
  unmap,  // a0 entry: takes out all of the mapping that this entry is part of

  // Dispatcher.
  configure,  // a0 CNode, a1 page_table_4, a2 frame, a3 where the process sees the frame, a4 notification or 0
  run,      // makes it runnable
  suspend,  // keeps it from running until `run`
  status,   // r0 DispatcherState; r1 vector of the trap that stopped it; r2 rip; r3 address

  signal,  // notification: sets its badge's bits in the dispatcher's word and wakes it

  // Interrupt lines (a0 counts from the first of the capability) and ports (a0 likewise).
  bind,         // irq: a0 line, a1 notification: signal it at each interrupt, until acknowledged
  acknowledge,  // irq: a0 line: let the next interrupt through
  in,           // io_ports: a0 port, a1 bytes (1, 2 or 4): r0 value
  out,          // io_ports: a0 port, a1 bytes, a2 value

  // Kernel.
  set_remote,  // a0 CNode, a1 slot of a frame, a2 0 or 1: whether other cores may hold copies of it; `again`
  load_core,  // a0 APIC id, a1 RAM, a2 bytes the caller has put at its beginning: copies the CPU driver; `again`
  start_core,  // a0 APIC id of a core that was loaded: sends STARTUP
  core_state,  // a0 APIC id: r0 CoreState; sends the second STARTUP when it is due
  //@ since urpc
  // a0 CNode, a1 slot, a2 APIC id, a3 first, a4 how many or 0 for all that follow: irq, doorbells of that core: `signal` (a0 line)
  // signals the notification that is bound to one there. An original of its own: revoked, it takes its copies along and no others.
  doorbells,
  adopt,  // a0 CNode, a1 slot, a2 physical address, a3 bytes, a4 core: frame, memory that belongs to that core
  //@ end
  //@ since monitor
  stop_core,  // a0 APIC id: sends INIT. When core_state is `stopped`, the core executes nothing any more
  reclaim,  // a0 CNode, a1 slot, a2 APIC id of a core that is stopped: its RAM; the core is absent now
  alarm,  // a0 microseconds, a1 line: signals that doorbell of this core when they have passed; one alarm at a time
  // 2 MiB of RAM that cores lend to each other: nothing is made of it, and one core at most has it in its window.
  leave,  // a0 RAM: the kernel keeps its place here, or gives it up if it is another core's; in_use: something is made of it
  enter,  // a0 CNode, a1 slot, a2 physical address, a3 core: RAM of this core's that has left, or else RAM of that core
  // Frames that other cores know of: only a monitor copies them, and moves unused RAM likewise. a0 CNode, a1 slot, and
  adopt_anchor,  // the arguments of adopt: as adopt, for processes. The frame here, the anchor, counts as remote
  fetch,  // a2 a dispatcher, a3 a slot in its CSpace, a4 rights to keep: a copy of the frame there comes into the slot here
  put,    // the same arguments: a copy of the frame here goes into the slot there
  sweep,  // nothing else: deletes all copies of the anchor; `again` while there are more
  drop,   // nothing else: deletes the anchor; in_use: it has copies
  lonely,  // a0 line: r0 address of an anchor whose last copy was deleted; not_found: none; the next signals that doorbell
  //@ end
  power_off,  // a0 0 or 1: ends the machine, 1 for success
};
inline constexpr std::size_t kMethods = static_cast<std::size_t>(Method::power_off) + 1;
//@ since urpc

// Every core has so many interrupt lines that are no device's: any core can signal them that has the right to.
inline constexpr std::uint64_t kDoorbells = 64;
// The first of them; the lines of devices are below, and one core takes them all.
inline constexpr std::uint64_t kFirstDoorbell = 24;
//@ end

// A capability as identify and look describe it, in the eight bytes of a word.
struct Description {
  Type type;
  Rights rights;
  bool is_original;  // made by retype or by the kernel; false: by copy or mint
  bool is_remote;    // other cores may hold copies or descendants
  bool is_part;      // lies inside of a Dispatcher
  bool is_mapped;    // in a page table
  bool is_dying;     // its object is coming apart
  bool is_foreign;   // memory of another core, which this core's kernel cannot reach
};
static_assert(sizeof(Description) == 8);

enum class CoreState : std::uint8_t {
  absent,
  loaded,
  started,
  running,
  //@ since monitor
  stopping,
  stopped,
  //@ end
};

enum class DispatcherState : std::uint8_t {
  unconfigured,
  suspended,
  runnable,
  waiting,  // for a notification
  calling,  // for a reply
  stopped,  // by a trap while it was disabled, or because it lost its CSpace, address space or frame
};

}  // namespace sprat
