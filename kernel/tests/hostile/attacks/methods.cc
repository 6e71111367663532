// methods.cc — see methods.hh.

#include "methods.hh"

namespace sprat::hostile {
namespace {

// Slots of the free CNode.
enum Prepared : std::uint64_t {
  kCNode = kFirstPrepared,  // with a frame in its slot kFilled
  kTable,                   // of level 4, with a table mapped at entry kMapped
  kFrame,
  kLowerTable,
  kNotification,
  kMappedTable,
  kDispatcher = kOtherDispatcher,
  kConfigured,  // a dispatcher that was configured
  kEndOfPrepared,
};
constexpr std::uint64_t kFilled = 9, kMapped = 7;

constexpr std::uint64_t raw(std::uint64_t slot) { return own(slot).raw(); }

constexpr Words kConfiguration{own(TaskSlot::root).raw(), own(TaskSlot::address_space).raw(),
                               raw(kFrame), 0x1000, raw(kNotification)};
constexpr Rights kKept = kWrite | kGrant;  // the dispatcher keeps a copy

// clang-format off
constexpr Invocation kInvocations[] = {
    {Method::identify,    kCNode,        {},     {}, 0},
    {Method::copy,        kCNode,        kWrite, {1, raw(kFrame)}, 2, 1, {{{1, kGrant}}}},
    {Method::mint,        kCNode,        kWrite, {1, raw(kFrame), 15}, 5, 1, {{{1, kGrant}}}},
    {Method::retype,      kCNode,        kWrite, {1, kRam.raw(), std::uint64_t(Type::frame), 12, 1}, 5, 1, {{{1, {}}}}},
    {Method::move,        kCNode,        kWrite, {1, raw(kFrame)}, 2, 1, {{{1, {}}}}},
    {Method::look,        kCNode,        kRead,  {kFilled}, 1},
    {Method::revoke,      kCNode,        kWrite, {kFilled}, 1},
    {Method::remove,      kCNode,        kWrite, {kFilled}, 1},
    {Method::map,         kTable,        kWrite, {1, raw(kLowerTable)}, 3, 1, {{{1, {}}}}},
    {Method::unmap,       kTable,        kWrite, {kMapped}, 1},
    {Method::configure,   kDispatcher,   kWrite, kConfiguration, 5, 4,
                          {{{0, kKept}, {1, kKept}, {2, kRead | kKept}, {4, kKept}}}},
    {Method::run,         kConfigured,   kWrite, {}, 0},
    {Method::suspend,     kConfigured,   kWrite, {}, 0},
    {Method::status,      kConfigured,   kRead,  {}, 0},
    {Method::signal,      kNotification, kWrite, {}, 0},
    {Method::bind,        kLine,         kRead,  {0, raw(kNotification)}, 2, 1, {{{1, kKept}}}},
    {Method::acknowledge, kLine,         kRead,  {0}, 1},
    {Method::in,          kPorts,        kRead,  {0, 1}, 2},
    {Method::out,         kPorts,        kWrite, {0, 1, 0}, 3},
};
// clang-format on

Result<Words> name_own_dispatcher(std::uint64_t slot, Type type) {
  return invoke(kFreeNode, Method::retype, slot, own(TaskSlot::dispatcher).raw(), type, 0, 1);
}

}  // namespace

std::span<const Invocation> invocations() { return kInvocations; }

Result<Words> put_copy(std::uint64_t slot, CapAddress source, Rights keep) {
  static_cast<void>(invoke(kFreeNode, Method::remove, slot));
  return invoke(kFreeNode, Method::mint, slot, source.raw(), keep.bits(), 0, 0);
}

void prepare_objects() {
  static_cast<void>(invoke(kFreeNode, Method::remove, kFirstOwn));
  for (std::uint64_t slot = kFirstPrepared; slot < kEndOfPrepared; ++slot)
    static_cast<void>(invoke(kFreeNode, Method::remove, slot));
  EXPECT_EQ(kStatusOk, status(make(kCNode, Type::cnode)));
  EXPECT_EQ(kStatusOk, status(make(kTable, Type::page_table_4)));
  EXPECT_EQ(kStatusOk, status(make(kFrame, Type::frame, 12)));
  EXPECT_EQ(kStatusOk, status(make(kLowerTable, Type::page_table_3)));
  EXPECT_EQ(kStatusOk, status(make(kMappedTable, Type::page_table_3)));
  EXPECT_EQ(kStatusOk, status(make(kDispatcher, Type::dispatcher)));
  EXPECT_EQ(kStatusOk, status(make(kConfigured, Type::dispatcher)));
  EXPECT_EQ(kStatusOk, status(name_own_dispatcher(kNotification, Type::notification)));
  EXPECT_EQ(kStatusOk,
            status(invoke(own(kCNode), Method::retype, kFilled, kRam.raw(), Type::frame, 12, 1)));
  EXPECT_EQ(kStatusOk, status(map(own(kTable), kMapped, own(kMappedTable))));
  EXPECT_EQ(kStatusOk,
            status(invoke(own(kConfigured), Method::configure, kConfiguration[0], kConfiguration[1],
                          kConfiguration[2], kConfiguration[3], kConfiguration[4])));
  EXPECT_EQ(kStatusOk, status(invoke(own(kLine), Method::bind, 0, raw(kNotification))));
}

}  // namespace sprat::hostile
