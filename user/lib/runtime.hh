// runtime.hh — the resources of every process: slots, RAM, an address space, memory that comes when it is touched, a
// heap, and an event loop.

#pragma once

#include "lib/event_loop.hh"
#include "lib/heap.hh"
#include "lib/self_paging.hh"
#include "sprat/dispatcher_frame.hh"

namespace sprat {

struct Runtime {
  SlotAllocator slots;
  RamSupply ram;
  AddressSpace space;
  SelfPaging memory;
  Heap heap;
  EventLoop loop;
};

// This process's own.
Runtime& runtime();

// The addresses that SelfPaging manages; the memory that the process began with is mapped below.
inline constexpr VirtualAddress kSelfPagedBegin{0x80'0000'0000};
inline constexpr VirtualAddress kSelfPagedEnd{0xc0'0000'0000};
// From there to the end of the first TiB: for mappings that a program makes by itself.
inline constexpr VirtualAddress kOwnMappings{0xc0'0000'0000};

struct Resources {
  DispatcherFrame& frame;
  std::span<const CapRef<Type::ram>> ram;
  std::size_t first_free_node;  // empty CNodes in slots of the root
  std::size_t free_nodes;       // at least 1; the root's slots behind them are empty
};

// Makes the runtime from the process's resources, and lets `function` run on a stack of its own. Called once, on the
// first stack, disabled.
[[noreturn]] void start_runtime(const Resources& resources, void (*function)());

}  // namespace sprat
