// system.hh — the whole system, for tests: the monitor of each core is one with a part more, of which processes of the test ask the seed,
// and to which they give their answers. Only the monitor of core 0 speaks to the grader.
//
//   test=system                                        // until a process has called end_test()
//   PROBE_ON_OTHER_CORES(binds) { run_system(nullptr); }
//   PROBE_PROCESS(home) { ... answer("sum", 3); end_test(); }
//
// When the system runs, core 0 starts the program `home`, with all authority; and each core the programs that name it.

#pragma once

#include "grading/probe/probe.hh"
#include "grading/probe/process.hh"
#include "lib/processes.hh"
#include "lib/startup.hh"

namespace sprat::probe {

// On the first core with the session of the test, on others with null.
[[noreturn]] void run_system(evidence::Session* session);

// ---- for processes

const Startup& startup();
inline std::uint64_t cycles_of_millisecond() { return startup().tsc_hz / 1000; }

// The numbers that the test was told: each boot's own; and arg=.
std::uint64_t seed();
std::uint64_t argument();

// Answers, on core 0. A `key`, like a name of an error, is a text of this program: it has the same address in every process.
void answer(const char* key, std::uint64_t number);
void answer(const char* key, std::uint64_t first, std::uint64_t second);
void answer(const char* key, std::string_view text);

// The value of `result`, without which the test makes no sense: on core 0, it ends the test.
[[noreturn]] void give_up_process(const char* what, Error error);
template <class T>
T need(Result<T> result, const char* what) {
  if (!result) give_up_process(what, result.error());
  if constexpr (!std::is_void_v<T>) return std::move(result.value());
}

// The lines that the monitor of this core has posted to others for channels and processes.
std::uint64_t lines_posted();

// On core 0.
[[noreturn]] void end_test();

}  // namespace sprat::probe
