// processes.cc — asking init.

#include "lib/processes.hh"

#include <cstring>

#include "lib/startup.hh"
#include "lib/system_call.hh"
#include "sprat/text.hh"

namespace sprat {
namespace {

constexpr CapAddress kInit = task_slot(ProgramSlot::init);

}  // namespace

Result<Answer> ask_init(const Words& words, CapAddress capability) {
  const auto answer = call(kInit, words, capability);
  if (!answer) return answer;
  const Words& came = answer.value().words;
  if (came[0] != kStatusOk) return error_of(came[0]);
  return Answer{answer.value().capability, {came[1], came[2], came[3], came[4], 0}};
}

void exit_process(std::uint64_t code) {
  static_cast<void>(call(kInit, {static_cast<std::uint64_t>(Request::exit), code}));
  __builtin_trap();  // nobody is there to end it
}

Result<Words> ask_init(Request request, std::uint64_t a1, std::uint64_t a2, CapAddress capability) {
  const auto answer = ask_init(Words{static_cast<std::uint64_t>(request), a1, a2}, capability);
  if (!answer) return answer.error();
  return answer.value().words;
}

Result<std::uint64_t> run_program(std::string_view command_line) {
  while (!command_line.empty()) {
    Words words{static_cast<std::uint64_t>(Request::text)};
    const std::string_view piece = slice(command_line, 0, sizeof(words) - sizeof(words[0]));
    std::memcpy(&words[1], piece.data(), piece.size());
    if (const auto sent = ask_init(words); !sent) return sent.error();
    command_line.remove_prefix(piece.size());
  }
  const auto process = ask_init(Request::run);
  if (!process) return process.error();
  return process.value()[0];
}

Result<void> signal_at_end(std::uint64_t process, CapRef<Type::notification> end) {
  const auto waits = ask_init(Request::wait, process, 0, end.address());
  if (!waits) return waits.error();
  return {};
}

Result<ProcessInfo> nth_process(std::uint64_t n) {
  const auto words = ask_init(Request::process, n);
  if (!words) return words.error();
  ProcessInfo info{words.value()[0], words.value()[1], {}};
  std::memcpy(info.name.data(), &words.value()[2], info.name.size());
  return info;
}

Result<void> offer_service(CapRef<Type::endpoint> endpoint) {
  const auto offered = ask_init(Request::offer, 0, 0, endpoint.address());
  if (!offered) return offered.error();
  return {};
}

Result<Cap<Type::endpoint>> find_service(std::string_view name) {
  ProcessName letters{};
  if (name.size() >= letters.size()) return Error::not_found;
  std::memcpy(letters.data(), name.data(), name.size());
  Words words{static_cast<std::uint64_t>(Request::find)};
  std::memcpy(&words[1], letters.data(), letters.size());
  auto found = ask_init_for<Type::endpoint>(words);
  if (!found) return found.error();
  return std::move(found.value().capability);
}

}  // namespace sprat
