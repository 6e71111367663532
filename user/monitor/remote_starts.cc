// remote_starts.cc — the core that is asked: processes of this core that are started for others (remote_processes.hh).

#include <algorithm>

#include "lib/words.hh"
#include "monitor/remote_processes.hh"

namespace sprat::monitor {

RemoteProcesses::Starting* RemoteProcesses::starting_for(std::uint32_t from, std::uint32_t token) {
  const auto is_it = [&](const Starting& each) { return each.from == from && each.token == token; };
  const auto found = std::ranges::find_if(starting_, is_it);
  if (found != starting_.end()) return found;
  const auto free = std::ranges::find(starting_, std::uint32_t{kMaxCores}, &Starting::from);
  if (free == starting_.end()) return nullptr;
  *free = Starting{.from = from, .token = token};
  return free;
}

void RemoteProcesses::add_text(std::uint32_t from, const urpc::Message<>& line) {
  const auto message = message_of<TextMessage>(line);
  Starting* const starting = starting_for(from, message.token);
  if (starting == nullptr)
    return;  // some of the text is missing, and the run that follows is refused
  //@ lab monitor.3c:
  auto& text = starting->text;
  if (message.offset != starting->length || message.offset >= text.size() - 1) return;
  const std::size_t bytes = std::min(message.text.size(), text.size() - 1 - message.offset);
  std::copy_n(message.text.data(), bytes, &text[message.offset]);
  starting->length += static_cast<std::uint32_t>(message.text.size());
  //@ end
}

void RemoteProcesses::begin_run(std::uint32_t from, const urpc::Message<>& line) {
  const auto message = message_of<RunMessage>(line);
  Starting* const starting = starting_for(from, message.token);
  if (starting == nullptr || starting->length < message.length) {
    if (starting != nullptr) *starting = Starting();
    const RanMessage refused{message.token, status_of(Error::out_of_memory), 0};
    return static_cast<void>(links_.post(from, LineKind::ran, refused));
  }
  starting->is_told = true;
  starting->home = message.home;
  Quota share = processes_.account().limit();
  share = {
      share.processes * message.share / Account::kAll, share.memory / Account::kAll * message.share,
      share.channels * message.share / Account::kAll, share.slots * message.share / Account::kAll};
  starting->quota = least(message.quota, share);
  start_what_can_be();
}

// All but the processes that wait for a file.
void RemoteProcesses::start_what_can_be() {
  for (Starting& starting : starting_) {
    if (starting.from == kMaxCores || !starting.is_told) continue;
    //@ lab monitor.3d:
    const auto number = start(starting);
    if (!number && number.error() == Error::again) continue;
    const Starting started = std::exchange(starting, Starting());
    const RanMessage message{started.token, number ? kStatusOk : status_of(number.error()),
                             number ? number.value() : 0};
    static_cast<void>(links_.post(started.from, LineKind::ran, message));
    if (!number) continue;
    const std::size_t place = processes_.place_of(*processes_.find(number.value()));
    guests_[place] = {number.value(), started.from, started.token, started.home != 0};
    //@ end
  }
}

// again: a file must come first
Result<std::uint64_t> RemoteProcesses::start(const Starting& starting) {
  const std::string_view command_line = until_zero({starting.text.data(), starting.text.size()});
  std::string_view rest = command_line;
  const std::string_view word = next_word(rest);
  ProcessName name{};
  if (word.empty() || word.size() >= name.size()) return Error::not_found;
  std::ranges::copy(word, name.begin());
  const auto file = TRY(files_.find(name));
  return processes_.start(file, {.command_line = command_line,
                                 .account = processes_.account(),
                                 .quota = starting.quota,
                                 .home_core = starting.from,
                                 .home_process = starting.home});
}

}  // namespace sprat::monitor
