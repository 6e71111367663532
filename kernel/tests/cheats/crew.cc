// crew.cc — making dispatchers that share everything but their frames.

#include "crew.hh"

namespace sprat::cheats {
namespace {

constexpr std::size_t kMembers = 4;
constexpr unsigned kFrameBits = 12;

alignas(16) constinit std::array<std::array<std::byte, 8 << 10>, kMembers> stacks{};

VirtualAddress frame_address(std::size_t number) { return kOwnMappings + number * kPageSize; }

std::uint64_t address_of(Code code) { return reinterpret_cast<std::uint64_t>(code); }

}  // namespace

Member::Member(std::size_t number, Code code, Code serve)
    : frame_(*reinterpret_cast<DispatcherFrame*>(frame_address(number).value())),
      memory_(must(runtime().ram.make<Type::frame>(kFrameBits), "a frame")),
      dispatcher_(must(runtime().ram.make<Type::dispatcher>(), "a dispatcher")) {
  const CapRef<Type::dispatcher> dispatcher = dispatcher_;
  plain_bell_ = must(retype<Type::notification>(dispatcher), "a notification");
  bell_ = must(mint(plain_bell_, {kAllRights, 1, 0}), "a badge");
  endpoint_ = must(retype<Type::endpoint>(dispatcher), "an endpoint");
  must(runtime().space.map(frame_address(number), memory_, kPageSize, kWrite), "mapping a frame");
  must(invoke(dispatcher_.address(), Method::configure, task_slot(TaskSlot::root).raw(),
              task_slot(TaskSlot::address_space).raw(), memory_.address().raw(),
              frame_address(number).value(), 0),
       "configuring");
  // As after a call: code expects a return address on its stack.
  frame_.upcall_stack = reinterpret_cast<std::uint64_t>(&stacks[number] + 1) - 8;
  frame_.entries = {address_of(code), 0, 0, address_of(serve)};
}

Member::~Member() {
  must(invoke(dispatcher_.address(), Method::suspend), "suspending");
  must(runtime().space.unmap(VirtualAddress(reinterpret_cast<std::uint64_t>(&frame_))),
       "unmapping");
}

void Member::run() { must(invoke(dispatcher_.address(), Method::run), "running"); }

}  // namespace sprat::cheats
