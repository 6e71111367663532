// process.cc — see process.hh.

#include "process.hh"

#include <bit>

namespace lab {

using sprat::grading::bare;

namespace {

constexpr const char* kMappings[] = {"none", "read_only", "writable"};
std::string text(Mapping mapping) { return kMappings[static_cast<std::size_t>(mapping)]; }
std::string number(Mapping mapping) { return bare(static_cast<std::uint64_t>(mapping)); }
std::string core_text(std::uint64_t core) { return "core " + std::to_string(core); }
std::string page_text(std::size_t page) { return "page " + std::to_string(page); }

std::string cores_text(std::uint64_t cores) {
  std::string all;
  for (std::uint64_t core = 0; core < kCores; ++core)
    if ((cores & only(core)) != 0) all += " " + std::to_string(core);
  if (all.empty()) return "no core";
  return (std::has_single_bit(cores) ? "core" : "cores") + all;
}

// The number after `word` and a blank, if that is the whole answer.
std::optional<std::uint64_t> number_after(const std::string& word, const std::string& answer) {
  if (!answer.starts_with(word + " ")) return std::nullopt;
  const char* const begin = answer.c_str() + word.size() + 1;
  char* end = nullptr;
  const std::uint64_t number = std::strtoull(begin, &end, 16);
  return end == begin || *end != 0 ? std::nullopt : std::optional(number);
}

}  // namespace

// ---- events

Process::Process(Trial& trial, std::size_t cores)
    : trial_(trial), questions_(trial), dispatchers_(cores), home_(trial.below(cores)) {
  most_.fill(Mapping::writable);
  questions_.note("the home is " + core_text(home_));
}

void Process::touch(std::uint64_t core, std::size_t page, Mapping wanted) {
  Dispatcher& dispatcher = dispatchers_[core];
  if (core == home_ || dispatcher.has_ended || dispatcher.fetch) return;
  if (dispatcher.may[page] >= wanted) {
    if (!std::exchange(dispatcher.is_mapped[page], true)) questions_.done("map", {core, page});
    return;
  }
  dispatcher.fetch = Fetch{page, wanted, 0};
  ask(core);
}

// One attempt to get the page.
void Process::ask(std::uint64_t core) {
  Dispatcher& dispatcher = dispatchers_[core];
  Fetch& fetch = *dispatcher.fetch;
  const std::string answer = questions_.ask("ask", {core, fetch.page});
  const auto limits = number_after("asked", answer);
  if (!limits) questions_.wrong("asked LIMITS", answer);
  fetch = {fetch.page, fetch.wanted, *limits};
  dispatcher.out.push_back({Message::Kind::want, fetch.page});
}

std::uint64_t Process::may_do_more(std::size_t page, Mapping mapping) const {
  std::uint64_t cores = 0;
  for (std::uint64_t core = 0; core < size(); ++core)
    if (dispatchers_[core].noted[page] > mapping) cores |= only(core);
  return cores;
}

void Process::limit(std::size_t page, Mapping mapping) {
  const std::string answer = questions_.begin(page, mapping);
  if (limits_.contains(page))
    return questions_.expect("a second limit of " + page_text(page), "error busy", answer);
  const auto told = number_after("tell", answer);
  const std::uint64_t expected = may_do_more(page, mapping);
  const bool tells_all = told && (*told & expected) == expected;
  if (!tells_all || (*told != expected && !is_measured_))
    questions_.wrong(
        "a limit of " + page_text(page) + " to " + text(mapping) + " tells " + cores_text(expected),
        told ? cores_text(*told) : answer);
  most_[page] = mapping;
  limits_[page] = {++last_limit_, mapping, *told, *told};
  for (std::uint64_t core = 0; core < size(); ++core) {
    if ((*told & only(core)) == 0) continue;
    dispatchers_[core].in.push_back({Message::Kind::limit, page, mapping, last_limit_});
    ++messages_of_limits;
  }
  if (*told == 0) end_limit(page);
}

void Process::give_up(std::size_t page) {
  if (limits_.contains(page)) end_limit(page);
}

void Process::end(std::uint64_t core) {
  Dispatcher& dispatcher = dispatchers_[core];
  if (core == home_ || dispatcher.has_ended) return;
  questions_.note("     " + core_text(core) + " ends");
  dispatcher.has_ended = true;
  dispatcher.is_noticed = false;
  dispatcher.in.clear();
  dispatcher.fetch.reset();
  dispatcher.is_frame_on_its_way = false;
}

void Process::start(std::uint64_t core) {
  if (!dispatchers_[core].has_ended || !dispatchers_[core].is_noticed) return;
  questions_.done("start", {core});
  dispatchers_[core] = Dispatcher();
}

void Process::happen(bool with_ends) {
  // The first and the last page, and few others, so that events meet.
  const std::size_t pages[] = {0, kPages - 1, 1, 31};
  const std::size_t page = pages[trial_.below(trial_.below(2) == 0 ? 4 : 2)];
  const std::uint64_t core = trial_.below(size());
  const auto choice = trial_.below(with_ends ? 14 : 10);
  if (choice < 6)
    touch(core, page, trial_.below(2) == 0 ? Mapping::read_only : Mapping::writable);
  else if (choice < 10)
    limit(page, static_cast<Mapping>(trial_.below(3)));
  else if (choice == 10)
    give_up(page);
  else if (choice == 11)
    end(core);
  else if (choice == 12)
    fail_to_limit(core, trial_.below(2) == 0);
  else
    start(core);
}

// ---- the world

bool Process::step() {
  struct Arrival {
    std::uint64_t core;
    enum { to_home, to_core, frame, notice } kind;
  };
  std::vector<Arrival> arrivals;
  for (std::uint64_t core = 0; core < size(); ++core) {
    const Dispatcher& dispatcher = dispatchers_[core];
    if (!dispatcher.out.empty()) arrivals.push_back({core, Arrival::to_home});
    if (!dispatcher.in.empty() && !dispatcher.has_ended)
      arrivals.push_back({core, Arrival::to_core});
    if (dispatcher.is_frame_on_its_way) arrivals.push_back({core, Arrival::frame});
    if (!dispatcher.is_noticed && dispatcher.out.empty())
      arrivals.push_back({core, Arrival::notice});
  }
  if (arrivals.empty()) return false;
  // A frame goes its own way, which takes longer: so limits overtake some.
  std::size_t next = trial_.below(arrivals.size());
  for (int turn = 0; turn < 3 && arrivals[next].kind == Arrival::frame; ++turn)
    next = trial_.below(arrivals.size());
  const auto& [core, kind] = arrivals[next];
  Dispatcher& dispatcher = dispatchers_[core];
  if (kind == Arrival::notice) {
    notice_end(core);
  } else if (kind == Arrival::frame) {
    dispatcher.is_frame_on_its_way = false;
    dispatcher.fetch->is_frame_here = true;
    complete(core);
  } else {
    std::deque<Message>& channel = kind == Arrival::to_home ? dispatcher.out : dispatcher.in;
    const Message message = channel.front();
    channel.pop_front();
    if (kind == Arrival::to_home)
      handle_at_home(core, message);
    else
      handle(core, message);
  }
  return true;
}

void Process::run() {
  while (step()) {
  }
}

void Process::handle_at_home(std::uint64_t core, const Message& message) {
  if (message.kind == Message::Kind::want) return handle_want(core, message.page);
  ++messages_of_limits;
  const auto place = limits_.find(message.page);
  if (place == limits_.end() || place->second.number != message.number) return;  // it is given up
  Limit& limit = place->second;
  limit.missing &= ~only(core);
  (message.kind == Message::Kind::limited ? limit.limited : limit.failed) |= only(core);
  go_on(message.page);
}

void Process::handle_want(std::uint64_t core, std::size_t page) {
  Dispatcher& dispatcher = dispatchers_[core];
  const bool can_send = trial_.below(8) != 0;
  const std::string answer = questions_.want(core, page, can_send);
  const std::string wish = core_text(core) + " wants " + page_text(page);
  const std::string most = number(most_[page]);
  Message message{Message::Kind::refused, page};
  if (limits_.contains(page)) {
    questions_.expect(wish + " in the middle of a limit", "error busy", answer);
    waiting_[page] |= only(core);
    message.error = "busy";
  } else if (most_[page] == Mapping::none) {
    questions_.expect(wish + ", which is limited to none", "error no_rights", answer);
    message.error = "no_rights";
  } else if (!can_send) {
    questions_.expect(wish, "send " + most + " error out_of_memory", answer);
    message.error = "out_of_memory";
  } else {
    questions_.expect(wish, "send " + most + " given " + most, answer);
    dispatcher.noted[page] = most_[page];
    message = {Message::Kind::given, page, most_[page]};
    dispatcher.is_frame_on_its_way = !dispatcher.has_ended;
  }
  if (!dispatcher.has_ended) dispatcher.in.push_back(message);
}

void Process::handle(std::uint64_t core, const Message& message) {
  Dispatcher& dispatcher = dispatchers_[core];
  switch (message.kind) {
    case Message::Kind::limit: {
      if (dispatcher.fails) {
        dispatcher.out.push_back({Message::Kind::failed, message.page, {}, message.number});
        return;
      }
      Mapping& may = dispatcher.may[message.page];
      const bool must_unmap = may > message.mapping && dispatcher.is_mapped[message.page];
      may = std::min(may, message.mapping);
      if (must_unmap) dispatcher.is_mapped[message.page] = false;
      questions_.expect(core_text(core) + " hears of a limit",
                        "may " + number(may) + " unmap " + (must_unmap ? "1" : "0"),
                        questions_.ask("limit", {core, message.page,
                                                 static_cast<std::uint64_t>(message.mapping)}));
      dispatcher.out.push_back({Message::Kind::limited, message.page, {}, message.number});
      return;
    }
    case Message::Kind::given: dispatcher.fetch->given = message.mapping; return complete(core);
    case Message::Kind::refused:
      if (message.error == "busy")
        dispatcher.fetch->waits_for_end = true;
      else
        dispatcher.fetch.reset();
      return;
    default:
      if (dispatcher.fetch && dispatcher.fetch->waits_for_end) ask(core);
  }
}

// The frame and the answer are there.
void Process::complete(std::uint64_t core) {
  Dispatcher& dispatcher = dispatchers_[core];
  const Fetch fetch = *dispatcher.fetch;
  if (!fetch.given || !fetch.is_frame_here) return;
  const std::string answer = questions_.ask(
      "arrive", {core, fetch.page, static_cast<std::uint64_t>(*fetch.given), fetch.limits});
  if (answer.starts_with("late")) {
    ++frames_late;
    return ask(core);
  }
  questions_.expect("a frame arrives", "may " + number(*fetch.given), answer);
  dispatcher.may[fetch.page] = *fetch.given;
  dispatcher.is_mapped[fetch.page] = true;
  dispatcher.fetch.reset();
  ++pages_arrived;
  look_at(core, fetch.page);
}

void Process::notice_end(std::uint64_t core) {
  questions_.ended(core);
  Dispatcher& dispatcher = dispatchers_[core];
  dispatcher.is_noticed = true;
  dispatcher.noted.fill(Mapping::none);
  for (auto& [page, cores] : waiting_) cores &= ~only(core);
  std::vector<std::size_t> pages;
  for (auto& [page, limit] : limits_) {
    if ((limit.missing & only(core)) == 0) continue;
    limit.missing &= ~only(core);
    pages.push_back(page);
  }
  for (const std::size_t page : pages) go_on(page);
}

// Ends the limit when all have answered.
void Process::go_on(std::size_t page) {
  const Limit& limit = limits_.at(page);
  if (limit.missing != 0) return;
  questions_.limited(page, limit.limited);
  for (std::uint64_t core = 0; core < size(); ++core) {
    Dispatcher& dispatcher = dispatchers_[core];
    if ((limit.limited & only(core)) == 0) continue;
    dispatcher.noted[page] = std::min(dispatcher.noted[page], limit.mapping);
    if (!dispatcher.has_ended && dispatcher.may[page] > limit.mapping)
      questions_.wrong("when a limit of " + page_text(page) + " ends, no core may do more than " +
                           text(limit.mapping),
                       core_text(core) + " may map it " + text(dispatcher.may[page]));
  }
  ++limits_ended;
  end_limit(page);
}

void Process::end_limit(std::size_t page) {
  limits_.erase(page);
  const std::uint64_t expected = std::exchange(waiting_[page], 0);
  const std::string answer = questions_.end(page);
  const auto again = number_after("again", answer);
  if (again != expected)
    questions_.wrong(
        "when the limit of " + page_text(page) + " ends, `again` is for " + cores_text(expected),
        again ? cores_text(*again) : answer);
  for (std::uint64_t core = 0; core < size(); ++core)
    if ((expected & only(core)) != 0 && !dispatchers_[core].has_ended)
      dispatchers_[core].in.push_back({Message::Kind::again, page});
}

void Process::look_at(std::uint64_t core, std::size_t page) {
  const Dispatcher& dispatcher = dispatchers_[core];
  if (dispatcher.may[page] > dispatcher.noted[page])
    questions_.wrong(core_text(core) + " maps " + page_text(page) +
                         " as the home has noted: " + text(dispatcher.noted[page]),
                     text(dispatcher.may[page]) + ": a limit has overtaken the frame");
}

void Process::expect_rest() {
  run();
  for (const auto& [page, limit] : limits_)
    questions_.wrong("each limit ends", "the one of " + page_text(page) + " does not");
  for (std::uint64_t core = 0; core < size(); ++core)
    if (dispatchers_[core].fetch)
      questions_.wrong(
          "each core that wants a page is answered",
          core_text(core) + " waits for ever for " + page_text(dispatchers_[core].fetch->page));
}

}  // namespace lab
