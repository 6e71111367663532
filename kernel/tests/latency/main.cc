// main.cc — the first process of each core, which asks its kernel for the most expensive entries. The scope measures
// them from outside: ../system/latency_test.cc.

#include "machine.hh"

namespace sprat::latency {
namespace {

void run() {
  if (first_process().core_id != 0) disturb();
  const Place place = place_of(own(kRam));
  for (std::size_t i = 0; i < first_process().ram_regions; ++i) {
    const auto made =
        retype_into(place.cnode, place.slot, CapAddress(kRamNode, 1 + i), Type::ram, kRamBits);
    if (made) break;
  }
  attempt_objects();
  attempt_tables();
  attempt_teardown();
  attempt_cores();
  print("All attempts are over.\n");
  end_machine(true);
}

}  // namespace
}  // namespace sprat::latency

namespace sprat {

std::string_view process_name() { return "latency"; }

extern "C" [[noreturn]] void start(DispatcherFrame& frame) {
  start_first_process(frame, latency::run, kFreeNodes - 1);
}

}  // namespace sprat
