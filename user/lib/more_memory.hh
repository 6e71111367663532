// more_memory.hh — RAM of other cores for the memory server of this one, by way of the monitor (memory_requests.hh, PiecesRequest).

#pragma once

#include "lib/memory_client.hh"

namespace sprat {

// For processes that a monitor has made. Waiting costs two messages between cores or more (memory/stealing.hh); it blocks the process,
// also in a page fault, and its event loop does not run meanwhile.
extern const OtherCores kOtherCores;

}  // namespace sprat
