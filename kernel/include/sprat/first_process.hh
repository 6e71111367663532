// first_process.hh — the resources that the CPU driver gives to the first process of its core, its monitor.
//
//   CSpace    slot of the root   CNode
//             0                  —
//             1                  kTaskNode: the slots below
//             2                  kRamNode: slot 1 + i: RAM, region i of FirstProcess::ram
//             3                  kModuleNode: slot 1 + i: frame, module i, read only
//             4                  kMemoryNode: the page tables and frames of its own address space
//             5, 6, 7            kFreeNodes: three empty CNodes
//   memory    its own segments; a stack; the dispatcher's frame; this structure, read only, at kFirstProcessAddress
//
// It begins like every dispatcher, with the upcall `run`: at its ELF entry point, on the stack's top, disabled, with rdi the
// address of its dispatcher's frame.

#pragma once

#include "sprat/capability.hh"

namespace sprat {

// CapAddress nodes.
inline constexpr std::size_t kTaskNode = 1;
inline constexpr std::size_t kRamNode = 2;
inline constexpr std::size_t kModuleNode = 3;
inline constexpr std::size_t kMemoryNode = 4;
inline constexpr std::size_t kFirstFreeNode = 5;
inline constexpr std::size_t kFreeNodes = 3;

// Slots of the task CNode.
enum class TaskSlot : std::uint8_t {
  kernels_own,
  root,           // the CNode that is the root of this CSpace
  address_space,  // page_table_4
  dispatcher,
  frame,  // the dispatcher's
  kernel,
  irq,       // all lines, on the core that takes interrupts of devices
  io_ports,  // all ports
  devices,   // physical_memory from the end of RAM to 4 GiB
};

// Where the monitor finds things in its own address space. Its program must stay below kFirstProcessStackTop - 64 KiB and
// above 1 MiB.
inline constexpr VirtualAddress kFirstProcessStackTop{0x7000'0000};
inline constexpr std::uint64_t kFirstProcessStackBytes = 64 << 10;
inline constexpr VirtualAddress kFirstDispatcherFrame{0x7000'1000};
inline constexpr VirtualAddress kFirstProcessAddress{0x7000'2000};

inline constexpr std::size_t kMaxRamRegions = 64;
inline constexpr std::size_t kMaxCores = 64;
inline constexpr std::size_t kMaxModules = 24;

struct FirstProcess {
  struct Region {
    std::uint64_t base, bytes;
  };
  struct ModuleEntry {
    std::uint64_t bytes;  // of the file; its frame ends at the next multiple of 4 KiB
    std::array<char, 120> command_line;  // ends with a zero: "hello core=2 ..."
  };
  struct Core {
    std::uint32_t apic_id;
    std::uint32_t usable;  // 0: the firmware says that it is not to be used
  };

  std::uint32_t core_id;  // 0 for the core that the loader started, then in the order of starting
  std::uint32_t apic_id;  // of this core
  std::uint64_t tsc_hz;   // the time-stamp counter's frequency, as measured
  std::uint64_t ram_regions, modules, cores;
  //@ since urpc
  // On all cores but the first: a page of the first core, to adopt, and the core whose doorbells to signal.
  std::uint64_t link;  // physical address
  std::uint64_t link_apic_id;
  //@ end
  std::array<char, 256> command_line;  // the kernel's, cut if longer
  std::array<Region, kMaxRamRegions> ram;
  std::array<Core, kMaxCores> core;  // of the machine, this one included; only on core 0
  std::array<ModuleEntry, kMaxModules> module;
};
static_assert(sizeof(FirstProcess) <= 2 * kPageSize);

// The beginning of the RAM for a new core, as the starting core writes it: this header and, at multiples of 4 KiB, the
// files; the program `monitor` is among them. All else in that RAM is the new core's to use.
struct CorePackage {
  struct File {
    std::uint64_t offset;  // of its first byte from the header's
    FirstProcess::ModuleEntry entry;
  };

  std::uint64_t core_id;  // the new core's number
  //@ since urpc
  std::uint64_t link, link_apic_id;  // handed on as in FirstProcess
  //@ end
  std::uint64_t files;
  std::array<File, kMaxModules> file;
};
static_assert(sizeof(CorePackage) <= kPageSize);

}  // namespace sprat
