// cpu.hh — the processor itself: waiting, control registers, model-specific registers, CPUID.
//
// Source: Intel SDM volume 3A, sections 2.5 (control registers) and 2.2.1 (EFER); volume 2A, CPUID.

#pragma once

#include "sprat/address.hh"
#include "sprat/fields.hh"

namespace sprat::x86 {

namespace cr0 {
inline constexpr Field protection{"PE", 0, 1};
inline constexpr Field monitor_fpu{"MP", 1, 1};
inline constexpr Field emulate_fpu{"EM", 2, 1};  // there is no FPU: its instructions are exceptions
inline constexpr Field task_switched{"TS", 3, 1};
inline constexpr Field extension_type{"ET", 4, 1};  // always set
inline constexpr Field numeric_error{"NE", 5, 1};   // x87 errors are exceptions, not interrupts
inline constexpr Field write_protect{"WP", 16, 1};  // the kernel, too, keeps out of read-only pages
inline constexpr Field paging{"PG", 31, 1};
inline constexpr Layout<std::uint64_t, 8> layout{
    "CR0",
    {protection, monitor_fpu, emulate_fpu, task_switched, extension_type, numeric_error,
     write_protect, paging}};
}  // namespace cr0

namespace cr4 {
inline constexpr Field physical_address_extension{"PAE", 5, 1};
inline constexpr Field machine_check{"MCE", 6, 1};
inline constexpr Field fxsave{"OSFXSR", 9, 1};                // FXSAVE, FXRSTOR and SSE
inline constexpr Field simd_exceptions{"OSXMMEXCPT", 10, 1};  // for errors of SSE
inline constexpr Field umip{"UMIP", 11, 1};
inline constexpr Field smep{"SMEP", 20, 1};
inline constexpr Field smap{"SMAP", 21, 1};
inline constexpr Layout<std::uint64_t, 7> layout{
    "CR4", {physical_address_extension, machine_check, fxsave, simd_exceptions, umip, smep, smap}};
}  // namespace cr4

namespace efer {
inline constexpr std::uint32_t kMsr = 0xc0000080;
inline constexpr Field system_call_enable{"SCE", 0, 1};
inline constexpr Field long_mode_enable{"LME", 8, 1};
inline constexpr Field long_mode_active{"LMA", 10, 1, Access::read_only};
inline constexpr Field no_execute_enable{"NXE", 11, 1};
inline constexpr Layout<std::uint64_t, 4> layout{
    "EFER", {system_call_enable, long_mode_enable, long_mode_active, no_execute_enable}};
}  // namespace efer

using Cr0 = Bits<cr0::layout>;
using Cr4 = Bits<cr4::layout>;
using Efer = Bits<efer::layout>;

struct CpuidResult {
  std::uint32_t eax, ebx, ecx, edx;
};

inline CpuidResult cpuid(std::uint32_t leaf, std::uint32_t subleaf = 0) {
  CpuidResult result;
  asm volatile("cpuid"
               : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx)
               : "a"(leaf), "c"(subleaf));
  return result;
}

// Tells the processor, and the emulator, that this is a loop that waits.
inline void pause() { asm volatile("pause"); }

// Stops for good: interrupts are off.
[[noreturn]] inline void halt_forever() {
  for (;;) asm volatile("cli; hlt");
}

inline Cr4 read_cr4() {
  std::uint64_t value;
  asm volatile("mov %%cr4, %0" : "=r"(value));
  return Cr4(value);
}

inline void write_cr4(Cr4 value) { asm volatile("mov %0, %%cr4" : : "r"(value.raw()) : "memory"); }

// Returns the address the last page fault was about.
inline VirtualAddress read_cr2() {
  std::uint64_t value;
  asm volatile("mov %%cr2, %0" : "=r"(value));
  return VirtualAddress(value);
}

inline PhysicalAddress read_cr3() {
  std::uint64_t value;
  asm volatile("mov %%cr3, %0" : "=r"(value));
  return PhysicalAddress(value);
}

// Makes the page tables below `root` (a PML4, page-aligned) the current ones and forgets all translations.
inline void write_cr3(PhysicalAddress root) {
  asm volatile("mov %0, %%cr3" : : "r"(root.value()) : "memory");
}

//@ since cpu-driver
inline Cr0 read_cr0() {
  std::uint64_t value;
  asm volatile("mov %%cr0, %0" : "=r"(value));
  return Cr0(value);
}

inline void write_cr0(Cr0 value) { asm volatile("mov %0, %%cr0" : : "r"(value.raw()) : "memory"); }

// Returns the model-specific register `number`. A number the processor does not know is a general protection exception.
inline std::uint64_t read_msr(std::uint32_t number) {
  std::uint32_t low, high;
  asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
  return std::uint64_t{high} << 32 | low;
}

inline void write_msr(std::uint32_t number, std::uint64_t value) {
  asm volatile("wrmsr"
               :
               : "c"(number), "a"(static_cast<std::uint32_t>(value)),
                 "d"(static_cast<std::uint32_t>(value >> 32))
               : "memory");
}

// Returns the time-stamp counter, which runs at one speed always, on all cores (on processors of this century).
inline std::uint64_t read_time_stamp() {
  std::uint32_t low, high;
  asm volatile("rdtsc" : "=a"(low), "=d"(high));
  return std::uint64_t{high} << 32 | low;
}

// Clears the segment registers that 64-bit mode does not use, so that no process reads values of another one there.
inline void clear_data_segments() {
  asm volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%fs; mov %0, %%gs" : : "r"(0));
}

// Forgets the translation of `address`'s page in the current address space.
inline void forget_translation(VirtualAddress address) {
  asm volatile("invlpg (%0)" : : "r"(address.value()) : "memory");
}
//@ end

//@ since urpc
// Interrupts whose vectors are below `vector`, a multiple of 16, stay pending from now on; 0: none does.
inline void hold_interrupts_below(std::uint64_t vector) {
  asm volatile("mov %0, %%cr8" : : "r"(vector == 0 ? vector : vector / 16 - 1));
}
//@ end

// Level of the largest page the processor has: 3 (1 GiB) or 2 (2 MiB).
inline unsigned largest_page_level() {
  const bool has_huge_pages = (cpuid(0x80000001).edx >> 26 & 1) != 0;
  return has_huge_pages ? 3 : 2;
}

// Sets CR4, whatever the loader has left there: the bits that keep the kernel from executing or reading user memory by
// mistake (SMEP, SMAP) and user code from reading descriptor tables (UMIP), as far as the processor has them, and no
// feature that user code could use without the kernel.
inline void enable_protections() {
  const CpuidResult features = cpuid(0).eax >= 7 ? cpuid(7) : CpuidResult{};
  write_cr4(Cr4()
                .with<cr4::physical_address_extension>()
                //@ since cpu-driver
                .with<cr4::machine_check>()
                //@ end
                .with<cr4::smep>(features.ebx >> 7)
                .with<cr4::smap>(features.ebx >> 20)
                .with<cr4::umip>(features.ecx >> 2));
}

}  // namespace sprat::x86
