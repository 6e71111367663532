// mappings.cc — a frame in and out of a page table of this program's own address space.

#include "bench/measure.hh"
#include "bench/measurements.hh"
#include "lib/runtime.hh"
#include "lib/startup.hh"

namespace sprat::bench {
namespace {

// An address of which this program's own tables know nothing yet: entry 2 of the root. Single pages come behind the many.
constexpr std::uint64_t kRootEntry = 2, kFirstEntry = 1 << (kLargeMappingBits - 12);

std::uint64_t entry_of(std::size_t repetition) { return kFirstEntry + repetition * 7; }

volatile std::uint64_t& word_at_entry(std::uint64_t entry) {
  return *reinterpret_cast<volatile std::uint64_t*>(kRootEntry << 39 | entry << 12);
}

// A new table, in entry 0 of the one above (of the root: kRootEntry).
template <Type kTable>
Cap<kTable> make_table(CapAddress above, std::uint64_t entry) {
  auto table = must(runtime().ram.make<kTable>(), "a page table");
  must(invoke(above, Method::map, entry, table.address().raw(), kWrite.bits()), "entering it");
  return table;
}

}  // namespace

void measure_mappings() {
  const auto level_3 =
      make_table<Type::page_table_3>(task_slot(TaskSlot::address_space), kRootEntry);
  const auto level_2 = make_table<Type::page_table_2>(level_3.address(), 0);
  const auto table = make_table<Type::page_table_1>(level_2.address(), 0);
  const Cap<Type::frame> frames[] = {must(runtime().ram.make<Type::frame>(12), "a frame"),
                                     must(runtime().ram.make<Type::frame>(12), "another frame")};
  std::array<std::uint64_t, 2> contents{};
  const auto large = must(runtime().ram.make<Type::frame>(kLargeMappingBits), "a larger frame");

  for (std::size_t i = 0; i < kRepetitions; ++i) {
    const std::uint64_t entry = entry_of(i), which = i * i / 3 % 2;
    measured_invocation<Region::map>(table.address(), Method::map,
                                     {entry, frames[which].address().raw(), kWrite.bits()});
    // The translation is in the TLB now.
    expect_done(word_at_entry(entry) == contents[which], "mapping a frame");
    word_at_entry(entry) = contents[which] = i + 1;
    measured_invocation<Region::unmap>(table.address(), Method::unmap, {entry});
    measured_invocation<Region::map_many>(table.address(), Method::map,
                                          {0, large.address().raw(), kWrite.bits()});
    measured_invocation<Region::unmap_many>(table.address(), Method::unmap, {0});
  }
}

}  // namespace sprat::bench
