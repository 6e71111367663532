// probe.hh — tests in user space. The probe boots in the place of init, does what the word test=NAME of its command line
// asks for, and answers on the debug port; what the answers must be is known to ../tests only.
//
//   PROBE(two_calls) {                      // test=two_calls
//     session.answer("first", ...);         // grading/guest/evidence.hh
//   }

#pragma once

#include "boot/command_line.hh"
#include "grading/guest/evidence.hh"
#include "lib/caps.hh"
#include "lib/runtime.hh"
#include "lib/startup.hh"

namespace sprat::probe {

// A test, which is in the list of all tests from the program's start on.
struct Test {
  using Run = void (*)(evidence::Session& session);

  Test(const char* test_name, Run test_run);

  const char* name;
  Run run;
  const Test* next;
};

// What the kernel handed to this process, which is the first of its core, and the words of its command line.
const FirstProcess& first_process();
boot::CommandLine words();

// Ends the test, which cannot be prepared.
[[noreturn]] void give_up(const char* what, Error error);

// The value of `result`, without which the test makes no sense.
template <class T>
T must(Result<T> result, const char* what) {
  if (!result) give_up(what, result.error());
  if constexpr (!std::is_void_v<T>) return std::move(result.value());
}

// Gives turns away until `come` is true, or for so many milliseconds of the guest's time. False: it has not come.
template <class Condition>
bool wait_for(Condition come, std::uint64_t milliseconds = 2000) {
  const std::uint64_t limit = first_process().tsc_hz / 1000 * milliseconds;
  const std::uint64_t begin = __builtin_ia32_rdtsc();
  while (!come()) {
    if (__builtin_ia32_rdtsc() - begin > limit) return false;
    yield(Yield::stay);
  }
  return true;
}

// What the probe does on all cores but the first (cores.cc).
[[noreturn]] void live_on_other_core();

// Ends the machine.
[[noreturn]] void power_off();

}  // namespace sprat::probe

#define PROBE(NAME)                                                        \
  static void probe_##NAME(sprat::evidence::Session& session);             \
  static const sprat::probe::Test probe_entry_##NAME{#NAME, probe_##NAME}; \
  static void probe_##NAME(sprat::evidence::Session& session)
