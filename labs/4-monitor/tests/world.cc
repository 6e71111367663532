// world.cc — see world.hh.

#include "world.hh"

#include <algorithm>
#include <sstream>

namespace lab {

using sprat::grading::bare;

namespace {

// In the order of subject::Event::Kind.
const std::vector<std::string> kKinds{"received", "post",     "open",     "close",
                                      "fence",    "observed", "committed"};
constexpr unsigned kReceived = 0;
constexpr unsigned kMostNames = 8;

}  // namespace

void World::sees(CoreNumber core, const Call& call) {
  const auto kind = std::ranges::find(kKinds, call.kind);
  if (kind == kKinds.end()) return;
  note(static_cast<unsigned>(kind - kKinds.begin()), core, static_cast<CoreNumber>(call.core),
       call.kind == "post" ? &call.line : nullptr);
}

void World::receives(CoreNumber core, CoreNumber from, const Line& line, std::uint64_t) {
  note(kReceived, core, from, &line);
}

void World::note(unsigned kind, CoreNumber core, CoreNumber other, const Line* line) {
  ++count_;
  events_ += " " + bare(kind) + " " + bare(core) + " " + bare(other);
  if (line == nullptr) return;
  events_ += " " + bare(line->header);
  for (const std::uint64_t word : line->words) events_ += " " + bare(word);
}

std::string World::state() const {
  std::string text = " " + bare(system_->size());
  for (CoreNumber core = 0; core < system_->size(); ++core) {
    if (!system_->exists(core)) {
      text += " 0 0 0 0 0 0 0 0";
      continue;
    }
    const State& state = system_->state(core);
    text += std::string(" 1 ") + (system_->is_live(core) ? "0 " : "1 ") +
            (system_->is_fenced(core) ? "1 " : "0 ") + bare(state.view) + " " +
            bare(state.prepared) + " " + bare(state.incarnation) + " " + bare(state.cores) + " " +
            bare(state.linked);
  }
  text += " " + bare(tasks_.size());
  for (const auto& task : tasks_) {
    const std::string result = task ? system_->told()[*task].result : "silent";
    text += " " + (result.empty() ? "-" : result);
  }
  return text;
}

std::optional<std::string> World::answer(const std::string& request) {
  std::istringstream words(request);
  std::string kind;
  words >> kind;
  std::vector<std::uint64_t> numbers;
  for (std::string word; words >> word;)
    numbers.push_back(std::strtoull(word.c_str(), nullptr, 16));
  events_.clear();
  count_ = 0;
  const auto result = result_of(kind, numbers);
  if (!result || kind == "owner" || kind == "may-start") return result;
  return *result + " " + bare(count_) + events_ + state();
}

std::optional<std::string> World::result_of(const std::string& kind,
                                            const std::vector<std::uint64_t>& numbers) {
  if (kind == "begin") return begin(numbers);
  if (!system_) return std::nullopt;
  if (kind == "step") return system_->step() ? "1" : "0";
  if (kind == "run") return system_->run(), "done";
  const bool has_two = kind != "start" && kind != "hang" && kind != "dead" && kind != "may-start";
  if (numbers.size() != (has_two ? 2 : 1) || numbers[0] >= system_->size()) return std::nullopt;
  const auto core = static_cast<CoreNumber>(numbers[0]);
  if (kind == "may-start") return core != kCore0 && system_->may_start(core) ? "1" : "0";
  if (kind == "start") {
    if (core != kCore0 && system_->may_start(core)) system_->start(core);
    return "done";
  }
  const bool exists = system_->exists(core), acts = exists && system_->is_live(core);
  if (kind == "hang" || kind == "dead") {
    if (exists && core != kCore0)
      kind == "hang" ? system_->hang(core) : system_->declare_dead(core);
    return "done";
  }
  if (kind == "add" || kind == "remove" || kind == "owner") {
    if (numbers[1] >= kMostNames) return std::nullopt;
    const auto name = static_cast<unsigned>(numbers[1]);
    if (kind == "owner") return owner(core, name);
    const bool can = acts && system_->state(core).view != 0;
    tasks_.push_back(can ? std::optional(system_->told().size()) : std::nullopt);
    if (can) kind == "add" ? system_->add(core, name) : system_->remove(core, name);
    return "done";
  }
  if (numbers[1] >= system_->size()) return std::nullopt;
  const auto other = static_cast<CoreNumber>(numbers[1]);
  if (kind == "deliver")
    return exists && system_->exists(other) && system_->deliver(core, other) ? "1" : "0";
  if (kind != "suspect") return std::nullopt;
  if (acts && system_->exists(other)) system_->suspect(core, other);
  return "done";
}

std::optional<std::string> World::begin(const std::vector<std::uint64_t>& numbers) {
  if (numbers.size() != 2 || numbers[0] == 0 || numbers[0] > kMostCores || numbers[1] == 0 ||
      numbers[1] > numbers[0])
    return std::nullopt;
  system_.emplace(host_, numbers[0]);
  system_->set_watcher(this);
  system_->begin_with(numbers[1]);
  tasks_.clear();
  events_.clear();
  count_ = 0;
  return "done";
}

std::string World::owner(CoreNumber core, unsigned name) {
  const std::string found = system_->exists(core) ? system_->look_up(core, name) : "";
  return found.starts_with("found ") ? found.substr(6, found.find(' ', 6) - 6) : "-";
}

}  // namespace lab
