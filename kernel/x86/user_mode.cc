// user_mode.cc — the registers that make SYSCALL a way into this kernel.
//
// Source: Intel SDM volume 3A, section 5.8.8; volume 2B, SYSCALL and SYSRET.

#include "x86/user_mode.hh"

namespace sprat::x86 {
namespace {

namespace star {
inline constexpr std::uint32_t kMsr = 0xc0000081;
inline constexpr Field kernel_segments{"SYSCALL CS/SS", 32, 16};  // CS; SS is the one after it
inline constexpr Field user_segments{"SYSRET CS/SS", 48, 16};  // the one before SS; CS is after SS
inline constexpr Layout<std::uint64_t, 2> layout{"STAR", {kernel_segments, user_segments}};
}  // namespace star

constexpr std::uint32_t kLstarMsr = 0xc0000082;  // the address that SYSCALL jumps to
constexpr std::uint32_t kFmaskMsr = 0xc0000084;  // the flags that SYSCALL clears

extern "C" void system_call_entry();  // system_call_entry.S

}  // namespace

void initialise_system_calls() {
  //@ lab cpu-driver.5f:
  constexpr std::uint64_t kKernelCode = 1 * 8;
  constexpr std::uint64_t kCleared = rflags::trap.mask() | rflags::interrupts.mask() |
                                     rflags::direction.mask() | rflags::io_privilege.mask() |
                                     rflags::nested_task.mask() | rflags::resume.mask() |
                                     rflags::alignment_check.mask();

  write_msr(star::kMsr, Bits<star::layout>()
                            .with<star::kernel_segments>(kKernelCode)
                            .with<star::user_segments>(kUserData - 8)
                            .raw());
  write_msr(kLstarMsr, reinterpret_cast<std::uint64_t>(system_call_entry));
  write_msr(kFmaskMsr, kCleared);
  write_msr(efer::kMsr, Efer(read_msr(efer::kMsr)).with<efer::system_call_enable>().raw());
  //@ end
}

}  // namespace sprat::x86
