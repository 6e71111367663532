// remote_processes.cc — asking the monitor, until the other one has answered.

#include "lib/remote_processes.hh"

#include <cstring>

#include "lib/system_call.hh"

namespace sprat {
namespace {

Words words_of(RemoteRequest request, std::uint64_t a1, std::uint64_t a2 = 0) {
  return {static_cast<std::uint64_t>(request), a1, a2};
}

// Calls `ask`, again and again while its answer says so.
template <class Ask>
auto until_answered(Ask ask) {
  for (;;) {
    auto answer = ask();
    if (answer || answer.error() != Error::again) return answer;
    yield(Yield::stay);
  }
}

}  // namespace

namespace {

Result<Child> run(RemoteRequest how, std::uint64_t core, std::string_view command_line,
                  const Quota& quota) {
  TRY(tell_command_line(command_line));
  const auto asked =
      TRY(ask(kMonitor, {static_cast<std::uint64_t>(how) | core << 32, quota.processes,
                         quota.memory, quota.channels, quota.slots}));
  const std::uint64_t number = asked.words[0];
  auto ran = TRY(until_answered(
      [&] { return ask_for<Type::endpoint>(kMonitor, words_of(RemoteRequest::ran, number)); }));
  return Child{ran.words[0], std::move(ran.capability)};
}

}  // namespace

Result<Child> run_program_on(std::uint64_t core, std::string_view command_line,
                             const Quota& quota) {
  return run(RemoteRequest::run_on, core, command_line, quota);
}

Result<Child> add_dispatcher(std::uint64_t core, std::string_view command_line) {
  return run(RemoteRequest::span, core, command_line, kParentsQuota);
}

Result<ProcessInfo> nth_process_of(std::uint64_t core, std::uint64_t n) {
  const auto answer = TRY(
      until_answered([&] { return ask(kOwnCore, words_of(RemoteRequest::process_of, core, n)); }));
  ProcessInfo info{answer.words[0], answer.words[1], {}, {}};
  std::memcpy(info.name.data(), &answer.words[2], info.name.size());
  return info;
}

Result<void> kill_process_of(std::uint64_t core, std::uint64_t number) {
  const auto killed =
      until_answered([&] { return ask(kOwnCore, words_of(RemoteRequest::kill_of, core, number)); });
  return killed ? Result<void>() : killed.error();
}

}  // namespace sprat
