// traps.cc — the GDT, the TSS and the IDT of a core.

#include "x86/traps.hh"

//@ since cpu-driver
#include "x86/user_mode.hh"
//@ end

namespace sprat::x86 {
namespace {

constexpr std::uint16_t kCodeSelector = 1 * 8;
constexpr std::uint16_t kTssSelector = 5 * 8;
constexpr unsigned kDoubleFaultStack = 1;  // number of the IST entry

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
constinit std::array<std::uint64_t, 7> gdt{};  // null, code, three for user mode, and a TSS of two
constinit std::array<GateDescriptor, kVectors> idt{};
extern "C" const std::byte trap_entries[kVectors][16];  // trap_entry.S: the code for each vector

template <std::size_t kBytes>
std::uint64_t top_of(const std::array<std::byte, kBytes>& stack) {
  return reinterpret_cast<std::uint64_t>(stack.data() + stack.size());
}

GateDescriptor gate_to(auto* entry, unsigned stack) {
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
  gdt[5] = limit | (base & 0xffffff) << 16 | kPresentTss << 40 | (base >> 24 & 0xff) << 56;
  gdt[6] = base >> 32;
}

//@ since cpu-driver
constexpr auto kData = SegmentDescriptor()
                           .with<segment::writable>()
                           .with<segment::code_or_data>()
                           .with<segment::present>();
constexpr std::uint64_t kUserPrivilege = 3;

// These exceptions can come while the stack pointer is still the user's, on the first instruction after SYSCALL.
constexpr std::uint64_t kDebugVector = 1, kNonMaskableVector = 2;
constexpr unsigned kDebugStack = 2, kNonMaskableStack = 3;
constexpr std::uint64_t kBreakpointVector = 3;

alignas(16) [[maybe_unused]] constinit std::array<std::byte, 256> debug_stack{},
    non_maskable_stack{};

extern "C" void debug_entry();
extern "C" void non_maskable_entry();

// The tables by which the processor enters user mode and comes back: segments, in the order that SYSCALL and SYSRET
// count on (SDM volume 2B, SYSRET), and stacks.
void allow_user_mode() {
  //@ lab cpu-driver.5a:
  gdt[2] = kData.raw();
  gdt[3] = kData.with<segment::privilege>(kUserPrivilege).raw();
  gdt[4] = kCode.with<segment::privilege>(kUserPrivilege).raw();
  task_state.privilege_stacks[0] = reinterpret_cast<std::uint64_t>(&user_registers + 1);
  task_state.interrupt_stacks[kDebugStack - 1] = top_of(debug_stack);
  task_state.interrupt_stacks[kNonMaskableStack - 1] = top_of(non_maskable_stack);
  idt[kDebugVector] = gate_to(debug_entry, kDebugStack);
  idt[kNonMaskableVector] = gate_to(non_maskable_entry, kNonMaskableStack);
  idt[kMachineCheckVector] = gate_to(trap_entries[kMachineCheckVector], kDoubleFaultStack);
  idt[kBreakpointVector].low = idt[kBreakpointVector].low.with<gate::privilege>(kUserPrivilege);
  //@ end
}
//@ end

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
  task_state.interrupt_stacks[kDoubleFaultStack - 1] = top_of(double_fault_stack);
  task_state.io_map_base = sizeof(TaskState);
  set_task_state_descriptor();
  for (std::size_t vector = 0; vector < kVectors; ++vector) {
    idt[vector] =
        gate_to(trap_entries[vector], vector == kDoubleFaultVector ? kDoubleFaultStack : 0);
  }
  //@ since cpu-driver
  allow_user_mode();
  //@ end
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
