// main.cc — the probe's life: its runtime, one test, the end of the machine.

#include <cstring>

#include "grading/probe/probe.hh"
#include "lib/first_process.hh"
#include "lib/processes.hh"
#include "lib/upcalls.hh"
#include "lib/words.hh"

namespace sprat::probe {
namespace {

constinit const Test* tests = nullptr;

[[noreturn]] void run_on_first_core(const Test& test) {
  {
    evidence::Session session(words(), test.name);
    test.run(session);
  }
  power_off();
}

[[noreturn]] void live_on_other_core(const Test& test) {
  test.live();
  for (;;) wait_for_notification();
}

// An exception that no test expects: there is nothing left to wait for.
bool end_test(DispatcherFrame& frame) {
  print_trap(frame);
  power_off(false);
}

void run() {
  set_trap_handler(end_test);
  const auto wanted = words().get("test").value_or("");
  const bool is_first = first_process().core_id == 0;
  for (const Test* test = tests; test != nullptr; test = test->next) {
    if (wanted != test->name || (test->run != nullptr) != is_first) continue;
    if (is_first) run_on_first_core(*test);
    live_on_other_core(*test);
  }
  probe::give_up("finding the test", Error::not_found);
}

}  // namespace

Test::Test(const char* test_name, Run on_first_core, Live on_other_cores)
    : name(test_name), run(on_first_core), live(on_other_cores), next(tests) {
  tests = this;
}

const FirstProcess& first_process() { return sprat::first_process(); }

// The probe's own file is the first that the loader brought.
boot::CommandLine words() {
  const auto& text = first_process().module[0].command_line;
  return boot::CommandLine(until_zero({text.data(), text.size()}));
}

void give_up(const char* what, Error error) {
  evidence::write("the probe cannot go on: ");
  evidence::write(what);
  evidence::write(": ");
  evidence::write(name_of(error));
  evidence::write("\n");
  power_off();
}

void power_off(bool is_well) {
  static_cast<void>(invoke(task_slot(TaskSlot::kernel), Method::power_off, is_well));
  __builtin_trap();
}

}  // namespace sprat::probe

namespace sprat {

std::string_view process_name() { return "probe"; }

// The dispatcher's first upcall (lib/start.S).
extern "C" [[noreturn]] void start(DispatcherFrame& frame) {
  start_first_process(frame, probe::run);
}

}  // namespace sprat

// User space reaches the debug port by its capability to ports, a letter at a time.
void sprat::evidence::write(std::string_view text) {
  constexpr std::uint64_t kDebugPort = 0xe9;
  for (const char letter : text) {
    static_cast<void>(invoke(task_slot(TaskSlot::io_ports), Method::out, kDebugPort, 1,
                             static_cast<unsigned char>(letter)));
  }
}
