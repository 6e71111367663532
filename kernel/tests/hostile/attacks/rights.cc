// rights.cc — more rights than were given.

#include "methods.hh"

namespace sprat::hostile {
namespace {

void raise_rights() {
  constexpr std::uint64_t kLess = (kRead | kGrant).bits();
  const auto mint = [](std::uint64_t source, std::uint64_t badge = 0, std::uint64_t count = 0) {
    return invoke(kFreeNode, Method::mint, 40, own(source).raw(), ~std::uint64_t{0}, badge, count);
  };
  for (const std::uint64_t source : {kSecret, kBell}) {
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
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::core_state, 1));
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::stop_core, 1));
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::reclaim, kFreeNode.raw(), 40, 1));
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::alarm, 1'000, 0));
  EXPECT_ERROR(no_rights,
               invoke(own(kKernel), Method::adopt_anchor, kFreeNode.raw(), 40, 1 << 20, 4096));
  for (const Method method : {Method::fetch, Method::put}) {
    EXPECT_ERROR(no_rights, invoke(own(kKernel), method, kFreeNode.raw(), 40,
                                   task_slot(TaskSlot::dispatcher).raw(), own(kSecret).raw(), 15));
  }
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::leave, kRam.raw()));
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::enter, kFreeNode.raw(), 40, 2 << 20));
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::sweep, kFreeNode.raw(), kSecret));
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::drop, kFreeNode.raw(), kSecret));
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::lonely, 0));
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::set_remote, kFreeNode.raw(), kSecret, 1));
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::load_core, 1, kRam.raw(), 4096));
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::doorbells, kFreeNode.raw(), 40, 1));
  EXPECT_ERROR(no_rights, invoke(own(kKernel), Method::adopt, kFreeNode.raw(), 40, 1 << 20, 4096));
  EXPECT_ERROR(no_rights, invoke(own(kBell), Method::signal));
  EXPECT_ERROR(no_rights, invoke(kFreeNode, Method::copy, 40, own(kNobody).raw()));
  EXPECT_ERROR(no_rights, mint(kNobody));
  EXPECT_ERROR(invalid_argument, mint(kBell, 2));  // the badge of another process
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
  EXPECT_ERROR(no_rights, invoke(own(kLine), Method::bind, 0, own(kBell).raw()));
  // The line of a device is no doorbell.
  for (const std::uint64_t line : {0ul, 1ul, kFirstDoorbell, 1ul << 32 | kFirstDoorbell, ~0ul})
    EXPECT_ERROR(invalid_argument, invoke(own(kLine), Method::signal, line));
}

// Asks for a method by `object` and with `words`, one of which carries all rights but `missing`.
void ask_without(Rights missing, Rights needed, CapAddress object, const Invocation& invocation,
                 const Words& words) {
  const auto result = invoke(object, invocation, words);
  EXPECT_EQ(needed.has(missing) ? status_of(Error::no_rights) : kStatusOk, status(result));
}

// Each method with each right missing, of the object and of each capability among the arguments: refused exactly if the right is
// needed.
void miss_rights() {
  constexpr std::uint64_t kLess = kFirstOwn;
  for (const Invocation& invocation : invocations()) {
    for (const Rights missing : {kRead, kWrite, kExecute, kGrant}) {
      const Rights others(kAllRights.bits() & ~missing.bits());
      prepare_objects();
      EXPECT_EQ(kStatusOk, status(put_copy(kLess, own(invocation.object), others)));
      ask_without(missing, invocation.rights, own(kLess), invocation, invocation.words);
      for (const Named& named : std::span(invocation.named).first(invocation.names)) {
        prepare_objects();
        Words words = invocation.words;
        if (!put_copy(kLess, CapAddress(words[named.word]), others)) continue;  // never copied
        words[named.word] = own(kLess).raw();
        ask_without(missing, named.rights, own(invocation.object), invocation, words);
      }
    }
  }
}

// The Kernel capability is never sent, nor are types with one owner at a time; all others arrive.
void send_each_type() {
  call_second([] { static_cast<void>(system_call(SystemCall::reply, 0)); });
  constexpr std::uint64_t kReceived = kFirstOwn, kRoot = 50, kTable = 51;
  receive_in(own(kReceived));
  EXPECT_EQ(kStatusOk, status(make(kRoot, Type::page_table_4)));
  EXPECT_EQ(kStatusOk, status(make(kTable, Type::page_table_1)));
  const struct {
    CapAddress capability;
    bool is_sent;
  } kEach[] = {
      {own(kKernel), false},
      {kRam, false},
      {own(kTable), false},
      {own(kRoot), true},
      {own(kSecret), true},
      {own(TaskSlot::root), true},
      {own(TaskSlot::dispatcher), true},
      {own(kSecondsEndpoint), true},
      {own(kBell), true},
      {own(kLine), true},
      {own(kPorts), true},
  };
  for (const auto& each : kEach) {
    static_cast<void>(invoke(kFreeNode, Method::remove, kReceived));
    const std::uint64_t named = own(kSecondsEndpoint).raw() | std::uint64_t{each.capability.raw()}
                                                                  << 32;
    EXPECT_EQ(each.is_sent ? kStatusOk : status_of(Error::wrong_type),
              system_call(SystemCall::lrpc, named).status);
    EXPECT_EQ(each.is_sent ? describe(each.capability).type : Type::null,
              describe(own(kReceived)).type);
  }
}

constexpr Attack kAttacks[] = {
    {"asks for each method with each right missing", miss_rights, kGoesOn},
    {"sends a capability of each type", send_each_type, kGoesOn},
    {"raises rights by copy, mint and calls", raise_rights, kGoesOn},
    {"reaches for ports and lines that are not its own", raise_ports, kGoesOn},
};

}  // namespace

std::span<const Attack> attacks_on_rights() { return kAttacks; }

}  // namespace sprat::hostile
