// sleep_test.cc — exercise 4: a side that waits, and a side that has sent, while the other one acts at any step in between.

#include <set>

#include "epoch_talk.hh"

using namespace lab;
using sprat::grading::bare;

namespace {

constexpr std::uint64_t kAsleep = 1, kForRoom = 2;
constexpr std::uint64_t kGone = std::uint64_t{1} << 63;

// The announcement of a side that has read `lines` lines (user/urpc/sleep.hh).
std::uint64_t announcement_word(const Conversation& talk, std::uint64_t lines, std::uint64_t number,
                                bool for_room = false) {
  return kAsleep | (for_room ? kForRoom : 0) | ((talk.slots() + lines) & 0xffff) << 2 |
         number << 18;
}
std::uint64_t lines_in(std::uint64_t word) { return word >> 2 & 0xffff; }
std::uint64_t number_in(std::uint64_t word) { return word >> 18 & ((std::uint64_t{1} << 45) - 1); }

// The accesses between two places of a list.
struct Part {
  const std::vector<Access>& accesses;
  std::size_t begin, end;

  bool has_load(std::size_t word) const {
    return std::any_of(accesses.begin() + begin, accesses.begin() + end, [&](const Access& access) {
      return access.kind == Access::Kind::load && access.word == word;
    });
  }
};

std::size_t find(const std::vector<Access>& accesses, std::size_t from, Access::Kind kind,
                 std::size_t word = 0) {
  while (from < accesses.size() && (accesses[from].kind != kind ||
                                    (kind == Access::Kind::store && accesses[from].word != word)))
    ++from;
  return from;
}

// A wait in which nothing came, by the ends of these sides. Gives the announcement of the first.
std::uint64_t check_fruitless_wait(Conversation& talk, std::uint64_t began, std::uint64_t polls,
                                   const std::vector<Side>& sides, std::uint64_t lines_read) {
  const auto& all = talk.accesses;
  const std::size_t sleep = find(all, 0, Access::Kind::sleep);
  if (sleep == all.size()) talk.wrong("nothing came, so it sleeps", "it does not");
  std::uint64_t left = 0;
  for (const Side side : sides) {
    const std::size_t announcement = talk.announcement_of(side);
    const std::size_t next_line = talk.line_of(other(side), lines_read) + kControl;
    const std::size_t announced = find(all, 0, Access::Kind::store, announcement);
    if (announced >= sleep)
      talk.wrong("it announces that it sleeps, and then sleeps", "no announcement");
    const std::uint64_t word = all[announced].value, time = all[announced].time;
    if (all[announced].end.empty() && side == sides[0]) left = word;
    if (time - began < polls || time - began > polls + 2) {
      talk.wrong("it polls for " + std::to_string(polls) + " cycles before it announces",
                 std::to_string(time - began));
    }
    if ((word & kAsleep) == 0 || (word & kForRoom) != 0 || (word & kGone) != 0 ||
        lines_in(word) != talk.slots() + lines_read) {
      talk.wrong("in the status line: asleep, for a message, " + std::to_string(lines_read) +
                     " lines read, the number of the sleep",
                 sprat::grading::hex(word));
    }
    if (!Part{all, 0, announced}.has_load(next_line))
      talk.wrong("it looks at the ring while it polls", "it does not");
    std::size_t fence = find(all, announced, Access::Kind::fence);
    if (fence >= sleep)
      talk.wrong("a fence behind the announcement", "none",
                 "The announcement waits in a store buffer while you look again.");
    const Part second_look{all, fence, sleep};
    if (!second_look.has_load(next_line))
      talk.wrong("it looks at the ring again behind the fence", "it does not");
    if (!second_look.has_load(talk.announcement_of(other(side))))
      talk.wrong("it looks at the other status line again behind the fence", "it does not",
                 "The other side may have looked before it could see the last message.");
    if (find(all, sleep, Access::Kind::store, announcement) == all.size() ||
        talk.memory[announcement] != 0)
      talk.wrong("awake again, it withdraws: its announcement is zero", "it is not");
  }
  return left;
}

// A sender that acts in two steps: the message, and the look at the status line, which may signal.
struct OtherSender {
  EpochTalk& talk;
  Sent message;
  std::uint64_t lines = 0;  // it has sent so many before
  bool has_sent = false, has_looked = false, has_signalled = false;

  void send() {
    if (has_sent) return;
    has_sent = true;
    talk.peer_write(message);
  }
  void look() {
    if (has_looked) return;
    has_looked = true;
    const std::uint64_t word = talk.memory[talk.announcement_of(Side::first)];
    if ((word & kAsleep) != 0 && lines_in(word) != talk.slots() + lines + 1) has_signalled = true;
  }
};

constexpr std::size_t kMostOfShortWait = 100;  // accesses; several times what it takes

// A wait whose sender sends before access `first` and looks before access `second`. False: there are fewer accesses.
bool wait_beside_sender(Trial& trial, std::size_t first, std::size_t second) {
  EpochTalk talk(trial, 4, "sleepy-epoch");
  OtherSender sender{talk, random_message(trial)};
  for (; sender.lines < first % 3; ++sender.lines) {
    talk.peer_write(random_message(trial));
    talk.receive();
  }
  talk.has_store_buffer = true;
  std::size_t now = 0;
  talk.before = [&](const Access&) {
    if (now == first) sender.send();
    if (now == second) sender.look();
    ++now;
  };
  talk.on_sleep = [&] {
    talk.drain();
    sender.send();
    sender.look();
    if (!sender.has_signalled) {
      talk.wrong("a side that sleeps beside a message is signalled",
                 "it sleeps beside a message: the other one has stored it before access " +
                     std::to_string(first + 1) +
                     " of the wait and looked at the status line before access " +
                     std::to_string(second + 1),
                 "Announce, fence, look again, sleep.");
    }
  };
  talk.expect("wait 0 2 a", "done");
  const std::size_t accesses = talk.accesses.size();
  if (accesses > kMostOfShortWait)
    talk.wrong("it polls for 2 cycles, and then sleeps", std::to_string(accesses) + " accesses");
  talk.before = [](const Access&) {};
  talk.has_store_buffer = false;
  talk.drain();
  if (talk.memory[talk.announcement_of(Side::first)] != 0)
    talk.wrong("awake again, it withdraws: its announcement is zero", "it is not");
  sender.send();
  talk.receive();
  return second < accesses;
}

// A receiver that falls asleep in two steps, with a fence in between: it announces, and it looks again.
struct OtherReceiver {
  EpochTalk& talk;
  std::uint64_t lines = 0;  // it has read so many
  bool has_announced = false, has_looked = false, is_asleep = false, is_signalled = false;

  void announce() {
    if (has_announced) return;
    has_announced = true;
    talk.memory[talk.announcement_of(Side::second)] = announcement_word(talk, lines, 1);
  }
  void look() {
    if (has_looked) return;
    has_looked = true;
    is_asleep = !sees_line();
    if (!is_asleep) talk.memory[talk.announcement_of(Side::second)] = 0;
  }
  bool sees_line() const {
    return lap_in(talk.memory[talk.line_of(Side::first, lines) + kControl]) == talk.lap_of(lines);
  }
};

// The code under test sends and then does `then`, while the receiver announces before access `first` of both together and
// looks before access `second`. False: there are fewer accesses.
bool send_beside_receiver(Trial& trial, const std::string& then, std::size_t first,
                          std::size_t second) {
  EpochTalk talk(trial, 4, "sleepy-epoch");
  OtherReceiver receiver{talk};
  for (; receiver.lines < first % 3; ++receiver.lines) talk.send(random_message(trial));
  talk.peer_read();
  talk.has_store_buffer = true;
  std::size_t now = 0;
  talk.before = [&](const Access& access) {
    if (now == first) receiver.announce();
    if (now == second) receiver.look();
    ++now;
    if (access.kind != Access::Kind::signal) return;
    talk.drain();
    if (!receiver.has_announced) talk.wrong("no signal to a receiver that is awake", "a signal");
    if (receiver.is_signalled) talk.wrong("one signal for one sleep", "two");
    if (!receiver.sees_line())
      talk.wrong("a receiver that is signalled finds a message", "the signal comes before it",
                 "Store, then look.");
    receiver.is_signalled = true;
  };
  const auto check = [&] {
    // A receiver that falls asleep from now on sees the message.
    receiver.announce();
    receiver.look();
    if (!receiver.is_asleep || receiver.is_signalled) return;
    talk.wrong("a sleeping receiver is signalled, at the latest when the sender waits or settles",
               "the receiver has announced before access " + std::to_string(first + 1) +
                   " and looked again before access " + std::to_string(second + 1) +
                   ", or after the last; it sleeps, and no signal will come",
               "The message was in a store buffer when the receiver looked. When do you look once "
               "more?");
  };
  talk.on_sleep = check;
  if (!talk.send(random_message(trial))) talk.wrong("room for a message", "error again");
  std::size_t accesses = talk.accesses.size();
  talk.expect(then, "done");
  accesses += talk.accesses.size();
  check();
  return second < accesses;
}

}  // namespace

LAB_TEST(sleep, waiting_side_polls_announces_looks_again_and_sleeps, "host") {
  EpochTalk talk(trial, 8, "sleepy-epoch");
  talk.has_store_buffer = true;
  std::set<std::uint64_t> sleeps;
  std::uint64_t lines = 0;
  for (int round = 0; round < 40; ++round) {
    for (std::uint64_t left = trial.below(3); left != 0; --left, ++lines) {
      talk.peer_write(random_message(trial));
      talk.receive();
    }
    if (!talk.send(random_message(trial))) talk.wrong("room for an answer", "error again");
    talk.drain();
    talk.peer_read();
    talk.peer_report();
    const std::uint64_t polls = trial.below(7);
    talk.time = trial.random()() >> 8;
    const std::uint64_t began = talk.time;
    talk.expect("wait 0 " + bare(polls) + " a", "done");
    talk.drain();
    const std::uint64_t left = check_fruitless_wait(talk, began, polls, {Side::first}, lines);
    if (!sleeps.insert(number_in(left)).second)
      talk.wrong("each sleep has another number", "the same number twice");
  }
  Conversation both(trial, 4);
  both.has_store_buffer = true;
  both.add_end("a", "sleepy-epoch", Side::first);
  both.add_end("b", "sleepy-epoch", Side::second);
  both.expect("wait 0 3 a b", "done");
  both.drain();
  check_fruitless_wait(both, 0, 3, {Side::first, Side::second}, 0);
}

LAB_TEST(sleep, message_at_any_step_is_found_or_signalled, "host") {
  for (std::size_t first = 0; wait_beside_sender(trial, first, first); ++first)
    for (std::size_t second = first + 1; wait_beside_sender(trial, first, second);) ++second;
}

LAB_TEST(sleep, sender_looks_again_when_it_waits_or_settles, "host") {
  for (const char* then : {"settle a", "wait 0 2 a"}) {
    for (std::size_t first = 0; send_beside_receiver(trial, then, first, first); ++first)
      for (std::size_t second = first + 1; send_beside_receiver(trial, then, first, second);)
        ++second;
  }
}

LAB_TEST(sleep, sleeping_peer_is_signalled_once_and_never_in_vain, "host") {
  EpochTalk talk(trial, 8, "sleepy-epoch");
  const std::size_t announcement = talk.announcement_of(Side::second);
  std::uint64_t sleeps = 0, sent = 0, read = 0, read_when_asleep = 0;
  bool is_asleep = false, is_signalled = false;
  for (int step = 0; step < 600; ++step) {
    bool has_looked = false;
    switch (trial.below(6)) {
      case 0:  // the peer reads, or sleeps, or wakes up
        talk.peer_read();
        read = sent;
        if (talk.not_received() == 0) talk.peer_report();
        break;
      case 1:
        is_asleep = true;
        is_signalled = false;
        read_when_asleep = read;
        talk.memory[announcement] = announcement_word(talk, read, ++sleeps);
        break;
      case 2:
        is_asleep = false;
        talk.memory[announcement] = 0;
        break;
      case 3: talk.receive_all(); continue;
      case 4:
        has_looked = talk.send(random_message(trial));
        sent += has_looked ? 1 : 0;
        break;
      default:
        talk.expect(trial.below(2) == 0 ? "settle a" : "wait 0 1 a", "done");
        has_looked = true;
    }
    if (!has_looked) continue;
    const bool must_signal = is_asleep && !is_signalled && sent != read_when_asleep;
    const std::size_t signals = talk.count(Access::Kind::signal);
    if (signals != (must_signal ? 1 : 0)) {
      talk.wrong(must_signal    ? "one signal: the peer sleeps and has not read all"
                 : !is_asleep   ? "no signal: the peer is awake"
                 : is_signalled ? "no signal: the peer was signalled in this sleep"
                                : "no signal: the peer has read all lines",
                 std::to_string(signals));
    }
    is_signalled = is_signalled || signals != 0;
  }
}

LAB_TEST(sleep, sender_that_waits_for_room_is_woken_by_room, "host") {
  for (const bool for_room : {true, false}) {
    // A peer that has filled a ring of used bits.
    Conversation cleared(trial, 4);
    cleared.add_end("a", "sleepy-used-bit", Side::first);
    for (std::uint64_t line = 0; line < 4; ++line)
      cleared.memory[cleared.line_of(Side::second, line) + kControl] = used_word(line);
    cleared.memory[cleared.announcement_of(Side::second)] =
        announcement_word(cleared, 0, 1, for_room);
    for (std::uint64_t line = 0; line < 4; ++line) {
      cleared.expect("receive a 0", "ok " + bare(line));
      const bool must_signal = for_room && line == 0;
      if (cleared.count(Access::Kind::signal) != (must_signal ? 1 : 0))
        cleared.wrong(must_signal ? "a signal to a peer that waits for room" : "no signal",
                      "the other");
      const auto& all = cleared.accesses;
      if (must_signal &&
          find(all, 0, Access::Kind::signal) <
              find(all, 0, Access::Kind::store, cleared.line_of(Side::second, 0) + kControl))
        cleared.wrong("the signal comes when there is room", "before");
    }
  }
  {
    // A peer that has filled a ring with epochs: a report tells it of room.
    EpochTalk talk(trial, 8, "sleepy-epoch");
    while (talk.peer_has_room()) talk.peer_write(random_message(trial));
    talk.memory[talk.announcement_of(Side::second)] = announcement_word(talk, 0, 1, true);
    std::size_t signals = 0;
    while (talk.receive()) {
      const std::size_t signal = find(talk.accesses, 0, Access::Kind::signal);
      if (signal == talk.accesses.size()) continue;
      ++signals;
      if (find(talk.accesses, 0, Access::Kind::store, talk.report_of(Side::first)) > signal)
        talk.wrong("the signal comes when the report is there", "before");
    }
    if (signals != 1) talk.wrong("one signal: the peer waits for room", std::to_string(signals));
  }
  for (const bool for_room : {true, false}) {
    // The code under test has filled its ring, and waits for room or for a message.
    EpochTalk talk(trial, 4, "sleepy-epoch");
    const std::string question = for_room ? "wait 1 2 a" : "wait 0 2 a";
    if (for_room) {
      talk.expect(question, "done");
      if (talk.count(Access::Kind::sleep) != 0)
        talk.wrong("there is room, so it does not sleep", "a sleep");
    }
    for (std::size_t i = 0; i < talk.slots() && talk.send(random_message(trial));) ++i;
    bool has_slept = false;
    talk.on_sleep = [&] {
      has_slept = true;
      const std::uint64_t word = talk.memory[talk.announcement_of(Side::first)];
      if ((word & kForRoom) != (for_room ? kForRoom : 0))
        talk.wrong("the announcement says whether this side waits for room",
                   sprat::grading::hex(word));
      talk.peer_read();
      talk.peer_report();
      if (!for_room) talk.peer_write(random_message(trial));
    };
    talk.expect(question, "done");
    if (!has_slept) talk.wrong("there is no room, so it sleeps", "it does not");
    talk.receive();
    if (!talk.send(random_message(trial))) talk.wrong("room again", "error again");
  }
}

LAB_TEST(sleep, side_does_not_wait_for_a_peer_that_is_gone, "host") {
  for (const bool was_told_while_waiting : {false, true}) {
    EpochTalk talk(trial, 4, "sleepy-epoch");
    talk.expect("gone a", "0");
    talk.peer_write(random_message(trial));
    const auto leave = [&] { talk.memory[talk.announcement_of(Side::second)] = kGone; };
    talk.receive();
    talk.peer_write(random_message(trial));
    if (!was_told_while_waiting) {
      leave();
      if (!talk.send(random_message(trial))) talk.wrong("room for a message", "error again");
    } else {
      talk.receive();
      talk.peer_write(random_message(trial));
      talk.receive();
      talk.before = [&](const Access&) {
        if (talk.time >= 3) leave();
      };
    }
    const std::uint64_t polls = 20;
    talk.expect("wait 0 " + bare(polls) + " a", "done");
    for (const Access& access : talk.accesses)
      if (access.kind == Access::Kind::load && access.word == talk.announcement_of(Side::second) &&
          !access.is_ordered())
        talk.wrong("the peer's status line is loaded with acquire order", "relaxed",
                   "A side that sees that the peer is gone must also see all lines that it has "
                   "sent before.");
    if (talk.count(Access::Kind::sleep) != 0 || talk.time >= polls)
      talk.wrong("this side does not wait for a peer that is gone", "it waits");
    if (talk.count(Access::Kind::signal) != 0)
      talk.wrong("no signal to a peer that is gone", "a signal");
    talk.expect("gone a", "1");
    talk.receive_all();
  }
}

LAB_TEST(sleep, no_wake_up_is_lost_in_any_schedule, "host") {
  constexpr std::uint64_t kAtOnce = 300, kTimes = 5;
  for (std::uint64_t round = 0; round < 2 * kTimes; ++round) {
    const char* const kind = round % 2 == 0 ? "epoch" : "used-bit";
    const std::uint64_t first = trial.random()() >> 8, secret = trial.random()();
    std::uint64_t digest = 0;
    for (std::uint64_t seed = first; seed < first + kAtOnce; ++seed)
      for (std::uint64_t i = 0; i < 1 + seed % 12; ++i)
        digest += 2 * mixed(secret + seed + i) * (i + 1);
    const std::string came = trial.ask(std::string("schedules ") + kind + " " + bare(first) + " " +
                                       bare(kAtOnce) + " " + bare(secret));
    if (came == "ok " + bare(digest)) continue;
    trial.wrong(
        "all messages arrive, in " + std::to_string(kAtOnce) + " schedules with " + kind + " rings",
        came.starts_with("lost ")
            ? "both sleep, and no signal will wake them: seed " + came.substr(5)
        : came.starts_with("wrong ")   ? "a message is not as it was sent: seed " + came.substr(6)
        : came.starts_with("endless ") ? "they never come to an end: seed " + came.substr(8)
                                       : "other messages than were sent: " + came,
        "`schedules " + std::string(kind) + " SEED 1 0` repeats it.");
  }
}
