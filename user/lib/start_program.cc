// start_program.cc — how a program begins, and ends with its main.

#include "lib/processes.hh"
#include "lib/program.hh"
#include "lib/words.hh"

namespace sprat {
namespace {

const Startup& startup() { return *reinterpret_cast<const Startup*>(kStartupAddress.value()); }

void run_main() { exit_process(static_cast<std::uint64_t>(main(startup()))); }

}  // namespace

std::string_view process_name() {
  std::string_view command_line =
      until_zero({startup().command_line.data(), startup().command_line.size()});
  return next_word(command_line);
}

extern "C" [[noreturn]] void start(DispatcherFrame& frame) { begin_program(frame, run_main); }

}  // namespace sprat
