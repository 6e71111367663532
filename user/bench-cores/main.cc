// main.cc — operations of whole processes, on one core and on several: `cores-bench` measures, prints rows, and says how many they are.
//
// Time is the time-stamp counter's: under `-icount` it counts the instructions of all cores together, in Bochs ticks.

#include "bench-cores/measure.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "span/span.hh"
#include "sprat/first_process.hh"

namespace sprat::bench {
namespace {

Task<> measure_all(const Startup& startup) {
  if (const auto measured = co_await measure_starts(); !measured) co_return measured;
  if (const auto measured = measure_fresh_pages(); !measured) co_return measured;
  std::array<std::uint64_t, kMaxCores> cores{startup.core_id};
  std::size_t count = 1;
  for (std::uint64_t core = 0; core < kMaxCores; ++core)
    if (core != startup.core_id && co_await span_to(core)) cores[count++] = core;
  std::size_t rows = 2;
  for (std::size_t number = 1; number <= std::min<std::size_t>(count, 8); number *= 2) {
    const Cores some = std::span(cores).first(number);
    // On one core there is no other one that must know.
    if (number > 1) {
      if (const auto measured = co_await measure_shared_pages(some); !measured) co_return measured;
      rows += 2;
    }
    if (const auto measured = co_await measure_pairs(some); !measured) co_return measured;
    if (const auto measured = co_await measure_chain(some); !measured) co_return measured;
    rows += 2;
  }
  print("rows {}\n", rows);
  co_return {};
}

}  // namespace
}  // namespace sprat::bench

int sprat::main(const Startup& startup) {
  if (is_added_dispatcher(startup)) return handle_tasks();
  const auto measured = runtime().loop.run(bench::measure_all(startup));
  if (measured) return 0;
  print("failed: {}\n", name_of(measured.error()));
  return 1;
}
