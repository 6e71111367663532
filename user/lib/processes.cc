// processes.cc — asking the monitor.

#include "lib/processes.hh"

#include <bit>
#include <cstring>

#include "lib/system_call.hh"
#include "sprat/text.hh"

namespace sprat {
namespace {

constexpr Words words_of(Request request, std::uint64_t a1 = 0, std::uint64_t a2 = 0) {
  return {static_cast<std::uint64_t>(request), a1, a2};
}

Result<void> without_words(const Result<Answer>& answer) {
  return answer ? Result<void>() : answer.error();
}

}  // namespace

// ---- asking

Result<Answer> ask(CapRef<Type::endpoint> endpoint, const Words& words, CapAddress capability) {
  const auto answer = call(endpoint.address(), words, capability);
  if (!answer) return answer;
  const Words& came = answer.value().words;
  if (came[0] != kStatusOk) return error_of(came[0]);
  return Answer{answer.value().capability, {came[1], came[2], came[3], came[4], 0}};
}

Result<Words> ask_monitor(Request request, std::uint64_t a1, std::uint64_t a2,
                          CapAddress capability) {
  const auto answer = TRY(ask(kMonitor, words_of(request, a1, a2), capability));
  return answer.words;
}

// ---- processes

void exit_process(std::uint64_t code) {
  static_cast<void>(call(kMonitor.address(), words_of(Request::exit, code)));
  __builtin_trap();  // there is no monitor to end it
}

Result<void> tell_command_line(std::string_view command_line) {
  while (!command_line.empty()) {
    Words words = words_of(Request::text);
    const std::string_view piece = slice(command_line, 0, sizeof(words) - sizeof(words[0]));
    std::memcpy(&words[1], piece.data(), piece.size());
    TRY(ask(kMonitor, words));
    command_line.remove_prefix(piece.size());
  }
  return {};
}

Result<Child> run_program(std::string_view command_line, const Quota& quota) {
  TRY(tell_command_line(command_line));
  auto ran = TRY(
      ask_for<Type::endpoint>(kMonitor, {static_cast<std::uint64_t>(Request::run), quota.processes,
                                         quota.memory, quota.channels, quota.slots}));
  return Child{ran.words[0], std::move(ran.capability)};
}

Result<Quota> quota_left() {
  const Words words = TRY(ask_monitor(Request::quota));
  return Quota{words[0], words[1], words[2], words[3]};
}

Result<void> kill(CapRef<Type::endpoint> process) {
  return without_words(ask(process, words_of(Request::kill)));
}

Result<void> signal_at_end(CapRef<Type::endpoint> process, CapRef<Type::notification> end) {
  return without_words(ask(process, words_of(Request::wait), end.address()));
}

Result<void> offer_service(CapRef<Type::endpoint> endpoint) {
  return without_words(ask(kMonitor, words_of(Request::offer), endpoint.address()));
}

Result<Cap<Type::endpoint>> find_service(std::string_view name) {
  ProcessName letters{};
  if (name.size() >= letters.size()) return Error::not_found;
  std::memcpy(letters.data(), name.data(), name.size());
  Words words = words_of(Request::find);
  std::memcpy(&words[1], letters.data(), letters.size());
  auto found = TRY(ask_for<Type::endpoint>(kMonitor, words));
  return std::move(found.capability);
}

// ---- the core

Result<ProcessInfo> nth_process(std::uint64_t n) {
  auto described = TRY(ask_for<Type::endpoint>(kOwnCore, words_of(Request::process, n)));
  const Words& words = described.words;
  ProcessInfo info{words[0], words[1], {}, std::move(described.capability)};
  std::memcpy(info.name.data(), &words[2], info.name.size());
  return info;
}

Result<Census> census_of(std::uint64_t core) {
  constexpr int kMostTurns = 1'000'000;
  for (int turn = 0; turn < kMostTurns; ++turn) {
    const auto answer = ask(kOwnCore, words_of(Request::census, core));
    if (answer) {
      Census census;
      std::memcpy(&census, answer.value().words.data(), sizeof(census));
      return census;
    }
    if (answer.error() != Error::again) return answer.error();
    yield(Yield::stay);
  }
  return Error::peer_gone;
}

}  // namespace sprat
