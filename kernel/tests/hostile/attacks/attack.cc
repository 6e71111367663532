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

namespace {

DispatcherFrame& frame_of_second() { return *reinterpret_cast<DispatcherFrame*>(kLastPage); }

}  // namespace

void make_second(void (*other)()) {
  map_last_page();
  EXPECT_EQ(kStatusOk, status(make(kSecond, Type::dispatcher)));
  EXPECT_EQ(kStatusOk,
            status(invoke(own(kSecond), Method::configure, own(TaskSlot::root).raw(),
                          own(TaskSlot::address_space).raw(), own(43).raw(), kLastPage, 0)));
  frame_of_second().entries[0] = reinterpret_cast<std::uint64_t>(other);
  frame_of_second().upcall_stack = kFirstProcessStackTop.value() - 4096 - 8;  // as after a call
  own_frame().is_disabled = 1;
  EXPECT_EQ(kStatusOk, status(invoke(own(kSecond), Method::run)));
}

bool second_is(DispatcherState state) {
  const auto words = invoke(own(kSecond), Method::status);
  return words && static_cast<DispatcherState>(words.value()[0]) == state;
}

void receive_in(CapAddress slot) { frame_of_second().receive_slot = slot.raw(); }

void call_second(void (*serve)()) {
  make_second([] {
    frame_of_second().is_disabled = 0;
    for (;;) yield(Yield::wait);
  });
  while (!second_is(DispatcherState::waiting)) yield(Yield::stay);
  frame_of_second().entries[3] = reinterpret_cast<std::uint64_t>(serve);
  EXPECT_EQ(kStatusOk, status(invoke(kFreeNode, Method::retype, kSecondsEndpoint,
                                     own(kSecond).raw(), Type::endpoint, 0, 1)));
  static_cast<void>(system_call(SystemCall::lrpc, own(kSecondsEndpoint).raw()));
}

}  // namespace sprat::hostile
