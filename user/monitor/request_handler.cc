// request_handler.cc — one call after the other.

#include "monitor/request_handler.hh"

#include <cstring>

#include "lib/runtime.hh"
#include "lib/words.hh"
//@ since memory
#include "monitor/memory.hh"
//@ end

namespace sprat::monitor {

Task<> RequestHandler::handle_calls() {
  for (;;) {
    const auto call = co_await runtime().loop.next_call();
    if (!call) co_return call.error();
    const auto words = answer_to(call.value());
    received_.clear(call.value());
    if (!words) {
      answer({status_of(words.error())});
    } else {
      const Words& w = words.value();
      answer({kStatusOk, w[0], w[1], w[2], w[3]}, given_);
    }
    given_ = {};
    made_to_give_ = Cap<Type::endpoint>();
  }
}

Task<> RequestHandler::watch() {
  for (;;) processes_.report(co_await runtime().loop.notified(Processes::kReports));
}

Result<void> RequestHandler::give_endpoint_over(const Process& process) {
  made_to_give_ = TRY(processes_.endpoint_over(process.number));
  given_ = made_to_give_.address();
  return {};
}

// ---- by the caller's authority

// Calls of a process that has ended come from others to which it has passed its endpoint.
Result<Words> RequestHandler::answer_to(const Call& call) {
  const Badge badge = Badge::of(call.badge);
  if (badge.authority != needed_for(static_cast<Request>(call.words[0]))) return Error::no_rights;
  if (badge.authority == Authority::over_core) return answer_for_core(call);
  Process* const process = processes_.find_caller(badge.process);
  if (process == nullptr) return parts_.handle_about(badge.process, call, received_);
  return badge.authority == Authority::over_process ? answer_about(*process, call)
                                                    : answer_process(*process, call);
}

// ---- a process, for itself

Result<Words> RequestHandler::answer_process(Process& caller, const Call& call) {
  switch (static_cast<Request>(call.words[0])) {
    case Request::exit: return exit(caller);
    case Request::text: return add_text(caller, call);
    case Request::run: return run(caller, call);
    case Request::offer: return offer(caller, call);
    case Request::find: return find(call);
    case Request::quota: {
      Quota left = caller.account.left();
      //@ since memory
      left.memory = processes_.memory().left_to(caller);
      //@ end
      return Words{left.processes, left.memory, left.channels, left.slots};
    }
    default: return ask_parts(caller, call);
  }
}

// The answer is not delivered: its caller has gone.
Result<Words> RequestHandler::exit(Process& caller) {
  processes_.end(caller);
  return Words{};
}

Result<Words> RequestHandler::add_text(Process& caller, const Call& call) {
  auto& text = caller.text;
  const std::size_t length = until_zero({text.data(), text.size()}).size();
  const std::size_t bytes = sizeof(call.words) - sizeof(call.words[0]);
  if (length + bytes >= text.size()) {
    text = {};
    return Error::invalid_argument;
  }
  std::memcpy(text.data() + length, &call.words[1], bytes);
  return Words{};
}

Result<Words> RequestHandler::run(Process& caller, const Call& call) {
  const auto text = std::exchange(caller.text, {});
  const std::string_view command_line = until_zero({text.data(), text.size()});
  std::string_view rest = command_line;
  const auto file = TRY(find_file(process_, next_word(rest)));
  const Words& words = call.words;
  const auto number =
      TRY(processes_.start(file, {.command_line = command_line,
                                  .account = caller.account,
                                  .quota = {words[1], words[2], words[3], words[4]}}));
  Process& child = *processes_.find(number);
  if (const auto given = give_endpoint_over(child); !given) {
    processes_.end(child);
    return given.error();
  }
  return Words{number};
}

Result<Words> RequestHandler::offer(Process& caller, const Call& call) {
  auto service = received_.take<Type::endpoint>(call);
  if (!service) return service.error();
  caller.service = std::move(service.value());
  return Words{};
}

Result<Words> RequestHandler::find(const Call& call) {
  ProcessName name;
  std::memcpy(name.data(), &call.words[1], name.size());
  given_ = processes_.find_service(name).address();
  if (given_ == CapAddress()) return Error::not_found;
  return Words{};
}

Result<Words> RequestHandler::ask_parts(Process& caller, const Call& call) {
  const auto answer = TRY(parts_.handle(caller, call, received_));
  given_ = answer.capability;
  return answer.words;
}

// ---- about a process

Result<Words> RequestHandler::answer_about(Process& process, const Call& call) {
  if (static_cast<Request>(call.words[0]) == Request::wait) return wait(process, call);
  processes_.end(process);
  return Words{};
}

Result<Words> RequestHandler::wait(Process& process, const Call& call) {
  auto end = TRY(received_.take<Type::notification>(call));
  TRY(process.waiters.add(std::move(end)));
  return Words{};
}

// ---- about the core

Result<Words> RequestHandler::answer_for_core(const Call& call) {
  const std::uint64_t argument = call.words[1];
  switch (static_cast<Request>(call.words[0])) {
    case Request::process: return describe_process(argument);
    case Request::core: return describe_core(argument);
    case Request::memory: return describe_memory();
    case Request::census: return take_census(argument);
    case Request::power_off: return power_off(argument);
    default: return parts_.handle_for_core(call, received_);
  }
}

Result<Words> RequestHandler::describe_process(std::uint64_t n) {
  Process* const process = processes_.nth(n);
  if (process == nullptr) return Error::not_found;
  const auto status = TRY(invoke(process->dispatcher.address(), Method::status));
  TRY(give_endpoint_over(*process));
  Words words{process->number, status[0]};
  static_assert(sizeof(process->name) == 2 * sizeof(words[0]));
  std::memcpy(&words[2], process->name.data(), process->name.size());
  return words;
}

Result<Words> RequestHandler::describe_core(std::uint64_t n) {
  const auto core = TRY(cores_.nth(n));
  const auto& [number, apic_id, state] = core;
  return Words{number, apic_id, static_cast<std::uint64_t>(state)};
}

Result<Words> RequestHandler::describe_memory() {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < process_.ram_regions; ++i) bytes += process_.ram[i].bytes;
  return Words{bytes, cores_.bytes(), processes_.bytes(),
               runtime().ram.bytes_made() - cores_.bytes() - processes_.bytes()};
}

Result<Words> RequestHandler::take_census(std::uint64_t core) {
  const auto census = TRY(census_taker_.of(core));
  Words words{};
  std::memcpy(words.data(), &census, sizeof(Census));
  return words;
}

Result<Words> RequestHandler::power_off(std::uint64_t is_success) {
  //@ since monitor
  parts_.before_power_off();
  //@ end
  return invoke(task_slot(TaskSlot::kernel), Method::power_off, is_success);
}

}  // namespace sprat::monitor
