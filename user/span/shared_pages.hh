// shared_pages.hh — memory that the dispatchers of one process share: pages at the same address on all cores. Each core has page tables
// of its own, so a page comes to a core when it is wanted there first, and the home knows which cores have it:
//
//   home                                 core 2
//     │◀── want: page 5, ticket ───────────┤ co_await shared_page(5)
//     │ notes: core 2 has page 5           │
//     ├── given: its frame ───────────────▶│ maps the frame that comes (lib/frames.hh)
//     ⋮                                    ⋮
//     co_await limit_page(5, Mapping::none)
//     ├── limit: page 5, none ────────────▶│ unmaps it
//     │ unmaps it, too                     │
//     │◀── limited ────────────────────────┤
//     no core has it
//
// The home orders both: a core that wants a page while the page is being limited is told `busy`, and asks again. A frame that a limit
// overtakes is deleted when it comes.

#pragma once

#include <cstddef>
#include <span>

#include "lib/task.hh"
#include "span/messages.hh"

namespace sprat {

using span_messages::Mapping;

inline constexpr std::size_t kMostSharedPages = 64;

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
// read the page, the next touch there maps it again, without a message. The home, and it alone, may do more at once if the page is limited
// less than before.
//   invalid_argument   this is not the home, or there is no such page
//   busy               the page is being limited
//   out_of_memory      some cores could not be told; the next limit tells them
Task<> limit_page(std::size_t number, Mapping mapping);

// The number of limits that this dispatcher was told of.
std::uint64_t limits_received();

}  // namespace sprat
