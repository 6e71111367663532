// copy_test.cc — copy, mint and move.

#include "tests/cap/bench.hh"

using namespace sprat;
using namespace sprat::test;

Test(copy, names_the_same_object_with_the_same_rights) {
  Bench bench;
  cap::Slot& frame = bench.make(Type::frame, 13);
  cap::Slot& copy = bench.next_slot();
  expect_ok(cap::copy(frame, copy));
  cr_expect(cap::same_object(frame, copy));
  cr_expect(copy.rights == kAllRights);
  cr_expect(!copy.is_original);
}

Test(copy, stands_right_before_its_source_so_that_the_original_is_the_last) {
  Bench bench;
  cap::Slot& frame = bench.make(Type::frame, 12);
  cap::Slot& first = bench.copy_of(frame);
  cap::Slot& second = bench.copy_of(frame);
  cap::Slot& of_first = bench.copy_of(first);
  cr_expect(bench.ram.next == &of_first);
  cr_expect(of_first.next == &first);
  cr_expect(first.next == &second);
  cr_expect(second.next == &frame);
}

Test(copy, is_not_made_of_ram_or_lower_page_tables) {
  Bench bench;
  cap::Slot& target = bench.next_slot();
  expect_error(cap::copy(bench.ram, target), Error::wrong_type);
  expect_error(cap::copy(bench.devices, target), Error::wrong_type);
  expect_error(cap::copy(bench.make(Type::page_table_1), target), Error::wrong_type);
  expect_ok(cap::copy(bench.make(Type::page_table_4), target));
}

Test(copy, needs_the_right_to_grant) {
  Bench bench;
  cap::Slot& copy = bench.copy_of(bench.make(Type::frame, 12), kRead | kWrite);
  expect_error(cap::copy(copy, bench.next_slot()), Error::no_rights);
}

Test(copy, leaves_a_slot_in_use_as_it_is) {
  Bench bench;
  cap::Slot& frame = bench.make(Type::frame, 12);
  cap::Slot& other = bench.make(Type::frame, 12);
  const std::uint64_t base = other.base;
  expect_error(cap::copy(frame, other), Error::slot_in_use);
  expect_error(cap::copy(frame, frame), Error::slot_in_use);
  cr_expect(other.base == base);
  expect_error(cap::copy(bench.next_slot(), bench.next_slot()), Error::no_capability);
}

Test(copy, of_an_object_known_to_other_cores_asks_for_the_monitor) {
  Bench bench;
  cap::Slot& frame = bench.make(Type::frame, 12);
  frame.is_remote = true;
  expect_error(cap::copy(frame, bench.next_slot()), Error::ask_monitor);
}

Test(mint, keeps_or_removes_rights_and_adds_none) {
  Bench bench;
  cap::Slot& reader = bench.copy_of(bench.make(Type::frame, 12), kRead | kGrant);
  cr_expect(reader.rights == (kRead | kGrant));
  cr_expect(bench.copy_of(reader, kAllRights).rights == (kRead | kGrant));
  cr_expect(bench.copy_of(reader, kWrite).rights == Rights());
}

Test(mint, gives_an_endpoint_its_badge_once) {
  Bench bench;
  cap::Slot& endpoint = bench.make_from(bench.make(Type::dispatcher), Type::endpoint);
  cap::Slot& badged = bench.next_slot();
  expect_ok(cap::mint(endpoint, badged, {.badge_or_first = 7}));
  cr_expect(badged.badge == 7);
  cr_expect(endpoint.badge == 0);
  cap::Slot& target = bench.next_slot();
  expect_error(cap::mint(badged, target, {.badge_or_first = 8}), Error::invalid_argument);
  cr_expect(target.is_empty());
  expect_ok(cap::mint(badged, target, {.badge_or_first = 7}));
  cr_expect(bench.copy_of(badged).badge == 7);
}

Test(mint, narrows_a_range_of_lines) {
  Bench bench;
  cap::Slot& some = bench.next_slot();
  expect_ok(cap::mint(bench.irq, some, {.badge_or_first = 4, .count = 3}));
  cr_expect(some.base == 4 && some.bytes == 3);
  cap::Slot& rest = bench.next_slot();
  expect_ok(cap::mint(some, rest, {.badge_or_first = 1}));
  cr_expect(rest.base == 5 && rest.bytes == 2);
  cap::Slot& none = bench.next_slot();
  expect_error(cap::mint(some, none, {.badge_or_first = 3}), Error::invalid_argument);
  expect_error(cap::mint(some, none, {.badge_or_first = 2, .count = 2}), Error::invalid_argument);
  expect_error(cap::mint(some, none, {.badge_or_first = 1, .count = ~std::uint64_t{0}}),
               Error::invalid_argument);
}

Test(mint, refuses_a_badge_for_types_without_one) {
  Bench bench;
  cap::Slot& frame = bench.make(Type::frame, 12);
  expect_error(cap::mint(frame, bench.next_slot(), {.badge_or_first = 1}), Error::invalid_argument);
}

Test(move, takes_place_in_the_order_and_mapping_along) {
  Bench bench;
  cap::Slot& table = bench.make(Type::page_table_1);
  cap::Slot& frame = bench.make(Type::frame, 13);
  cap::Slot& copy = bench.copy_of(frame);
  expect_ok(cap::map(table, 9, frame, kWrite));
  cap::Slot& target = bench.next_slot();
  expect_ok(cap::move(frame, target));
  cr_expect(frame.is_empty());
  cr_expect(copy.next == &target && target.is_original && target.is_mapped);
  const cap::TableObject& object = cap::table_at(table.base);
  cr_expect(object.mapped[9] == &target && object.mapped[10] == &target);
}

Test(move, of_a_page_table_keeps_its_mappings_findable) {
  Bench bench;
  cap::Slot& table = bench.make(Type::page_table_1);
  cap::Slot& frame = bench.make(Type::frame, 12);
  expect_ok(cap::map(table, 0, frame, {}));
  cap::Slot& target = bench.next_slot();
  expect_ok(cap::move(table, target));
  cr_expect(frame.mapping.table_slot == &target);
}

Test(move, needs_a_full_source_and_an_empty_target) {
  Bench bench;
  expect_error(cap::move(bench.next_slot(), bench.next_slot()), Error::no_capability);
  expect_error(cap::move(bench.ram, bench.irq), Error::slot_in_use);
  expect_error(cap::move(bench.ram, bench.ram), Error::slot_in_use);
}
