// process.cc — a program by its name.

#include "grading/probe/process.hh"

#include "lib/processes.hh"
#include "lib/program.hh"

namespace sprat::probe {
namespace {

constinit const Program* programs = nullptr;

}  // namespace

Program::Program(const char* program_name, Run its_run)
    : name(program_name), run(its_run), next(programs) {
  programs = this;
}

// The first process of a core has no monitor.
bool is_process() { return identify(kMonitor.address()).ok(); }

void run_process() {
  const Startup& startup = *reinterpret_cast<const Startup*>(kStartupAddress.value());
  std::string_view command_line =
      until_zero({startup.command_line.data(), startup.command_line.size()});
  const std::string_view wanted = next_word(command_line);
  for (const Program* program = programs; program != nullptr; program = program->next)
    if (wanted == program->name) program->run(command_line);
  exit_process(0);
}

}  // namespace sprat::probe
