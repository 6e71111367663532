// frames.cc — the frame that a dispatcher shares with its kernel: all of it is the attacker's to write.

#include "attack.hh"

namespace sprat::hostile {
namespace {

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

void stack_in_kernel() {
  own_frame().upcall_stack = 0xffff'ffff'ffff'fff0;
  static_cast<void>(trap_of([] { __builtin_trap(); }));
}

void stack_nowhere() {
  own_frame().upcall_stack = 0x8000'0000'0001;
  static_cast<void>(trap_of([] { __builtin_trap(); }));
}

void critical_everywhere() {
  own_frame().critical_begin = 0;
  own_frame().critical_end = ~std::uint64_t{0};
  static_cast<void>(trap_of([] { __builtin_trap(); }));
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
  while (!second_is(DispatcherState::stopped)) {
    yield(Yield::stay);
    asm volatile("cld" : : : "cc");
  }
  own_frame().upcall_stack = kFirstProcessStackTop.value();
  take_upcalls();
  EXPECT_EQ(0x200, __builtin_ia32_readeflags_u64() & 0x7200);
  EXPECT_EQ(kProtection, trap_of([] { asm volatile("cli"); }));
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

constexpr Attack kAttacks[] = {
    {"has its upcalls' entries in the kernel", entry_in_kernel, kNoTrap},
    {"has its upcalls' entries at addresses that are none", entry_nowhere, kNoTrap},
    {"has its upcalls' stack in the kernel", stack_in_kernel, kNoTrap},
    {"has its upcalls' stack at an address that is none", stack_nowhere, kNoTrap},
    {"declares all of memory critical", critical_everywhere, kInvalidOpcode},
    {"resumes in the kernel", resume_in_kernel, kNoTrap},
    {"resumes at an address that is none", resume_nowhere, kNoTrap},
    {"resumes with the kernel's flags", resume_with_flags, kGoesOn},
    {"returns from a call to an address that is none", return_to_nowhere, kNoTrap},
    {"configures a dispatcher of nonsense", configure_nonsense, kGoesOn},
};

}  // namespace

std::span<const Attack> attacks_on_frames() { return kAttacks; }

}  // namespace sprat::hostile
