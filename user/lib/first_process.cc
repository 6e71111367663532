// first_process.cc — see first_process.hh.

#include "lib/first_process.hh"

#include "lib/console.hh"
#include "lib/processes.hh"
#include "lib/startup.hh"
#include "lib/system_call.hh"

namespace sprat {

void start_first_process(DispatcherFrame& frame, void (*run)(), std::size_t free_nodes) {
  const FirstProcess& process = first_process();
  std::array<CapRef<Type::ram>, kMaxRamRegions> ram;
  for (std::size_t i = 0; i < process.ram_regions; ++i)
    ram[i] = CapRef<Type::ram>(CapAddress(kRamNode, 1 + i));
  start_runtime({.frame = frame,
                 .ram = {ram.data(), process.ram_regions},
                 .first_free_node = kFirstFreeNode,
                 .free_nodes = free_nodes},
                run);
}

void end_machine(bool well) {
  flush_console();
  //@ since monitor
  drain_console();
  //@ end
  static_cast<void>(invoke(task_slot(TaskSlot::kernel), Method::power_off, well ? 1 : 0));
  __builtin_trap();
}

void end_with_error(const char* what, Error error) {
  print("{} of core {} cannot go on: {}: {}\n", process_name(), first_process().core_id, what,
        name_of(error));
  end_machine(false);
}

}  // namespace sprat
