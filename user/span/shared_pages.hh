// shared_pages.hh — memory that the dispatchers of one process share: pages at the same address on all cores. Each core has page tables
// of its own, so a page comes to a core when it is touched there first, and the home knows which cores have it:
//
//   home                                 core 2
//     │                                    │ *word = 1 in page 5, or co_await shared_page(5)
//     │◀── want: page 5, ticket ───────────┤
//     │ notes: core 2 has page 5           │
//     ├── given: its frame ───────────────▶│ maps the frame that comes (lib/frames.hh)
//     ⋮                                    ⋮
//     co_await limit_page(5, Mapping::none)
//     ├── limit: page 5, none ────────────▶│ unmaps it
//     │ unmaps it, too                     │
//     │◀── limited ────────────────────────┤
//     no core has it
//
// The home orders both: a core that wants a page while the page is being limited is told `busy`, and asks again when the limit has
// ended. A frame that a limit overtakes is deleted when it comes, and the core asks again. (page_home.hh, page_use.hh)
//
// A task that touches a page waits in the middle of an instruction. Code between two co_awaits is not interrupted by other tasks of its core,
// so all of them wait: the core sleeps, and handles limits of the home and nothing else. While a task waits for shared_page, the others
// go on.

#pragma once

#include <cstddef>
#include <span>

#include "lib/task.hh"
#include "span/pages.hh"

namespace sprat {

// Returns shared page `number`, of 4 KiB, which comes when it is touched. The home's first touch makes it, of zeros. Another core's first
// load, and its first store, take two messages of the channel with the home and one between monitors, unless that core may do so already.
// Where shared_page would give an error, and at a store to a page that is limited to read_only, the touch is a page fault, which ends
// the process.
//   empty   there is no such page, or no memory for the records of pages
std::span<std::byte> touchable_page(std::size_t number);

// Maps shared page `number`, of 4 KiB, on this core, and returns it; on the home, makes it of zeros the first time. It stays mapped until
// it is limited, so a second call sends no message. The first one on another core takes two messages of the channel with the
// home, and one between monitors.
//   invalid_argument   there is no such page
//   not_found          the home has not made it
//   no_rights          it is limited to none
//   and the errors of send_frame and of ExpectedFrame
Task<std::span<std::byte>> shared_page(std::size_t number);

// On the home: from now on no core may map the page otherwise than so; waits until that is true. Takes 2 messages for each other core
// that may do more now, and none if no other core may. Each core, the home too, takes out its mapping, and keeps its frame; if it may still
// read the page, the next touch there maps it again, without a message. If the page is limited less than before, the home may do more at
// once, and another core asks the home again when it does more.
//   invalid_argument   this is not the home, or there is no such page
//   busy               the page is being limited
//   out_of_memory      some cores could not be told; the next limit tells them
Task<> limit_page(std::size_t number, Mapping mapping);

// The number of limits that this dispatcher was told of.
std::uint64_t limits_received();

}  // namespace sprat
