// silencer.cc — makes the monitor of its core fall silent: `run 2 silencer spin`, `run 2 silencer end`. The monitor is
// ../silent-monitor/main.cc.

#include "lib/console.hh"
#include "lib/processes.hh"
#include "lib/program.hh"
#include "lib/words.hh"
#include "tests/silent-monitor/silence.hh"

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  const Silence silence = next_word(words) == "end" ? Silence::end : Silence::spin;
  const auto answer = ask(kMonitor, {kFallSilent, static_cast<std::uint64_t>(silence)});
  print("silencer: {}\n", answer ? "the monitor goes on" : name_of(answer.error()));
  return 1;
}
