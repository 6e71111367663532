// arena.hh — the physical memory of the capabilities under test, and the hooks by which they call the kernel above
// them.

#pragma once

#include <cstdint>
#include <string>

#include "cap/slot.hh"

namespace subject {

// Replaces all memory by [base, base + bytes), which holds zeros.
void make_arena(std::uint64_t base, std::uint64_t bytes);

// So many slots fit into it.
std::size_t slots_in_arena();

// From a physical address to the memory there, and back; 0 for null, ~0 for memory that is not in the arena.
std::byte* memory_at(std::uint64_t address);
sprat::cap::Slot& slot_at(std::uint64_t address);
std::uint64_t address_of(const void* place);

// The hooks' calls since the last time, as words; "none" if there was no call.
std::string take_events();

}  // namespace subject
