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

}  // namespace sprat
