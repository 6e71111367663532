// dying.cc — processes that fault without end, or delete their own parts.

#include "attack.hh"

namespace sprat::hostile {
namespace {

void fault_for_ever() {
  const auto again = [] {
    own_frame().is_disabled = 0;
    __builtin_trap();
  };
  own_frame().entries.fill(reinterpret_cast<std::uint64_t>(static_cast<void (*)()>(again)));
  again();
}

void fault_disabled() { __builtin_trap(); }

// The callee deletes its caller, and itself, while it handles the call.
void die_in_call() {
  call_second([] {
    static_cast<void>(invoke(kFreeNode, Method::remove, kSecondsEndpoint));
    constexpr auto kCaller = static_cast<std::uint64_t>(TaskSlot::dispatcher);
    EXPECT_EQ(kStatusOk, status(invoke(CapAddress::in_root(kTaskNode), Method::revoke, kCaller)));
    EXPECT_EQ(kStatusOk, status(invoke(CapAddress::in_root(kTaskNode), Method::remove, kCaller)));
    report().done = 1;
    static_cast<void>(invoke(kFreeNode, Method::remove, kSecond));
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
    {"faults for ever", fault_for_ever, kNeverEnds},
    {"faults while it is disabled", fault_disabled, kInvalidOpcode},
    {"ends its caller and itself in the middle of a call", die_in_call, kGoesOn},
    {"throws its address space away", end_itself, kNoTrap},
    {"throws its dispatcher's frame away", lose_frame, kNoTrap},
    {"throws its code and stack away", lose_code, kPageFault},
    {"suspends itself", suspend_itself, kNeverEnds},
};

}  // namespace

std::span<const Attack> attacks_by_dying() { return kAttacks; }

}  // namespace sprat::hostile
