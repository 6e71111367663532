// methods.cc — see methods.hh.

#include "methods.hh"

namespace sprat::hostile {
namespace {

// Slots of the free CNode.
enum Prepared : std::uint64_t {
  kCNode = kFirstPrepared,  // with a frame in its slot kFilled
  kTable,                   // of level 1, with a frame mapped at entry kMapped
  kFrame,
  kMappedFrame,
  kNotification,
  kEndpoint,
  kDispatcher = kOtherDispatcher,
  kConfigured,  // a dispatcher that was configured
  kEndOfPrepared,
};
constexpr std::uint64_t kFilled = 9, kMapped = 7;

constexpr std::uint64_t frame = own(kFrame).raw(), bell = own(kNotification).raw();
constexpr Words configuration{own(TaskSlot::root).raw(), own(TaskSlot::address_space).raw(), frame,
                              0x1000, bell};

constexpr Invocation kInvocations[] = {
    {Method::identify, kCNode, {}, 0, 0},
    {Method::copy, kCNode, {1, frame}, 2, 0b10},
    {Method::mint, kCNode, {1, frame, kAllRights.bits()}, 5, 0b10},
    {Method::retype, kCNode, {1, kRam.raw(), std::uint64_t(Type::frame), 12, 1}, 5, 0b10},
    {Method::move, kCNode, {1, frame}, 2, 0b10},
    {Method::look, kCNode, {kFilled}, 1, 0},
    {Method::revoke, kCNode, {kFilled}, 1, 0},
    {Method::remove, kCNode, {kFilled}, 1, 0},
    {Method::map, kTable, {1, frame, kWrite.bits()}, 3, 0b10},
    {Method::unmap, kTable, {kMapped}, 1, 0},
    {Method::configure, kDispatcher, configuration, 5, 0b10111},
    {Method::run, kConfigured, {}, 0, 0},
    {Method::suspend, kConfigured, {}, 0, 0},
    {Method::status, kConfigured, {}, 0, 0},
    {Method::signal, kNotification, {}, 0, 0},
    {Method::bind, kLine, {0, bell}, 2, 0b10},
    {Method::in, kPorts, {0, 1}, 2, 0},
    {Method::out, kPorts, {0, 1, 0}, 3, 0},
};

Result<Words> name_own_dispatcher(std::uint64_t slot, Type type) {
  return invoke(kFreeNode, Method::retype, slot, own(TaskSlot::dispatcher).raw(), type, 0, 1);
}

}  // namespace

std::span<const Invocation> invocations() { return kInvocations; }

void prepare_objects() {
  for (std::uint64_t slot = kFirstPrepared; slot < kEndOfPrepared; ++slot)
    static_cast<void>(invoke(kFreeNode, Method::remove, slot));
  EXPECT_EQ(kStatusOk, status(make(kCNode, Type::cnode)));
  EXPECT_EQ(kStatusOk, status(make(kTable, Type::page_table_1)));
  EXPECT_EQ(kStatusOk, status(make(kFrame, Type::frame, 12)));
  EXPECT_EQ(kStatusOk, status(make(kMappedFrame, Type::frame, 12)));
  EXPECT_EQ(kStatusOk, status(make(kDispatcher, Type::dispatcher)));
  EXPECT_EQ(kStatusOk, status(make(kConfigured, Type::dispatcher)));
  EXPECT_EQ(kStatusOk, status(name_own_dispatcher(kNotification, Type::notification)));
  EXPECT_EQ(kStatusOk, status(name_own_dispatcher(kEndpoint, Type::endpoint)));
  EXPECT_EQ(kStatusOk,
            status(invoke(own(kCNode), Method::retype, kFilled, kRam.raw(), Type::frame, 12, 1)));
  EXPECT_EQ(kStatusOk, status(map(own(kTable), kMapped, own(kMappedFrame))));
  EXPECT_EQ(kStatusOk,
            status(invoke(own(kConfigured), Method::configure, configuration[0], configuration[1],
                          configuration[2], configuration[3], configuration[4])));
}

}  // namespace sprat::hostile
