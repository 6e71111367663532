// main.cc — a first process that faults where no upcall helps: on core N if its command line is `monitor N`. On core 0 it starts
// the others before; everywhere else it sleeps.

#include "lib/first_process.hh"
#include "lib/system_call.hh"
#include "lib/upcalls.hh"
#include "lib/words.hh"
#include "monitor/boot_files.hh"
#include "monitor/cores.hh"

namespace sprat {
namespace {

void run() {
  const FirstProcess& process = first_process();
  monitor::Cores(process).start_all();
  std::string_view words = monitor::BootFile{&process.module[0], 0}.command_line();
  static_cast<void>(next_word(words));
  std::uint64_t core = 0;
  if (parse_number(next_word(words), core) && core == process.core_id) {
    own_frame().is_disabled = 1;
    asm volatile("ud2");
  }
  for (;;) yield(Yield::wait);
}

}  // namespace

std::string_view process_name() { return "monitor"; }

extern "C" [[noreturn]] void start(DispatcherFrame& frame) { start_first_process(frame, run); }

}  // namespace sprat
