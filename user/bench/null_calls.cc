// null_calls.cc — the way into the kernel and back, with next to nothing to do there.

#include "bench/measure.hh"
#include "bench/measurements.hh"
#include "lib/startup.hh"

namespace sprat::bench {

void measure_kernel_entries() {
  const auto stay = static_cast<std::uint64_t>(Yield::stay);
  for (std::size_t i = 0; i < kRepetitions; ++i) {
    measured_invocation<Region::null_invocation>(task_slot(TaskSlot::address_space),
                                                 Method::identify);
    static_cast<void>(measured_call<Region::null_system_call>(SystemCall::yield, stay));
  }
}

}  // namespace sprat::bench
