// processes.cc — asking init.

#include "lib/processes.hh"

#include <cstring>

#include "lib/startup.hh"
#include "lib/system_call.hh"

namespace sprat {
namespace {

constexpr CapAddress kInit = task_slot(ProgramSlot::init);

Result<Words> ask(const Words& words, CapAddress capability = {}) {
  const auto answer = call(kInit, words, capability);
  if (!answer) return answer.error();
  const Words& came = answer.value().words;
  if (came[0] != kStatusOk) return error_of(came[0]);
  return Words{came[1], came[2], came[3], came[4], 0};
}

}  // namespace

void exit_process(std::uint64_t code) {
  static_cast<void>(call(kInit, {static_cast<std::uint64_t>(Request::exit), code}));
  __builtin_trap();  // nobody is there to end it
}

Result<Words> ask_init(Request request, std::uint64_t a1, std::uint64_t a2, CapAddress capability) {
  return ask({static_cast<std::uint64_t>(request), a1, a2}, capability);
}

Result<std::uint64_t> run_program(std::string_view command_line, CapAddress end) {
  while (!command_line.empty()) {
    Words words{static_cast<std::uint64_t>(Request::text)};
    const std::string_view piece = command_line.substr(0, sizeof(words) - sizeof(words[0]));
    std::memcpy(&words[1], piece.data(), piece.size());
    if (const auto sent = ask(words); !sent) return sent.error();
    command_line.remove_prefix(piece.size());
  }
  const auto process = ask_init(Request::run, end != CapAddress() ? 1 : 0, 0, end);
  if (!process) return process.error();
  return process.value()[0];
}

}  // namespace sprat
