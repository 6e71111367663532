// rounds.cc — how long another core's monitor takes to answer: `rounds CORE QUESTIONS` asks one question after the other, and says how
// many turns of a process that took. The monitor is ../few-slots/main.cc, which gives it authority over the core.

#include "lib/console.hh"
#include "lib/program.hh"
#include "lib/remote_processes.hh"
#include "lib/runtime.hh"
#include "lib/words.hh"

namespace sprat {
namespace {

constexpr std::uint64_t kNoProcess = 1'000;

Task<> ask_all(std::uint64_t core, std::uint64_t questions) {
  while (questions-- != 0) {
    const auto process = co_await nth_process_of(core, kNoProcess);
    if (process || process.error() != Error::not_found) co_return Error::malformed;
  }
  co_return {};
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  std::uint64_t core = 0, questions = 0;
  if (!parse_number(next_word(words), core) || !parse_number(next_word(words), questions)) return 1;
  auto asked =
      runtime().loop.run(sprat::ask_all(core, 1));  // the monitors have a link from here on
  const std::uint64_t begin = __builtin_ia32_rdtsc();
  if (asked) asked = runtime().loop.run(sprat::ask_all(core, questions));
  const std::uint64_t turn = startup.tsc_hz / 100;
  print("rounds: {} turns for {} questions: {}\n", (__builtin_ia32_rdtsc() - begin) / turn,
        questions, asked ? "ok" : name_of(asked.error()));
  flush_console();
  static_cast<void>(ask(kOwnCore, {static_cast<std::uint64_t>(Request::power_off), asked.ok()}));
  return 1;
}
