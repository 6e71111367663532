// invoke.hh — the system call `invoke`: from a capability and a method to the function that carries it out, inline for
// speed.

#pragma once

#include <algorithm>

#include "dispatch/scheduler.hh"

namespace sprat::dispatch {

// Returns the arguments a0 to a4 of a `Method`.
inline Words words_of(const x86::TrapFrame& frame) {
  return {frame.rsi, frame.rdx, frame.r8, frame.r9, frame.r10};
}

// Returns the argument of this number, which is known when the kernel runs only.
inline std::uint64_t word_of(const x86::TrapFrame& frame, std::size_t number) {
  constexpr std::array kRegisters{&x86::TrapFrame::rsi, &x86::TrapFrame::rdx, &x86::TrapFrame::r8,
                                  &x86::TrapFrame::r9, &x86::TrapFrame::r10};
  return frame.*kRegisters[number];
}

// Returns the first `kCount` of them: `const auto [slot, source, rights] = words_of<3>(frame)` gives them their names.
template <std::size_t kCount>
[[gnu::always_inline]] inline std::array<std::uint64_t, kCount> words_of(
    const x86::TrapFrame& frame) {
  const Words all = words_of(frame);
  std::array<std::uint64_t, kCount> words;
  std::copy_n(all.begin(), kCount, words.begin());
  return words;
}

// Puts the results r0, r1 ... into their registers.
template <class... Words>
[[gnu::always_inline]] inline void answer(x86::TrapFrame& frame, Words... words) {
  const std::array registers{&frame.rsi, &frame.rdx, &frame.r8, &frame.r9, &frame.r10};
  std::size_t i = 0;
  ((*registers[i++] = static_cast<std::uint64_t>(words)), ...);
}

// Returns the CSpace of the current dispatcher.
inline cap::Slot& cspace() { return current()->part(Part::cspace); }

// Method::identify, of any slot: puts the description of its capability into the words.
inline void describe(const cap::Slot& slot, x86::TrapFrame& frame) {
  const bool has_badge = slot.type == Type::endpoint || slot.type == Type::notification;
  answer(frame, slot.description(), slot.base, slot.bytes, has_badge ? slot.badge : slot.owner);
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
