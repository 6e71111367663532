// main.cc — counts the instructions that the kernel takes, and prints them beside those of other systems.
//
// `make bench` adds the scope's counts. Under an emulator that counts something else in its time-stamp counter (Bochs:
// ticks of the processor) the column says that.

#include <algorithm>

#include "bench/measure.hh"
#include "bench/measurements.hh"
#include "bench/operations.hh"
#include "lib/console.hh"
#include "lib/processes.hh"
#include "lib/program.hh"

namespace sprat::bench {

std::uint64_t Samples::median() {
  if (size_ == 0) return 0;
  const auto middle = counts_.begin() + static_cast<std::ptrdiff_t>(size_ / 2);
  std::nth_element(counts_.begin(), middle, counts_.begin() + static_cast<std::ptrdiff_t>(size_));
  return *middle;
}

Samples& samples_of(Region region) {
  static constinit std::array<Samples, kRegions> samples{};
  return samples[static_cast<std::size_t>(region)];
}

void end_with_error(const char* what, Error error) {
  print("bench: {} failed: {}\n", what, name_of(error));
  exit_process(1);
}

namespace {

// A number in a column of the table, or a dash instead of 0.
void print_cell(std::uint64_t number) {
  if (number != 0) {
    print("{8}", number);
  } else {
    print("       -");
  }
}

// scripts/bench reads this table: the region's number, the number of operations in one measurement, the name up to the
// bar, and columns.
void print_table() {
  print(
      "bench     operation               | counted    goal   Linux    seL4     xv6 Chickad. "
      "Barrelf.\n");
  for (const Operation& operation : kOperations) {
    const Figures& figures = operation.figures;
    print("bench {} {2} {-24}|", static_cast<unsigned>(operation.region), operation.per,
          operation.name);
    print_cell(operation.ends_elsewhere ? 0
                                        : samples_of(operation.region).median() / operation.per);
    for (const unsigned cell : {operation.goal, figures.linux, figures.sel4, figures.xv6,
                                figures.chickadee, figures.barrelfish})
      print_cell(cell);
    print("\n");
  }
}

}  // namespace
}  // namespace sprat::bench

int sprat::main(const Startup&) {
  using namespace bench;
  measure_kernel_entries();
  measure_calls();
  measure_turns();
  measure_faults();
  measure_mappings();
  measure_retyping();
  measure_copying();
  measure_revoking();
  print_table();
  return 0;
}
