// runtime.hh — in the place of user/lib/runtime.hh: the resources of a simulated process (../../kernel.cc).

#pragma once

#include "lib/event_loop.hh"
#include "lib/heap.hh"
#include "lib/self_paging.hh"

namespace sprat {

struct Runtime {
  RamSupply ram;
  AddressSpace space;
  SelfPaging memory;
  EventLoop loop;
};

Runtime& runtime();

// Addresses that neither this program nor its sanitizers use.
inline constexpr VirtualAddress kSelfPagedBegin{0x2000'0000'0000};
inline constexpr VirtualAddress kSelfPagedEnd{0x2040'0000'0000};
inline constexpr VirtualAddress kOwnMappings{0x2040'0000'0000};

}  // namespace sprat
