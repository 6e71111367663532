// probe.hh — tests in user space. The probe boots in the place of the monitor, does what the word test=NAME of its command line
// asks for, and answers on the debug port; only a lab's trusted tests know the right answers.
//
//   PROBE(two_calls) {                      // test=two_calls, on the first core
//     session.answer("first", ...);         // grading/guest/evidence.hh
//   }
//   PROBE_ON_OTHER_CORES(two_calls) {       // on the cores that the test starts (monitor/cores.hh); behind it they sleep
//   }

#pragma once

#include "boot/command_line.hh"
#include "grading/guest/evidence.hh"
#include "lib/caps.hh"
#include "lib/runtime.hh"
#include "lib/startup.hh"

namespace sprat::probe {

// A test's part for the first core or for the others, in the list of all from the program's start on.
struct Test {
  using Run = void (*)(evidence::Session& session);
  using Live = void (*)();

  Test(const char* test_name, Run on_first_core, Live on_other_cores);

  const char* name;
  Run run;    // null: this is the others' part
  Live live;  // null: this is the first core's part
  const Test* next;
};

// Returns the kernel's information for this process, which is the first of its core, and the words of its command line.
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

// So many, in cycles of the time-stamp counter.
inline std::uint64_t milliseconds(std::uint64_t number) {
  return first_process().tsc_hz / 1000 * number;
}

// Gives turns away until `come` is true, or for so many cycles. Returns whether it became true.
template <class Condition>
bool wait_for(Condition come, std::uint64_t cycles = milliseconds(2000)) {
  const std::uint64_t begin = __builtin_ia32_rdtsc();
  while (!come()) {
    if (__builtin_ia32_rdtsc() - begin > cycles) return false;
    yield(Yield::stay);
  }
  return true;
}

// Lets so many cycles pass. PAUSE is where emulators with one thread for all cores hand over to the next one, which takes
// long: so only now and then.
inline void pass_time(std::uint64_t cycles) {
  constexpr unsigned kLooksBetween = 1000;
  const std::uint64_t begin = __builtin_ia32_rdtsc();
  for (unsigned look = 1; __builtin_ia32_rdtsc() - begin < cycles; ++look)
    if (look % kLooksBetween == 0) __builtin_ia32_pause();
}

// Ends the machine; or says that something has failed, which the console tells more about.
[[noreturn]] void power_off(bool is_well = true);

}  // namespace sprat::probe

#define PROBE(NAME)                                                                 \
  static void probe_##NAME(sprat::evidence::Session& session);                      \
  static const sprat::probe::Test probe_entry_##NAME{#NAME, probe_##NAME, nullptr}; \
  static void probe_##NAME(sprat::evidence::Session& session)

#define PROBE_ON_OTHER_CORES(NAME)                                                \
  static void live_##NAME();                                                      \
  static const sprat::probe::Test live_entry_##NAME{#NAME, nullptr, live_##NAME}; \
  static void live_##NAME()
