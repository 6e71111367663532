// remote_processes.cc — asking the monitor, which asks the other one.

#include "lib/remote_processes.hh"

#include <cstring>

namespace sprat {
namespace {

Words words_of(RemoteRequest request, std::uint64_t a1, std::uint64_t a2 = 0) {
  return {static_cast<std::uint64_t>(request), a1, a2};
}

Task<Child> run(RemoteRequest how, std::uint64_t core, std::string_view command_line, Quota quota) {
  if (const auto told = tell_command_line(command_line); !told) co_return told.error();
  const auto asked = ask(kMonitor, {static_cast<std::uint64_t>(how) | core << 32, quota.processes,
                                    quota.memory, quota.channels, quota.slots});
  if (!asked) co_return asked.error();
  const Words question = words_of(RemoteRequest::ran, asked.value().words[0]);
  auto ran = co_await until_answered([question](CapAddress signal) {
    return ask_for<Type::endpoint>(kMonitor, question, signal);
  });
  if (!ran) co_return ran.error();
  co_return Child{ran.value().words[0], std::move(ran.value().capability)};
}

}  // namespace

Task<Child> run_program_on(std::uint64_t core, std::string_view command_line, Quota quota) {
  return run(RemoteRequest::run_on, core, command_line, quota);
}

Task<Child> add_dispatcher(std::uint64_t core, std::string_view command_line) {
  return run(RemoteRequest::span, core, command_line, kParentsQuota);
}

Task<ProcessInfo> nth_process_of(std::uint64_t core, std::uint64_t n) {
  const auto answer = co_await ask_and_wait(kOwnCore, words_of(RemoteRequest::process_of, core, n));
  if (!answer) co_return answer.error();
  const Words& words = answer.value();
  ProcessInfo info{words[0], words[1], {}, {}};
  std::memcpy(info.name.data(), &words[2], info.name.size());
  co_return info;
}

Task<> kill_process_of(std::uint64_t core, std::uint64_t number) {
  const auto killed =
      co_await ask_and_wait(kOwnCore, words_of(RemoteRequest::kill_of, core, number));
  co_return killed ? Result<void>() : killed.error();
}

}  // namespace sprat
