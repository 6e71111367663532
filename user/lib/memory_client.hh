// memory_client.hh — a client of the memory server (memory/server.hh): a process that has used up its RAM gets more.
//
//   frames ◀────────────── retype ── pool of frames ────┐
//   CNodes, page tables ◀─ retype ── pool of the others ┴── blocks ── memory server
//
// A new block is a quarter of the RAM that the process has: the more it has, the fewer calls it makes, and most of it is in use. Frames
// come from blocks of their own: when a region of memory is given back, their blocks hold nothing else.

#pragma once

#include "lib/caps.hh"

namespace sprat {

// The road to the RAM of other cores (more_memory.hh).
struct OtherCores {
  // Waits until other cores have lent RAM to the server.  out_of_memory: none does
  Result<void> (*wait_for_more)();

  // The server may have more RAM than it needs.
  void (*tell_released)();
};

// From now on RAM comes from the server behind `server` when the process's own (RamSupply) is used up. A page fault (SelfPaging) makes
// one call to the server at most, and mostly none. Without RAM of this core, `others` are asked; null: they are not.
void use_memory_server(CapRef<Type::endpoint> server, const OtherCores* others = nullptr);

// Gives back each block of which all objects have been deleted. Returns the number of bytes.
std::uint64_t give_back_memory();

// Returns the bytes that this process and all that it starts may still take.  The errors of `call`
Result<std::uint64_t> memory_left();

}  // namespace sprat
