// faults.cc — a page fault that this program's own trap handler handles, by resuming behind the instruction.

#include "bench/markers.hh"
#include "bench/measure.hh"
#include "bench/measurements.hh"
#include "lib/runtime.hh"
#include "lib/upcalls.hh"

namespace sprat::bench {
namespace {

static_assert(REGION_PAGE_FAULT == static_cast<int>(Region::page_fault));
static_assert(REGION_PAGE_FAULT_AND_BACK == static_cast<int>(Region::page_fault_and_back));

constexpr std::uint64_t kNothingThere = std::uint64_t{3} << 39;

extern "C" {
void touch(std::uint64_t address);  // faults.S
void marked_page_fault();
extern const char touched[];
}

bool skip_instruction(DispatcherFrame& frame) {
  if (frame.trap_address != kNothingThere) return false;
  frame.trap.rip = reinterpret_cast<std::uint64_t>(touched);
  return true;
}

}  // namespace

void measure_faults() {
  auto& entry = own_frame().entries[static_cast<std::size_t>(Upcall::page_fault)];
  const std::uint64_t before =
      std::exchange(entry, reinterpret_cast<std::uint64_t>(&marked_page_fault));
  set_trap_handler(skip_instruction);
  for (std::size_t i = 0; i < kRepetitions; ++i) {
    const std::uint64_t begin = now();
    touch(kNothingThere);
    samples_of(Region::page_fault_and_back).add(now() - begin);
  }
  set_trap_handler(nullptr);
  entry = before;
}

}  // namespace sprat::bench
