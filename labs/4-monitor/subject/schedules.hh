// schedules.hh — the words in which tests of a protocol are written: a schedule of events in a system of monitors, and what must
// hold meanwhile (exercise 8).
//
//   SCHEDULE(name_of_one_core_is_found_on_all) {
//     World world(4);                      // cores 0 to 3 are in the system
//     const auto task = world.add(1, 0);   // a process of core 1 registers service 0
//     world.run();                         // until no line is on its way
//     expect(world.result(task) == "ok");
//     for (CoreNumber core = 0; core < 4; ++core) expect(world.owner(core, 0) == 1);
//   }
//
// The monitors run in another process, and so the same schedule can be tried on any protocol. Each line is delivered in an order that
// is drawn anew for each run; the rest of a schedule may use below() to be another one each time.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agreement/messages.hh"
#include "agreement/platform.hh"
#include "question.hh"

namespace subject {

using namespace sprat;
using namespace sprat::agreement;

// Something that a monitor did, or that happened to it.
struct Event {
  enum class Kind {
    received,   // a line from `other`
    posted,     // a line to `other`
    opened,     // its link with `other`
    closed,     // its link with `other`
    fenced,     // it stopped `other`
    observed,   // its observers have prepared a change about `other`
    committed,  // its observers were told that a change about `other` is committed
  };
  Kind kind;
  CoreNumber core, other;
  urpc::Message<> line{};  // received or posted

  bool is(Kind its_kind) const { return kind == its_kind; }

  // Its message, if it is this one: event.message<prepare>()->number
  template <const auto& kMessage>
  std::optional<BodyOf<kMessage>> message() const {
    const bool has_line = is(Kind::received) || is(Kind::posted);
    if (!has_line || LineHeader(line.header).get<line_header::message>() != kNumberOf<kMessage>)
      return std::nullopt;
    const auto body = decode<kMessage, urpc::kPayloadWords>(line.words);
    return body ? std::optional(body.value()) : std::nullopt;
  }
  template <const auto& kMessage>
  bool posts() const {
    return is(Kind::posted) && message<kMessage>().has_value();
  }
};

// A core as it is now.
struct Core {
  bool exists = false;     // it has been started at least once
  bool is_silent = false;  // it hangs, or is fenced
  bool is_fenced = false;
  ViewNumber view = 0, prepared = 0, incarnation = 0;
  CoreSet members;  // of its view
  CoreSet linked;
};

// A system of monitors and the network between them. In a schedule there is one World.
class World {
 public:
  static constexpr std::size_t kMostCores = 8;

  // 1 to kMostCores cores, of which the first `begin_with` are in the system, or all. The others may be started.
  explicit World(std::size_t cores, std::size_t begin_with = kMostCores);

  // ---- events; a core that is silent does nothing

  void start(CoreNumber core);  // if may_start(core)
  void hang(CoreNumber core);   // if it is not core 0
  void suspect(CoreNumber core, CoreNumber other);
  void declare_dead(CoreNumber core);  // core 0 finds that it is silent

  // A process of `core` registers the service with number `name`, or removes it. Returns a task.
  std::size_t add(CoreNumber core, unsigned name);
  std::size_t remove(CoreNumber core, unsigned name);

  // One line arrives, any. False: none can.
  bool step();
  // The next line from `from` to `to` arrives. False: there is none.
  bool deliver(CoreNumber from, CoreNumber to);
  // Until no line can arrive.
  void run();

  // ---- facts

  std::size_t size() const { return cores_.size(); }
  const Core& core(CoreNumber number) const { return cores_.at(number); }
  bool may_start(CoreNumber core);
  // The result of a task: "ok", or the name of an error, or "silent". Empty: it still waits.
  const std::string& result(std::size_t task) const { return results_.at(task); }
  // The core that has registered the service, by the table of `core`.
  std::optional<CoreNumber> owner(CoreNumber core, unsigned name);
  // The events that came of the last event, in their order.
  const std::vector<Event>& news() const { return news_; }

  // A number from 0 to limit - 1, another one in each run.
  std::uint64_t below(std::uint64_t limit);

 private:
  std::string act(const std::string& question);

  std::vector<Core> cores_;
  std::vector<std::string> results_;
  std::vector<Event> news_;
};

// Ends the schedule if it is false: the protocol is wrong.
void expect(bool is_right);

struct Schedule {
  Schedule(const char* its_name, void (*its_body)());
  const char* name;
  void (*body)();
};

// Questions that are answered by schedules; false for another question.
//   schedules                  -> their number, and their names
//   schedule NUMBER SEED       plays one: each answer asks something of the world, and the next question is the world's answer; the
//                              last answer is `over`, and `right` or `wrong`
bool answer_by_schedules(const std::string& kind, Question& question);

}  // namespace subject

#define SCHEDULE(NAME)                                              \
  static void schedule_##NAME();                                    \
  static const Schedule schedule_of_##NAME(#NAME, schedule_##NAME); \
  static void schedule_##NAME()
