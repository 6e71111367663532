// names.cc — addresses of slots, methods and system calls that there are not.

#include "attack.hh"

namespace sprat::hostile {
namespace {

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
  for (const std::uint64_t length : {41ul, 1ul << 31, (1ul << 32) - 1})
    EXPECT_EQ(status_of(Error::invalid_argument),
              system_call(SystemCall::debug_write, own(kKernel).raw() | length << 32).status);
  const auto print = [](CapAddress console) {
    return system_call(SystemCall::debug_write, console.raw() | 1ul << 32).status;
  };
  EXPECT_EQ(status_of(Error::no_capability), print({}));
  EXPECT_EQ(status_of(Error::wrong_type), print(own(kSecret)));
  EXPECT_EQ(kStatusOk,
            status(invoke(kFreeNode, Method::mint, 40, own(kKernel).raw(), kGrant.bits())));
  EXPECT_EQ(status_of(Error::no_rights), print(own(40)));
  for (const std::uint64_t how : {2ul, 1ul << 32, ~0ul})
    EXPECT_EQ(status_of(Error::invalid_argument), system_call(SystemCall::yield, how).status);
}

constexpr Attack kAttacks[] = {
    {"forges addresses of slots", forge_addresses, kGoesOn},
    {"forges slots in a frame", forge_slots, kGoesOn},
    {"asks objects for methods of other types", wrong_methods, kGoesOn},
    {"makes system calls that there are not", wrong_system_calls, kGoesOn},
};

}  // namespace

std::span<const Attack> attacks_on_names() { return kAttacks; }

}  // namespace sprat::hostile
