// user_mode.hh — the entries from user mode to the kernel, the exits, and the registers that each one keeps.
//
//   user    ──trap, interrupt──▶ trap_entry.S ─────────▶ handle_user_trap ──┐
//           ──SYSCALL──────────▶ system_call_entry.S ──▶ handle_system_call ┤
//           ◀─SYSRETQ─────────── leave_by_sysret ◀──────────────────────────┤
//           ◀─IRETQ───────────── leave_kernel ◀─────────────────────────────┘
//
// Each way in leaves the user's registers in one TrapFrame at the very top of the kernel's stack, and each way out
// loads that TrapFrame. To let another dispatcher run, the kernel overwrites it.

#pragma once

#include "x86/cpu.hh"
#include "x86/traps.hh"

namespace sprat::x86 {

// Selectors: the descriptor's number, and privilege 3.
inline constexpr std::uint64_t kUserData = 3 * 8 | 3;
inline constexpr std::uint64_t kUserCode = 4 * 8 | 3;

// Source: Intel SDM volume 1, section 3.4.3.
namespace rflags {
inline constexpr Field carry{"CF", 0, 1};
inline constexpr Field parity{"PF", 2, 1};
inline constexpr Field adjust{"AF", 4, 1};
inline constexpr Field zero{"ZF", 6, 1};
inline constexpr Field sign{"SF", 7, 1};
inline constexpr Field trap{"TF", 8, 1};  // an exception after each instruction
inline constexpr Field interrupts{"IF", 9, 1};
inline constexpr Field direction{"DF", 10, 1};
inline constexpr Field overflow{"OF", 11, 1};
inline constexpr Field io_privilege{"IOPL", 12, 2};
inline constexpr Field nested_task{"NT", 14, 1};
inline constexpr Field resume{"RF", 16, 1};
inline constexpr Field alignment_check{"AC", 18, 1};  // in the kernel: SMAP does not count
inline constexpr Field identification{"ID", 21, 1};
inline constexpr Layout<std::uint64_t, 14> layout{
    "RFLAGS",
    {carry, parity, adjust, zero, sign, trap, interrupts, direction, overflow, io_privilege,
     nested_task, resume, alignment_check, identification}};
}  // namespace rflags

// The flags that user code may have as it likes.
inline constexpr std::uint64_t kUserFlags =
    rflags::carry.mask() | rflags::parity.mask() | rflags::adjust.mask() | rflags::zero.mask() |
    rflags::sign.mask() | rflags::trap.mask() | rflags::direction.mask() | rflags::overflow.mask() |
    rflags::alignment_check.mask() | rflags::identification.mask();

// And the one that it always has.
inline constexpr std::uint64_t kInterruptFlag = rflags::interrupts.mask();

// The registers of the user code that was left last, or will be entered next.
extern "C" TrapFrame user_registers;  // kernel.ld: the last bytes of the stack
inline TrapFrame& user_frame() { return user_registers; }

// Makes SYSCALL a way into this kernel. Once per core, after initialise_traps.
void initialise_system_calls();

// Goes to user mode with the registers of user_frame(). Its cs and ss must be kUserCode and kUserData, its rip below
// kUserEnd, its flags within kUserFlags and kInterruptFlag.
extern "C" [[noreturn]] void leave_kernel();

// The same in fewer instructions, after a system call: destroys rcx and r11.
extern "C" [[noreturn]] void leave_by_sysret();

// Halts until an interrupt has been handled (handle_interrupt): one, for its handler leaves interrupts off.
inline void wait_for_interrupt() { asm volatile("sti; hlt; cli" : : : "memory"); }

// Lets an interrupt be handled, if one is pending, and no more than one.
inline void let_interrupt_in() { asm volatile("sti; nop; cli" : : : "memory"); }

// The handlers of the two entries, defined above this folder. `frame` is user_frame(). User code continues with its
// registers when handle_user_trap returns; handle_system_call chooses the way out itself.
extern "C" void handle_user_trap(TrapFrame& frame);
extern "C" [[noreturn]] void handle_system_call(TrapFrame& frame);

// An interrupt during wait_for_interrupt or let_interrupt_in, which return after it.
extern "C" void handle_interrupt(std::uint64_t vector);

// ---- the registers of x87 and SSE: the kernel never uses them, dispatchers take turns with them
//
// Source: Intel SDM volume 1, section 10.5 (FXSAVE); volume 3A, section 13.1.

// The memory that FXSAVE writes; as it is made, the state that a program starts with: all registers zero, all errors masked,
// 64-bit precision.
struct alignas(16) FpuState {
  std::uint16_t control = 0x37f;
  std::uint16_t status;
  std::uint8_t tags;  // a bit for each x87 register that is in use
  std::uint8_t reserved0;
  std::uint16_t opcode;
  std::uint64_t instruction, data;
  std::uint32_t simd_control = 0x1f80;  // MXCSR
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

inline void save_fpu(FpuState& state) { asm volatile("fxsave64 %0" : "=m"(state)); }

// AMD's processors neither save nor load the addresses of the last x87 instruction and of its data while no exception is
// pending (AMD64 Architecture Programmer's Manual, volume 5, FXRSTOR): those of another dispatcher would stay. FNINIT clears
// them.
inline void restore_fpu(const FpuState& state) {
  asm volatile("fninit; fxrstor64 %0" : : "m"(state));
}

}  // namespace sprat::x86
