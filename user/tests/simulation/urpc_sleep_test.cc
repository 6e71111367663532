// urpc_sleep_test.cc — the rings and their sleep, as they are, on two simulated cores in a hundred thousand orders: every
// message arrives, whole and in its turn, and no wake-up is lost. SCHEDULES=N tries N; SPRAT_SEED=N repeats one that failed.

#include <criterion/criterion.h>

#include <algorithm>

#include "tests/schedules.hh"
#include "tests/urpc_pair.hh"
#include "urpc/simulation/schedule.hh"
#include "urpc/sleep.hh"

using namespace sprat;
using namespace sprat::urpc;
using namespace sprat::test;
using sprat::simulation::Schedule;

namespace {

using Short = Message<2>;

Short numbered(std::uint64_t number) {
  return {static_cast<std::uint32_t>(number), {number, ~number}};
}

struct Signal {
  std::size_t core;
  void operator()() const { Schedule::running().signal(core); }
};

struct Core {
  std::uint64_t time = 0;
  std::uint64_t now() { return ++time; }
  void relax() { Schedule::running().step(); }
  void sleep() { Schedule::running().sleep(); }
};

// The part of one core in a conversation: it sends `count` messages and gets as many.
template <End Policy>
class Station {
 public:
  Station(const View& view, std::size_t peer, std::uint64_t count)
      : end_(view, Signal{peer}), count_(count) {}

  // As it comes.
  void exchange() {
    while (sent_ < count_ || received_ < count_) {
      bool has_moved = send();
      while (receive()) has_moved = true;
      if (!has_moved) wait(sent_ < count_ ? Wish::message_or_room : Wish::message);
    }
    end_.settle();
  }

  // One after the other; the side that `begins` sends first.
  void call(bool begins) {
    if (begins) send();
    while (received_ < count_) {
      while (!receive()) wait(Wish::message);
      send();
    }
    end_.settle();
  }

  bool is_wrong() const { return is_wrong_; }

 private:
  bool send() {
    if (sent_ == count_ || !end_.send(numbered(sent_)).ok()) return false;
    ++sent_;
    return true;
  }

  bool receive() {
    Short got;
    const auto came = end_.receive(got);
    if (!came) {
      is_wrong_ |= came.error() != Error::again;
      return false;
    }
    is_wrong_ |= got != numbered(received_++);
    return true;
  }

  void wait(Wish wish) {
    const std::uint64_t polls = Schedule::running().random().below(4);
    wait_for_any(std::span(&end_, 1), wish, polls, core_);
  }

  SleepyEnd<Policy, Signal> end_;
  Core core_;
  std::uint64_t count_, sent_ = 0, received_ = 0;
  bool is_wrong_ = false;
};

template <End Policy>
const char* conversation(std::uint64_t seed) {
  Schedule schedule(seed);
  simulation::Random& random = schedule.random();
  Frame frame(random.below(2) == 0 ? 4 : 8);
  const std::uint64_t count = 1 + random.below(12);
  const bool calls = random.below(2) == 0;
  Station<Policy> a(frame.view(Side::first), 1, count), b(frame.view(Side::second), 0, count);
  schedule.add_core([&] { calls ? a.call(true) : a.exchange(); });
  schedule.add_core([&] { calls ? b.call(false) : b.exchange(); });
  const Schedule::End end = schedule.run();
  if (a.is_wrong() || b.is_wrong()) return "a message is not as it was sent";
  if (end == Schedule::End::all_asleep) return "a wake-up is lost";
  if (end == Schedule::End::no_end) return "they never come to an end";
  return nullptr;
}

}  // namespace

Test(urpc_simulation, epochs_lose_nothing_in_any_schedule) {
  try_schedules(100'000, conversation<Epoch>);
}

Test(urpc_simulation, used_bits_lose_nothing_in_any_schedule) {
  try_schedules(100'000, conversation<UsedBit>);
}

// A hostile peer may change anything between two looks.
template <End Policy>
void expect_single_looks() {
  Schedule schedule(1);
  Frame frame(4);
  Policy a(frame.view(Side::first)), b(frame.view(Side::second));
  schedule.add_core([&] {
    Message<> got;
    schedule.watch_loads([](const Word&, bool is_acquire) { cr_expect(is_acquire); });
    cr_assert(a.send(message(1)).ok());
    const Line& line = frame.view(Side::first).out[0];
    std::vector<const Word*> looked_at;
    schedule.watch_loads([&](const Word& word, bool is_acquire) {
      looked_at.push_back(&word);
      cr_expect(is_acquire == (&word == &line.control));
    });
    cr_assert(b.receive(got).ok());
    cr_assert(looked_at.size() == kPayloadWords + 1);
    cr_expect(looked_at[0] == &line.control);
    for (const Word& word : line.words) cr_expect(std::ranges::count(looked_at, &word) == 1);
  });
  cr_assert(schedule.run() == Schedule::End::all_ended);
}

Test(urpc_simulation, each_word_of_a_line_is_read_once_and_the_control_word_first) {
  expect_single_looks<Epoch>();
  expect_single_looks<UsedBit>();
}

Test(urpc_simulation, a_seed_repeats_its_schedule) {
  const auto trace = [](std::uint64_t seed) {
    Schedule schedule(seed);
    Word word;
    std::string order;
    for (const char name : {'a', 'b', 'c'}) {
      schedule.add_core([&order, &word, name] {
        for (int i = 0; i < 20; ++i) {
          word.store(word.load() + 1);
          order += name + std::to_string(word.load());
        }
      });
    }
    cr_assert(schedule.run() == Schedule::End::all_ended);
    return order;
  };
  cr_expect(trace(7) == trace(7));
  cr_expect(trace(7) != trace(8));
}

Test(urpc_simulation, both_may_miss_what_the_other_has_stored_unless_there_is_a_fence) {
  // Store buffers, the litmus test: without fences both may load the old value.
  const auto both_miss = [](std::uint64_t seed, bool has_fence) {
    Schedule schedule(seed);
    Word words[2];
    std::uint64_t seen[2] = {1, 1};
    for (const std::size_t me : {0, 1}) {
      schedule.add_core([&, me] {
        words[me].store(1);
        if (has_fence) fence();
        seen[me] = words[1 - me].load();
      });
    }
    cr_assert(schedule.run() == Schedule::End::all_ended);
    return seen[0] == 0 && seen[1] == 0;
  };
  int without = 0, with = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    without += both_miss(seed, false);
    with += both_miss(seed, true);
  }
  cr_expect(without > 0 && with == 0, "%d without fences, %d with", without, with);
}
