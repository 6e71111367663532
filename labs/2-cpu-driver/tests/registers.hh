// registers.hh — registers as the probe draws them from a seed.

#pragma once

#include <array>
#include <cstdint>

#include "guest/sequence.hh"

namespace lab {

using sprat::evidence::Sequence;

// rax, rbx, rcx, rdx, rsi, rdi, rbp, r8 to r15 and flags, as random_registers of ../probe/worker.cc draws them.
enum RegisterName {
  rax,
  rbx,
  rcx,
  rdx,
  rsi,
  rdi,
  rbp,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
  flags
};
using RegisterValues = std::array<std::uint64_t, 16>;
RegisterValues random_registers(Sequence& sequence);

}  // namespace lab
