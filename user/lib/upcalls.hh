// upcalls.hh — the upcalls of a process, and its handlers for them.
//
//   run          resumes where it was interrupted (upcall_entry.S)
//   page_fault   memory that comes when it is touched is made (self_paging.hh); any other fault is a trap
//   trap         the handler of `set_trap_handler`, or the process prints the trap and ends
//   lrpc         the call waits for the event loop, or is answered at once (lrpc.hh)

#pragma once

#include <atomic>

#include "sprat/dispatcher_frame.hh"

namespace sprat {

// Returns the frame that this process's dispatcher shares with its kernel.
DispatcherFrame& own_frame();

// Tells the kernel where the upcalls are and enables the dispatcher. Once, before anything that may be upcalled.
void set_up_upcalls(DispatcherFrame& frame);

// Handles a trap: may change frame.trap and the words after it. Returns true if the process is to resume at frame.trap,
// false if the trap is not handled.
using TrapHandler = bool (*)(DispatcherFrame& frame);

// Replaces the handler of exceptions and of page faults outside of self-paged memory. It runs disabled: an exception in it
// ends the process.
void set_trap_handler(TrapHandler handler);

//@ since monitor
// Handles a page fault outside of self-paged memory, at frame.trap_address: true: the instruction is to be tried again, perhaps after
// an inserted call (inserted_call.hh). One for each program; it runs as a trap handler does, and before it.
void set_page_fault_handler(TrapHandler handler);

//@ end
// Prints the name of the process, and the trap with its address.
void print_trap(const DispatcherFrame& frame);

// ---- notifications

// A process tells its own event loop to poll again: a call came, or a reply was sent.
inline constexpr std::uint64_t kLookAgain = std::uint64_t{1} << 63;

// The word in which notifications come: a bit each.
extern std::uint64_t* notification_word;

// Whether one has come since take_notifications.
inline bool any_notification() {
  return std::atomic_ref(*notification_word).load(std::memory_order_relaxed) != 0;
}

// Returns and clears the notifications that came since the last time.
std::uint64_t take_notifications();

// Adds notifications to the ones that have come.
void notify_myself(std::uint64_t bits);

// Waits until there is one, or a call was handled.
void wait_for_notification();

}  // namespace sprat
