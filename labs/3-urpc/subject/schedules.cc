// schedules.cc — see schedules.hh.

#include "schedules.hh"

#include <optional>
#include <vector>

#include "remote_memory.hh"
#include "urpc/epoch.hh"
#include "urpc/simulation/schedule.hh"
#include "urpc/sleep.hh"
#include "urpc/used_bit.hh"

namespace subject {
namespace {

using namespace sprat::urpc;
using sprat::simulation::Random;
using sprat::simulation::Schedule;

struct RingsAt {
  std::size_t core;
  void operator()() const { Schedule::running().signal(core); }
};

struct SimulatedCore {
  std::uint64_t time = 0;
  std::uint64_t now() { return ++time; }
  void relax() { Schedule::running().step(); }
  void sleep() { Schedule::running().sleep(); }
};

// One core's part: it sends `count` messages and gets as many, as they come or in turn.
template <class Ring>
class Station {
 public:
  Station(const View& view, std::size_t peer, std::uint64_t count, std::uint64_t secret)
      : end_(view, RingsAt{peer}), count_(count), secret_(secret) {}

  void exchange() {
    while (sent_ < count_ || received_ < count_) {
      bool has_moved = send();
      while (receive()) has_moved = true;
      if (!has_moved) wait(sent_ < count_ ? Wish::message_or_room : Wish::message);
    }
    end_.settle();
  }

  void call(bool begins) {
    if (begins) send();
    while (received_ < count_) {
      while (!receive()) wait(Wish::message);
      send();
    }
    end_.settle();
  }

  bool is_wrong() const { return is_wrong_; }
  std::uint64_t digest() const { return digest_; }

 private:
  bool send() {
    if (sent_ == count_) return false;
    const std::uint64_t word = Random(secret_ + sent_).next();
    if (!end_.send(Message<2>{static_cast<std::uint32_t>(sent_), {word, ~word}}).ok()) return false;
    ++sent_;
    return true;
  }

  bool receive() {
    Message<2> got;
    const auto came = end_.receive(got);
    if (!came) {
      is_wrong_ |= came.error() != sprat::Error::again;
      return false;
    }
    is_wrong_ |= got.header != received_ || got.words[1] != ~got.words[0];
    digest_ += got.words[0] * ++received_;
    return true;
  }

  void wait(Wish wish) {
    const std::uint64_t polls = Schedule::running().random().below(4);
    wait_for_any(std::span(&end_, 1), wish, polls, core_);
  }

  SleepyEnd<Ring, RingsAt> end_;
  SimulatedCore core_;
  std::uint64_t count_, secret_, sent_ = 0, received_ = 0, digest_ = 0;
  bool is_wrong_ = false;
};

// Adds the received messages to `digest`, and returns nothing; or returns the word for the failure.
template <class Ring>
std::optional<std::string> converse(std::uint64_t seed, std::uint64_t secret,
                                    std::uint64_t& digest) {
  Schedule schedule(seed);
  Random& random = schedule.random();
  const std::size_t slots = random.below(2) == 0 ? 4 : 8;
  const std::uint64_t count = 1 + seed % 12;
  const bool calls = random.below(2) == 0;
  std::vector<Line> lines(frame_lines(slots));
  Station<Ring> a(view_of(lines, Side::first).value(), 1, count, secret);
  Station<Ring> b(view_of(lines, Side::second).value(), 0, count, secret);
  schedule.add_core([&] { calls ? a.call(true) : a.exchange(); });
  schedule.add_core([&] { calls ? b.call(false) : b.exchange(); });
  const Schedule::End end = schedule.run();
  if (a.is_wrong() || b.is_wrong()) return "wrong";
  if (end == Schedule::End::all_asleep) return "lost";
  if (end == Schedule::End::no_end) return "endless";
  digest += a.digest() + b.digest();
  return std::nullopt;
}

// One direction of a conversation: the numbers of messages that were sent and received so far.
struct Direction {
  Epoch &from, &to;
  std::uint64_t secret;
  std::uint64_t sent = 0, received = 0, digest = 0;

  std::uint64_t word(std::uint64_t number) const { return Random(secret + number).next(); }

  void send(std::uint64_t burst, std::uint64_t count) {
    while (burst-- != 0 && sent < count &&
           from.send(Message<1>{static_cast<std::uint32_t>(sent), {word(sent)}}).ok())
      ++sent;
  }

  // False: it is another message, or an error.
  bool receive(std::uint64_t burst) {
    while (burst-- != 0) {
      Message<1> got;
      const auto came = to.receive(got);
      if (!came) return came.error() == sprat::Error::again;
      if (got.header != static_cast<std::uint32_t>(received) || got.words[0] != word(received))
        return false;
      digest += got.words[0] * ++received;
    }
    return true;
  }
};

}  // namespace

void ask_laps(Question& question) {
  const MemoryIs local(Memory::local);
  const std::uint64_t slots = question.number(), count = question.number(),
                      secret = question.number();
  std::vector<Line> lines(frame_lines(slots));
  Epoch a(view_of(lines, Side::first).value()), b(view_of(lines, Side::second).value());
  Direction there{a, b, secret}, back{b, a, ~secret};
  Random random(secret);
  for (std::uint64_t turn = 0; there.received < count || back.received < count; ++turn) {
    for (Direction* direction : {&there, &back}) {
      direction->send(random.below(2 * slots), count);
      const bool is_right = direction->receive(random.below(2 * slots));
      if (!is_right || turn > count) return say("wrong " + hex(direction->received));
    }
  }
  say("ok " + hex(there.digest + back.digest));
}

void ask_schedules(Question& question) {
  const MemoryIs simulated(Memory::simulated);
  const std::string kind = question.word();
  const std::uint64_t first = question.number(), count = question.number(),
                      secret = question.number();
  std::uint64_t digest = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const auto wrong = kind == "epoch" ? converse<Epoch>(seed, secret + seed, digest)
                                       : converse<UsedBit>(seed, secret + seed, digest);
    if (wrong) return say(*wrong + " " + hex(seed));
  }
  say("ok " + hex(digest));
}

}  // namespace subject
