// dispatchers.hh — the other dispatchers of this process, for the parts of this folder.

#pragma once

#include "span/neighbour.hh"

namespace sprat {

// Whether this is the home dispatcher.
bool is_home();

// The home, with which another dispatcher talks.  peer_gone: it has not connected yet
Result<Neighbour*> home();

// On the home: the dispatcher on core `core` has ended: it has no page mapped any more.
void forget_core(std::uint64_t core);

// From now on a touch of a shared page brings it.  out_of_memory
Result<void> make_page_records();

// Handles a page fault (lib/upcalls.hh). Returns false if the address is in no shared page, or the page may not be mapped so.
bool bring_touched(DispatcherFrame& frame);

}  // namespace sprat
