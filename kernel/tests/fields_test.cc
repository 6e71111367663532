// fields_test.cc — registers as data: reading and replacing fields.

#include "sprat/fields.hh"

#include <criterion/criterion.h>

#include <random>

#include "x86/page_table.hh"
#include "x86/uart.hh"

using namespace sprat;

namespace toy {
inline constexpr Field low{"low", 0, 3};
inline constexpr Field middle{"middle", 4, 8};
inline constexpr Field top{"top", 15, 1};
inline constexpr Layout<std::uint16_t, 3> layout{"toy", {low, middle, top}};
}  // namespace toy
using Toy = Bits<toy::layout>;

static_assert(Toy(0x8ab5).get<toy::low>() == 5);
static_assert(Toy(0x8ab5).get<toy::middle>() == 0xab);
static_assert(Toy(0x8ab5).get<toy::top>() == 1);
static_assert(Toy().with<toy::middle>(0x1ff).raw() == 0x0ff0, "only the field's width is taken");

Test(fields, replacing_one_leaves_the_others_alone) {
  std::mt19937_64 random(1);
  for (unsigned round = 0; round < 10'000; ++round) {
    const Toy before(static_cast<std::uint16_t>(random()));
    const auto value = static_cast<std::uint16_t>(random() & 0xff);
    const Toy after = before.with<toy::middle>(value);
    cr_assert_eq(after.get<toy::middle>(), value);
    cr_assert_eq(after.get<toy::low>(), before.get<toy::low>());
    cr_assert_eq(after.get<toy::top>(), before.get<toy::top>());
    cr_assert_eq(after.raw() & 0x7008, before.raw() & 0x7008, "reserved bits stay");
  }
}

Test(fields, page_entries_are_what_the_manual_says) {
  const auto entry = x86::PageEntry()
                         .with<x86::page_entry::present>()
                         .with<x86::page_entry::frame>(0x12345)
                         .with<x86::page_entry::no_execute>();
  cr_assert_eq(entry.raw(), 0x8000000012345001);
  cr_assert_eq(x86::target_of(entry).value(), 0x12345000);
  cr_assert_eq(x86::entry_index(VirtualAddress(0xffffffff80100000), 4), 511);
  cr_assert_eq(x86::entry_index(VirtualAddress(0xffffffff80100000), 3), 510);
  cr_assert_eq(x86::entry_index(VirtualAddress(0xffffffff80100000), 2), 0);
  cr_assert_eq(x86::entry_index(VirtualAddress(0xffffffff80100000), 1), 256);
}
