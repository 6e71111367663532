// registers.hh — the registers of code that was interrupted: one layout, for the kernel's stack after a trap or system call
// (x86/traps.hh) and for the places where user code keeps them.

#pragma once

#include <cstdint>

namespace sprat {

// From the lowest address up, in the opposite order to that in which they are pushed: the last five by the processor, the
// others by code. Word is 64 bits, with a type of its own where user code can write them at the same time.
template <class Word>
struct BasicRegisters {
  Word rax, rbx, rcx, rdx, rsi, rdi, rbp;
  Word r8, r9, r10, r11, r12, r13, r14, r15;
  Word vector, error;  // which trap it was, and the processor's error code for it or 0
  Word rip, cs, rflags, rsp, ss;
};
using Registers = BasicRegisters<std::uint64_t>;

}  // namespace sprat
