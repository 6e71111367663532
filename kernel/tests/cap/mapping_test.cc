// mapping_test.cc — map and unmap; the records that are cleared when either side ends.

#include "tests/cap/bench.hh"

using namespace sprat;
using namespace sprat::test;

namespace {

constexpr std::uint64_t kPresent = 1, kWritable = 2, kUser = 4, kUncached = 16, kLarge = 128;
constexpr std::uint64_t kNoExecute = std::uint64_t{1} << 63;

// An address space whose tables of each level are mapped at entry 1 of the next.
struct Space : Bench {
  cap::Slot& root = make(Type::page_table_4);
  cap::Slot& third = make(Type::page_table_3);
  cap::Slot& second = make(Type::page_table_2);
  cap::Slot& first = make(Type::page_table_1);
  cap::Slot& frame = make(Type::frame, 12);
  static constexpr VirtualAddress kBase{(1ull << 39) + (1ull << 30) + (1ull << 21)};

  Space() {
    expect_ok(cap::map(root, 1, third, {}));
    expect_ok(cap::map(third, 1, second, {}));
    expect_ok(cap::map(second, 1, first, {}));
  }

  std::uint64_t entry(const cap::Slot& table, std::size_t number) {
    return cap::table_at(table.base).entries[number];
  }

  Calls::Forgotten forgotten(VirtualAddress address, std::uint64_t bytes) {
    return {PhysicalAddress(root.base), address, bytes};
  }
};

}  // namespace

Test(map, enters_a_page_with_the_rights_asked_for) {
  Space space;
  expect_ok(cap::map(space.first, 5, space.frame, kWrite));
  cr_expect(space.entry(space.first, 5) ==
            (space.frame.base | kPresent | kWritable | kUser | kNoExecute));
  cr_expect(walk(PhysicalAddress(space.root.base), Space::kBase + 5 * kPageSize) ==
            space.entry(space.first, 5));
  cap::Slot& code = space.copy_of(space.frame);
  expect_ok(cap::map(space.first, 6, code, kExecute));
  cr_expect(space.entry(space.first, 6) == (space.frame.base | kPresent | kUser));
}

Test(map, enters_as_many_pages_as_the_frame_has) {
  Space space;
  cap::Slot& frame = space.make(Type::frame, 14);
  expect_ok(cap::map(space.first, 508, frame, {}));
  for (std::size_t i = 0; i < 4; ++i) {
    cr_expect(space.entry(space.first, 508 + i) ==
              ((frame.base + i * kPageSize) | kPresent | kUser | kNoExecute));
  }
  expect_error(cap::map(space.first, 509, space.copy_of(frame), {}), Error::invalid_argument);
}

Test(map, never_writes_and_executes) {
  Space space;
  expect_error(cap::map(space.first, 0, space.frame, kWrite | kExecute), Error::invalid_argument);
}

Test(map, asks_for_the_rights_of_the_capability) {
  Space space;
  cap::Slot& reader = space.copy_of(space.frame, kRead);
  expect_error(cap::map(space.first, 0, reader, kWrite), Error::no_rights);
  expect_error(cap::map(space.first, 0, reader, kExecute), Error::no_rights);
  expect_ok(cap::map(space.first, 0, reader, {}));
  cap::Slot& blind = space.copy_of(space.frame, kWrite);
  expect_error(cap::map(space.first, 1, blind, kWrite), Error::no_rights);
}

Test(map, maps_a_capability_once_and_an_entry_once) {
  Space space;
  cap::Slot& copy = space.copy_of(space.frame);
  expect_ok(cap::map(space.first, 0, space.frame, {}));
  expect_error(cap::map(space.first, 1, space.frame, {}), Error::in_use);
  expect_error(cap::map(space.first, 0, copy, {}), Error::already_mapped);
  expect_ok(cap::map(space.first, 1, copy, {}));
  expect_error(cap::map(space.root, 2, space.third, {}), Error::in_use);
}

Test(map, leaves_all_entries_as_they_are_when_one_is_taken) {
  Space space;
  expect_ok(cap::map(space.first, 2, space.frame, {}));
  expect_error(cap::map(space.first, 0, space.make(Type::frame, 14), {}), Error::already_mapped);
  cr_expect(space.entry(space.first, 0) == 0 && space.entry(space.first, 1) == 0);
}

Test(map, puts_each_table_into_the_next_level_only) {
  Space space;
  cap::Slot& table = space.make(Type::page_table_2);
  expect_error(cap::map(space.root, 3, table, {}), Error::wrong_type);
  expect_error(cap::map(space.second, 3, table, {}), Error::wrong_type);
  expect_error(cap::map(space.first, 3, table, {}), Error::wrong_type);
  expect_error(cap::map(table, 3, table, {}), Error::wrong_type);
  expect_ok(cap::map(space.third, 3, table, {}));
  expect_error(cap::map(space.third, 4, space.frame, {}), Error::wrong_type);
  expect_error(cap::map(space.first, 4, space.ram, {}), Error::wrong_type);
  expect_error(cap::map(space.frame, 4, space.frame, {}), Error::wrong_type);
}

Test(map, keeps_out_of_the_kernels_half) {
  Space space;
  cap::Slot& table = space.make(Type::page_table_3);
  expect_error(cap::map(space.root, 256, table, {}), Error::invalid_argument);
  expect_error(cap::map(space.root, 255, table, {}), Error::invalid_argument);
  expect_error(cap::map(space.root, ~std::uint64_t{0}, table, {}), Error::invalid_argument);
  expect_ok(cap::map(space.root, 254, table, {}));
}

Test(map, uses_large_pages_in_a_table_of_level_2) {
  Space space;
  cap::Slot ram;
  make_root(ram, Type::ram, 4 << 20, 4 << 20);
  cap::Slot& frame = space.make_from(ram, Type::frame, 22);
  expect_ok(cap::map(space.second, 8, frame, kWrite));
  cr_expect(space.entry(space.second, 9) ==
            ((frame.base + kLargePageSize) | kPresent | kWritable | kUser | kLarge | kNoExecute));
  expect_error(cap::map(space.second, 12, space.frame, {}), Error::misaligned);
}

Test(map, makes_registers_of_devices_uncached) {
  Space space;
  cap::Slot& frame = space.make_from(space.devices, Type::device_frame, 12);
  expect_ok(cap::map(space.first, 0, frame, kWrite));
  cr_expect(space.entry(space.first, 0) ==
            (frame.base | kPresent | kWritable | kUser | kUncached | kNoExecute));
}

Test(unmap, takes_out_the_whole_mapping_from_any_of_its_entries) {
  Space space;
  cap::Slot& frame = space.make(Type::frame, 14);
  expect_ok(cap::map(space.first, 8, frame, {}));
  expect_ok(cap::unmap(space.first, 10));
  for (std::size_t i = 8; i < 12; ++i) cr_expect(space.entry(space.first, i) == 0);
  cr_expect(!frame.is_mapped);
  expect_ok(cap::map(space.first, 0, frame, {}));
}

Test(unmap, has_the_translations_forgotten) {
  Space space;
  cap::Slot& frame = space.make(Type::frame, 14);
  expect_ok(cap::map(space.first, 8, frame, {}));
  touch(PhysicalAddress(space.root.base), Space::kBase + 9 * kPageSize);
  expect_ok(cap::unmap(space.first, 8));
  cr_expect(calls().forgotten.size() == 1);
  cr_expect(calls().forgotten[0] == space.forgotten(Space::kBase + 8 * kPageSize, 4 * kPageSize));
  cr_expect(stale_translation() == nullptr);
}

Test(unmap, of_a_table_has_all_translations_below_it_forgotten) {
  Space space;
  expect_ok(cap::unmap(space.third, 1));
  cr_expect(calls().forgotten.size() == 1);
  cr_expect(calls().forgotten[0] ==
            space.forgotten(VirtualAddress((1ull << 39) + (1ull << 30)), kHugePageSize));
}

Test(unmap, forgets_nothing_where_no_address_space_is_above) {
  Space space;
  expect_ok(cap::map(space.first, 0, space.frame, {}));
  expect_ok(cap::unmap(space.third, 1));
  calls().clear();
  expect_ok(cap::unmap(space.first, 0));
  cr_expect(calls().forgotten.empty());
}

Test(unmap, finds_nothing_in_an_empty_entry) {
  Space space;
  expect_error(cap::unmap(space.first, 0), Error::not_found);
  expect_error(cap::unmap(space.root, 256), Error::not_found);
  expect_error(cap::unmap(space.first, 512), Error::invalid_argument);
}

Test(mapping, ends_with_the_capability_that_is_mapped) {
  Space space;
  cap::Slot& copy = space.copy_of(space.frame);
  expect_ok(cap::map(space.first, 3, copy, {}));
  touch(PhysicalAddress(space.root.base), Space::kBase + 3 * kPageSize);
  expect_ok(cap::revoke(space.frame));
  cr_expect(space.entry(space.first, 3) == 0);
  cr_expect(stale_translation() == nullptr);
}

Test(mapping, ends_with_the_table) {
  Space space;
  expect_ok(cap::map(space.first, 3, space.frame, {}));
  touch(PhysicalAddress(space.root.base), Space::kBase + 3 * kPageSize);
  expect_ok(cap::remove(space.first));
  cr_expect(!space.frame.is_mapped);
  cr_expect(space.entry(space.second, 1) == 0);
  cr_expect(stale_translation() == nullptr);
}

Test(mapping, ends_with_the_last_capability_to_the_root) {
  Space space;
  cap::Slot& copy = space.copy_of(space.root);
  expect_ok(cap::remove(space.root));
  cr_expect(space.third.is_mapped && calls().left.empty());
  const std::uint64_t base = copy.base;
  expect_ok(cap::remove(copy));
  cr_expect(!space.third.is_mapped);
  cr_expect(calls().left.size() == 1 && calls().left[0].value() == base);
}

Test(mapping, through_one_capability_to_the_root_outlives_it) {
  Space space;
  cap::Slot& copy = space.copy_of(space.root);
  cap::Slot& table = space.make(Type::page_table_3);
  expect_ok(cap::map(copy, 9, table, {}));
  expect_ok(cap::remove(copy));
  cr_expect(table.is_mapped);
  expect_ok(cap::unmap(space.root, 9));
  cr_expect(!table.is_mapped);
}

Test(mapping, of_a_table_that_moved_is_still_forgotten_at_the_right_address) {
  Space space;
  expect_ok(cap::map(space.first, 3, space.frame, {}));
  expect_ok(cap::move(space.second, space.next_slot()));
  expect_ok(cap::move(space.first, space.next_slot()));
  expect_ok(cap::remove(space.frame));
  cr_expect(calls().forgotten.size() == 1);
  cr_expect(calls().forgotten[0] == space.forgotten(Space::kBase + 3 * kPageSize, kPageSize));
}
