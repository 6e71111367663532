// system.cc — see system.hh.

#include "system.hh"

#include <algorithm>
#include <bit>
#include <sstream>

#include "interfaces/print.hh"

namespace lab {

using sprat::grading::bare;

namespace {

constexpr std::size_t kRoom = 32;  // of a link, in lines
constexpr std::size_t kMostSteps = 50'000;
constexpr unsigned kSlowness = 8;
const std::set<std::string> kCallsOfPlatform{"prepared", "open",     "close",
                                             "fence",    "observed", "committed"};
const std::set<std::string> kOtherCalls{"keep", "release", "give",    "adopt", "sweep",
                                        "drop", "copied",  "removed", "ticket"};
constexpr unsigned kTalk = 100;  // the number of a message that no protocol has

constexpr std::uint64_t bit(std::uint64_t core) { return std::uint64_t{1} << core; }

bool is_talk(const Line& line) {
  return sprat::LineHeader(line.header).get<sprat::line_header::message>() == kTalk;
}

// All messages of the protocols carry a view as their first word.
ViewNumber view_of(const Line& line) { return static_cast<ViewNumber>(line.words[0]); }

}  // namespace

std::string text_of(const Line& line) {
  if (is_talk(line)) return "a message to a process";
  static std::string text;
  text.clear();
  sprat::print_line<agreement::interface>([](std::string_view piece) { text += piece; }, line);
  return text.substr(std::min(text.size(), text.find(' ') + 1));
}

std::string Call::text() const {
  if (kind == "prepared") return kind;
  if (kind == "told") return "told task " + std::to_string(core) + ": " + result;
  const std::string number = kOtherCalls.contains(kind) ? "0x" + bare(core) : std::to_string(core);
  return kind + " " + number + (kind == "post" ? ": " + text_of(line) : "");
}

std::string Answer::text() const {
  std::string text;
  for (const Call& call : calls) text += (text.empty() ? "" : "; ") + call.text();
  return text.empty() ? "nothing" : text;
}

std::size_t Answer::place(std::string_view kind, std::uint64_t core) const {
  const auto found = std::ranges::find_if(
      calls, [&](const Call& call) { return call.kind == kind && call.core == core; });
  return static_cast<std::size_t>(found - calls.begin());
}

std::optional<Answer> parse_answer(const std::string& text) {
  std::istringstream words(text);
  const auto number = [&] {
    std::string word;
    words >> word;
    return std::strtoull(word.c_str(), nullptr, 16);
  };
  Answer answer;
  for (std::string kind; words >> kind;) {
    if (kind == "state") {
      answer.state.view = number();
      answer.state.prepared = number();
      answer.state.incarnation = number();
      answer.state.cores = number();
      answer.state.linked = number();
      answer.state.has_steps = number() != 0;
      if (words && !(words >> kind)) return answer;
    }
    Call call{.kind = kind};
    if (kind != "prepared") call.core = number();
    if (kind == "post") {
      call.line.header = static_cast<std::uint32_t>(number());
      for (std::uint64_t& word : call.line.words) word = number();
    } else if (kind == "told") {
      words >> call.result;
    } else if (!kCallsOfPlatform.contains(kind) && !kOtherCalls.contains(kind)) {
      break;
    }
    if (!words) break;
    answer.calls.push_back(call);
  }
  return std::nullopt;
}

Answer ask(Trial& trial, const std::string& question) {
  const std::string text = trial.ask(question);
  auto answer = parse_answer(text);
  if (!answer) trial.wrong("calls of the platform, and a state", text);
  return *answer;
}

std::string take_question(CoreNumber core, CoreNumber from, const Line& line) {
  std::string question = "take " + bare(core) + " " + bare(from) + " " + bare(line.header);
  for (const std::uint64_t word : line.words) question += " " + bare(word);
  return question;
}

// ---- the system

Host host_of(Trial& trial) {
  return {
      .ask = [&](const std::string& question) { return trial.ask(question); },
      .below = [&](std::uint64_t limit) { return trial.below(limit); },
      .wrong =
          [&](const std::string& expected, const std::string& came, const std::string& log) {
            trial.keep_log("schedule", log);
            trial.wrong(
                expected, came,
                "the log shows the lines in the order in which they were received, and the events");
          }};
}

System::System(Host host, std::size_t cores) : host_(std::move(host)), current_(cores, kNone) {
  must(host_.ask("forget") == "done", "forget: done", "another answer");
  views_[1] = bit(kCore0);
  add_incarnation(kCore0);
}

void System::add_incarnation(CoreNumber core) {
  current_[core] = incarnations_.size();
  incarnations_.push_back({.core = core});
  act(core, "start " + bare(core));
  if (watcher_ != nullptr) watcher_->starts(core);
}

void System::begin_with(std::size_t count) {
  begins_ = true;
  for (CoreNumber core = 1; core < count; ++core) {
    add_incarnation(core);
    at(kCore0).ends[core] = current_[core];
    at(core).ends[kCore0] = current_[kCore0];
  }
  const auto view = static_cast<ViewNumber>(count);
  for (auto core = static_cast<CoreNumber>(count); core-- > 0;) {
    const auto commit = [&](CoreNumber other) {
      act(core, take_question(core, kCore0,
                              line_of<agreement::commit>({view, view, other, Change::join})));
    };
    for (CoreNumber other = 0; other < count; ++other)
      if (other != core) commit(other);
    commit(core);
  }
  begins_ = false;
  for (CoreNumber core = 0; core < count; ++core) {
    const State& state = at(core).state;
    expect(
        state.view == view && std::popcount(state.cores) == static_cast<int>(count),
        "after the commits of all cores, " + name_of(core) + " has view " + std::to_string(view) +
            " of " + std::to_string(count) + " cores",
        "view " + std::to_string(state.view) + " of " + std::to_string(std::popcount(state.cores)));
  }
  views_[view] = at(kCore0).state.cores;
}

void System::start(CoreNumber core) {
  note("     " + name_of(core) + " starts");
  current_[core] = incarnations_.size();
  incarnations_.push_back({.core = core});
  act(kCore0, "expect " + bare(core));
  at(core).ends[kCore0] = current_[kCore0];
  act(core, "start " + bare(core));
  if (watcher_ != nullptr) watcher_->starts(core);
  act(core, "join " + bare(core));
}

void System::hang(CoreNumber core) {
  note("     " + name_of(core) + " hangs");
  at(core).has_stopped = true;
}

void System::suspect(CoreNumber core, CoreNumber other) {
  note("     " + name_of(core) + " suspects " + name_of(other));
  act(core, "suspect " + bare(core) + " " + bare(other));
}

void System::declare_dead(CoreNumber core) {
  note("     core 0 finds that " + name_of(core) + " is silent");
  act(kCore0, "dead " + bare(core));
}

void System::add(CoreNumber core, unsigned name) {
  note("     " + name_of(core) + " registers service " + std::to_string(name));
  told_.push_back({core, name, false, current_[core]});
  const std::uint64_t task = told_.size() - 1;
  act(core, "register " + bare(core) + " " + bare(task) + " " + bare(name) + " " + bare(task));
}

void System::remove(CoreNumber core, unsigned name) {
  note("     " + name_of(core) + " removes service " + std::to_string(name));
  told_.push_back({core, name, true, current_[core]});
  act(core, "remove " + bare(core) + " " + bare(told_.size() - 1) + " " + bare(name));
}

void System::say(CoreNumber from, CoreNumber to) {
  const Incarnation& speaker = at(from);
  if (speaker.has_stopped || (speaker.state.cores & bit(to)) == 0) return;
  ++talks_;
  Line line{sprat::LineHeader().with<sprat::line_header::message>(kTalk).raw(), {}};
  line.words[0] = speaker.state.prepared;
  line.words[1] = current_[to];
  see(current_[from], {.kind = "post", .core = to, .line = line});
}

bool System::may_start(CoreNumber core) { return host_.ask("may-start " + bare(core)) == "1"; }

std::string System::look_up(CoreNumber core, unsigned name) {
  return host_.ask("look-up " + bare(core) + " " + bare(name));
}

std::uint64_t System::hops() const {
  return std::ranges::max(incarnations_, {}, &Incarnation::clock).clock;
}

void System::wrong(const std::string& expected, const std::string& came) {
  if (host_.wrong) host_.wrong(expected, came, log_);
  throw Impossible();
}

// ---- moves

void System::act(CoreNumber core, const std::string& question) {
  const std::size_t self = current_[core];
  const State before = incarnations_[self].state;
  const std::string text = host_.ask(question);
  auto answered = parse_answer(text);
  must(answered.has_value(), "calls of the platform, and a state", text);
  if (host_.bend && !begins_) host_.bend(core, *answered);
  const Answer& answer = *answered;
  incarnations_[self].state = answer.state;
  // Of a core that was stopped in the middle no other core sees a thing; but only core 0 stops cores, and never itself.
  for (const Call& call : answer.calls) see(self, call);
  if (!begins_) observe(self, before);
  for (const Call& call : answer.calls)
    if (call.kind == "told" && call.core < kOthersTasks) check_told(told_[call.core]);
}

void System::see(std::size_t self, const Call& call) {
  Incarnation& actor = incarnations_[self];
  const auto core = static_cast<CoreNumber>(call.core);
  if (watcher_ != nullptr) watcher_->sees(actor.core, call);
  if (call.kind == "prepared" || call.kind == "observed" || call.kind == "committed") return;
  if (kOtherCalls.contains(call.kind) || (call.kind == "told" && call.core >= kOthersTasks)) return;
  if (call.kind == "told") {
    must(core < told_.size() && told_[core].result.empty(), "an answer to a task, once",
         call.text());
    told_[core].result = call.result;
    note("     task of " + name_of(actor.core) + " is told: " + call.result);
    return;
  }
  must(core < size() && core != actor.core && current_[core] != kNone,
       "a call of " + name_of(actor.core) + " about another core that exists", call.text());
  if (call.kind == "open") {
    actor.ends.try_emplace(core, current_[core]);
  } else if (call.kind == "close") {
    const auto end = actor.ends.find(core);
    if (end == actor.ends.end()) return;
    expect(incarnations_[end->second].is_fenced,
           name_of(actor.core) + " closes no link with a core that has not been stopped",
           "it closes the link with " + name_of(core));
    actor.ends.erase(end);
  } else if (call.kind == "fence") {
    expect(actor.core == kCore0, "only core 0 stops cores",
           name_of(actor.core) + " stops " + name_of(core));
    at(core).has_stopped = at(core).is_fenced = true;
    note("     core 0 stops " + name_of(core));
  } else {
    if (const auto change = call.posted<agreement::prepare>())
      expect(change->change == Change::join ||
                 (change->core < size() && exists(change->core) && at(change->core).is_fenced),
             "a core has been stopped when its death is told", text_of(call.line));
    const auto end = actor.ends.find(core);
    if (end == actor.ends.end()) return;
    auto& lines = wires_[{self, end->second}];
    if (lines.empty() && host_.below(4) == 0) slow_.insert({self, end->second});
    lines.push_back({call.line, actor.clock + 1,
                     watcher_ == nullptr ? 0 : watcher_->posts(actor.core, call.line)});
    expect(lines.size() <= kRoom || incarnations_[end->second].has_stopped,
           "at most " + std::to_string(kRoom) + " lines in flight on a link", "more of them");
    ++posted;
  }
}

void System::observe(std::size_t self, const State& before) {
  const Incarnation& actor = incarnations_[self];
  const State& now = actor.state;
  if (now.view == before.view) return;
  const auto [view, is_new] = views_.try_emplace(now.view, now.cores);
  expect(view->second == now.cores,
         "view " + std::to_string(now.view) + " with cores " + bare(view->second) + " on all cores",
         name_of(actor.core) + " has it with cores " + bare(now.cores));
  if (actor.core != kCore0) {
    expect(!is_new, "no view before core 0 has committed it",
           name_of(actor.core) + " has view " + std::to_string(now.view));
    return;
  }
  const std::uint64_t changed = now.cores ^ before.cores, changes = now.view - before.view;
  const auto changed_cores = static_cast<unsigned>(std::popcount(changed));
  // Several at once only when there is no other core to ask; a core that joins is one.
  expect(now.view > before.view && changed_cores <= changes && (changes - changed_cores) % 2 == 0 &&
             (changes == 1 || std::popcount(now.cores) <= 2),
         "the next view, with one core more or one less",
         "view " + std::to_string(now.view) + " of cores " + bare(now.cores) + " after view " +
             std::to_string(before.view) + " of cores " + bare(before.cores));
  for (CoreNumber core = 1; core < size(); ++core) {
    if ((now.cores & bit(core)) == 0 || (changed & bit(core)) != 0 || !exists(core)) continue;
    const Incarnation& other = at(core);
    if (other.is_fenced) continue;
    expect(other.state.prepared == now.view,
           "view " + std::to_string(now.view) + " is committed when all its cores have prepared it",
           name_of(core) + " has prepared view " + std::to_string(other.state.prepared));
    expect(other.state.view + 1 == now.view, "views of live cores differ by one at most",
           name_of(core) + " has view " + std::to_string(other.state.view));
    const auto gone = static_cast<CoreNumber>(std::countr_zero(changed));
    expect((now.cores & changed) != 0 || !other.ends.contains(gone),
           "a view without a core is committed when no live core has a link with it",
           name_of(core) + " still has a link with " + name_of(gone));
  }
}

// All cores of the owner's view know a name when its caller is told so.
void System::check_told(const Told& told) {
  if (told.result != "ok" || told.removes || !host_.wrong) return;
  const auto task = static_cast<std::uint64_t>(&told - told_.data());
  const std::string wanted =
      "found " + bare(told.core) + " " + bare(task) + " " + bare(at(told.core).state.incarnation);
  if (look_up(told.core, told.name) != wanted) return;  // another task has removed it already
  for (CoreNumber core = 0; core < size(); ++core) {
    if ((at(told.core).state.cores & bit(core)) == 0 || !is_live(core)) continue;
    if ((state(core).cores & bit(core)) == 0) continue;  // its next incarnation
    const std::string found = look_up(core, told.name);
    expect(
        found == wanted,
        "when the caller is told that its name is registered, " + name_of(core) + " says " + wanted,
        found);
  }
}

bool System::can_arrive(const Place& place, const std::deque<Sent>& lines) const {
  const Incarnation &from = incarnations_[place.first], &to = incarnations_[place.second];
  if (lines.empty() || to.has_stopped) return false;
  const auto end = to.ends.find(from.core);
  if (end == to.ends.end() || end->second != place.first) return false;
  return from.core == kCore0 || view_of(lines.front().line) <= to.state.prepared;
}

bool System::step() {
  std::vector<const Place*> possible;
  for (const auto& [place, lines] : wires_)
    if (can_arrive(place, lines)) possible.push_back(&place);
  std::vector<CoreNumber> stepping;
  for (CoreNumber core = 0; core < size(); ++core)
    if (is_live(core) && at(core).state.has_steps) stepping.push_back(core);
  if (!stepping.empty() && (possible.empty() || host_.below(3) == 0)) {
    const CoreNumber core = stepping[host_.below(stepping.size())];
    act(core, "step " + bare(core));
    return true;
  }
  if (possible.empty()) return false;
  const auto arrives = [&](const Place* place) { return wires_[*place].front().arrives; };
  const Place* chosen = nullptr;
  if (is_measured_) {
    chosen = *std::ranges::min_element(possible, {}, arrives);
  } else {
    do {
      chosen = possible[host_.below(possible.size())];
    } while (slow_.contains(*chosen) && host_.below(kSlowness) != 0);
  }
  deliver(Place(*chosen));
  return true;
}

bool System::deliver(CoreNumber from, CoreNumber to) {
  const Place place(current_.at(from), current_.at(to));
  const auto lines = wires_.find(place);
  if (lines == wires_.end() || !can_arrive(place, lines->second)) return false;
  deliver(place);
  return true;
}

void System::deliver(const Place& place) {
  std::deque<Sent>& lines = wires_[place];
  const Sent sent = lines.front();
  lines.pop_front();
  Incarnation& to = incarnations_[place.second];
  const CoreNumber from = incarnations_[place.first].core;
  to.clock = std::max(to.clock, sent.arrives);
  note(std::to_string(from) + " → " + std::to_string(to.core) + "   " + text_of(sent.line));
  if (!is_talk(sent.line)) {
    if (watcher_ != nullptr) watcher_->receives(to.core, from, sent.line, sent.number);
    return act(to.core, take_question(to.core, from, sent.line));
  }
  ++heard_;
  expect(sent.line.words[1] == place.second, "a message reaches the incarnation that it is for",
         "another one has it");
}

void System::run() {
  for (std::size_t steps = 0; step(); ++steps)
    must(steps < kMostSteps, "an end of it", std::to_string(steps) + " lines, and more to come");
}

// ---- at rest

void System::expect_rest() {
  const State& first = at(kCore0).state;
  for (CoreNumber core = 0; core < size(); ++core) {
    if (!exists(core)) continue;
    const bool is_in = (first.cores & bit(core)) != 0;
    expect(
        is_in != at(core).has_stopped,
        at(core).has_stopped ? "a silent core is in no view" : "a live core is in the view",
        name_of(core) + (is_in ? " is in view " : " is not in view ") + std::to_string(first.view));
    if (at(core).has_stopped) continue;
    const State& state = at(core).state;
    expect(state.view == first.view && state.cores == first.cores && state.prepared == first.view,
           "at the end " + name_of(core) + " has view " + std::to_string(first.view) +
               ", of cores " + bare(first.cores),
           "view " + std::to_string(state.view) + " of cores " + bare(state.cores) +
               ", and has prepared view " + std::to_string(state.prepared));
  }
  const std::uint64_t before = heard_;
  const auto live = static_cast<std::uint64_t>(std::popcount(first.cores));
  for (CoreNumber from = 0; from < size(); ++from)
    for (CoreNumber to = 0; to < size(); ++to)
      if (from != to && exists(from) && exists(to)) say(from, to);
  run();
  expect(heard_ - before == live * (live - 1),
         "each core hears each other one: " + std::to_string(live * (live - 1)) + " messages",
         std::to_string(heard_ - before));
}

void System::expect_equal_tables(unsigned names) {
  for (unsigned name = 0; name < names; ++name) {
    const std::string first = look_up(kCore0, name);
    for (CoreNumber core = 1; core < size(); ++core) {
      if (!is_live(core)) continue;
      const std::string here = look_up(core, name);
      expect(here == first,
             "at the end all cores say about service " + std::to_string(name) + ": " + first,
             name_of(core) + " says: " + here);
    }
    std::istringstream words(first);
    std::string word, owner, process, incarnation;
    words >> word >> owner >> process >> incarnation;
    if (word != "found") continue;
    const auto core = std::strtoull(owner.c_str(), nullptr, 16);
    expect(core < size() && is_live(static_cast<CoreNumber>(core)) &&
               bare(at(static_cast<CoreNumber>(core)).state.incarnation) == incarnation,
           "the owner of service " + std::to_string(name) + " lives", first);
  }
  for (const Told& told : told_)
    expect(!told.result.empty() || incarnations_[told.incarnation].has_stopped,
           "a task is told how its operation ended",
           "a task of " + name_of(told.core) + " still waits");
}

// ---- fates

void happen(Trial& trial, System& system, Fate fate) {
  const auto any_core = [&] { return static_cast<CoreNumber>(trial.below(system.size())); };
  const auto any_name = [&] { return static_cast<unsigned>(trial.below(kNames)); };
  const auto take_one = [](unsigned& left) { return left != 0 && left-- != 0; };
  const auto is_member = [&](CoreNumber core) {
    return system.is_live(core) && system.state(core).view != 0;
  };
  for (unsigned turn = 0; turn < 300; ++turn) {
    system.step();
    const CoreNumber core = any_core(), other = any_core();
    if (core == other || !system.exists(core) || !system.exists(other)) continue;
    switch (trial.below(8)) {
      case 0:  // a core may be wrong about another one, at any time
        if (core != kCore0 && is_member(core) && take_one(fate.suspicions))
          system.suspect(core, other);
        break;
      case 1:
        if (core != kCore0 && system.is_live(core) && take_one(fate.hangs)) system.hang(core);
        break;
      case 2:
        if (!system.is_live(core) && fate.restarts != 0 && system.may_start(core) &&
            take_one(fate.restarts))
          system.start(core);
        break;
      case 3:
        if (take_one(fate.talks)) system.say(core, other);
        break;
      case 4:
        if (!is_member(core) || !take_one(fate.names)) break;
        trial.below(3) == 0 ? system.remove(core, any_name()) : system.add(core, any_name());
        break;
      default: break;
    }
  }
  for (CoreNumber core = 1; core < system.size(); ++core)
    if (system.exists(core) && !system.is_live(core)) system.declare_dead(core);
  system.run();
}

}  // namespace lab
