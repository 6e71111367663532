// traps.cc — the GDT, the TSS and the IDT of a core that has only exceptions so far.

#include "x86/traps.hh"

#include <array>

#include "x86/descriptors.hh"

namespace sprat::x86 {
namespace {

constexpr std::uint16_t kCodeSelector = 1 * 8;
constexpr std::uint16_t kTssSelector = 2 * 8;
constexpr unsigned kDoubleFaultStack = 1;  // number of the IST entry
constexpr std::uint64_t kDoubleFaultVector = 8;

constexpr auto kCode = SegmentDescriptor()
                           .with<segment::writable>()
                           .with<segment::executable>()
                           .with<segment::code_or_data>()
                           .with<segment::present>()
                           .with<segment::long_mode>();

// In 64-bit mode a TSS holds only stacks (SDM volume 3A, section 7.7).
struct [[gnu::packed]] TaskState {
  std::uint32_t reserved0;
  std::uint64_t privilege_stacks[3];
  std::uint64_t reserved1;
  std::uint64_t interrupt_stacks[7];  // IST 1 to 7
  std::uint64_t reserved2;
  std::uint16_t reserved3;
  std::uint16_t io_map_base;
};
static_assert(sizeof(TaskState) == 104);

constinit TaskState task_state{};
alignas(16) constinit std::array<std::byte, 8192> double_fault_stack{};
constinit std::array<std::uint64_t, 4> gdt{};  // null, code, and a TSS of two entries
constinit std::array<GateDescriptor, kExceptionVectors> idt{};

extern "C" const std::array<void (*)(), kExceptionVectors> trap_entries;  // trap_entry.S

GateDescriptor gate_to(void (*entry)(), unsigned stack) {
  const auto address = reinterpret_cast<std::uint64_t>(entry);
  return {Bits<gate::layout>()
              .with<gate::offset_low>(address)
              .with<gate::offset_middle>(address >> 16)
              .with<gate::selector>(kCodeSelector)
              .with<gate::stack>(stack)
              .with<gate::type>(gate::kInterruptGate)
              .with<gate::present>(),
          address >> 32};
}

// A TSS descriptor is 16 bytes: base and limit in pieces, type 9 (available 64-bit TSS), present.
void set_task_state_descriptor() {
  const auto base = reinterpret_cast<std::uint64_t>(&task_state);
  const std::uint64_t limit = sizeof(TaskState) - 1;
  constexpr std::uint64_t kPresentTss = 0x89;
  gdt[2] = limit | (base & 0xffffff) << 16 | kPresentTss << 40 | (base >> 24 & 0xff) << 56;
  gdt[3] = base >> 32;
}

void load_tables() {
  const TablePointer gdt_pointer{sizeof(gdt) - 1, gdt.data()};
  const TablePointer idt_pointer{sizeof(idt) - 1, idt.data()};
  asm volatile(
      "lgdt %0\n"
      "pushq %2\n"
      "leaq 1f(%%rip), %%rax\n"
      "pushq %%rax\n"
      "lretq\n"
      "1: movl %3, %%ds\n"
      "movl %3, %%es\n"
      "movl %3, %%ss\n"
      "movl %3, %%fs\n"
      "movl %3, %%gs\n"
      "ltr %4\n"
      "lidt %1\n"
      :
      : "m"(gdt_pointer), "m"(idt_pointer), "i"(kCodeSelector), "r"(0), "r"(kTssSelector)
      : "rax", "memory");
}

}  // namespace

void initialise_traps() {
  gdt[1] = kCode.raw();
  task_state.interrupt_stacks[kDoubleFaultStack - 1] =
      reinterpret_cast<std::uint64_t>(double_fault_stack.data() + double_fault_stack.size());
  task_state.io_map_base = sizeof(TaskState);
  set_task_state_descriptor();
  for (std::size_t vector = 0; vector < kExceptionVectors; ++vector) {
    idt[vector] =
        gate_to(trap_entries[vector], vector == kDoubleFaultVector ? kDoubleFaultStack : 0);
  }
  load_tables();
}

const char* exception_name(std::uint64_t vector) {
  // clang-format off
  static constexpr std::array<const char*, kExceptionVectors> kNames{
      "divide error",         "debug exception",    "non-maskable interrupt", "breakpoint",
      "overflow",             "bound exceeded",     "invalid opcode",         "device not available",
      "double fault",         "reserved",           "invalid TSS",            "segment not present",
      "stack-segment fault",  "general protection", "page fault",             "reserved",
      "x87 error",            "alignment check",    "machine check",          "SIMD error",
      "virtualization",       "control protection", "reserved",               "reserved",
      "reserved",             "reserved",           "reserved",               "reserved",
      "hypervisor injection", "VMM communication",  "security",               "reserved"};
  // clang-format on
  return vector < kNames.size() ? kNames[vector] : "interrupt";
}

}  // namespace sprat::x86
