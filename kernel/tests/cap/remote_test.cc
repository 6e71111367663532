// remote_test.cc — frames that other cores know of.

#include "tests/cap/bench.hh"

using namespace sprat;
using namespace sprat::test;

namespace {

// A frame and `copies` copies of it.
struct SharedFrame {
  SharedFrame(Bench& bench, std::size_t copies) : frame(bench.make(Type::frame, 12)) {
    for (std::size_t i = 0; i < copies; ++i) last_copy = &bench.copy_of(frame);
  }

  cap::Slot& frame;
  cap::Slot* last_copy = nullptr;
};

// How many capabilities to the frame say that it is remote, the kernel's own one included.
std::size_t count_remote(const cap::Slot& frame) {
  std::size_t count = 0;
  for (const cap::Slot* slot = cap::first_capability(); slot != nullptr; slot = slot->next)
    count += cap::same_object(*slot, frame) && slot->is_remote ? 1 : 0;
  return count;
}

}  // namespace

Test(remote, concerns_all_capabilities_whichever_was_named) {
  Bench bench;
  SharedFrame shared(bench, 20);
  for (cap::Slot* named : {&shared.frame, shared.last_copy, &bench.slots[7]}) {
    expect_ok(cap::set_remote(*named, true));
    cr_expect_eq(count_remote(shared.frame), 22);
    expect_ok(cap::set_remote(*named, false));
    cr_expect_eq(count_remote(shared.frame), 0);
  }
}

Test(remote, takes_bounded_steps) {
  Bench bench;
  SharedFrame shared(bench, 230);
  const std::size_t steps = count_again([&] { return cap::set_remote(shared.frame, true); });
  cr_expect_eq(steps, 2 * 230 / cap::kRemoteStep, "%zu steps", steps);
  cr_expect_eq(count_remote(shared.frame), 232);
}

Test(remote, copies_made_meanwhile_are_marked) {
  Bench bench;
  SharedFrame shared(bench, 100);
  cap::Slot made[40];
  std::size_t count = 0;
  while (!cap::set_remote(*shared.last_copy, true)) {
    for (cap::Slot* source : {&shared.frame, shared.last_copy})
      count += cap::copy(*source, made[count]).ok() ? 1 : 0;
  }
  cr_expect_gt(count, 0);
  cr_expect_eq(count_remote(shared.frame), 102 + count);
  expect_error(cap::copy(shared.frame, made[count]), Error::ask_monitor);
}

Test(remote, memory_stays_taken_when_all_capabilities_go) {
  Bench bench;
  SharedFrame shared(bench, 3);
  const std::uint64_t end = shared.frame.end();
  expect_ok(cap::set_remote(shared.frame, true));
  for (std::size_t i = 1; i <= 4; ++i) expect_ok(cap::remove(bench.slots[i]));
  cr_expect(cap::is_known_to_other_cores(bench.ram));
  cr_expect_geq(bench.make(Type::frame, 12).base, end);
}

Test(remote, is_for_frames_and_for_so_many) {
  Bench bench;
  expect_error(cap::set_remote(bench.ram, true), Error::wrong_type);
  expect_error(cap::set_remote(bench.next_slot(), true), Error::no_capability);
  for (std::size_t i = 0; i < cap::kMostRemote; ++i)
    expect_ok(cap::set_remote(bench.make(Type::frame, 12), true));
  expect_error(cap::set_remote(bench.make(Type::frame, 12), true), Error::out_of_memory);
}
