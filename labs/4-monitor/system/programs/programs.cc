// programs.cc — a program by its name, and requests to the monitor.

#include "programs.hh"

#include <algorithm>
#include <cstring>

#include "../requests.hh"

namespace sprat::probe {
namespace {

constinit const Program* programs = nullptr;

Words ask_monitor_of_test(TestRequest request, std::string_view key = {}, std::uint64_t value = 0) {
  Words words{kTestRequest, static_cast<std::uint64_t>(request), 0, 0, value};
  std::memcpy(&words[2], key.data(), std::min(key.size(), kMostLettersOfKey));
  const auto answered = ask(kMonitor, words);
  return answered ? answered.value().words : Words{};
}

}  // namespace

Program::Program(const char* program_name, Run its_run)
    : name(program_name), run(its_run), next(programs) {
  programs = this;
}

const Startup& startup() { return *reinterpret_cast<const Startup*>(kStartupAddress.value()); }

std::uint64_t seed() { return ask_monitor_of_test(TestRequest::seed)[0]; }
void answer(std::string_view key, std::uint64_t value) {
  ask_monitor_of_test(TestRequest::value, key, value);
}
void answer(std::string_view key, Error error) {
  ask_monitor_of_test(TestRequest::error, key, status_of(error));
}
std::uint64_t lines_posted() { return ask_monitor_of_test(TestRequest::lines)[0]; }
void end_test() { ask_monitor_of_test(TestRequest::end); }

}  // namespace sprat::probe

int sprat::main(const Startup& startup) {
  for (const auto* program = probe::programs; program != nullptr; program = program->next)
    if (process_name() == program->name) program->run(arguments(startup));
  return 0;
}
