// console_test.cc — lines of different cores on one console (user/tests/programs/printer.cc): none is mixed with another one, none
// is lost, and a core that prints without end keeps no other one from its work.

#include <criterion/criterion.h>

#include <map>
#include <sstream>

#include "kernel/tests/system/session.hh"

using namespace sprat::grading;

namespace {

struct Printer {
  unsigned core = 0, process = 0;
  auto operator<=>(const Printer&) const = default;
};

std::string line_of(const Printer& printer, unsigned number) {
  const std::string begin = std::to_string(printer.core) + "." + std::to_string(printer.process) +
                            " " + std::to_string(number) + " ";
  const unsigned count = 20 + (number * 37 + printer.core * 11) % 170;
  std::string letters;
  for (unsigned i = 0; i < count; ++i) letters += static_cast<char>('a' + (i + number) % 26);
  return "(" + begin + letters + ")";
}

// How many lines each process has printed. All are whole, and in their order; a core that stops may leave one that says so.
std::map<Printer, unsigned> lines_in(const RunResult& result) {
  std::map<Printer, unsigned> counts;
  std::istringstream text(result.console);
  for (std::string line; std::getline(text, line);) {
    const std::size_t begin = line.find('(');
    if (begin == std::string::npos) {
      cr_expect(line.find(')') == std::string::npos, "%s", line.c_str());
      continue;
    }
    line = line.substr(begin, line.find_last_not_of('\r') + 1 - begin);
    Printer printer;
    unsigned number = 0;
    cr_assert_eq(std::sscanf(line.c_str(), "(%u.%u %u ", &printer.core, &printer.process, &number),
                 3, "%s", line.c_str());
    unsigned& count = counts[printer];
    const std::string mark = " [its core has stopped]";
    if (line.ends_with(mark)) {
      line.resize(line.size() - mark.size());
      cr_expect(line_of(printer, count).starts_with(line), "%s", line.c_str());
    } else {
      cr_expect_eq(line, line_of(printer, count), "\n%s, not\n%s", line.c_str(),
                   line_of(printer, count).c_str());
      ++count;
    }
  }
  return counts;
}

}  // namespace

Test(console, lines_of_all_cores_are_whole_and_none_is_lost) {
  struct Case {
    Emulator emulator;
    unsigned lines;
  };
  for (const auto& [emulator, lines] :
       {Case{Emulator::qemu, 400}, Case{Emulator::qemu_icount, 40}, Case{Emulator::bochs, 8}}) {
    const RunResult result =
        session({.emulator = emulator,
                 .typed = "run printer " + std::to_string(lines) + " 1 1 2 3\n",
                 .cores = 4,
                 .more = {"printer"}});
    expect_session(result, {"Good bye."});
    std::size_t printers = 0;
    for (const auto& [printer, count] : lines_in(result)) {
      ++printers;
      cr_expect_eq(count, lines, "%u of %u lines of core %u", count, lines, printer.core);
    }
    cr_expect_eq(printers, 5, "%s", result.console.c_str());
  }
}

// Keys are typed between the lines, and on Bochs some are lost then: the grader takes a letter of a line for its echo.
Test(console, flood_of_lines_keeps_no_core_from_its_work) {
  const RunResult result =
      session({.typed = "run 2 printer flood &\nrun 3 hello\nstop 3\ncores\nrun 2 hello\n"
                        "start 3\nrun 3 hello\nrun hello\nexit\n",
               .cores = 4,
               .more = {"printer"}});
  expect_session(result, {"of core 3\r\n", "   3     3  absent", "of core 2\r\n", "of core 3\r\n",
                          "of core 0\r\n", "Good bye."});
  cr_expect(result.console.find("does not answer") == std::string::npos, "%s",
            result.console.c_str());
  cr_expect_gt((lines_in(result)[{2, 1}]), 10u, "%s", result.console.c_str());
}

// Its monitor dies, which its CPU driver says.
Test(console, core_that_dies_while_it_prints_says_why) {
  const RunResult result =
      session({.typed = "run 2 printer flood &\nrun 2 silencer end\nstart 2\nrun 2 hello\n",
               .cores = 3,
               .more = {"printer", "silencer"}},
              [](MachineConfig& config) {
                config.modules.front() = {build_folder() / "user/silent-monitor", "monitor"};
              });
  expect_session(result, {"> start 2", "of core 2\r\n", "Good bye."});
  for (const char* text : {"monitor of core 2: falls silent", "monitor: trap 6",
                           "The first process of core 2 was stopped", "core 2 does not answer"})
    cr_expect(result.console.find(text) != std::string::npos, "%s is not on the console:\n%s", text,
              result.console.c_str());
}

Test(console, core_that_stops_while_it_prints_leaves_whole_lines) {
  const RunResult result = session({.typed = "run 2 printer flood &\nrun 1 printer flood &\n"
                                             "stop 2\nstart 2\nrun 2 hello\nrun 2 printer 5\n"
                                             "stop 1\nstop 2\nrun hello\n",
                                    .cores = 3,
                                    .more = {"printer"}});
  expect_session(result, {"of core 2\r\n", "of core 0\r\n", "Good bye."});
  cr_expect_gt((lines_in(result)[{1, 1}]), 10u, "%s", result.console.c_str());
}
