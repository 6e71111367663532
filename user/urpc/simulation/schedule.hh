// schedule.hh — cores that are simulated one step at a time, in an order that a seed decides: the same seed, the same run.
//
// Each core has a store buffer. A store waits there and reaches memory at a time that the seed decides: a release after
// all that was stored before it, anything else in any order; a core loads the value that it stored last itself, or else the one in
// memory. That is weaker than x86 is, and close to the promises of C++. Cores sleep until they are signalled.
//
//   Schedule schedule(seed);
//   schedule.add_core([&] { … rings, words, Schedule::running().sleep() … });
//   if (schedule.run() == Schedule::End::all_asleep) … a core sleeps and would never be woken: seed
//
// A step costs about as much as a function call, so that a million schedules take seconds.

#pragma once

#include <boost/context/fiber.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "urpc/simulation/random.hh"
#include "urpc/word.hh"

namespace sprat::simulation {

class Schedule {
 public:
  explicit Schedule(std::uint64_t seed);
  ~Schedule();
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  // The schedule that runs now.
  static Schedule& running();

  // A core that does `work` and ends. Its number: 0, 1, …
  std::size_t add_core(std::function<void()> work);

  // How a run ends: all cores have ended; the others sleep, and no core is left to wake them; or they do things
  // without end.
  enum class End : std::uint8_t { all_ended, all_asleep, no_end };
  End run();

  Random& random() { return random_; }

  // From now on, `watcher` is told of each load.
  using Watcher = std::function<void(const urpc::Word& word, bool is_acquire)>;
  void watch_loads(Watcher watcher) { watcher_ = std::move(watcher); }

  // ---- for the core that runs

  std::uint64_t load(const urpc::Word& word, bool is_acquire);
  void store(urpc::Word& word, std::uint64_t value, bool is_release);
  void fence();

  // Lets others run, if the seed says so.
  void step();

  // Wakes `core`, or keeps it from its next sleep. It will see all that was stored before.
  void signal(std::size_t core);
  void sleep();

 private:
  struct Store {
    urpc::Word* word;
    std::uint64_t value;
    bool is_release;
  };
  struct Core {
    std::function<void()> work;
    boost::context::fiber fiber;
    std::vector<Store> buffer;
    bool is_asleep = false, is_signalled = false, has_ended = false;
  };

  Core& core() { return cores_[current_]; }
  // True: a store of `core` has reached memory.
  bool drain_one(Core& core);
  void drain_all(Core& core);
  bool switch_to_any();
  void yield();

  Random random_;
  std::vector<Core> cores_;
  std::size_t current_ = 0;
  boost::context::fiber scheduler_;
  Watcher watcher_;
  Schedule* previous_;
};

}  // namespace sprat::simulation
