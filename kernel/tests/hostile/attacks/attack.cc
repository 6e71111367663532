// attack.cc — see attack.hh.

#include "attack.hh"

namespace sprat::hostile {

void expect(std::uint64_t line, std::uint64_t expected, std::uint64_t came) {
  Report& r = report();
  ++r.steps;
  if (expected == came || r.failures++ != 0) return;
  r.line = line;
  r.expected = expected;
  r.came = came;
}

Description describe(CapAddress address) {
  const auto words = invoke(address, Method::identify);
  Description description{};
  if (words) description = std::bit_cast<Description>(words.value()[0]);
  return description;
}

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

}  // namespace sprat::hostile
