// begin_program.cc — the beginning of a process that the monitor has made (startup.hh): its runtime, and the servers that it uses.

//@ since monitor
#include "lib/frames.hh"
//@ end
//@ since memory
#include "lib/memory_client.hh"
//@ end
#include "lib/program.hh"
#include "lib/runtime.hh"

namespace sprat {
namespace {

using Run = void (*)();
constinit Run run_program_itself = nullptr;

void run() {
  //@ since monitor
  ask_monitor_about_frames();
  //@ end
  //@ since memory
  use_memory_server(CapRef<Type::endpoint>(task_slot(ProgramSlot::memory)));
  //@ end
  run_program_itself();
}

}  // namespace

void begin_program(DispatcherFrame& frame, void (*run_itself)()) {
  constexpr CapRef<Type::ram> kRam(task_slot(ProgramSlot::ram));
  run_program_itself = run_itself;
  start_runtime(
      {.frame = frame, .ram = {&kRam, 1}, .first_free_node = kProgramFreeNode, .free_nodes = 1},
      run);
}

}  // namespace sprat
