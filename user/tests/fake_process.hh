// fake_process.hh — what the runtime asks of its process and kernel, for tests on the host.

#pragma once

#include <cstddef>
#include <cstdint>

#include "lib/lrpc.hh"

namespace fake {

// Allocations that succeed from now on; after that there is no memory. Those that are not released yet.
void allow_allocations(std::size_t count);
std::size_t allocations();

// Notifications that have come.
void notify(std::uint64_t bits);

// How often doorbells were rung; each ring notifies this process, which is at both ends.
std::size_t doorbells_rung();

// Calls by LRPC reach this process itself: the capability says of which number the link is that a line is for.
// What the handler of calls says of one.
bool handle(sprat::Call& call);

// Called when the event loop goes to sleep.
void set_on_sleep(void (*function)());

}  // namespace fake
