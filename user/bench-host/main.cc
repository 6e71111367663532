// main.cc — make bench-host: the rings beside other queues on this machine, on two pinned threads. Only ratios count:
// all contenders take turns in one run, round by round.

#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench-host/contenders.hh"

namespace sprat::bench {
namespace {

constexpr std::uint64_t kRoundTrips = 2'000;
constexpr std::uint64_t kStream = 20'000;
constexpr int kRounds = 201;

using Clock = std::chrono::steady_clock;

Message numbered(std::uint64_t number) {
  return {static_cast<std::uint32_t>(number), {number, 1, 2, 3, 4, 5, ~number}};
}

// A number that is wrong if any of the messages was.
std::uint64_t digest(const Message& message) { return message.words[0] ^ message.words[6]; }

template <class End>
void send(End& end, const Message& message) {
  while (!end.send(message)) {
  }
}

template <class End>
Message receive(End& end) {
  Message message;
  while (!end.receive(message)) {
  }
  return message;
}

// Each function is one thread's part. `near` begins and ends, and takes the time.
struct PingPong {
  template <class End>
  static std::uint64_t near(End& end) {
    std::uint64_t good = 0;
    for (std::uint64_t i = 0; i < kRoundTrips; ++i) {
      send(end, numbered(i));
      good += digest(receive(end)) == ~std::uint64_t{0} ? 1 : 0;
    }
    return good;
  }
  template <class End>
  static void far(End& end) {
    for (std::uint64_t i = 0; i < kRoundTrips; ++i) send(end, receive(end));
  }
  static constexpr std::uint64_t kMessages = kRoundTrips;
};

struct Stream {
  template <class End>
  static std::uint64_t near(End& end) {
    for (std::uint64_t i = 0; i < kStream; ++i) send(end, numbered(i));
    return receive(end).words[0];  // how many have arrived well
  }
  template <class End>
  static void far(End& end) {
    std::uint64_t good = 0;
    for (std::uint64_t i = 0; i < kStream; ++i)
      good += digest(receive(end)) == ~std::uint64_t{0} ? 1 : 0;
    send(end, numbered(good));
  }
  static constexpr std::uint64_t kMessages = kStream;
};

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

// The first two processors that this program may use; empty if there is only one.
std::vector<int> two_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  std::vector<int> found;
  for (int cpu = 0; cpu < CPU_SETSIZE && found.size() < 2; ++cpu)
    if (CPU_ISSET(cpu, &set)) found.push_back(cpu);
  if (found.size() < 2) found.clear();
  return found;
}

// Nanoseconds for each message or round trip of one round.
template <class Contender, class Race>
double run(const std::vector<int>& processors) {
  const auto contender = std::make_unique<Contender>();
  std::atomic<bool> is_ready = false;
  std::thread far([&] {
    pin_to(processors[1]);
    is_ready = true;
    Race::far(contender->far);
  });
  pin_to(processors[0]);
  while (!is_ready) {
  }
  const auto began = Clock::now();
  const std::uint64_t good = Race::near(contender->near);
  const std::chrono::duration<double, std::nano> took = Clock::now() - began;
  far.join();
  if (good != Race::kMessages) fmt::print("wrong: only {} messages were as they were sent\n", good);
  return took.count() / static_cast<double>(Race::kMessages);
}

struct Row {
  std::string name;
  double (*round_trip)(const std::vector<int>&);
  double (*message)(const std::vector<int>&);  // null: it can not stream
  std::vector<double> round_trips, messages;
};

template <class Contender>
Row row(std::string name) {
  return {std::move(name), run<Contender, PingPong>, run<Contender, Stream>, {}, {}};
}

// The value that `part` of all values are below.
double quantile(std::vector<double> values, double part) {
  const auto nth =
      values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size()));
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}
double median(const std::vector<double>& values) { return quantile(values, 0.5); }

// A round in which no other program used the two processors, if one in ten is like that.
double undisturbed(const std::vector<double>& values) { return quantile(values, 0.1); }

void print(const std::vector<Row>& rows) {
  const double line = undisturbed(rows[0].round_trips), ring = undisturbed(rows[1].messages);
  fmt::print(
      "64-byte messages, {} interleaved rounds: median, and fastest tenth, of which the ratios "
      "are\n\n",
      kRounds);
  fmt::print("{:<30} {:>23}  {:>8}   {:>23}  {:>8}\n", "", "round trip, ns", "against",
             "one way, ns a message", "against");
  fmt::print("{:<30} {:>11} {:>11}  {:>8}   {:>11} {:>11}  {:>8}\n", "", "median", "tenth",
             "the line", "median", "tenth", "the ring");
  for (const Row& row : rows) {
    const double trip = undisturbed(row.round_trips);
    fmt::print("{:<30} {:>11.1f} {:>11.1f}  {:>8.2f}", row.name, median(row.round_trips), trip,
               trip / line);
    if (row.message != nullptr) {
      const double message = undisturbed(row.messages);
      fmt::print("   {:>11.1f} {:>11.1f}  {:>8.2f}", median(row.messages), message, message / ring);
    }
    fmt::print("\n");
  }
}

int race() {
  const std::vector<int> processors = two_processors();
  if (processors.empty()) {
    fmt::print("There is only one processor: nothing to race on.\n");
    return 1;
  }
  std::vector<Row> rows{row<Queues<BareLine>>("bare line"), row<Rings<urpc::Epoch>>("ring, epochs"),
                        row<Rings<urpc::UsedBit>>("ring, used bits"),
                        row<Queues<BoostQueue>>("boost::lockfree::spsc_queue"),
                        row<Queues<MoodycamelQueue>>("moodycamel::ReaderWriterQueue")};
  rows.front().message = nullptr;
  for (int round = 0; round < kRounds; ++round) {
    for (Row& row : rows) {
      row.round_trips.push_back(row.round_trip(processors));
      if (row.message != nullptr) row.messages.push_back(row.message(processors));
    }
  }
  print(rows);
  return 0;
}

}  // namespace
}  // namespace sprat::bench

int main() { return sprat::bench::race(); }
