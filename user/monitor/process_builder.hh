// process_builder.hh — one process, step by step: CSpace, address space, segments, stack, dispatcher.
//
// Everything is made from one piece of RAM and stands in the new process's own CNodes, which the monitor can reach meanwhile because
// they hang in two slots of the monitor's own root:
//
//   the monitor's root ─┬─ kTheirRoot ─▶ root CNode of the process ─┬─ node 1 ─▶ task CNode ◀─┐
//                │                                           └─ node 2 ─▶ empty CNode  │
//                └─ kTheirTask ─────────────────────────────────────────────────────────┘
//
// When the piece of RAM is revoked, all of it is gone.

#pragma once

#include "lib/paging.hh"
#include "lib/startup.hh"
#include "sprat/elf.hh"

namespace sprat::monitor {

// The monitor's capabilities and rights that the process gets.
struct Given {
  CapRef<Type::endpoint> endpoint;  // to the monitor
  std::uint64_t own_badge;          // of the copy by which the process asks for itself
  std::uint64_t core_badge;         // of the one by which it asks for the core; 0: it gets none
  bool has_console;                 // the serial line's ports and interrupt
};

class ProcessBuilder {
 public:
  // `ram` has nothing made from it.
  explicit ProcessBuilder(CapRef<Type::ram> ram);
  ProcessBuilder(const ProcessBuilder&) = delete;
  ProcessBuilder& operator=(const ProcessBuilder&) = delete;
  // Takes the process's CNodes out of the monitor's CSpace.
  ~ProcessBuilder();

  // The steps, in this order. out_of_memory, or the errors of the operations; the objects made so far stay.
  Result<void> make_cspace();
  Result<void> make_address_space();
  Result<void> load(const ElfImage& image);
  Result<void> make_stack(VirtualAddress entry);
  Result<void> tell(const Startup& startup);
  // The dispatcher is suspended; the kernel signals `report` when it stops it.
  Result<Cap<Type::dispatcher>> make_dispatcher(CapRef<Type::notification> report);
  Result<void> give(const Given& given);
  //@ since memory

  // Puts a copy of `endpoint` into `slot` of its task CNode.
  Result<void> give(ProgramSlot slot, CapRef<Type::endpoint> endpoint, const Mint& mint);

  // For a server of the core: an endpoint of its dispatcher, and its task CNode.
  Result<Cap<Type::endpoint>> make_endpoint();
  Result<Cap<Type::cnode>> copy_task_cnode();
  // A slot in which that is until this object ends.
  static CapAddress task_cnode();
  //@ end

 private:
  // One object into a slot of the task CNode.
  Result<void> make(std::size_t slot, Type type, unsigned size_bits);
  // Frames for [address, address + bytes), filled with `file` from its beginning, then with zeros.
  Result<void> make_memory(VirtualAddress address, std::uint64_t bytes, Rights rights,
                           std::span<const std::byte> file);

  CapRef<Type::ram> piece_;
  RamSupply ram_;
  SlotAllocator slots_;  // of the task CNode
  AddressSpace space_;
};

}  // namespace sprat::monitor
