// late_answers.cc — entries, found by the caller's notification.

#include "monitor/late_answers.hh"

#include <algorithm>

namespace sprat::monitor {

Result<LateAnswers::Entry*> LateAnswers::entry_for(const Call& call, ReceiveSlot& received,
                                                   std::uint32_t core) {
  auto caller = TRY(received.take<Type::notification>(call));
  const auto its = TRY(identify(caller.address()));
  const Question question{call.words[0], call.words[1], call.words[2]};
  Entry* free = nullptr;
  for (Entry& entry : entries_) {
    const auto identity = entry.caller ? identify(entry.caller.address()) : Error::no_capability;
    if (!identity) {
      free = &entry;  // or its caller has deleted the object
    } else if (entry.question == question && is_same(identity.value(), its)) {
      return &entry;
    }
  }
  if (free == nullptr) return Error::out_of_memory;
  *free = {
      .caller = std::move(caller), .question = question, .core = core, .number = ++last_number_};
  return free;
}

void LateAnswers::set(Entry& entry, const Result<Words>& answer) {
  if (is_again(answer)) return;
  entry.answer = answer;
  if (!invoke(entry.caller.address(), Method::signal)) entry = Entry();
}

void LateAnswers::give(std::uint32_t from, std::uint64_t number, const Result<Words>& answer) {
  for (Entry& entry : entries_)
    if (is_awaited(entry) && entry.number == number && entry.core == from) set(entry, answer);
}

bool LateAnswers::needs(std::uint32_t core) const {
  return std::ranges::any_of(
      entries_, [&](const Entry& entry) { return is_awaited(entry) && entry.core == core; });
}

void LateAnswers::core_ended(std::uint32_t core) {
  for (Entry& entry : entries_)
    if (is_awaited(entry) && entry.core == core) set(entry, Error::peer_gone);
}

// The base of a notification is that of its dispatcher.
void LateAnswers::before_end(const Process& process) {
  const auto dispatcher = identify(process.dispatcher.address());
  if (!dispatcher) return;
  for (Entry& entry : entries_) {
    const auto caller = entry.caller ? identify(entry.caller.address()) : Error::no_capability;
    if (caller && caller.value().base == dispatcher.value().base) entry = Entry();
  }
}

void LateAnswers::count(Census& census) const {
  census.waiters += static_cast<std::uint32_t>(
      std::ranges::count_if(entries_, [](const Entry& entry) { return bool(entry.caller); }));
}

}  // namespace sprat::monitor
