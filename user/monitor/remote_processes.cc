// remote_processes.cc — the core that asks; and lines, questions and ends of both.

#include "monitor/remote_processes.hh"

#include <algorithm>
#include <cstring>

#include "lib/runtime.hh"
#include "lib/words.hh"
//@ since memory
#include "monitor/memory.hh"
//@ end

namespace sprat::monitor {
namespace {

// Endpoints stand for a process of another core by the token of its record, with this bit.
constexpr std::uint64_t kIsRemote = std::uint64_t{1} << 61;
constexpr std::uint32_t kTokens = 64;  // token: place + 1 + uses * kTokens

struct EndedMessage {
  std::uint64_t token;
};
struct KillMessage {
  std::uint64_t number;
};
struct QuestionMessage {
  std::uint64_t number, request, argument;
};
struct AnswerMessage {
  std::uint64_t number, status;
  std::array<std::uint64_t, 4> words;
};

constexpr std::uint64_t number_of(RemoteRequest request) {
  return static_cast<std::uint64_t>(request);
}

//@ since memory
constexpr bool is_about_memory(std::uint64_t request) {
  return request == static_cast<std::uint64_t>(MemoryOfCoreRequest::use) ||
         request == static_cast<std::uint64_t>(MemoryOfCoreRequest::used_by);
}
//@ end
// Requests that are passed on to the core that they are about.
constexpr bool is_about_any_core(std::uint64_t request) {
  //@ since memory
  if (is_about_memory(request)) return true;
  //@ end
  return request == number_of(RemoteRequest::process_of) ||
         request == number_of(RemoteRequest::kill_of);
}

}  // namespace

// ---- records of processes on other cores

std::uint32_t RemoteProcesses::token_of(const Record& record) const {
  const auto place = static_cast<std::size_t>(&record - records_.data());
  return static_cast<std::uint32_t>(place + 1) + uses_[place] * kTokens;
}

RemoteProcesses::Record* RemoteProcesses::at(std::uint64_t token) {
  const std::uint64_t place = token % kTokens - 1;
  if (place >= records_.size()) return nullptr;
  Record& record = records_[place];
  return record.state != Record::State::free && token_of(record) == token ? &record : nullptr;
}

// A process that ended before its parent was told of it needs its record until the answer with its endpoint is given.
void RemoteProcesses::free_ended() {
  for (Record& record : records_)
    if (record.state == Record::State::has_ended && record.endpoint) record = Record();
}

Result<Answer> RemoteProcesses::handle(Process& caller, const Call& call, ReceiveSlot& received) {
  free_ended();
  const Words& words = call.words;
  switch (static_cast<RemoteRequest>(words[0])) {
    case RemoteRequest::run_on:
    case RemoteRequest::span: return run_on(caller, call);
    case RemoteRequest::ran: return ran(caller, call, received);
    default: return Error::invalid_argument;
  }
}

Result<Answer> RemoteProcesses::run_on(Process& caller, const Call& call) {
  const Words& words = call.words;
  const std::uint64_t core = words[0] >> 32;
  const Quota quota{words[1], words[2], words[3], words[4]};
  const auto text = std::exchange(caller.text, {});
  const auto record = std::ranges::find(records_, Record::State::free, &Record::state);
  if (record == records_.end()) return Error::out_of_memory;
  if (core >= kMaxCores) return Error::not_found;
  const Account::Share share =
      std::min(caller.account.share_of(quota), caller.account.share_left(core));
  if (share == 0) return Error::quota_exceeded;
  record->charge = TRY(Charge::take(caller.account, kCostOfRecord));
  record->charge.add_share(core, share);
  ++uses_[static_cast<std::size_t>(record - records_.begin())];
  record->core = static_cast<std::uint32_t>(core);
  record->parent = caller.number;
  record->is_dispatcher = static_cast<RemoteRequest>(words[0]) == RemoteRequest::span;
  record->state = Record::State::asked;
  const std::string_view command_line = until_zero({text.data(), text.size()});
  if (const auto posted = ask_to_run(*record, command_line, share, quota); !posted) {
    *record = Record();
    return posted.error();
  }
  return Answer{{}, {token_of(*record)}};
}

// A text message for each piece of the command line, then one to run it.
Result<void> RemoteProcesses::ask_to_run(const Record& record, std::string_view command_line,
                                         Account::Share share, const Quota& quota) {
  const std::uint32_t token = token_of(record);
  const auto home = static_cast<std::uint32_t>(record.is_dispatcher ? record.parent : 0);
  const auto length = static_cast<std::uint32_t>(command_line.size());
  const RunMessage run{token, share, home, length, quota};
  //@ lab monitor.3a: static_cast<void>(run); return Error::not_implemented;
  for (std::uint32_t offset = 0; offset < length;) {
    TextMessage message{.token = token, .offset = offset};
    const std::string_view piece = slice(command_line, offset, message.text.size());
    std::ranges::copy(piece, message.text.begin());
    TRY(links_.post(record.core, LineKind::text, message));
    offset += static_cast<std::uint32_t>(piece.size());
  }
  return links_.post(record.core, LineKind::run, run);
  //@ end
}

Result<Answer> RemoteProcesses::ran(const Process& caller, const Call& call,
                                    ReceiveSlot& received) {
  const std::uint64_t token = call.words[1];
  Record* const record = at(token);
  if (record == nullptr || record->parent != caller.number || record->endpoint)
    return Error::not_found;
  if (record->state == Record::State::asked) {
    auto parent = TRY(received.take<Type::notification>(call));
    TRY(record->waiters.add(std::move(parent)));
    return Error::again;
  }
  if (record->state == Record::State::failed) {
    const Error error = record->error;
    *record = Record();
    return error;
  }
  record->endpoint = TRY(processes_.endpoint_over(kIsRemote | token));
  // An endpoint of a record that is not there any more stands for a process that has ended.
  return Answer{record->endpoint.address(), {record->number}};
}

void RemoteProcesses::set_ran(std::uint32_t from, const urpc::Message<>& line) {
  const auto message = message_of<RanMessage>(line);
  Record* const record = at(message.token);
  if (record == nullptr || record->core != from) return;
  //@ lab monitor.3b:
  record->number = message.number;
  record->state = message.status == kStatusOk ? Record::State::runs : Record::State::failed;
  if (message.status != kStatusOk) record->error = error_of(message.status);
  std::exchange(record->waiters, {}).signal();
  if (record->parent != 0) return;
  if (message.status != kStatusOk) {
    *record = {};
  } else if (record->is_dispatcher) {
    kill(*record);
  }
  //@ end
}

void RemoteProcesses::kill(const Record& record) {
  static_cast<void>(links_.post(record.core, LineKind::kill, KillMessage{record.number}));
}

// A parent that has not been told of the process yet is told first.
void RemoteProcesses::set_ended(Record& record) {
  record.waiters.signal();
  if (record.endpoint || record.parent == 0) {
    record = Record();
  } else {
    record.state = Record::State::has_ended;
  }
}

Result<Words> RemoteProcesses::handle_about(std::uint64_t number, const Call& call,
                                            ReceiveSlot& received) {
  Record* const record = (number & kIsRemote) != 0 ? at(number & ~kIsRemote) : nullptr;
  if (record == nullptr || record->state != Record::State::runs) return Error::not_found;
  if (static_cast<Request>(call.words[0]) == Request::wait) {
    auto end = TRY(received.take<Type::notification>(call));
    TRY(record->waiters.add(std::move(end)));
    return Words{};
  }
  kill(*record);
  return Words{};
}

// ---- questions to other cores

Result<Words> RemoteProcesses::handle_for_core(const Call& call, ReceiveSlot& received) {
  const std::uint64_t request = call.words[0];
  if (!is_about_any_core(request)) return Error::invalid_argument;
  const std::uint64_t core = call.words[1], argument = call.words[2];
  if (core == process_.core_id) return answer_to(request, argument);
  if (core >= kMaxCores) return Error::not_found;
  const auto to = static_cast<std::uint32_t>(core);
  return late_answers_.answer(call, received, to, [&](std::uint64_t number) -> Result<Words> {
    TRY(links_.post(to, LineKind::question, QuestionMessage{number, request, argument}));
    return Error::again;
  });
}

void RemoteProcesses::read_answer(std::uint32_t from, const urpc::Message<>& line) {
  const auto [number, status, words] = message_of<AnswerMessage>(line);
  late_answers_.give(from, number,
                     status == kStatusOk
                         ? Result<Words>(Words{words[0], words[1], words[2], words[3]})
                         : error_of(status));
}

void RemoteProcesses::answer_question(std::uint32_t from, const urpc::Message<>& line) {
  const auto [number, request, argument] = message_of<QuestionMessage>(line);
  AnswerMessage answer{number, kStatusOk, {}};
  if (const auto words = answer_to(request, argument)) {
    std::copy_n(words.value().begin(), answer.words.size(), answer.words.begin());
  } else {
    answer.status = status_of(words.error());
  }
  static_cast<void>(links_.post(from, LineKind::answer, answer));
}

Result<Words> RemoteProcesses::answer_to(std::uint64_t request, std::uint64_t argument) {
  //@ since memory
  if (is_about_memory(request)) return processes_.memory().answer_to(request, argument);
  //@ end
  if (request == number_of(RemoteRequest::kill_of)) {
    Process* const process = processes_.find(argument);
    if (process == nullptr) return Error::not_found;
    processes_.end(*process);
    return Words{};
  }
  const Process* const process = processes_.nth(argument);
  if (process == nullptr) return Error::not_found;
  const auto status = TRY(invoke(process->dispatcher.address(), Method::status));
  Words words{process->number, status[0]};
  std::memcpy(&words[2], process->name.data(), process->name.size());
  return words;
}

// ---- lines, and ends

void RemoteProcesses::take_line(std::uint32_t from, const urpc::Message<>& line) {
  switch (static_cast<LineKind>(line.header)) {
    case LineKind::file_wanted: return files_.give(from, message_of<FileMessage>(line));
    case LineKind::file: files_.read(message_of<FileMessage>(line)); return start_what_can_be();
    case LineKind::text: return add_text(from, line);
    case LineKind::run: return begin_run(from, line);
    case LineKind::ran: return set_ran(from, line);
    case LineKind::ended: {
      Record* const record = at(message_of<EndedMessage>(line).token);
      if (record == nullptr || record->core != from) return;
      Process* const spanning = record->is_dispatcher ? processes_.find(record->parent) : nullptr;
      set_ended(*record);
      if (spanning != nullptr) processes_.end(*spanning);
      return;
    }
    case LineKind::kill: {
      Process* const process = processes_.find(message_of<KillMessage>(line).number);
      if (process != nullptr) processes_.end(*process);
      return;
    }
    case LineKind::question: return answer_question(from, line);
    case LineKind::answer: return read_answer(from, line);
    default: return;
  }
}

bool RemoteProcesses::needs(std::uint32_t core) const {
  const auto is_there = [&](const Record& record) {
    return record.state != Record::State::free && record.core == core;
  };
  return std::ranges::any_of(records_, is_there);
}

void RemoteProcesses::core_ended(std::uint32_t core) {
  for (Record& record : records_) {
    if (record.state == Record::State::free || record.core != core) continue;
    //@ lab monitor.3e:
    if (record.state == Record::State::asked) {
      record.state = Record::State::failed;
      record.error = Error::peer_gone;
      std::exchange(record.waiters, {}).signal();
      if (record.parent == 0) record = Record();
    } else {
      set_ended(record);
    }
    //@ end
  }
  for (Starting& starting : starting_)
    if (starting.from == core) starting = Starting();
  for (Guest& each : guests_) {
    if (each.core != core) continue;
    const Guest guest = std::exchange(each, Guest());
    Process* const process = guest.is_dispatcher ? processes_.find(guest.number) : nullptr;
    if (process != nullptr) processes_.end(*process);
  }
}

// Its dispatchers on other cores end with it; its children there go on, and count for its own parent now.
void RemoteProcesses::before_end(const Process& process) {
  const Guest guest = std::exchange(guests_[processes_.place_of(process)], Guest());
  if (guest.number == process.number)
    static_cast<void>(links_.post(guest.core, LineKind::ended, EndedMessage{guest.token}));
  for (Record& record : records_) {
    record.charge.move_up_from(process.account);
    if (record.state == Record::State::free || record.parent != process.number) continue;
    record.parent = 0;
    using enum Record::State;
    if (record.is_dispatcher && record.state == runs) kill(record);
    if (record.state == failed || record.state == has_ended) record = Record();
  }
}

void RemoteProcesses::count(Census& census) const {
  for (const Record& record : records_) {
    census.waiters += record.waiters.count();
    if (record.state == Record::State::has_ended && record.endpoint) --census.slots;  // free_ended
  }
  files_.discount(census);
}

}  // namespace sprat::monitor
