// invoke.hh — the system call `invoke`: from a capability and a method to the function that carries it out, inline for
// speed.

#pragma once

#include "cap/cspace.hh"
#include "dispatch/scheduler.hh"
#include "sprat/result.hh"
#include "sprat/system_call.hh"
#include "x86/traps.hh"
#include "x86/user_mode.hh"

namespace sprat::dispatch {

// The five words, by the names that `Method` gives them: frame.*a0 is the first argument and the first result.
inline constexpr auto a0 = &x86::TrapFrame::rsi;
inline constexpr auto a1 = &x86::TrapFrame::rdx;
inline constexpr auto a2 = &x86::TrapFrame::r8;
inline constexpr auto a3 = &x86::TrapFrame::r9;
inline constexpr auto a4 = &x86::TrapFrame::r10;

// Returns the CSpace of the current dispatcher.
inline cap::Slot& cspace() { return current()->part(Part::cspace); }

// Method::identify, of any slot: puts the description of its capability into the words.
inline void describe(const cap::Slot& slot, x86::TrapFrame& frame) {
  const bool has_badge = slot.type == Type::endpoint || slot.type == Type::notification;
  frame.*a0 = slot.description();
  frame.*a1 = slot.base;
  frame.*a2 = slot.bytes;
  frame.*a3 = has_badge ? slot.badge : 0;
}

// Carries out all other methods. Returns the errors of the operation, and
//   no_capability   the slot is empty
//   wrong_type      the object has no such method
//   no_rights       the capability lacks a right that the method needs
Result<void> invoke_object(cap::Slot& slot, Method method, x86::TrapFrame& frame);

// Carries out the invocation that the registers in `frame` ask for and puts the results there (sprat/system_call.hh). After
// identify, which ends no dispatcher's turn, it leaves the kernel at once.
[[gnu::always_inline]] inline Result<void> invoke(x86::TrapFrame& frame) {
  cap::Slot& slot = *TRY(cap::find_slot(cspace(), CapAddress(frame.rdi)));
  const std::uint64_t method = frame.rdi >> 32;
  if (method != static_cast<std::uint64_t>(Method::identify)) {
    if (method >= kMethods) return Error::wrong_type;
    return invoke_object(slot, static_cast<Method>(method), frame);
  }
  if (slot.is_empty()) return Error::no_capability;
  describe(slot, frame);
  frame.rax = kStatusOk;
  x86::leave_by_sysret();
}

}  // namespace sprat::dispatch
