// world.cc — see schedules.hh. The world is asked through standard output, and answers through standard input.

#include <algorithm>
#include <random>

#include "schedules.hh"

namespace subject {

namespace {

// Thrown when a schedule finds that the protocol is wrong.
struct Wrong {};

std::vector<const Schedule*>& all_schedules() {
  static std::vector<const Schedule*> schedules;
  return schedules;
}

std::mt19937_64 choices;

Event read_event(Question& answer) {
  Event event{static_cast<Event::Kind>(answer.number()), 0, 0};
  event.core = static_cast<CoreNumber>(answer.number());
  event.other = static_cast<CoreNumber>(answer.number());
  if (event.is(Event::Kind::received) || event.is(Event::Kind::posted)) {
    event.line.header = static_cast<std::uint32_t>(answer.number());
    for (std::uint64_t& word : event.line.words) word = answer.number();
  }
  return event;
}

Core read_core(Question& answer) {
  Core core;
  core.exists = answer.number() != 0;
  core.is_silent = answer.number() != 0;
  core.is_fenced = answer.number() != 0;
  core.view = static_cast<ViewNumber>(answer.number());
  core.prepared = static_cast<ViewNumber>(answer.number());
  core.incarnation = static_cast<ViewNumber>(answer.number());
  core.members.set_word(0, answer.number());
  core.linked.set_word(0, answer.number());
  return core;
}

// Asks for a fact.
std::string ask(const std::string& question) {
  say(question);
  return Question(listen()).word();
}

}  // namespace

Schedule::Schedule(const char* its_name, void (*its_body)()) : name(its_name), body(its_body) {
  all_schedules().push_back(this);
}

void expect(bool is_right) {
  if (!is_right) throw Wrong();
}

World::World(std::size_t cores, std::size_t begin_with) : cores_(cores) {
  act("begin " + hex(cores) + " " + hex(std::min(cores, begin_with)));
}

// Asks for an event, and returns the first word of the answer. Then come events, cores, and results of tasks, each list after its
// length.
std::string World::act(const std::string& question) {
  say(question);
  Question answer(listen());
  const std::string result = answer.word();
  news_.clear();
  for (auto left = answer.number(); left != 0; --left) news_.push_back(read_event(answer));
  cores_.clear();
  for (auto left = answer.number(); left != 0; --left) cores_.push_back(read_core(answer));
  results_.clear();
  for (auto left = answer.number(); left != 0; --left) {
    const std::string told = answer.word();
    results_.push_back(told == "-" ? "" : told);
  }
  return result;
}

void World::start(CoreNumber core) { act("start " + hex(core)); }
void World::hang(CoreNumber core) { act("hang " + hex(core)); }
void World::suspect(CoreNumber core, CoreNumber other) {
  act("suspect " + hex(core) + " " + hex(other));
}
void World::declare_dead(CoreNumber core) { act("dead " + hex(core)); }

std::size_t World::add(CoreNumber core, unsigned name) {
  act("add " + hex(core) + " " + hex(name));
  return results_.size() - 1;
}

std::size_t World::remove(CoreNumber core, unsigned name) {
  act("remove " + hex(core) + " " + hex(name));
  return results_.size() - 1;
}

bool World::step() { return act("step") == "1"; }
bool World::deliver(CoreNumber from, CoreNumber to) {
  return act("deliver " + hex(from) + " " + hex(to)) == "1";
}
void World::run() { act("run"); }
bool World::may_start(CoreNumber core) { return ask("may-start " + hex(core)) == "1"; }

std::optional<CoreNumber> World::owner(CoreNumber core, unsigned name) {
  const std::string owner = ask("owner " + hex(core) + " " + hex(name));
  if (owner == "-") return std::nullopt;
  return static_cast<CoreNumber>(Question(owner).number());
}

std::uint64_t World::below(std::uint64_t limit) { return choices() % limit; }

bool answer_by_schedules(const std::string& kind, Question& question) {
  const auto& schedules = all_schedules();
  if (kind == "schedules") {
    std::string names = hex(schedules.size());
    for (const Schedule* schedule : schedules) names += std::string(" ") + schedule->name;
    say(names);
    return true;
  }
  if (kind != "schedule") return false;
  const std::size_t number = question.number();
  choices.seed(question.number());
  try {
    schedules.at(number)->body();
    say("over right");
  } catch (const Wrong&) {
    say("over wrong");
  }
  return true;
}

}  // namespace subject
