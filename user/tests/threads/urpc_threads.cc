// urpc_threads.cc — the two ends on two threads, under ThreadSanitizer: whatever the pace of the two, messages
// arrive whole and in order, and no side sleeps beside one. Prints TAP, because Criterion does not run under ThreadSanitizer.

#include <chrono>
#include <cstdio>
#include <semaphore>
#include <thread>

#include "tests/urpc_pair.hh"
#include "urpc/sleep.hh"

using namespace sprat;
using namespace sprat::urpc;
using namespace sprat::test;

namespace {

using namespace std::chrono_literals;

// No side has to wait longer for a message that was sent: after that time it is lost.
constexpr auto kLost = 20s;

// Stalls a thread now and then, for a moment or for long enough that the other polls in vain and sleeps.
class Stalls {
 public:
  explicit Stalls(std::uint64_t seed) : random_(seed) {}

  void maybe() {
    const std::uint64_t dice = random_() % 1024;
    if (dice < 8) std::this_thread::yield();
    if (dice == 8) std::this_thread::sleep_for(std::chrono::microseconds(random_() % 200));
    for (std::uint64_t i = dice < 64 ? random_() % 200 : 0; i > 0; --i)
      std::atomic_signal_fence(std::memory_order_seq_cst);
  }

 private:
  std::mt19937_64 random_;
};

// The doorbell of one thread: a signal of the other one is kept until the next sleep.
struct Doorbell {
  std::counting_semaphore<> signals{0};
  std::atomic<std::uint64_t> times = 0;

  void signal() {
    times.fetch_add(1, std::memory_order_relaxed);
    signals.release();
  }
};

struct Signal {
  Doorbell* doorbell;
  void operator()() const { doorbell->signal(); }
};

class Thread {
 public:
  explicit Thread(Doorbell& doorbell) : doorbell_(doorbell) {}

  std::uint64_t now() { return ++polls_; }
  void relax() { std::this_thread::yield(); }
  void sleep() {
    ++sleeps;
    is_lost = !doorbell_.signals.try_acquire_for(kLost);
  }

  std::uint64_t waits = 0;  // each may announce one sleep
  std::uint64_t sleeps = 0;
  bool is_lost = false;

 private:
  Doorbell& doorbell_;
  std::uint64_t polls_ = 0;
};

template <End Policy>
class Station {
 public:
  Station(const View& view, Doorbell& own, Doorbell& peer, std::uint64_t seed)
      : end(view, Signal{&peer}), thread(own), stalls(seed) {}

  void wait(Wish wish) {
    const std::uint64_t polls = random_polls_() % 64;
    ++thread.waits;
    wait_for_any(std::span(&end, 1), wish, polls, thread);
  }

  SleepyEnd<Policy, Signal> end;
  Thread thread;
  Stalls stalls;
  std::string wrong;

 private:
  std::mt19937 random_polls_;
};

// Sends `count` messages and gets as many, as it comes.
template <End Policy>
void exchange(Station<Policy>& own, std::uint64_t count) {
  std::uint64_t sent = 0, received = 0;
  while ((sent < count || received < count) && own.wrong.empty()) {
    if (own.thread.is_lost) own.wrong = "a wake-up is lost";
    bool has_moved = false;
    while (sent < count && own.end.send(message(sent)).ok()) {
      ++sent;
      has_moved = true;
      own.stalls.maybe();
    }
    Message<> got;
    for (;;) {
      const auto came = own.end.receive(got);
      if (!came && came.error() != Error::again) own.wrong = "the conversation is broken";
      if (!came) break;
      if (got != message(received++)) own.wrong = "it is another message";
      has_moved = true;
      own.stalls.maybe();
    }
    if (!has_moved) own.wait(sent < count ? Wish::message_or_room : Wish::message);
  }
  own.end.settle();
}

// Calls that are answered one by one: each side sleeps while the other works.
template <End Policy>
void call(Station<Policy>& own, std::uint64_t count, bool begins) {
  Message<> got;
  for (std::uint64_t i = 0; i < count && own.wrong.empty(); ++i) {
    if (begins || i > 0) static_cast<void>(own.end.send(message(i)).ok());
    own.stalls.maybe();
    while (own.end.receive(got).error() == Error::again && !own.thread.is_lost)
      own.wait(Wish::message);
    if (own.thread.is_lost) own.wrong = "a wake-up is lost";
    if (got != message(begins ? i + 1 : i)) own.wrong = "it is another message";
  }
  if (!begins) static_cast<void>(own.end.send(message(count)).ok());
  own.end.settle();
}

// The first thing that went wrong; empty: nothing.
template <End Policy, class Work>
std::string on_two_threads(std::size_t slots, std::uint64_t seed, Work work) {
  Frame frame(slots);
  Doorbell doorbell_a, doorbell_b;
  Station<Policy> a(frame.view(Side::first), doorbell_a, doorbell_b, seed);
  Station<Policy> b(frame.view(Side::second), doorbell_b, doorbell_a, seed + 1);
  std::thread other([&] { work(b, false); });
  work(a, true);
  other.join();
  if (doorbell_a.times > a.thread.waits || doorbell_b.times > b.thread.waits)
    return "a side was woken that had not announced a sleep";
  return a.wrong + b.wrong;
}

template <End Policy>
std::string exchange_at_all_sizes(std::uint64_t seed) {
  for (const std::size_t slots : {4, 8, 16, 64}) {
    const std::string wrong =
        on_two_threads<Policy>(slots, seed, [](auto& station, bool) { exchange(station, 50'000); });
    if (!wrong.empty()) return std::to_string(slots) + " slots: " + wrong;
  }
  return {};
}

template <End Policy>
std::string calls(std::uint64_t seed) {
  return on_two_threads<Policy>(16, seed,
                                [](auto& station, bool begins) { call(station, 20'000, begins); });
}

bool report(const char* name, std::string (*check)(std::uint64_t seed), std::uint64_t seed) {
  const std::string wrong = check(seed);
  std::printf("%s - %s\n", wrong.empty() ? "ok" : "not ok", name);
  if (!wrong.empty()) std::printf("  # SPRAT_SEED=%lu: %s\n", seed, wrong.c_str());
  return wrong.empty();
}

}  // namespace

int main() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::uint64_t seed = any_seed();
  bool ok =
      report("epochs carry two streams with stalls and sleeps", exchange_at_all_sizes<Epoch>, seed);
  ok &= report("used bits carry two streams with stalls and sleeps", exchange_at_all_sizes<UsedBit>,
               seed);
  ok &= report("epochs carry calls and replies", calls<Epoch>, seed);
  ok &= report("used bits carry calls and replies", calls<UsedBit>, seed);
  return ok ? 0 : 1;
}
