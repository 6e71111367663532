// attacks.cc — the named attacks. Each is tried by a process of its own, and says in its last column how that must end.

#include <array>
#include <bit>

#include "child.hh"

#define EXPECT_EQ(expected, came) expect(__LINE__, std::uint64_t(expected), std::uint64_t(came))
#define EXPECT_ERROR(error, result) expect(__LINE__, status_of(Error::error), status(result))

namespace sprat::hostile {
namespace {

constexpr std::uint64_t kPageFault = 14, kProtection = 13, kInvalidOpcode = 6, kDebug = 1;
constexpr std::uint64_t kKernelAddresses[] = {0xffff'8000'0000'0000, 0xffff'ffff'8010'0000,
                                              0xffff'ffff'ffff'f000, kUserEnd.value()};
constexpr std::uint64_t kNoAddresses[] = {0x8000'0000'0000, 0xdead'0000'0000'0000,
                                          0xffff'7fff'ffff'ffff};

void expect(std::uint64_t line, std::uint64_t expected, std::uint64_t came) {
  Report& r = report();
  ++r.steps;
  if (expected == came || r.failures++ != 0) return;
  r.line = line;
  r.expected = expected;
  r.came = came;
}

std::uint64_t status(const Result<Words>& result) {
  return result ? kStatusOk : status_of(result.error());
}

CapAddress own(TaskSlot slot) { return task_slot(slot); }
CapAddress own(std::uint64_t slot) { return {kProgramFreeNode, slot}; }
constexpr CapAddress kFreeNode = CapAddress::in_root(kProgramFreeNode);
const CapAddress kRam = task_slot(ProgramSlot::ram);

Result<Words> make(std::uint64_t slot, Type type, unsigned bits = 0, std::uint64_t count = 1) {
  return invoke(kFreeNode, Method::retype, slot, kRam.raw(), type,
                bits != 0 ? bits : object_bits(type), count);
}
Result<Words> map(CapAddress table, std::uint64_t entry, CapAddress what, Rights rights = {}) {
  return invoke(table, Method::map, entry, what.raw(), rights.bits());
}

Description describe(CapAddress address) {
  const auto words = invoke(address, Method::identify);
  Description description{};
  if (words) description = std::bit_cast<Description>(words.value()[0]);
  return description;
}

// Three tables for the last 2 MiB of what is the user's, in slots 40 to 42, and a page at their end in slot 43.
constexpr std::uint64_t kLastRootEntry = 254, kLastPage = 0x7f7f'ffff'f000;
void map_last_page() {
  EXPECT_EQ(kStatusOk, status(make(40, Type::page_table_3)));
  EXPECT_EQ(kStatusOk, status(make(41, Type::page_table_2)));
  EXPECT_EQ(kStatusOk, status(make(42, Type::page_table_1)));
  EXPECT_EQ(kStatusOk, status(make(43, Type::frame, 12)));
  EXPECT_EQ(kStatusOk, status(map(own(TaskSlot::address_space), kLastRootEntry, own(40))));
  EXPECT_EQ(kStatusOk, status(map(own(40), 511, own(41))));
  EXPECT_EQ(kStatusOk, status(map(own(41), 511, own(42))));
  EXPECT_EQ(kStatusOk, status(map(own(42), 511, own(43), kWrite)));
}

// ---- memory

void read_kernel() {
  for (const std::uint64_t address : kKernelAddresses) {
    auto* const word = reinterpret_cast<volatile std::uint64_t*>(address);
    EXPECT_EQ(kPageFault, trap_of([&] { static_cast<void>(*word); }));
    EXPECT_EQ(kPageFault, trap_of([&] { *word = 0; }));
  }
  for (const std::uint64_t address : kNoAddresses) {
    auto* const word = reinterpret_cast<volatile std::uint64_t*>(address);
    EXPECT_EQ(kProtection, trap_of([&] { static_cast<void>(*word); }));
  }
}

void jump_into_kernel() {
  for (const std::uint64_t address : kKernelAddresses)
    EXPECT_EQ(kPageFault, trap_of([&] { reinterpret_cast<void (*)()>(address)(); }));
  for (const std::uint64_t address : kNoAddresses) {
    const std::uint64_t trap = trap_of([&] { reinterpret_cast<void (*)()>(address)(); });
    EXPECT_EQ(true, trap == kProtection || trap == kPageFault);  // QEMU finds out when it fetches
  }
  // QEMU reads the stack as if the kernel did it, which SMAP forbids.
  for (const std::uint64_t trap :
       {trap_of([] { asm volatile("pushq $8; pushq $0; lretq"
                                  :
                                  :
                                  : "memory"); }), trap_of([] {
          asm volatile("pushq $16; pushq $0; pushq $2; pushq $8; pushq $0; iretq" : : : "memory");
        })})
    EXPECT_EQ(true, trap == kProtection || trap == kPageFault);
}

void write_code() {
  auto* const code = reinterpret_cast<volatile char*>(attempt);
  EXPECT_EQ(kPageFault, trap_of([&] { *code = 0; }));
  static constinit std::array<char, 1> data{char(0xc3)};
  EXPECT_EQ(kPageFault, trap_of([] { reinterpret_cast<void (*)()>(data.data())(); }));
}

void map_foreign() {
  map_last_page();
  const CapAddress table = own(42);
  EXPECT_ERROR(wrong_type, map(table, 1, kRam));
  EXPECT_ERROR(wrong_type, map(table, 1, own(TaskSlot::root)));
  EXPECT_ERROR(wrong_type, map(table, 1, own(TaskSlot::dispatcher)));
  EXPECT_ERROR(wrong_type, map(table, 1, own(kKernel)));
  EXPECT_ERROR(wrong_type, map(table, 1, own(kPorts)));
  EXPECT_ERROR(wrong_type, map(table, 1, own(TaskSlot::address_space)));
  EXPECT_ERROR(wrong_type, map(table, 1, own(200)));  // empty
  EXPECT_ERROR(no_rights, map(table, 1, own(kSecret), kWrite));
  EXPECT_ERROR(no_rights, map(table, 1, own(kSecret), kExecute));
  EXPECT_ERROR(in_use, map(table, 1, own(43)));
  for (const std::uint64_t entry : {std::uint64_t{255}, std::uint64_t{256}, std::uint64_t{511},
                                    std::uint64_t{512}, ~std::uint64_t{0}})
    EXPECT_ERROR(invalid_argument, map(own(TaskSlot::address_space), entry, own(40)));
  for (const std::uint64_t entry : {std::uint64_t{512}, std::uint64_t{1} << 32, ~std::uint64_t{0}})
    EXPECT_ERROR(invalid_argument, map(table, entry, own(kSecret)));
  EXPECT_EQ(kStatusOk, status(map(table, 1, own(kSecret))));
  auto* const secret = reinterpret_cast<volatile std::uint64_t*>(kLastPage - 510 * kPageSize);
  EXPECT_EQ(kNotTrapped, trap_of([&] { static_cast<void>(*secret); }));
  EXPECT_EQ(kPageFault, trap_of([&] { *secret = 0; }));
}

void map_tables_into_themselves() {
  map_last_page();
  const CapAddress root = own(TaskSlot::address_space);
  for (const CapAddress table : {own(40), own(41), own(42), root}) {
    EXPECT_ERROR(wrong_type, map(table, 3, table));
    EXPECT_ERROR(wrong_type, map(table, 3, root));
    EXPECT_ERROR(wrong_type, map(own(42), 3, table));
  }
  EXPECT_ERROR(wrong_type, map(own(41), 3, own(40)));
  EXPECT_ERROR(in_use, map(root, 3, own(40)));
  EXPECT_ERROR(in_use, map(own(41), 3, own(42)));
}

void use_after_unmap() {
  map_last_page();
  auto* const word = reinterpret_cast<volatile std::uint64_t*>(kLastPage);
  EXPECT_EQ(kNotTrapped, trap_of([&] { *word = 1; }));
  EXPECT_EQ(kStatusOk, status(invoke(own(42), Method::unmap, 511)));
  EXPECT_EQ(kPageFault, trap_of([&] { *word = 2; }));
  EXPECT_EQ(kStatusOk, status(map(own(42), 511, own(43), kWrite)));
  EXPECT_EQ(kNotTrapped, trap_of([&] { *word = 3; }));
  EXPECT_EQ(kStatusOk, status(invoke(kFreeNode, Method::remove, 40)));  // the table above
  EXPECT_EQ(kPageFault, trap_of([&] { *word = 4; }));
}

void retype_under_mapping() {
  map_last_page();
  auto* const word = reinterpret_cast<volatile std::uint64_t*>(kLastPage);
  EXPECT_EQ(kNotTrapped, trap_of([&] { *word = 5; }));
  const auto from_frame = [&](Type type) {
    return invoke(kFreeNode, Method::retype, 50, own(43).raw(), type, object_bits(type), 1);
  };
  for (const Type type :
       {Type::ram, Type::frame, Type::cnode, Type::page_table_1, Type::dispatcher, Type::endpoint})
    EXPECT_ERROR(wrong_type, from_frame(type));
  EXPECT_ERROR(out_of_memory,
               make(50, Type::ram, kProgramRamBits));  // all of it, while part of it is in use
  // What is made next lies elsewhere.
  for (std::uint64_t slot = 50; slot < 60; ++slot)
    EXPECT_EQ(kStatusOk, status(make(slot, Type::cnode)));
  EXPECT_EQ(kNotTrapped, trap_of([&] {
              if (*word != 5) __builtin_trap();
            }));
  // Taken back with all that was made from it, it is seen no more.
  EXPECT_EQ(kStatusOk, status(invoke(CapAddress::in_root(kTaskNode), Method::revoke, kRam.slot())));
  EXPECT_EQ(kPageFault, trap_of([&] { *word = 6; }));
  EXPECT_EQ(0, describe(own(43)).type);
  EXPECT_EQ(0, describe(own(55)).type);
}

void retype_nonsense() {
  const auto retype = [](std::uint64_t first, CapAddress source, std::uint64_t type,
                         std::uint64_t bits, std::uint64_t count) {
    return invoke(kFreeNode, Method::retype, first, source.raw(), type, bits, count);
  };
  const auto frame = static_cast<std::uint64_t>(Type::frame);
  for (const std::uint64_t bits : {0ul, 1ul, 11ul, 63ul, 64ul, 65ul, 1ul << 32 | 12, ~0ul})
    EXPECT_EQ(true, !retype(40, kRam, frame, bits, 1));
  for (const std::uint64_t count : {0ul, 65ul, 256ul, 1ul << 32 | 1, 1ul << 52, ~0ul})
    EXPECT_EQ(true, !retype(40, kRam, frame, 12, count));
  for (const std::uint64_t first : {0ul, 255ul, 256ul, 1ul << 32 | 40, ~0ul})
    EXPECT_EQ(true, !retype(first, kRam, frame, 12, 2));
  for (const std::uint64_t type : {0ul, 1ul, 11ul, 12ul, 13ul, 14ul, 15ul, 16ul, 256 + frame, ~0ul})
    EXPECT_EQ(true, !retype(40, kRam, type, 12, 1));
  EXPECT_ERROR(invalid_argument, retype(40, kRam, static_cast<std::uint64_t>(Type::cnode), 12, 1));
  EXPECT_ERROR(wrong_type, retype(40, own(kKernel), frame, 12, 1));
  EXPECT_ERROR(wrong_type, retype(40, own(kSecret), frame, 12, 1));
  for (std::uint64_t slot = 40; slot < 256; ++slot) EXPECT_EQ(0, describe(own(slot)).type);
}

// ---- rights

void raise_rights() {
  constexpr std::uint64_t kLess = (kRead | kGrant).bits();
  const auto mint = [](std::uint64_t source, std::uint64_t badge = 0, std::uint64_t count = 0) {
    return invoke(kFreeNode, Method::mint, 40, own(source).raw(), ~std::uint64_t{0}, badge, count);
  };
  for (const std::uint64_t source : {kSecret, kKernel, kBell}) {
    EXPECT_EQ(kLess, describe(own(source)).rights.bits());
    EXPECT_EQ(kStatusOk, status(mint(source)));
    EXPECT_EQ(kLess, describe(own(40)).rights.bits());
    EXPECT_EQ(kStatusOk, status(invoke(kFreeNode, Method::remove, 40)));
    EXPECT_EQ(kStatusOk, status(invoke(kFreeNode, Method::copy, 40, own(source).raw())));
    EXPECT_EQ(kLess, describe(own(40)).rights.bits());
    EXPECT_ERROR(no_rights, invoke(kFreeNode, Method::revoke, 40));
    EXPECT_EQ(kStatusOk, status(invoke(kFreeNode, Method::remove, 40)));
  }
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::power_off, 0));
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::set_remote, kFreeNode.raw(), kSecret, 1));
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::load_core, 1, kRam.raw(), 4096));
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::doorbells, kFreeNode.raw(), 40, 1));
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::adopt, kFreeNode.raw(), 40, 1 << 20, 4096));
  EXPECT_ERROR(no_rights, invoke(own(kBell), Method::signal));
  EXPECT_ERROR(no_rights, invoke(kFreeNode, Method::copy, 40, own(kNobody).raw()));
  EXPECT_ERROR(no_rights, mint(kNobody));
  EXPECT_ERROR(invalid_argument, mint(kBell, 2));  // somebody else's badge
  EXPECT_EQ(true, system_call(SystemCall::lrpc,
                              own(kNobody).raw() | std::uint64_t{own(kNobody).raw()} << 32)
                          .status != 0);
  EXPECT_EQ(true, system_call(SystemCall::lrpc, own(kSecret).raw()).status != 0);
  for (const Method method : {Method::copy, Method::mint}) {
    EXPECT_ERROR(wrong_type, invoke(kFreeNode, method, 40, kRam.raw()));
    EXPECT_EQ(true, !invoke(kFreeNode, method, 40, 0));
  }
}

void raise_ports() {
  const auto mint = [](std::uint64_t source, std::uint64_t first, std::uint64_t count) {
    return invoke(kFreeNode, Method::mint, 40, own(source).raw(), 15, first, count);
  };
  EXPECT_ERROR(invalid_argument, mint(kPorts, 0, kPortCount + 1));
  EXPECT_ERROR(invalid_argument, mint(kPorts, kPortCount, 1));
  EXPECT_ERROR(invalid_argument, mint(kPorts, ~std::uint64_t{0}, 2));
  EXPECT_ERROR(invalid_argument, mint(kPorts, 1, ~std::uint64_t{0}));
  EXPECT_ERROR(invalid_argument, mint(kLine, 1, 1));
  EXPECT_ERROR(invalid_argument, mint(kLine, ~std::uint64_t{0}, 2));
  for (const Method method : {Method::in, Method::out}) {
    for (const std::uint64_t port :
         {kPortCount, kPortCount - 1, ~std::uint64_t{0}, ~std::uint64_t{0} - 1})
      EXPECT_ERROR(invalid_argument, invoke(own(kPorts), method, port, 2));
    for (const std::uint64_t bytes : {0ul, 3ul, 8ul, 1ul << 32 | 1, ~0ul})
      EXPECT_ERROR(invalid_argument, invoke(own(kPorts), method, 0, bytes));
  }
  EXPECT_ERROR(invalid_argument, invoke(own(kLine), Method::acknowledge, 1));
  EXPECT_ERROR(invalid_argument,
               invoke(own(kLine), Method::bind, ~std::uint64_t{0}, own(kBell).raw()));
  EXPECT_ERROR(no_rights, invoke(own(kLine), Method::bind, 0, own(kBell).raw()));
  // The line of a device is no doorbell.
  for (const std::uint64_t line : {0ul, 1ul, kFirstDoorbell, 1ul << 32 | kFirstDoorbell, ~0ul})
    EXPECT_ERROR(invalid_argument, invoke(own(kLine), Method::signal, line));
}

// ---- names

void forge_addresses() {
  EXPECT_EQ(Type::frame, describe(own(kSecret)).type);
  const std::uint64_t secret = own(kSecret).raw();
  for (unsigned bit = 16; bit < 32; ++bit) {
    EXPECT_ERROR(no_capability,
                 invoke(CapAddress(secret | std::uint64_t{1} << bit), Method::identify));
    EXPECT_ERROR(no_capability,
                 invoke(kFreeNode, Method::copy, 40, secret | std::uint64_t{1} << bit));
  }
  for (std::uint64_t node = 0; node < kSlotsPerCNode; ++node) {
    EXPECT_ERROR(no_capability, invoke(CapAddress(node, 0), Method::identify));  // the kernel's own
    if (node == kTaskNode || node == kProgramFreeNode) continue;
    EXPECT_ERROR(no_capability, invoke(CapAddress(node, 1), Method::identify));
    EXPECT_ERROR(no_capability, invoke(CapAddress::in_root(node), Method::identify));
  }
  for (const std::uint64_t slot : {0ul, 256ul, 1ul << 32 | kSecret, ~0ul}) {
    for (const Method method :
         {Method::look, Method::remove, Method::revoke, Method::copy, Method::move, Method::mint})
      EXPECT_ERROR(invalid_argument, invoke(kFreeNode, method, slot, secret));
  }
}

// Slots of something that is no CNode: a frame whose content looks like one.
void forge_slots() {
  EXPECT_EQ(kStatusOk, status(make(40, Type::frame, 14)));
  EXPECT_ERROR(no_capability, invoke(CapAddress(40, 1), Method::identify));
  EXPECT_ERROR(wrong_type, invoke(own(40), Method::look, 1));
  EXPECT_EQ(kStatusOk, status(invoke(own(TaskSlot::root), Method::copy, 40, own(40).raw())));
  EXPECT_ERROR(no_capability, invoke(CapAddress(40, 1), Method::identify));
  EXPECT_ERROR(no_capability, invoke(kFreeNode, Method::copy, 41, CapAddress(40, 1).raw()));
  EXPECT_ERROR(wrong_type,
               invoke(own(TaskSlot::dispatcher), Method::configure, own(40).raw(),
                      own(TaskSlot::address_space).raw(), own(TaskSlot::frame).raw(), 0x1000, 0));
}

void wrong_methods() {
  const CapAddress objects[] = {own(TaskSlot::root),
                                own(TaskSlot::address_space),
                                own(TaskSlot::dispatcher),
                                own(TaskSlot::frame),
                                kRam,
                                own(kSecret),
                                own(kKernel),
                                own(kPorts),
                                own(kLine),
                                own(kBell),
                                own(kNobody)};
  for (const CapAddress object : objects) {
    for (unsigned bit = 0; bit < 32; ++bit) {
      const std::uint64_t method = std::uint64_t{1} << bit | (bit < 5 ? 32 : 0);
      for (const std::uint64_t number : {method, method + kMethods, ~std::uint64_t{0} >> 32}) {
        if (number < kMethods) continue;
        const auto result =
            system_call(SystemCall::invoke, object.raw() | number << 32, {1, 1, 1, 1, 1});
        EXPECT_EQ(status_of(Error::wrong_type), result.status);
      }
    }
  }
}

void wrong_system_calls() {
  for (const std::uint64_t number :
       {5ul, 6ul, 255ul, 256ul, 1ul << 31, 1ul << 32, (1ul << 32) + 1, ~0ul})
    EXPECT_EQ(status_of(Error::no_system_call),
              system_call(static_cast<SystemCall>(number), 0).status);
  for (const std::uint64_t length : {41ul, 1ul << 32, ~0ul})
    EXPECT_EQ(status_of(Error::invalid_argument),
              system_call(SystemCall::debug_write, length).status);
  for (const std::uint64_t how : {2ul, 1ul << 32, ~0ul})
    EXPECT_EQ(status_of(Error::invalid_argument), system_call(SystemCall::yield, how).status);
}

// ---- instructions and flags

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
  TRAPS("wbinvd");
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

// ---- the dispatcher's frame

void entry_in_kernel() {
  own_frame().entries.fill(0xffff'ffff'8010'0000);
  own_frame().is_disabled = 0;
  __builtin_trap();
}

void entry_nowhere() {
  own_frame().entries.fill(0x8000'0000'0000);
  own_frame().is_disabled = 0;
  for (;;) yield(Yield::stay);
}

void no_upcall_stack() {
  own_frame().upcall_stack = 0xffff'ffff'ffff'fff0;
  EXPECT_EQ(kInvalidOpcode, trap_of([] { __builtin_trap(); }));
  own_frame().upcall_stack = 0x8000'0000'0001;
  EXPECT_EQ(kInvalidOpcode, trap_of([] { __builtin_trap(); }));
}

void critical_everywhere() {
  own_frame().critical_begin = 0;
  own_frame().critical_end = ~std::uint64_t{0};
  static_cast<void>(trap_of([] { __builtin_trap(); }));
}

// Two dispatchers live from one frame: what the kernel keeps there of one, the other can change. The second is made in slots
// 40 and runs `other` by its upcall.
void make_second(void (*other)()) {
  EXPECT_EQ(kStatusOk, status(make(40, Type::dispatcher)));
  EXPECT_EQ(kStatusOk, status(invoke(own(40), Method::configure, own(TaskSlot::root).raw(),
                                     own(TaskSlot::address_space).raw(), own(TaskSlot::frame).raw(),
                                     kFirstDispatcherFrame.value(), 0)));
  own_frame().entries[0] = reinterpret_cast<std::uint64_t>(other);
  own_frame().upcall_stack = kFirstProcessStackTop.value() - 4096 - 8;  // as after a call
  own_frame().is_disabled = 1;
  EXPECT_EQ(kStatusOk, status(invoke(own(40), Method::run)));
}

void resume_in_kernel() {
  make_second([] {
    own_frame().disabled.rip = 0xffff'ffff'8010'0000;
    __builtin_trap();  // which leaves nothing else there
  });
  for (;;) yield(Yield::stay);
}

void resume_nowhere() {
  make_second([] {
    own_frame().disabled.rip = 0x8000'0000'0000;
    __builtin_trap();  // which leaves nothing else there
  });
  for (;;) yield(Yield::stay);
}

void resume_with_flags() {
  make_second([] {
    own_frame().disabled.rflags = 0x7f'fefd;  // but for the single step
    __builtin_trap();
  });
  yield(Yield::stay);
  asm volatile("cld" : : : "cc");
  own_frame().upcall_stack = kFirstProcessStackTop.value();
  take_upcalls();
  EXPECT_EQ(0x200, __builtin_ia32_readeflags_u64() & 0x7200);
  EXPECT_EQ(kProtection, trap_of([] { asm volatile("cli"); }));
}

// The second one waits to be called, and then runs `serve`.
void call_second(void (*serve)()) {
  make_second([] {
    own_frame().is_disabled = 0;
    for (;;) yield(Yield::wait);
  });
  yield(Yield::stay);
  own_frame().is_disabled = 1;
  own_frame().entries[3] = reinterpret_cast<std::uint64_t>(serve);
  EXPECT_EQ(kStatusOk,
            status(invoke(kFreeNode, Method::retype, 41, own(40).raw(), Type::endpoint, 0, 1)));
  static_cast<void>(system_call(SystemCall::lrpc, own(41).raw()));
}

void return_to_nowhere() {
  call_second([] {
    own_frame().disabled.rip = 0x8000'0000'0000;
    static_cast<void>(system_call(SystemCall::reply, 0));
  });
  EXPECT_EQ(0, 1);  // the call came back
}

void configure_nonsense() {
  EXPECT_EQ(kStatusOk, status(make(40, Type::dispatcher)));
  const auto configure = [](CapAddress object, CapAddress cnode, CapAddress root, CapAddress frame,
                            std::uint64_t address, CapAddress bell = {}) {
    return invoke(object, Method::configure, cnode.raw(), root.raw(), frame.raw(), address,
                  bell.raw());
  };
  const CapAddress second = own(40), cnode = own(TaskSlot::root),
                   root = own(TaskSlot::address_space), frame = own(TaskSlot::frame);
  EXPECT_ERROR(in_use, configure(own(TaskSlot::dispatcher), cnode, root, frame, 0x1000));
  EXPECT_ERROR(wrong_type, configure(second, root, root, frame, 0x1000));
  EXPECT_ERROR(wrong_type, configure(second, cnode, cnode, frame, 0x1000));
  EXPECT_ERROR(wrong_type, configure(second, cnode, root, kRam, 0x1000));
  EXPECT_ERROR(no_rights, configure(second, cnode, root, own(kSecret), 0x1000));
  EXPECT_ERROR(no_rights, configure(second, cnode, root, frame, 0x1000, own(kBell)));
  EXPECT_ERROR(wrong_type, configure(second, cnode, root, frame, 0x1000, own(kNobody)));
  for (const std::uint64_t address :
       {kUserEnd.value(), std::uint64_t{0xffff'8000'0000'0000}, std::uint64_t{0x1001}})
    EXPECT_ERROR(invalid_argument, configure(second, cnode, root, frame, address));
  EXPECT_ERROR(invalid_argument, invoke(second, Method::run));
  EXPECT_ERROR(invalid_argument, invoke(second, Method::suspend));
  EXPECT_EQ(kStatusOk, status(configure(second, cnode, root, frame, 0x1000)));
}

// ---- using things up

void exhaust_slots() {
  std::uint64_t made = 0;
  for (std::uint64_t slot = kFirstFree; slot < kSlotsPerCNode; ++slot)
    made += status(invoke(kFreeNode, Method::copy, slot, own(kSecret).raw())) == kStatusOk ? 1 : 0;
  EXPECT_EQ(kSlotsPerCNode - kFirstFree, made);
  EXPECT_ERROR(slot_in_use, invoke(kFreeNode, Method::copy, 40, own(kSecret).raw()));
  EXPECT_ERROR(slot_in_use, make(40, Type::frame, 12));
  EXPECT_ERROR(slot_in_use, invoke(kFreeNode, Method::move, 40, own(41).raw()));
}

void exhaust_memory() {
  std::uint64_t slot = kFirstFree;
  Result<Words> made = Error::again;
  for (unsigned bits = 16; bits >= 12; --bits) {
    while ((made = make(slot, Type::frame, bits)).ok()) ++slot;
    EXPECT_ERROR(out_of_memory, made);
  }
  EXPECT_ERROR(out_of_memory, make(slot, Type::dispatcher));
  EXPECT_EQ(true, slot >= kFirstFree + (1u << (kProgramRamBits - 16)));
}

void exhaust_names() {
  for (std::uint64_t slot = kFirstFree; slot < kSlotsPerCNode; ++slot)
    EXPECT_EQ(kStatusOk, status(invoke(kFreeNode, Method::retype, slot,
                                       own(TaskSlot::dispatcher).raw(), Type::endpoint, 0, 1)));
  for (std::uint64_t slot = kFirstFree; slot < kSlotsPerCNode; ++slot)
    EXPECT_EQ(kStatusOk, status(invoke(kFreeNode, Method::remove, slot)));
}

// CNodes that hold each other and themselves, and nothing else does.
void hold_each_other() {
  EXPECT_EQ(kStatusOk, status(make(40, Type::cnode, 0, 8)));
  for (std::uint64_t a = 40; a < 48; ++a) {
    for (std::uint64_t b = 40; b < 48; ++b)
      EXPECT_EQ(kStatusOk, status(invoke(own(a), Method::copy, b, own(b).raw())));
  }
  for (std::uint64_t a = 40; a < 48; ++a)
    EXPECT_EQ(kStatusOk, status(invoke(kFreeNode, Method::remove, a)));
  EXPECT_EQ(kStatusOk, status(make(50, Type::ram, kProgramRamBits - 2)));
}

// ---- dying

void fault_for_ever() {
  const auto again = [] {
    own_frame().is_disabled = 0;
    __builtin_trap();
  };
  own_frame().entries.fill(reinterpret_cast<std::uint64_t>(static_cast<void (*)()>(again)));
  again();
}

void fault_disabled() { __builtin_trap(); }

// The callee throws away its caller, and itself, while it serves.
void die_in_call() {
  call_second([] {
    static_cast<void>(invoke(kFreeNode, Method::remove, 41));
    constexpr auto kCaller = static_cast<std::uint64_t>(TaskSlot::dispatcher);
    EXPECT_EQ(kStatusOk, status(invoke(CapAddress::in_root(kTaskNode), Method::revoke, kCaller)));
    EXPECT_EQ(kStatusOk, status(invoke(CapAddress::in_root(kTaskNode), Method::remove, kCaller)));
    report().done = 1;
    static_cast<void>(invoke(kFreeNode, Method::remove, 40));
    EXPECT_EQ(0, 1);  // it runs, though it is gone
  });
  EXPECT_EQ(0, 1);  // so does its caller
}

void end_itself() {
  static_cast<void>(invoke(CapAddress::in_root(kTaskNode), Method::remove,
                           static_cast<std::uint64_t>(TaskSlot::root)));
  static_cast<void>(invoke(CapAddress::in_root(kTaskNode), Method::revoke,
                           static_cast<std::uint64_t>(TaskSlot::address_space)));
  report().failures = 1;
}

void lose_frame() {
  static_cast<void>(invoke(CapAddress::in_root(kTaskNode), Method::revoke,
                           static_cast<std::uint64_t>(TaskSlot::frame)));
  report().failures = 1;
}

void lose_code() {
  for (std::uint64_t slot = static_cast<std::uint64_t>(ProgramSlot::objects); slot < kSlotsPerCNode;
       ++slot)
    static_cast<void>(invoke(CapAddress::in_root(kTaskNode), Method::remove, slot));
  report().failures = 1;
}

void suspend_itself() {
  static_cast<void>(invoke(own(TaskSlot::dispatcher), Method::suspend));
  report().failures = 1;
}

constexpr Attack kAttacks[] = {
    {"reads and writes the kernel's memory", read_kernel, kGoesOn},
    {"jumps into the kernel", jump_into_kernel, kGoesOn},
    {"writes to its code and executes its data", write_code, kGoesOn},
    {"maps what it does not own, or where it must not", map_foreign, kGoesOn},
    {"maps page tables into themselves", map_tables_into_themselves, kGoesOn},
    {"uses a page after it was unmapped", use_after_unmap, kGoesOn},
    {"retypes memory under a mapping", retype_under_mapping, kGoesOn},
    {"retypes with numbers out of range", retype_nonsense, kGoesOn},
    {"raises rights by copy, mint and calls", raise_rights, kGoesOn},
    {"reaches for ports and lines that are not its own", raise_ports, kGoesOn},
    {"forges addresses of slots", forge_addresses, kGoesOn},
    {"forges slots in a frame", forge_slots, kGoesOn},
    {"asks objects for what they cannot do", wrong_methods, kGoesOn},
    {"makes system calls that there are not", wrong_system_calls, kGoesOn},
    {"executes privileged instructions", privileged_instructions, kGoesOn},
    {"raises interrupts by software", software_interrupts, kGoesOn},
    {"makes system calls with strange flags and pending single steps", flags_at_system_calls,
     kGoesOn},
    {"traps with strange flags", flags_at_traps, kGoesOn},
    {"enters the kernel with stack pointers that are none", stack_pointers, kGoesOn},
    {"makes a system call at the last address it can have", system_call_at_the_end, kGoesOn},
    {"has its upcalls' entries in the kernel", entry_in_kernel, kNoTrap},
    {"has its upcalls' entries at addresses that are none", entry_nowhere, kNoTrap},
    {"has an upcall stack that is none", no_upcall_stack, kGoesOn},
    {"declares all of memory critical", critical_everywhere, kInvalidOpcode},
    {"resumes in the kernel", resume_in_kernel, kNoTrap},
    {"resumes at an address that is none", resume_nowhere, kNoTrap},
    {"resumes with the kernel's flags", resume_with_flags, kGoesOn},
    {"returns from a call to an address that is none", return_to_nowhere, kNoTrap},
    {"configures a dispatcher of nonsense", configure_nonsense, kGoesOn},
    {"uses up its slots", exhaust_slots, kGoesOn},
    {"uses up its memory", exhaust_memory, kGoesOn},
    {"makes as many endpoints as it has slots", exhaust_names, kGoesOn},
    {"makes CNodes that hold each other", hold_each_other, kGoesOn},
    {"faults for ever", fault_for_ever, kNeverEnds},
    {"faults while it is disabled", fault_disabled, kInvalidOpcode},
    {"ends its caller and itself in the middle of a call", die_in_call, kGoesOn},
    {"throws its address space away", end_itself, kNoTrap},
    {"throws its dispatcher's frame away", lose_frame, kNoTrap},
    {"throws its code and stack away", lose_code, kPageFault},
    {"suspends itself", suspend_itself, kNeverEnds},
};

extern "C" [[noreturn]] void attacker_main() {
  own_frame().is_disabled = 1;
  take_upcalls();
  if (report().order >= attack_count()) fuzz();
  attack(report().order).run();
  say_done();
}

}  // namespace

// For instructions that want an address.
extern "C" {
extern constinit const std::array<std::uint64_t, 2> kReportForAssembler{};
}

std::size_t attack_count() { return std::size(kAttacks); }
const Attack& attack(std::size_t number) { return kAttacks[number]; }

}  // namespace sprat::hostile
