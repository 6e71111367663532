// rights.cc — more rights than were given.

#include "attack.hh"

namespace sprat::hostile {
namespace {

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

constexpr Attack kAttacks[] = {
    {"raises rights by copy, mint and calls", raise_rights, kGoesOn},
    {"reaches for ports and lines that are not its own", raise_ports, kGoesOn},
};

}  // namespace

std::span<const Attack> attacks_on_rights() { return kAttacks; }

}  // namespace sprat::hostile
