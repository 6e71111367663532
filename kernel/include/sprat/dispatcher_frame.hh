// dispatcher_frame.hh — the frame that a dispatcher shares with its CPU driver: where to upcall it, and its registers
// while it does not run.
//
//   the dispatcher is       and is preempted           and next
//   enabled                 saved in `enabled`         upcalled at `run`; its scheduler chooses the next coroutine
//   disabled                saved in `disabled`        resumed in place
//
// It is disabled while `is_disabled` is not 0 or rip lies in [critical_begin, critical_end). Each upcall sets
// `is_disabled`, so that the upcall's own code is never upcalled in the middle.
//
// The process may write anything here at any time, from another core as well: the kernel loads each word once, and
// checks the loaded value (dispatch/shared_frame.hh).

#pragma once

#include "sprat/capability.hh"
#include "sprat/registers.hh"

namespace sprat {

enum class Upcall : std::uint8_t {
  run,  // the dispatcher has the processor; if `was_interrupted` is not 0, `enabled` holds the interrupted registers
  page_fault,  // `trap` holds the registers, vector and error code, `trap_address` the address
  trap,        // another exception: `trap`
  lrpc,  // a call: rbx CapAddress of a received capability or 0, rax badge, and five words as in system_call.hh
};
inline constexpr std::size_t kUpcalls = 4;

// In the place of a trap's vector when a dispatcher was stopped without one: the address to resume at is not one of
// user code, or the dispatcher lost its CSpace, address space or frame.
inline constexpr std::uint64_t kNoTrap = 256;

// A new dispatcher's first upcall is `run`, with `was_interrupted` 0. Each upcall starts with rdi = the user's address of this
// structure, rsp = `upcall_stack`, and interrupts on; all registers that are not named here or above are zero. The FPU
// is as the dispatcher left it. Word is the kernel's or the process's type for 64 bits of memory that both can write. Of
// the save areas, the kernel writes vector and error in `trap` only, and reads neither; cs and ss it leaves alone.
template <class Word, class SaveArea>
struct BasicDispatcherFrame {
  Word is_disabled;      // not 0: resume in place, do not upcall
  Word was_interrupted;  // set by the kernel with `enabled`, cleared by the code that resumes it
  Word pending;          // notifications: bits set by the kernel, taken by the process (xchg)
  Word critical_begin, critical_end;  // code that counts as disabled: the end of a resume
  Word upcall_stack;                  // its top, a multiple of 16
  std::array<Word, kUpcalls> entries;
  Word receive_slot;  // raw CapAddress for a capability that comes with a call or reply; or 0
  Word trap_address;
  SaveArea enabled, disabled, trap;
};
using DispatcherFrame = BasicDispatcherFrame<std::uint64_t, Registers>;
static_assert(sizeof(DispatcherFrame) <= kPageSize);

}  // namespace sprat
