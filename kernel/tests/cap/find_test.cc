// find_test.cc — which slot an address names, and which addresses name none.

#include "tests/cap/bench.hh"

using namespace sprat;
using namespace sprat::test;

namespace {

// A root CNode that holds another at number 3, which holds a frame at number 7.
struct Directory : Bench {
  cap::Slot& root = make(Type::cnode);
  cap::Slot& node = slot_in(root, 3);
  cap::Slot* frame = nullptr;

  Directory() {
    expect_ok(cap::move(make(Type::cnode), node));
    frame = &slot_in(node, 7);
    expect_ok(cap::move(make(Type::frame, 12), *frame));
  }

  void expect_none(CapAddress address) {
    const auto found = cap::find_slot(root, address);
    cr_expect(!found.ok() && found.error() == Error::no_capability, "0x%x names no slot",
              address.raw());
  }
};

}  // namespace

Test(find, follows_the_root_and_one_cnode) {
  Directory directory;
  cr_expect(cap::find_slot(directory.root, CapAddress(3, 7)).value() == directory.frame);
}

Test(find, names_empty_slots_too) {
  Directory directory;
  cr_expect(cap::find_slot(directory.root, CapAddress(3, 255)).value() ==
            &slot_in(directory.node, 255));
}

Test(find, names_slots_of_the_root_itself) {
  Directory directory;
  cr_expect(cap::find_slot(directory.root, CapAddress::in_root(3)).value() == &directory.node);
}

Test(find, never_finds_the_kernels_slots) {
  Directory directory;
  directory.expect_none(CapAddress(3, 0));
  directory.expect_none(CapAddress::in_root(0));
}

Test(find, refuses_a_path_through_another_type_than_cnode) {
  Directory directory;
  expect_ok(cap::move(directory.make(Type::frame, 12), slot_in(directory.root, 4)));
  directory.expect_none(CapAddress(4, 1));
  directory.expect_none(CapAddress(5, 1));
  directory.expect_none(CapAddress(0, 1));
}

Test(find, refuses_addresses_with_reserved_bits) {
  Directory directory;
  directory.expect_none(CapAddress(3 << 8 | 7 | 1 << 17));
  directory.expect_none(CapAddress(1 << 16 | 3 << 8 | 7));
}

Test(find, checks_type_and_rights) {
  Directory directory;
  const auto error_for = [&](std::size_t slot, Type type, Rights rights) {
    const auto found = cap::find(directory.root, CapAddress(3, slot), type, rights);
    return found.ok() ? Error::not_found : found.error();
  };
  expect_ok(cap::mint(*directory.frame, slot_in(directory.node, 8), {.keep = kRead}));
  cr_expect(cap::find(directory.root, CapAddress(3, 8), Type::frame, kRead).ok());
  cr_expect(error_for(8, Type::frame, kWrite) == Error::no_rights);
  cr_expect(error_for(8, Type::ram, kRead) == Error::wrong_type);
  cr_expect(error_for(9, Type::frame, kRead) == Error::no_capability);
}

Test(find, gives_ranges_of_slots_only_where_there_are_slots) {
  Directory directory;
  cr_expect(cap::slots_of(directory.node, 1, 255).ok());
  cr_expect(!cap::slots_of(directory.node, 0, 1).ok());
  cr_expect(!cap::slots_of(directory.node, 255, 2).ok());
  cr_expect(!cap::slots_of(directory.node, ~std::uint64_t{0}, 2).ok());
  cr_expect(!cap::slot_of(directory.node, 256).ok());
}
