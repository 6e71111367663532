// system.hh — a system of monitors, which are the code under test, and the network between them, which is the test's: it delivers
// lines in an order that the seed of the grading decides, stops and restarts cores, and observes.
//
// A link belongs to two incarnations. A core has its end from `open` to `close`; lines that come before are kept, and lines to a
// core without a link are dropped. A line of a view that its receiver has not prepared waits (user/agreement/neighbour.hh).
//
// After each move the observer checks:
//   only core 0 stops cores; a core that is called dead, or whose link is closed, has been stopped
//   one view has the same cores on all cores, and one core more or one less than the view before
//   core 0 commits a view when all its live cores have prepared it, and have no link with the core that left
//   views of live cores differ by one at most
//   a link never has more lines in flight than it has room

#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agreement/messages.hh"
#include "agreement/platform.hh"
#include "lab/trial.hh"

namespace lab {

using sprat::grading::Trial;
namespace agreement = sprat::agreement;
using agreement::CoreNumber, agreement::ViewNumber, agreement::Change;
using Line = sprat::urpc::Message<>;
constexpr CoreNumber kCore0 = agreement::kCoordinator;

// A message as a line.
template <const auto& kMessage>
Line line_of(const sprat::BodyOf<kMessage>& body) {
  sprat::Fragments<kMessage, sprat::urpc::kPayloadWords> lines;
  Line line{};
  if (!lines.encode(body)) throw std::logic_error("the test's own message cannot be encoded");
  const auto only = lines.only_line(0);
  line.header = only.header;
  sprat::copy_words<lines.kWordsInOneLine>(only.words.data(), line.words.data());
  return line;
}

// The body if `line` is that message.
template <const auto& kMessage>
std::optional<sprat::BodyOf<kMessage>> body_of(const Line& line) {
  if (sprat::LineHeader(line.header).template get<sprat::line_header::message>() !=
      sprat::kNumberOf<kMessage>)
    return std::nullopt;
  const auto body = sprat::decode<kMessage, sprat::urpc::kPayloadWords>(line.words);
  return body ? std::optional(body.value()) : std::nullopt;
}

inline std::string name_of(CoreNumber core) { return "core " + std::to_string(core); }

// As a person reads it: prepare(view=4, …).
std::string text_of(const Line& line);

// A call that a monitor made of its platform or its memory.
struct Call {
  std::string kind;        // as the subject says it (subject/main.cc)
  std::uint64_t core = 0;  // or a task, an address, a ticket
  Line line{};             // posted
  std::string result{};    // told

  template <const auto& kMessage>
  std::optional<sprat::BodyOf<kMessage>> posted() const {
    return kind == "post" ? body_of<kMessage>(line) : std::nullopt;
  }
  std::string text() const;
};

struct State {
  std::uint64_t view = 0, prepared = 0, incarnation = 0, cores = 0, linked = 0;
  bool has_steps = false;  // to be done when the test says so
};

struct Answer {
  std::vector<Call> calls;
  State state;

  std::string text() const;
  // The place of the first call of that kind, about that core; or the number of calls.
  std::size_t place(std::string_view kind, std::uint64_t core) const;
  template <const auto& kMessage>
  std::size_t place_of(CoreNumber to) const {
    std::size_t i = 0;
    while (i < calls.size() && !(calls[i].core == to && calls[i].posted<kMessage>())) ++i;
    return i;
  }
};

// Nothing if `text` is not an answer.
std::optional<Answer> parse_answer(const std::string& text);

// One question to one monitor, without a network: the test is all other cores.
Answer ask(Trial& trial, const std::string& question);
std::string take_question(CoreNumber core, CoreNumber from, const Line& line);
inline Answer take(Trial& trial, CoreNumber core, CoreNumber from, const Line& line) {
  return ask(trial, take_question(core, from, line));
}

// Sees the events of a system.
class Watcher {
 public:
  // A new incarnation of `core` has started.
  virtual void starts(CoreNumber core) = 0;

  // `core` made that call. The results of tasks with numbers from kOthersTasks on are the watcher's.
  virtual void sees(CoreNumber core, const Call& call) = 0;

  // `core` posts `line`. The number that is returned travels with the line.
  virtual std::uint64_t posts(CoreNumber core, const Line& line) = 0;

  // `core` is about to receive a line, with the number that was returned.
  virtual void receives(CoreNumber core, CoreNumber from, const Line& line,
                        std::uint64_t number) = 0;

 protected:
  ~Watcher() = default;
};
constexpr std::uint64_t kOthersTasks = 10'000;

// The monitors of a system, the choices of its schedule, and whether the world judges them. A world that does not judge stops at
// monitors that do what no world can let them do: it throws Impossible.
struct Host {
  std::function<std::string(const std::string&)> ask;
  std::function<std::uint64_t(std::uint64_t)> below;
  std::function<void(const std::string& expected, const std::string& came, const std::string& log)>
      wrong{};  // throws
  // Changes what a monitor answers, so that a right one does wrong.
  std::function<void(CoreNumber, Answer&)> bend{};
};
Host host_of(Trial& trial);
struct Impossible {};

class System {
 public:
  // Up to 64 cores, of which core 0 is in the system.
  System(Trial& trial, std::size_t cores) : System(host_of(trial), cores) {}
  System(Host host, std::size_t cores);

  void set_watcher(Watcher* watcher) { watcher_ = watcher; }

  // The first `count` cores are in the system from the beginning, as if they had joined.
  void begin_with(std::size_t count);

  // ---- events

  void start(CoreNumber core);  // it may be started, and asks to be let in
  void hang(CoreNumber core);   // it executes nothing any more
  void suspect(CoreNumber core, CoreNumber other);
  void declare_dead(CoreNumber core);
  void add(CoreNumber core, unsigned name);
  void remove(CoreNumber core, unsigned name);
  void say(CoreNumber from, CoreNumber to);  // a line that has nothing to do with agreement

  // ---- the world

  // Asks a monitor, and lets the world see the calls that it makes.
  void act(CoreNumber core, const std::string& question);

  // One line arrives, or one step is done. False: none can.
  bool step();
  // The next line from one core to another arrives. False: there is none that can.
  bool deliver(CoreNumber from, CoreNumber to);
  // Until none can; at most so many steps, else it fails.
  void run();
  // The next line is the earliest, and takes 1 on its way; nothing else takes time.
  void measure() {
    is_measured_ = true;
    for (Incarnation& incarnation : incarnations_) incarnation.clock = 0;
  }

  // At rest: silent cores are in no view, all others in one; nothing waits; all hear all others.
  void expect_rest();
  // At rest: tables of names are equal, and have names of live incarnations.
  void expect_equal_tables(unsigned names);

  std::size_t size() const { return current_.size(); }
  bool exists(CoreNumber core) const { return current_[core] != kNone; }
  bool is_live(CoreNumber core) const { return exists(core) && !at(core).has_stopped; }
  bool is_fenced(CoreNumber core) const { return at(core).is_fenced; }
  std::size_t incarnation(CoreNumber core) const { return current_[core]; }
  bool is_fenced_incarnation(std::size_t number) const { return incarnations_[number].is_fenced; }
  bool has_stopped_incarnation(std::size_t number) const {
    return incarnations_[number].has_stopped;
  }
  bool may_start(CoreNumber core);
  const State& state(CoreNumber core) const { return at(core).state; }
  std::string look_up(CoreNumber core, unsigned name);

  // Tasks that register or remove: the answers that they were told.
  struct Told {
    CoreNumber core;
    unsigned name;
    bool removes;
    std::size_t incarnation;  // of the core
    std::string result{};     // empty: none so far
  };
  const std::vector<Told>& told() const { return told_; }

  std::size_t posted = 0;  // lines, on links that were open
  // The longest chain of lines since measure(), or since the beginning.
  std::uint64_t hops() const;

  // A line of the log.
  void note(const std::string& line) { log_ += line + "\n"; }

  const std::string& log() const { return log_; }

  [[noreturn]] void wrong(const std::string& expected, const std::string& came);
  // If the world judges.
  void expect(bool is_right, const std::string& expected, const std::string& came) {
    if (!is_right && host_.wrong) wrong(expected, came);
  }
  // In any case.
  void must(bool is_right, const std::string& expected, const std::string& came) {
    if (!is_right) wrong(expected, came);
  }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};

  struct Incarnation {
    CoreNumber core;
    bool has_stopped = false, is_fenced = false;
    std::map<CoreNumber, std::size_t> ends{};  // to the incarnation at the other end
    State state{};
    std::uint64_t clock = 0;
  };
  struct Sent {
    Line line;
    std::uint64_t arrives;
    std::uint64_t number;  // of the watcher
  };
  using Place = std::pair<std::size_t, std::size_t>;  // from, to: incarnations

  Incarnation& at(CoreNumber core) { return incarnations_[current_[core]]; }
  const Incarnation& at(CoreNumber core) const { return incarnations_[current_[core]]; }
  void add_incarnation(CoreNumber core);
  void see(std::size_t self, const Call& call);
  void observe(std::size_t self, const State& before);
  void check_told(const Told& told);
  void deliver(const Place& place);
  bool can_arrive(const Place& place, const std::deque<Sent>& lines) const;

  Host host_;
  Watcher* watcher_ = nullptr;
  std::vector<Incarnation> incarnations_;
  std::vector<std::size_t> current_;  // by core
  std::map<Place, std::deque<Sent>> wires_;
  std::set<Place> slow_;
  std::map<std::uint64_t, std::uint64_t> views_;  // number to cores
  std::vector<Told> told_;
  std::uint64_t heard_ = 0, talks_ = 0;
  bool is_measured_ = false;
  bool begins_ = false;
  std::string log_;
};

// Random events at random moments, as many as `fate` allows; core 0 finds out about silent cores at the end.
struct Fate {
  unsigned suspicions, hangs, restarts, talks, names;
};
void happen(Trial& trial, System& system, Fate fate);
constexpr unsigned kNames = 3;  // that are registered and removed there

}  // namespace lab
