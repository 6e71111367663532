// retype_test.cc — memory becomes objects, each byte part of one, and the earlier contents cannot be read.

#include "tests/cap/bench.hh"

using namespace sprat;
using namespace sprat::test;

namespace {

void make_dirty(std::uint64_t base, std::uint64_t bytes) {
  std::memset(first_byte() + base, 0xdb, bytes);
}

bool is_zero(std::uint64_t base, std::uint64_t bytes) {
  return std::all_of(first_byte() + base, first_byte() + base + bytes,
                     [](std::byte byte) { return byte == std::byte{0}; });
}

}  // namespace

Test(retype, hands_out_no_byte_twice) {
  Bench bench;
  cap::Slot& first = bench.make(Type::frame, 12);
  cap::Slot& second = bench.make(Type::cnode);
  cap::Slot& third = bench.make(Type::frame, 12);
  cr_expect(first.base == Bench::kRam);
  cr_expect(second.base >= first.end());
  cr_expect(third.base >= second.end());
}

Test(retype, aligns_objects_to_their_size) {
  Bench bench;
  bench.make(Type::frame, 12);
  cr_expect(bench.make(Type::frame, 16).base == Bench::kRam + (64 << 10));
}

Test(retype, makes_several_objects_side_by_side) {
  Bench bench;
  const auto targets = std::span(bench.slots).subspan(1, 4);
  expect_ok(cap::retype(bench.ram, {Type::frame, 12, 4}, targets));
  for (std::size_t i = 0; i < 4; ++i) cr_expect(targets[i].base == Bench::kRam + i * kPageSize);
}

Test(retype, makes_all_or_nothing) {
  Bench bench;
  expect_ok(cap::retype(bench.ram, {Type::ram, 12, 1}, {&bench.slots[3], 1}));
  const auto targets = std::span(bench.slots).subspan(1, 4);
  expect_error(cap::retype(bench.ram, {Type::ram, 12, 4}, targets), Error::slot_in_use);
  cr_expect(targets[0].is_empty() && targets[1].is_empty() && targets[3].is_empty());
}

Test(retype, stops_where_the_source_ends) {
  Bench bench;
  bench.make(Type::ram, 19);
  const auto targets = std::span(bench.slots).subspan(10, 3);
  expect_error(cap::retype(bench.ram, {Type::ram, 18, 3}, targets), Error::out_of_memory);
  expect_ok(cap::retype(bench.ram, {Type::ram, 18, 2}, targets.first(2)));
  expect_error(cap::retype(bench.ram, {Type::ram, 12, 1}, targets.last(1)), Error::out_of_memory);
}

Test(retype, reuses_the_memory_of_the_newest_object) {
  Bench bench;
  cap::Slot& old = bench.make(Type::frame, 12);
  cap::Slot& newest = bench.make(Type::frame, 12);
  const std::uint64_t base = newest.base;
  expect_ok(cap::remove(newest));
  cr_expect(bench.make(Type::frame, 12).base == base);
  expect_ok(cap::remove(old));
  cr_expect(bench.make(Type::frame, 12).base == base + kPageSize, "old is not the newest");
}

Test(retype, finds_a_source_unused_as_a_whole_when_its_descendants_are_gone) {
  Bench bench;
  cap::Slot& inner = bench.make(Type::ram, 16);
  cap::Slot& frame = bench.make_from(inner, Type::frame, 12);
  cap::Slot& copy = bench.copy_of(frame);
  expect_ok(cap::remove(inner));
  expect_ok(cap::remove(frame));
  cr_expect(bench.make(Type::ram, 12).base == Bench::kRam + kPageSize, "the copy is still there");
  expect_ok(cap::revoke(bench.ram));
  cr_expect(copy.is_empty());
  cr_expect(bench.make(Type::ram, 12).base == Bench::kRam);
}

Test(retype, follows_the_table) {
  Bench bench;
  cap::Slot& target = bench.next_slot();
  expect_error(cap::retype(bench.ram, {Type::device_frame, 12, 1}, {&target, 1}),
               Error::wrong_type);
  expect_error(cap::retype(bench.ram, {Type::endpoint, 0, 1}, {&target, 1}), Error::wrong_type);
  expect_error(cap::retype(bench.ram, {Type::kernel, 0, 1}, {&target, 1}), Error::wrong_type);
  expect_error(cap::retype(bench.ram, {Type{77}, 12, 1}, {&target, 1}), Error::wrong_type);
  expect_error(cap::retype(bench.devices, {Type::frame, 12, 1}, {&target, 1}), Error::wrong_type);
  expect_error(cap::retype(bench.make(Type::frame, 14), {Type::frame, 12, 1}, {&target, 1}),
               Error::wrong_type);
  expect_error(cap::retype(bench.next_slot(), {Type::frame, 12, 1}, {&target, 1}),
               Error::no_capability);
}

Test(retype, refuses_sizes_and_counts_out_of_range) {
  Bench bench;
  const std::span<cap::Slot> slots(bench.slots);
  expect_error(cap::retype(bench.ram, {Type::frame, 11, 1}, slots.subspan(1, 1)),
               Error::invalid_argument);
  expect_error(cap::retype(bench.ram, {Type::frame, 64, 1}, slots.subspan(1, 1)),
               Error::invalid_argument);
  expect_error(cap::retype(bench.ram, {Type::cnode, 15, 1}, slots.subspan(1, 1)),
               Error::invalid_argument);
  expect_error(cap::retype(bench.ram, {Type::frame, 12, 0}, slots.subspan(1, 0)),
               Error::invalid_argument);
  expect_error(cap::retype(bench.ram, {Type::frame, 12, 33}, slots.subspan(1, 33)),
               Error::invalid_argument);
  expect_error(cap::retype(bench.ram, {Type::frame, 52, 32}, slots.subspan(1, 32)),
               Error::out_of_memory);
}

Test(retype, zeroes_memory_before_anyone_can_see_it) {
  make_dirty(Bench::kRam, 1 << 20);
  Bench bench;
  cap::Slot& frame = bench.make(Type::frame, 13);
  cr_expect(is_zero(frame.base, frame.bytes));
  make_dirty(frame.base, frame.bytes);
  expect_ok(cap::remove(frame));
  cap::Slot& table = bench.make(Type::page_table_1);
  cr_expect(is_zero(table.base, table.bytes), "the clean part is dirty again");
}

Test(retype, zeroes_16_KiB_a_call) {
  make_dirty(Bench::kRam, 1 << 20);
  Bench bench;
  cap::Slot& target = bench.next_slot();
  const auto make = [&] { return cap::retype(bench.ram, {Type::frame, 16, 1}, {&target, 1}); };
  expect_error(make(), Error::again);
  cr_expect(target.is_empty());
  cr_expect(is_zero(Bench::kRam, 16 << 10));
  cr_expect(first_byte()[Bench::kRam + (16 << 10)] == std::byte{0xdb});
  cr_expect(count_again(make) == 2);
  cr_expect(is_zero(target.base, target.bytes));
}

Test(retype, makes_ram_of_ram_at_once_and_passes_on_its_clean_part) {
  make_dirty(Bench::kRam, 1 << 20);
  Bench bench;
  cap::Slot& target = bench.next_slot();
  expect_error(cap::retype(bench.ram, {Type::frame, 16, 1}, {&target, 1}), Error::again);
  expect_ok(cap::retype(bench.ram, {Type::ram, 16, 1}, {&target, 1}));
  cr_expect(target.clean.begin == Bench::kRam && target.clean.end == Bench::kRam + (16 << 10));
  expect_ok(cap::retype(target, {Type::frame, 14, 1}, {&bench.next_slot(), 1}));
}

Test(retype, leaves_registers_of_devices_alone) {
  Bench bench;
  cap::Slot& frame = bench.make_from(bench.devices, Type::device_frame, 12);
  cr_expect(frame.base ==
            bench.devices.base);  // zeroing it would have been a crash: there is no memory
}

Test(retype, gives_objects_the_rights_of_their_source) {
  Bench bench;
  bench.devices.rights = kRead | kGrant;
  cr_expect(bench.make_from(bench.devices, Type::device_frame, 12).rights == (kRead | kGrant));
}

Test(retype, makes_endpoints_that_lead_to_their_dispatcher) {
  Bench bench;
  cap::Slot& dispatcher = bench.make(Type::dispatcher);
  cap::Slot& endpoint = bench.make_from(dispatcher, Type::endpoint);
  cap::Slot& notification = bench.make_from(dispatcher, Type::notification);
  cr_expect(dispatcher_at(dispatcher.base).made == 1);
  cr_expect(cap::dispatcher_of(endpoint).value() == dispatcher.base);
  cr_expect(cap::dispatcher_of(notification).value() == dispatcher.base);
  cr_expect(!cap::same_object(endpoint, bench.make_from(dispatcher, Type::endpoint)));
}

Test(retype, needs_the_original) {
  Bench bench;
  cap::Slot& copy = bench.copy_of(bench.make(Type::dispatcher));
  cap::Slot& target = bench.next_slot();
  expect_error(cap::retype(copy, {Type::endpoint, 0, 1}, {&target, 1}), Error::no_rights);
  bench.ram.is_remote = true;
  expect_error(cap::retype(bench.ram, {Type::ram, 12, 1}, {&target, 1}), Error::ask_monitor);
}

Test(retype, gives_a_new_address_space_the_kernels_half) {
  Bench bench;
  cr_expect(cap::table_at(bench.make(Type::page_table_4).base).entries[256] == kKernelHalf);
}
