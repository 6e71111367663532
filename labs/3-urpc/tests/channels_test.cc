// channels_test.cc — exercise 5: coroutines that wait for channels.

#include <algorithm>
#include <set>

#include "loop.hh"

using namespace lab;
using sprat::grading::bare;

namespace {

constexpr std::size_t kChannelSlots = 8;
// Messages that are on their way when there is no room.
constexpr std::size_t kFull = kChannelSlots;

}  // namespace

LAB_TEST(channels, receivers_get_messages_in_the_order_in_which_they_came, "host") {
  Loop loop(trial, 2);
  // Receivers that wait before any message comes, on two channels.
  for (unsigned i = 0; i < 6; ++i) loop.receive(task("r", i), i % 2);
  loop.expect_ended("none");
  for (unsigned i = 0; i < 6; ++i) loop.send(task("s", i), 0x100 + i, i % 2);
  const auto ended = loop.ended();
  for (const unsigned channel : {0u, 1u}) {
    std::vector<std::string> came, right;
    for (const std::string& word : ended)
      if (word[0] == 'r' && static_cast<unsigned>(word[1] - '0') % 2 == channel)
        came.push_back(word);
    for (unsigned i = channel; i < 6; i += 2)
      right.push_back(task("r", i) + "=ok:" + bare(0x100 + i));
    trial.expect_equal("receivers of channel " + std::to_string(channel), joined(right),
                       joined(came));
  }
}

LAB_TEST(channels, senders_get_room_in_the_order_in_which_they_came, "host") {
  Loop loop(trial, 1);
  const std::size_t senders = kFull + 5;
  for (std::size_t i = 0; i < senders; ++i) loop.send(task("s", i), i);
  std::size_t sent = loop.ended().size();
  if (sent != kFull)
    trial.wrong(std::to_string(kFull) + " messages on their way", std::to_string(sent));
  std::vector<std::string> late;
  for (std::size_t i = 0; i < senders; ++i) {
    loop.receive(task("r", i));
    for (const std::string& word : loop.ended()) {
      if (word[0] == 's') {
        late.push_back(word);
      } else {
        trial.expect_equal("the result of a receiver", task("r", i) + "=ok:" + bare(i), word);
      }
    }
  }
  std::vector<std::string> right;
  for (std::size_t i = kFull; i < senders; ++i) right.push_back(task("s", i) + "=ok");
  trial.expect_equal("senders that had to wait", joined(right), joined(late));
}

LAB_TEST(channels, later_coroutine_does_not_overtake_one_that_waits, "host") {
  Loop loop(trial, 1);
  for (std::size_t i = 0; i < kFull; ++i) loop.send(task("s", i), i);
  loop.ended();
  loop.send("waits", 0x50);
  loop.act("turns");
  // Room comes, and with it a sender that has not waited.
  for (std::size_t i = 0; i < kFull; ++i)
    trial.expect_equal("the message that was sent", "ok 0 " + bare(i) + " 0 0 0 0 0 0",
                       loop.ask("take 0 1"));
  trial.expect_equal("when all was read", "error again", loop.ask("take 0 1"));
  loop.send("comes_later", 0x51);
  loop.expect_ended("waits=ok comes_later=ok");
  trial.expect_equal("the first of them", "ok 0 50 0 0 0 0 0 0", loop.ask("take 0 1"));
  trial.expect_equal("the other", "ok 0 51 0 0 0 0 0 0", loop.ask("take 0 1"));
  // Receivers, too: one waits, a message comes, and another receiver begins.
  loop.receive("first");
  loop.act("turns");
  loop.put(0, {7}, 0, 0);
  trial.expect_equal("an attempt to receive while a task waits", "error again",
                     loop.ask("take 0 1"));
  loop.receive("second");
  loop.expect_ended("first=ok:7");
  loop.put(0, {8}, 0, 0);
  loop.expect_ended("second=ok:8");
}

LAB_TEST(channels, destroyed_coroutine_has_sent_and_taken_nothing, "host") {
  for (int round = 0; round < 20; ++round) {
    Loop loop(trial, 1);
    const unsigned waiting = 2 + trial.below(4);
    std::set<unsigned> gone;
    for (unsigned i = 0; i < waiting; ++i) loop.receive(task("r", i));
    loop.act("turns");
    for (unsigned i = 0; i < waiting; ++i)
      if (trial.below(2) == 0) gone.insert(i);
    // Before, or after, a message has come for them.
    const bool is_late = trial.below(2) == 0;
    if (is_late)
      for (unsigned i = 0; i < waiting; ++i) loop.put(0, {0x30 + i}, 0, 0);
    for (const unsigned i : gone) loop.act("destroy " + task("r", i));
    if (!is_late)
      for (unsigned i = 0; i < waiting; ++i) loop.put(0, {0x30 + i}, 0, 0);
    std::vector<std::string> right;
    unsigned next = 0x30;
    for (unsigned i = 0; i < waiting; ++i)
      if (!gone.contains(i)) right.push_back(task("r", i) + "=ok:" + bare(next++));
    loop.expect_ended(joined(right));
    // Messages that no task has received are there for the next one.
    for (; next != 0x30 + waiting; ++next) {
      loop.receive("later");
      loop.expect_ended("later=ok:" + bare(next));
    }

    const unsigned senders = 1 + trial.below(4);
    for (unsigned i = 0; i < kFull + senders; ++i) loop.send(task("s", i), i);
    loop.ended();
    std::vector<std::uint64_t> sent;
    for (unsigned i = 0; i < kFull + senders; ++i) {
      if (i >= kFull && trial.below(2) == 0) {
        loop.act("destroy " + task("s", i));
      } else {
        sent.push_back(i);
      }
    }
    for (const std::uint64_t value : sent) {
      loop.receive("then");
      bool has_come = false;
      for (const std::string& word : loop.ended()) {
        if (word.starts_with("then"))
          trial.expect_equal("the message that is received then", "then=ok:" + bare(value), word);
        has_come = has_come || word.starts_with("then");
      }
      if (!has_come) trial.wrong("then=ok:" + bare(value), "nothing");
    }
    loop.receive("nothing");
    loop.expect_ended("none");
  }
  // A task that is resumed destroys another one, for which there is a message as well.
  for (const unsigned channel : {0u, 1u}) {
    Loop loop(trial, 2);
    loop.act("receive-and-destroy first " + bare(channel) + " 1 other");
    loop.receive("other", 1 - channel, 1);
    loop.act("turns");
    loop.put(0, {0x11}, channel, 0);
    loop.put(0, {0x22}, 1 - channel, 0);
    const std::string came = joined(loop.ended());
    if (came == "other=ok:22 first=ok:11") continue;
    trial.expect_equal("tasks that have ended", "first=ok:11", came);
    loop.receive("later", 1 - channel, 1);
    loop.expect_ended("later=ok:22");
  }
}

LAB_TEST(channels, both_directions_make_progress_whichever_coroutines_wait, "host") {
  for (int round = 0; round < 12; ++round) {
    Loop loop(trial, 2);
    struct Direction {
      std::uint64_t begun = 0, sent = 0, asked = 0, received = 0;
    };
    std::map<std::pair<unsigned, unsigned>, Direction> directions;  // by channel and sender's side
    for (int step = 0; step < 60; ++step) {
      const unsigned channel = trial.below(2), side = trial.below(2);
      Direction& to = directions[{channel, side}];
      const bool sends = trial.below(2) == 0;
      const std::string suffix = "_" + std::to_string(channel) + "_" + std::to_string(side) + "_";
      for (std::uint64_t count = 1 + trial.below(4); count != 0; --count) {
        if (sends) {
          loop.send("s" + suffix + std::to_string(to.begun), to.begun, channel, side);
          ++to.begun;
        } else {
          loop.receive("r" + suffix + std::to_string(to.asked), channel, 1 - side);
          ++to.asked;
        }
      }
      if (trial.below(3) == 0) continue;
      for (const std::string& word : loop.ended()) {
        unsigned its_channel = word[2] - '0', its_side = word[4] - '0';
        Direction& its = directions[{its_channel, its_side}];
        const std::string name = word.substr(0, 6);
        trial.expect_equal("the next to end",
                           word[0] == 's'
                               ? name + std::to_string(its.sent) + "=ok"
                               : name + std::to_string(its.received) + "=ok:" + bare(its.received),
                           word);
        ++(word[0] == 's' ? its.sent : its.received);
      }
      for (auto& [where, now] : directions) {
        const std::string name = "channel " + std::to_string(where.first) + ", from side " +
                                 std::to_string(where.second);
        const std::uint64_t on_its_way = now.sent - now.received;
        if (now.received < now.asked && on_its_way != 0)
          trial.wrong(name + ": no task waits for a message that is there",
                      std::to_string(on_its_way) + " are there");
        // The acknowledgement may stand behind more messages than are kept.
        constexpr std::uint64_t kMostKept = 8;
        const Direction& back = directions[{where.first, 1 - where.second}];
        if (now.sent < now.begun && on_its_way == 0 && back.sent - back.received < kMostKept)
          trial.wrong(name + ": no task waits for room when all was received",
                      std::to_string(now.begun - now.sent) + " wait");
      }
    }
  }
}

LAB_TEST(channels, all_waiting_coroutines_learn_that_the_peer_is_gone, "host") {
  for (const bool is_closed : {true, false}) {
    Loop loop(trial, 2);
    for (std::size_t i = 0; i < kFull + 2; ++i) loop.send(task("s", i), i, 0, 1);
    loop.ended();
    loop.receive("r0", 0, 1);
    loop.receive("r1", 0, 1);
    loop.receive("other", 1, 1);
    loop.expect_ended("none");
    loop.act(is_closed ? "close 0 1" : "gone 0 0");
    auto came = loop.ended();
    std::ranges::sort(came);
    trial.expect_equal(
        "tasks that have waited",
        "r0=error:peer_gone r1=error:peer_gone s8=error:peer_gone s9=error:peer_gone",
        joined(came));
    loop.receive("late", 0, 1);
    loop.send("too_late", 1, 0, 1);
    loop.expect_ended("late=error:peer_gone too_late=error:peer_gone");
    loop.put(0, {9}, 1, 0);
    loop.expect_ended("other=ok:9");
  }
  {
    Loop loop(trial, 1);  // messages that were sent before are received
    for (std::size_t i = 0; i < 3; ++i) loop.send(task("s", i), i);
    loop.ended();
    loop.act("gone 0 0");
    for (std::size_t i = 0; i < 3; ++i) {
      loop.receive("r");
      loop.expect_ended("r=ok:" + bare(i));
    }
    loop.receive("r");
    loop.expect_ended("r=error:peer_gone");
  }
  {
    Loop loop(trial, 1);  // a peer that breaks the rules
    loop.receive("r0");
    loop.receive("r1");
    for (std::size_t i = 0; i < kFull + 1; ++i) loop.send(task("s", i), i, 0, 1);
    loop.ended();
    loop.act("lie 0 0");
    auto came = loop.ended();
    std::ranges::sort(came);
    trial.expect_equal("tasks that have waited",
                       "r0=error:malformed r1=error:malformed s8=error:malformed", joined(came));
  }
}

LAB_TEST(channels, sleeping_loop_is_woken_by_one_signal, "host") {
  for (unsigned round = 0; round < 10; ++round) {
    Loop loop(trial, 3);
    for (unsigned channel = 0; channel < 3; ++channel)
      if (trial.below(2) == 0) loop.receive(task("waits", channel), channel, 0);
    loop.act("turns");
    const std::uint64_t value = trial.below(1000);
    trial.expect_equal("value, sleeps, signals", "receiver=ok:" + bare(value) + " 1 1",
                       loop.ask("receive-asleep " + bare(value) + " " + bare(trial.below(3))));
  }
  // The peer may have looked at the status line just before the announcement, and then does not signal.
  for (unsigned round = 0; round < 6; ++round) {
    Loop loop(trial, 3);
    const std::string value = bare(trial.below(1000)), channel = bare(trial.below(3));
    trial.expect_equal("a message that comes behind the announcement", "late=ok:" + value,
                       loop.ask("late-message " + value + " " + channel));
    trial.expect_equal("room that comes behind the announcement", "late=ok",
                       loop.ask("late-room " + channel));
    trial.expect_equal("a line behind the announcement that acknowledges another", "late=ok",
                       loop.ask("late-acknowledgement " + bare(trial.below(3))));
  }
}
