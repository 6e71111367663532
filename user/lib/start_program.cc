// start_program.cc — how a program begins that the monitor has made (startup.hh): its runtime, then its main, then its end.

//@ since monitor
#include "lib/frames.hh"
//@ end
//@ since memory
#include "lib/more_memory.hh"
//@ end
#include "lib/processes.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "lib/words.hh"

namespace sprat {
namespace {

const Startup& startup() { return *reinterpret_cast<const Startup*>(kStartupAddress.value()); }

void run_main() {
  //@ since monitor
  ask_monitor_about_frames();
  //@ end
  //@ since memory
  use_memory_server(CapRef<Type::endpoint>(task_slot(ProgramSlot::memory)), &kOtherCores);
  //@ end
  exit_process(static_cast<std::uint64_t>(main(startup())));
}

}  // namespace

std::string_view process_name() {
  std::string_view command_line =
      until_zero({startup().command_line.data(), startup().command_line.size()});
  return next_word(command_line);
}

extern "C" [[noreturn]] void start(DispatcherFrame& frame) {
  constexpr CapRef<Type::ram> kRam(task_slot(ProgramSlot::ram));
  start_runtime(
      {.frame = frame, .ram = {&kRam, 1}, .first_free_node = kProgramFreeNode, .free_nodes = 1},
      run_main);
}

}  // namespace sprat
