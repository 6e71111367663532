// pages.cc — page faults of self-paged memory; and a page that all cores know, from which rights are taken.

#include "bench-cores/measure.hh"
#include "lib/runtime.hh"
#include "span/shared_pages.hh"
#include "span/span.hh"

namespace sprat::bench {
namespace {

constexpr std::size_t kPage = 0;  // the number of the shared page
constexpr std::size_t kRounds = 31;

// Reads the shared page on this core.
Task<Words> know_page(Words) {
  const volatile std::byte* const first = touchable_page(kPage).data();
  co_return Words{static_cast<std::uint64_t>(*first)};
}

}  // namespace

// One fault brings a unit of several pages.
Result<void> measure_fresh_pages() {
  std::array<std::uint64_t, 7> counts;
  VirtualAddress next = TRY(runtime().memory.reserve(counts.size() * SelfPaging::kUnitBytes));
  for (std::uint64_t& count : counts) {
    auto* const byte = reinterpret_cast<volatile std::byte*>(next.value());
    const std::uint64_t begin = now();
    *byte = std::byte{1};
    count = now() - begin;
    next = next + SelfPaging::kUnitBytes;
  }
  print_row("fault", 1, median(counts));
  return {};
}

// The home, which takes the rights from the others, keeps its own.
Task<> measure_shared_pages(Cores cores) {
  std::array<std::uint64_t, kRounds> protections, removals;
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (const std::uint64_t core : cores)
      if (const auto known = co_await run_on_core(core, &know_page, {}); !known)
        co_return known.error();
    for (const auto& [mapping, counts] :
         {std::pair{Mapping::read_only, &protections}, std::pair{Mapping::none, &removals}}) {
      const std::uint64_t begin = now();
      if (const auto limited = co_await limit_page(kPage, mapping); !limited) co_return limited;
      (*counts)[round] = now() - begin;
    }
    if (const auto limited = co_await limit_page(kPage, Mapping::writable); !limited)
      co_return limited;
  }
  print_row("protect", cores.size(), median(protections));
  print_row("unmap", cores.size(), median(removals));
  co_return {};
}

}  // namespace sprat::bench
