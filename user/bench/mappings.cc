// mappings.cc — a frame in and out of a page table of this program's own address space.

#include "bench/measure.hh"
#include "bench/measurements.hh"
#include "lib/runtime.hh"
#include "lib/startup.hh"

namespace sprat::bench {
namespace {

// An address of which this program's own tables know nothing yet: entry 2 of the root.
constexpr std::uint64_t kRootEntry = 2, kEntry = 5;
constexpr std::uint64_t kAddress = kRootEntry << 39 | kEntry << 12;

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
  const auto frame = must(runtime().ram.make<Type::frame>(12), "a frame");
  const auto large = must(runtime().ram.make<Type::frame>(kLargeMappingBits), "a larger frame");

  for (std::size_t i = 0; i < kRepetitions; ++i) {
    measured_invocation<Region::map>(table.address(), Method::map,
                                     {kEntry, frame.address().raw(), kWrite.bits()});
    *reinterpret_cast<volatile std::uint64_t*>(kAddress) = i;  // the translation is in the TLB now
    measured_invocation<Region::unmap>(table.address(), Method::unmap, {kEntry});
    measured_invocation<Region::map_many>(table.address(), Method::map,
                                          {0, large.address().raw(), kWrite.bits()});
    measured_invocation<Region::unmap_many>(table.address(), Method::unmap, {0});
  }
}

}  // namespace sprat::bench
