// instructions.cc — instructions that a program may execute, and values of registers and flags, without the kernel.

#include "attack.hh"

namespace sprat::hostile {
namespace {

// Without wbinvd, which QEMU 10 lets user code execute, as an instruction without effect.
void privileged_instructions() {
#define TRAPS(instruction)                                                                \
  EXPECT_EQ(kProtection, trap_of([] {                                                     \
              asm volatile(instruction : : "a"(0), "b"(0), "c"(0), "d"(0x80) : "memory"); \
            }))
  TRAPS("hlt");
  TRAPS("cli");
  TRAPS("sti");
  TRAPS("in %%dx, %%al");
  TRAPS("out %%al, %%dx");
  TRAPS("insb");
  TRAPS("wrmsr");
  TRAPS("rdmsr");
  TRAPS("lgdt kReportForAssembler");
  TRAPS("lidt kReportForAssembler");
  TRAPS("lldt %%ax");
  TRAPS("ltr %%ax");
  TRAPS("invlpg (%%rbx)");
  TRAPS("mov %%cr3, %%rax");
  TRAPS("mov %%rax, %%cr3");
  TRAPS("mov %%rax, %%cr0");
  TRAPS("mov %%rax, %%cr4");
  TRAPS("mov %%rax, %%dr7");
  TRAPS("clts");
  TRAPS("swapgs");
  TRAPS("sysretq");
  TRAPS("mov $8, %%eax; mov %%eax, %%ds");
  TRAPS("mov $0x10, %%eax; mov %%eax, %%ss");
#undef TRAPS
  for (const std::uint64_t trap :
       {trap_of([] { asm volatile("stac"); }), trap_of([] { asm volatile("clac"); })})
    EXPECT_EQ(kInvalidOpcode, trap);
}

void software_interrupts() {
#define EACH(n) EXPECT_EQ(kProtection, trap_of([] { asm volatile("int $" #n); }))
  EACH(0);
  EACH(1);
  EACH(2);
  EACH(6);
  EACH(8);
  EACH(13);
  EACH(14);
  EACH(18);
  EACH(32);
  EACH(33);
  EACH(63);
  EACH(64);
  EACH(128);
  EACH(240);
  EACH(255);
#undef EACH
  EXPECT_EQ(3, trap_of([] { asm volatile("int3"); }));
}

constexpr std::uint64_t kFlags[] = {1 << 8,  1 << 9,  1 << 10, 3 << 12, 1 << 14,
                                    1 << 16, 1 << 17, 1 << 18, 1 << 21, 0x3f7fd7};

void flags_at_system_calls() {
  for (std::uint64_t flags : kFlags) {
    status_of_attempt = 99;
    for (auto* const code : {system_call_with_flags, system_call_after_mov_ss}) {
      const std::uint64_t trap = attempt(code, &flags);
      EXPECT_EQ((flags & 1 << 8) != 0 && trap != kNotTrapped ? kDebug : kNotTrapped, trap);
    }
    EXPECT_EQ(kProtection, trap_of([] { asm volatile("cli"); }));
    EXPECT_EQ(0x200, __builtin_ia32_readeflags_u64() & 0x3200);
  }
}

void flags_at_traps() {
  for (const std::uint64_t flags : kFlags) {
    const std::uint64_t trap = trap_of([flags] {
      asm volatile("pushq %0; popfq; ud2" : : "r"(flags) : "memory", "cc");
    });
    EXPECT_EQ(kInvalidOpcode, trap);
  }
  EXPECT_EQ(3, trap_of([] { asm volatile("mov %%ss, %%eax; mov %%eax, %%ss; int3" : : : "eax"); }));
}

void stack_pointers() {
  for (const std::uint64_t* list : {kKernelAddresses, kNoAddresses}) {
    for (std::size_t i = 0; i < 3; ++i) {
      Registers r{};
      r.rax = static_cast<std::uint64_t>(SystemCall::invoke);
      r.rdi = own(kSecret).raw();
      r.rsp = list[i];
      r.rflags = 2;
      status_of_attempt = 99;
      EXPECT_EQ(kNotTrapped, attempt(system_call_with, &r));
      EXPECT_EQ(kStatusOk, status_of_attempt);
      r.rip = 0;
      EXPECT_EQ(kPageFault, attempt(jump_with, &r));
      r.rip = 0x8000'0000'0000;
      const std::uint64_t trap = attempt(jump_with, &r);
      EXPECT_EQ(true, trap == kProtection || trap == kPageFault);
    }
  }
}

void system_call_at_the_end() {
  map_last_page();
  auto* const code = reinterpret_cast<volatile unsigned char*>(kLastPage + kPageSize - 2);
  EXPECT_EQ(kNotTrapped, trap_of([&] {
              code[0] = 0x0f;
              code[1] = 0x05;
            }));
  EXPECT_EQ(kStatusOk, status(invoke(own(42), Method::unmap, 511)));
  EXPECT_EQ(kStatusOk, status(map(own(42), 511, own(43), kExecute)));
  Registers r{};
  r.rax = static_cast<std::uint64_t>(SystemCall::invoke);
  r.rip = kLastPage + kPageSize - 2;
  r.rsp = kFirstProcessStackTop.value();
  r.rflags = 2;
  EXPECT_EQ(kPageFault, attempt(jump_with, &r));
  EXPECT_EQ(kLastPage + kPageSize, own_frame().trap_address);
}

constexpr Attack kAttacks[] = {
    {"executes privileged instructions", privileged_instructions, kGoesOn},
    {"raises interrupts by software", software_interrupts, kGoesOn},
    {"makes system calls with strange flags and pending single steps", flags_at_system_calls,
     kGoesOn},
    {"traps with strange flags", flags_at_traps, kGoesOn},
    {"enters the kernel with stack pointers that are none", stack_pointers, kGoesOn},
    {"makes a system call at the last address it can have", system_call_at_the_end, kGoesOn},
};

}  // namespace

// For instructions that want an address.
extern "C" {
extern constinit const std::array<std::uint64_t, 2> kReportForAssembler{};
}

std::span<const Attack> attacks_by_instructions() { return kAttacks; }

}  // namespace sprat::hostile
