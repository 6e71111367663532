// fake_process.hh — a process and a kernel for the runtime, in tests on the host.

#pragma once

#include <cstddef>
#include <cstdint>

#include "lib/lrpc.hh"

namespace fake {

// Sets the number of allocations that succeed from now on; returns the number of blocks that are not released yet.
void allow_allocations(std::size_t count);
std::size_t allocations();

// Notifications that have come.
void notify(std::uint64_t bits);

// Returns how often doorbells were signalled; each signal notifies this process, which is at both ends.
std::size_t doorbells_signalled();

// Calls by LRPC reach this process itself: the capability says of which number the link is that a line is for.
// The result of the handler of calls.
bool handle(sprat::Call& call);

// Called when the event loop goes to sleep.
void set_on_sleep(void (*function)());

}  // namespace fake
