// remove_test.cc — remove, revoke, and objects that come apart.

#include "tests/cap/bench.hh"

using namespace sprat;
using namespace sprat::test;

namespace {

// A dispatcher that lives from a CNode, and a frame in that CNode.
struct Process : Bench {
  cap::Slot& cnode = make(Type::cnode);
  cap::Slot& dispatcher = make(Type::dispatcher);
  cap::Slot& frame = slot_in(cnode, 9);
  cap::Slot& part = cap::dispatcher_parts(dispatcher)[0];

  Process() {
    expect_ok(cap::copy(cnode, part));
    part.is_part = true;
    expect_ok(cap::move(make(Type::frame, 12), frame));
  }
};

}  // namespace

Test(remove, empties_the_slot_and_leaves_the_others) {
  Bench bench;
  cap::Slot& frame = bench.make(Type::frame, 12);
  cap::Slot& copy = bench.copy_of(frame);
  expect_ok(cap::remove(frame));
  cr_expect(frame.is_empty() && !copy.is_empty());
  expect_error(cap::remove(frame), Error::no_capability);
}

Test(remove, gives_descendants_to_the_next_ancestor) {
  Bench bench;
  cap::Slot& middle = bench.make(Type::ram, 14);
  cap::Slot& frame = bench.make_from(middle, Type::frame, 12);
  expect_ok(cap::remove(middle));
  expect_ok(cap::revoke(bench.ram));
  cr_expect(frame.is_empty());
}

Test(remove, keeps_a_cnode_alive_until_its_last_capability_goes) {
  Process process;
  cap::Slot& copy = process.copy_of(process.cnode);
  expect_ok(cap::remove(process.cnode));
  expect_ok(cap::remove(copy));
  cr_expect(cap::newest_dying() == nullptr, "the dispatcher's part is the last");
  expect_ok(cap::remove(process.part));
  cr_expect(cap::newest_dying() != nullptr);
  take_all_apart();
  cr_expect(process.frame.is_empty());
}

Test(remove, keeps_the_memory_of_a_dying_object_taken) {
  Bench bench;
  cap::Slot& cnode = bench.make(Type::cnode);
  const std::uint64_t base = cnode.base;
  expect_ok(cap::remove(cnode));
  cr_expect(bench.make(Type::frame, 14).base == base + (16 << 10));
  count_again([&] { return cap::revoke(bench.ram); });
  cr_expect(cap::newest_dying() == nullptr, "revoke took the CNode apart as well");
  cr_expect(bench.make(Type::frame, 14).base == base);
}

Test(remove, takes_apart_sixteen_capabilities_a_step) {
  Bench bench;
  cap::Slot& cnode = bench.make(Type::cnode);
  cap::Slot& frame = bench.make(Type::frame, 12);
  for (std::size_t number = 1; number < kSlotsPerCNode; ++number) {
    expect_ok(cap::copy(frame, slot_in(cnode, number)));
  }
  const std::uint64_t base = cnode.base;
  expect_ok(cap::remove(cnode));
  const cap::CNodeObject& slots = *memory::window<cap::CNodeObject>(PhysicalAddress(base));
  const auto held = [&] {
    return std::count_if(slots.begin() + 1, slots.end(),
                         [](const cap::Slot& slot) { return !slot.is_empty(); });
  };
  for (auto before = held(); cap::take_apart(); before = held()) {
    cr_expect(before - held() <= static_cast<std::ptrdiff_t>(cap::kRevokeStep));
  }
  cr_expect(held() == 0);
  cr_expect(cap::is_last(frame), "all copies are gone");
}

Test(remove, ends_cnodes_that_hold_each_other) {
  Bench bench;
  cap::Slot& first = bench.make(Type::cnode);
  cap::Slot& second = bench.make(Type::cnode);
  expect_ok(cap::copy(second, slot_in(first, 1)));
  expect_ok(cap::copy(first, slot_in(second, 1)));
  expect_ok(cap::copy(first, slot_in(first, 2)));
  expect_ok(cap::remove(first));
  expect_ok(cap::remove(second));
  cr_expect(cap::newest_dying() == nullptr, "each still has a capability, in the other");
  count_again([&] { return cap::revoke(bench.ram); });
  cr_expect(cap::first_capability() == &bench.irq && bench.ram.next == nullptr);
}

Test(remove, ends_a_long_chain_of_cnodes_one_after_the_other) {
  Bench bench;
  std::array<cap::Slot*, 20> chain{};
  for (cap::Slot*& cnode : chain) cnode = &bench.make(Type::cnode);
  for (std::size_t i = chain.size() - 1; i > 0; --i) {
    expect_ok(cap::move(*chain[i], slot_in(*chain[i - 1], 5)));
  }
  expect_ok(cap::remove(*chain[0]));
  std::size_t steps = 1;
  while (cap::take_apart()) ++steps;
  cr_expect(steps >= chain.size());
  cr_expect(cap::newest_descendant(bench.ram) == nullptr);
}

Test(remove, stops_a_dispatcher_that_loses_a_part) {
  Process process;
  count_again([&] { return cap::revoke(process.cnode); });
  cr_expect(process.part.is_empty());
  cr_expect(calls().lost.size() == 1 && calls().lost[0] == &process.part);
}

Test(remove, deletes_the_parts_and_endpoints_of_a_dead_dispatcher) {
  Process process;
  cap::Slot& endpoint = process.make_from(process.dispatcher, Type::endpoint);
  cap::Slot& badged = process.copy_of(endpoint);
  cap::Slot& copy = process.copy_of(process.dispatcher);
  expect_ok(cap::remove(process.dispatcher));
  cr_expect(calls().died.empty());
  const std::uint64_t base = copy.base;
  expect_ok(cap::remove(copy));
  cr_expect(calls().died.size() == 1 && calls().died[0] == base);
  take_all_apart();
  cr_expect(endpoint.is_empty() && badged.is_empty() && process.part.is_empty());
  cr_expect(!process.cnode.is_empty());
}

Test(remove, of_the_last_capability_known_to_other_cores_asks_for_the_monitor) {
  Bench bench;
  cap::Slot& frame = bench.make(Type::frame, 12);
  cap::Slot& copy = bench.copy_of(frame);
  frame.is_remote = true;
  copy.is_remote = true;
  expect_ok(cap::remove(copy));
  expect_error(cap::remove(frame), Error::ask_monitor);
}

Test(remove, knows_ram_from_ram_made_of_all_of_it) {
  Bench bench;
  cap::Slot& whole = bench.make(Type::ram, 20);
  cr_expect(cap::same_object(whole, bench.ram));
  whole.is_remote = true;
  expect_error(cap::remove(whole), Error::ask_monitor);
}

Test(revoke, takes_copies_and_descendants_and_nothing_else) {
  Bench bench;
  cap::Slot& before = bench.make(Type::frame, 12);
  cap::Slot& dispatcher = bench.make(Type::dispatcher);
  cap::Slot& behind = bench.make(Type::frame, 12);
  cap::Slot& copy = bench.copy_of(dispatcher);
  cap::Slot& endpoint = bench.make_from(dispatcher, Type::endpoint);
  cap::Slot& badged = bench.copy_of(endpoint);
  expect_ok(cap::revoke(dispatcher));
  cr_expect(copy.is_empty() && endpoint.is_empty() && badged.is_empty());
  cr_expect(!before.is_empty() && !behind.is_empty() && !dispatcher.is_empty());
}

Test(revoke, of_one_endpoint_leaves_the_copies_of_another) {
  Bench bench;
  cap::Slot& dispatcher = bench.make(Type::dispatcher);
  cap::Slot& first = bench.make_from(dispatcher, Type::endpoint);
  cap::Slot& of_first = bench.copy_of(first);
  cap::Slot& second = bench.make_from(dispatcher, Type::endpoint);
  cap::Slot& of_second = bench.copy_of(second);
  expect_ok(cap::remove(first));
  expect_ok(cap::revoke(second));
  cr_expect(of_second.is_empty() && !of_first.is_empty());
}

Test(revoke, of_interrupt_lines_takes_all_that_were_minted) {
  Bench bench;
  cap::Slot& some = bench.next_slot();
  cap::Slot& one = bench.next_slot();
  expect_ok(cap::mint(bench.irq, some, {.badge_or_first = 4, .count = 4}));
  expect_ok(cap::mint(some, one, {.badge_or_first = 1, .count = 1}));
  expect_ok(cap::revoke(bench.irq));
  cr_expect(some.is_empty() && one.is_empty() && !bench.irq.is_empty());
}

Test(revoke, takes_sixteen_a_step) {
  Bench bench;
  cap::Slot& frame = bench.make(Type::frame, 12);
  for (std::size_t i = 0; i < 40; ++i) bench.copy_of(frame);
  const auto copies = [&] {
    std::size_t count = 0;
    for (const cap::Slot* slot = frame.previous; cap::same_object(*slot, frame);) {
      slot = slot->previous;
      ++count;
    }
    return count;
  };
  expect_error(cap::revoke(frame), Error::again);
  cr_expect(copies() == 24);
  expect_error(cap::revoke(frame), Error::again);
  cr_expect(copies() == 8);
  expect_ok(cap::revoke(frame));
  cr_expect(copies() == 0);
}

Test(revoke, needs_the_original) {
  Bench bench;
  expect_error(cap::revoke(bench.copy_of(bench.make(Type::frame, 12))), Error::no_rights);
  expect_error(cap::revoke(bench.next_slot()), Error::no_capability);
}

Test(revoke, stops_at_capabilities_known_to_other_cores) {
  Bench bench;
  cap::Slot& frame = bench.make(Type::frame, 12);
  frame.is_remote = true;
  expect_error(cap::revoke(bench.ram), Error::ask_monitor);
  cr_expect(!frame.is_empty());
  expect_error(cap::revoke(frame), Error::ask_monitor);
}

Test(revoke, of_ram_that_holds_its_own_capability_ends) {
  Bench bench;
  cap::Slot& inner = bench.make(Type::ram, 16);
  cap::Slot& cnode = bench.make_from(inner, Type::cnode);
  cap::Slot& slot = slot_in(cnode, 1);
  expect_ok(cap::move(inner, slot));
  expect_error(cap::revoke(slot), Error::no_capability);
  take_all_apart();
  cr_expect(slot.is_empty() && cnode.is_empty());
  cr_expect(cap::newest_descendant(bench.ram) == nullptr, "all memory is back");
}

Test(revoke, empties_a_full_address_space_in_short_steps) {
  Bench bench;
  for (std::size_t i = 0; i < 20; ++i) {
    cap::Slot& table = bench.make(Type::page_table_1);
    expect_ok(cap::map(table, 1, bench.make(Type::frame, 12), {}));
  }
  cr_expect(count_again([&] { return cap::revoke(bench.ram); }) >= 20, "a table is a step");
  cr_expect(cap::newest_descendant(bench.ram) == nullptr);
}
