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

// ---- RAM that goes away

// Nothing is made there meanwhile, and what was zeroed before is not taken for zero any more.
Test(remote, ram_that_was_given_away_keeps_its_place_and_comes_back_with_contents) {
  Bench bench;
  cap::Slot& ram = bench.make(Type::ram, 17);
  const PhysicalRange range{PhysicalAddress(ram.base), PhysicalAddress(ram.end())};
  expect_error(cap::retype(ram, {Type::frame, 16, 1}, {&bench.next_slot(), 1}), Error::again);
  cr_expect_lt(ram.clean.begin, ram.clean.end);
  expect_ok(cap::may_give_away(ram));
  cap::give_away(ram);
  cr_expect(ram.is_empty() && cap::is_known_to_other_cores(bench.ram));
  cr_expect_geq(bench.make(Type::frame, 12).base, range.end.value());
  cap::Slot* const kept = cap::find_given_away({range.begin + kPageSize, range.end});
  cr_assert(kept != nullptr);
  cap::take_back(*kept, ram);
  cr_expect(!ram.is_remote && !cap::is_known_to_other_cores(bench.ram));
  cr_expect_eq(ram.clean.begin, ram.clean.end);
  cr_expect_null(cap::find_given_away(range));
}

Test(remote, ram_of_which_something_is_made_stays) {
  Bench bench;
  cap::Slot& ram = bench.make(Type::ram, 17);
  cap::Slot& frame = bench.make_from(ram, Type::frame, 12);
  expect_error(cap::may_give_away(ram), Error::in_use);
  expect_error(cap::share(ram, bench.next_slot(), kAllRights), Error::in_use);
  expect_ok(cap::remove(frame));
  cap::Slot& there = bench.next_slot();
  expect_ok(cap::share(ram, there, kAllRights));
  cr_expect(ram.is_empty() && there.type == Type::ram);
  expect_ok(cap::may_give_away(there));
}

// ---- frames that travel

namespace {

// A frame of another core, and copies of it that processes have.
struct ForeignFrame {
  ForeignFrame(Bench& bench, std::size_t copies) {
    make_root(anchor, Type::frame, 0x4000'0000, kPageSize);
    anchor.is_foreign = anchor.is_remote = true;
    for (std::size_t i = 0; i < copies; ++i)
      expect_ok(cap::share(anchor, bench.next_slot(), kAllRights));
  }

  cap::Slot anchor;
};

}  // namespace

Test(remote, monitor_copies_what_processes_cannot) {
  Bench bench;
  ForeignFrame foreign(bench, 1);
  cap::Slot& copy = bench.slots[1];
  cr_expect(copy.is_remote && copy.is_foreign && !copy.is_original);
  expect_error(cap::copy(copy, bench.next_slot()), Error::ask_monitor);
  cap::Slot& target = bench.next_slot();
  expect_ok(cap::share(copy, target, kRead));
  cr_expect(target.is_remote && target.is_foreign && target.rights == kRead);
  expect_error(cap::share(target, bench.next_slot(), kAllRights), Error::no_rights);
  expect_error(cap::share(bench.devices, bench.next_slot(), kAllRights), Error::wrong_type);
}

Test(remote, own_frame_stays_as_it_was_when_it_is_shared) {
  Bench bench;
  cap::Slot& frame = bench.make(Type::frame, 12);
  cap::Slot& first = bench.next_slot();
  expect_ok(cap::share(frame, first, kAllRights));
  cr_expect(!frame.is_remote && !first.is_remote);
  expect_ok(cap::set_remote(first, true));
  cap::Slot& second = bench.next_slot();
  expect_ok(cap::share(frame, second, kAllRights));
  cr_expect(frame.is_remote && second.is_remote);
  cr_expect_eq(count_remote(frame), 4);
}

Test(remote, sweep_deletes_all_copies_in_bounded_steps) {
  Bench bench;
  ForeignFrame foreign(bench, 100);
  calls().clear();
  expect_error(cap::drop(foreign.anchor), Error::in_use);
  cr_expect_eq(count_again([&] { return cap::sweep(foreign.anchor); }), 100 / cap::kRevokeStep);
  for (std::size_t i = 1; i <= 100; ++i) cr_expect(bench.slots[i].is_empty());
  cr_expect_eq(calls().lonely.size(), 1);
  expect_ok(cap::drop(foreign.anchor));
  cr_expect(foreign.anchor.is_empty());
}

Test(remote, anchor_is_lonely_when_its_last_copy_goes) {
  Bench bench;
  ForeignFrame foreign(bench, 3);
  calls().clear();
  for (const std::size_t slot : {2, 1}) expect_ok(cap::remove(bench.slots[slot]));
  cr_expect(calls().lonely.empty());
  expect_ok(cap::remove(bench.slots[3]));
  cr_expect_eq(calls().lonely.size(), 1);
}

// The process that has it ends, and its CSpace is taken apart.
Test(remote, anchor_is_lonely_when_the_process_of_its_last_copy_ends) {
  Bench bench;
  ForeignFrame foreign(bench, 0);
  cap::Slot& cspace = bench.make(Type::cnode);
  expect_ok(cap::share(foreign.anchor, slot_in(cspace, 7), kAllRights));
  calls().clear();
  expect_ok(cap::remove(cspace));
  take_all_apart();
  cr_expect_eq(calls().lonely.size(), 1);
  expect_ok(cap::drop(foreign.anchor));
}

Test(remote, only_anchors_are_swept) {
  Bench bench;
  ForeignFrame foreign(bench, 1);
  cap::Slot& own = bench.make(Type::frame, 12);
  for (cap::Slot* slot : {&own, &bench.slots[1], &bench.ram}) {
    expect_error(cap::sweep(*slot), Error::invalid_argument);
    expect_error(cap::drop(*slot), Error::invalid_argument);
  }
  expect_error(cap::sweep(bench.next_slot()), Error::no_capability);
}
