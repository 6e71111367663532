// fpu.hh — the registers of x87 and SSE: the kernel never uses them, dispatchers take turns with them.
//
// Source: Intel SDM volume 1, section 10.5 (FXSAVE); volume 3A, section 13.1.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "x86/cpu.hh"

namespace sprat::x86 {

// The memory that FXSAVE writes.
struct alignas(16) FpuState {
  std::uint16_t control;
  std::uint16_t status;
  std::uint8_t tags;  // a bit for each x87 register that is in use
  std::uint8_t reserved0;
  std::uint16_t opcode;
  std::uint64_t instruction, data;
  std::uint32_t simd_control;  // MXCSR
  std::uint32_t simd_control_mask;
  std::array<std::byte, 480> registers;
};
static_assert(sizeof(FpuState) == 512);

// Lets user code use x87 and SSE. Later extensions (AVX) stay off, as FXSAVE would not save their registers. Once per
// core.
inline void initialise_fpu() {
  write_cr0(read_cr0()
                .with<cr0::monitor_fpu>()
                .with<cr0::numeric_error>()
                .with<cr0::emulate_fpu>(0)
                .with<cr0::task_switched>(0));
  write_cr4(read_cr4().with<cr4::fxsave>().with<cr4::simd_exceptions>());
}

// The state that a program starts with: all registers zero, all errors masked, 64-bit precision.
inline void reset_fpu(FpuState& state) {
  state = FpuState{};
  state.control = 0x37f;
  state.simd_control = 0x1f80;
}

inline void save_fpu(FpuState& state) { asm volatile("fxsave64 %0" : "=m"(state)); }

// AMD's processors neither save nor load the addresses of the last x87 instruction and of its data while no exception is
// pending (AMD64 Architecture Programmer's Manual, volume 5, FXRSTOR): those of another dispatcher would stay. FNINIT clears
// them.
inline void restore_fpu(const FpuState& state) {
  asm volatile("fninit; fxrstor64 %0" : : "m"(state));
}

}  // namespace sprat::x86
