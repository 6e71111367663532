// channels_test.cc — exercise 5: coroutines that wait for channels, and calls. Lines to and from a peer are the test's own: it
// knows what a line of a call looks like, and what the answers to a sum and a text are.

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <sstream>

#include "conversation.hh"
#include "lab/probe.hh"

using namespace lab;
using sprat::grading::bare;

namespace {

constexpr std::size_t kChannelSlots = 8;
// Messages that are on their way when there is no room.
constexpr std::size_t kFull = kChannelSlots - 1;

// The messages of user/interfaces/echo.hh.
constexpr unsigned kEchoed = 1, kEcho = 2, kSum = 3, kAdd = 4, kNote = 5, kFailed = 255;
constexpr std::size_t kCallsAtOnce = 8;

constexpr unsigned message_in(std::uint64_t header) { return header & 0xff; }
constexpr unsigned call_in(std::uint64_t header) { return header >> 8 & 0xffff; }
constexpr bool is_last(std::uint64_t header) { return (header >> 31 & 1) != 0; }
constexpr std::uint32_t header_of(unsigned message, unsigned call, unsigned fragment, bool last) {
  return message | call << 8 | fragment << 24 | static_cast<std::uint32_t>(last) << 31;
}

// An event loop with channels, in the code under test.
class Loop {
 public:
  Loop(Trial& trial, unsigned channels) : trial_(trial) { act("begin " + bare(channels)); }

  std::string ask(const std::string& question) { return trial_.ask("loop " + question); }
  void act(const std::string& what) { trial_.expect_equal(what, "done", ask(what)); }

  void receive(const std::string& task, unsigned channel = 0, unsigned side = 1) {
    act("receive " + task + " " + bare(channel) + " " + bare(side));
  }
  void send(const std::string& task, std::uint64_t value, unsigned channel = 0, unsigned side = 0) {
    act("send " + task + " " + bare(channel) + " " + bare(side) + " " + bare(value));
  }

  // All go on, and these have ended since the last time, in this order: "a=ok b=error:again". Or nobody.
  void expect_ended(const std::string& right) {
    act("turns");
    trial_.expect_equal("tasks that have ended", right, ask("ended"));
  }
  std::vector<std::string> ended() {
    act("turns");
    std::istringstream text(ask("ended"));
    std::vector<std::string> tasks;
    for (std::string task; text >> task;)
      if (task != "nobody") tasks.push_back(task);
    return tasks;
  }

  // What came at a side, line by line.
  std::vector<std::vector<std::uint64_t>> take_all(unsigned channel = 0, unsigned side = 1) {
    std::vector<std::vector<std::uint64_t>> lines;
    for (;;) {
      std::istringstream answer(ask("take " + bare(channel) + " " + bare(side)));
      std::string word;
      answer >> word;
      if (word != "ok") return lines;
      lines.emplace_back();
      while (answer >> word) lines.back().push_back(std::stoull(word, nullptr, 16));
    }
  }
  void put(std::uint32_t header, const std::vector<std::uint64_t>& words, unsigned channel = 0,
           unsigned side = 1) {
    std::string question = "put " + bare(channel) + " " + bare(side) + " " + bare(header);
    for (const std::uint64_t word : words) question += " " + bare(word);
    std::string sent = ask(question);
    if (sent == "error again") {  // room comes with what this side receives
      take_all(channel, side);
      sent = ask(question);
    }
    trial_.expect_equal("a line that the peer sends", "ok", sent);
  }

 private:
  Trial& trial_;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text.empty() ? "nobody" : text;
}

std::string task(const char* kind, std::uint64_t number) { return kind + std::to_string(number); }

// Bytes as questions have them, and as a task says what has come.
std::string spelled(const std::vector<std::uint8_t>& bytes, const char* between) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += between + bare(byte);
  return text;
}

// The words of a text in the lines of a call or a reply: its length, and eight bytes in each.
std::vector<std::uint64_t> text_words(const std::vector<std::uint8_t>& bytes) {
  std::vector<std::uint64_t> words{bytes.size()};
  words.resize(1 + (bytes.size() + 7) / 8);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    words[1 + i / 8] |= std::uint64_t{bytes[i]} << 8 * (i % 8);
  words.resize((words.size() + 6) / 7 * 7);
  return words;
}

std::vector<std::uint8_t> any_text(Trial& trial, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(trial.below(256));
  return bytes;
}

// Sends `words` as the reply to `call`, in as many lines as they take.
void reply(Loop& loop, unsigned message, unsigned call, const std::vector<std::uint64_t>& words) {
  for (std::size_t begin = 0; begin < words.size(); begin += 7) {
    const auto from = words.begin() + static_cast<std::ptrdiff_t>(begin);
    const bool last = begin + 7 >= words.size();
    loop.put(header_of(message, call, static_cast<unsigned>(begin / 7), last),
             {from, last ? words.end() : from + 7});
  }
}

// A peer at side 0 of a channel, and the calls that have arrived at the other side.
struct Caller : Loop {
  explicit Caller(Trial& trial) : Loop(trial, 1) { act("peer 0 0"); }

  void add(const std::string& name, std::uint64_t a, std::uint64_t b) {
    act("add " + name + " " + bare(a) + " " + bare(b));
  }
  // Its numbers, by what is added: `a` of a call tells which it is.
  std::map<std::uint64_t, unsigned> arrived() {
    act("turns");
    std::map<std::uint64_t, unsigned> calls;
    for (const auto& line : take_all()) calls[line[1]] = call_in(line[0]);
    return calls;
  }
};

}  // namespace

LAB_TEST(channels, who_waits_is_served_in_turn, "host") {
  Loop loop(trial, 2);
  // Receivers who came before anything, on two channels.
  for (unsigned i = 0; i < 6; ++i) loop.receive(task("r", i), i % 2);
  loop.expect_ended("nobody");
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

LAB_TEST(channels, senders_wait_for_room_in_their_turn, "host") {
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
        trial.expect_equal("what a receiver gets", task("r", i) + "=ok:" + bare(i), word);
      }
    }
  }
  std::vector<std::string> right;
  for (std::size_t i = kFull; i < senders; ++i) right.push_back(task("s", i) + "=ok");
  trial.expect_equal("senders who had to wait", joined(right), joined(late));
}

LAB_TEST(channels, who_comes_later_does_not_overtake, "host") {
  Loop loop(trial, 1);
  for (std::size_t i = 0; i < kFull; ++i) loop.send(task("s", i), i);
  loop.ended();
  loop.send("waits", 0x50);
  loop.act("turns");
  // Room comes, and with it a sender who has not waited.
  for (std::size_t i = 0; i < kFull; ++i)
    trial.expect_equal("what was sent", "ok 0 " + bare(i) + " 0 0 0 0 0 0", loop.ask("take 0 1"));
  trial.expect_equal("when all was read", "error again", loop.ask("take 0 1"));
  loop.send("comes_later", 0x51);
  loop.expect_ended("waits=ok comes_later=ok");
  trial.expect_equal("the first of them", "ok 0 50 0 0 0 0 0 0", loop.ask("take 0 1"));
  trial.expect_equal("the other", "ok 0 51 0 0 0 0 0 0", loop.ask("take 0 1"));
  // Receivers, too: one waits, a message is there, another one comes.
  loop.receive("first");
  loop.act("turns");
  loop.put(0, {7}, 0, 0);
  loop.receive("second");
  loop.expect_ended("first=ok:7");
  loop.put(0, {8}, 0, 0);
  loop.expect_ended("second=ok:8");
}

LAB_TEST(channels, who_is_destroyed_while_it_waits_has_sent_and_taken_nothing, "host") {
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
    // What nobody has taken is there for the next.
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
          trial.expect_equal("what is received then", "then=ok:" + bare(value), word);
        has_come = has_come || word.starts_with("then");
      }
      if (!has_come) trial.wrong("then=ok:" + bare(value), "nothing");
    }
    loop.receive("nothing");
    loop.expect_ended("nobody");
  }
  // One who goes on destroys another, for whom there is something as well.
  for (const unsigned channel : {0u, 1u}) {
    Loop loop(trial, 2);
    loop.act("receive-and-destroy first " + bare(channel) + " 1 other");
    loop.receive("other", 1 - channel, 1);
    loop.act("turns");
    loop.put(0, {0x11}, channel, 0);
    loop.put(0, {0x22}, 1 - channel, 0);
    const std::string came = joined(loop.ended());
    if (came == "other=ok:22 first=ok:11") continue;
    trial.expect_equal("who has ended", "first=ok:11", came);
    loop.receive("later", 1 - channel, 1);
    loop.expect_ended("later=ok:22");
  }
}

LAB_TEST(channels, both_directions_go_on_whoever_waits_for_what, "host") {
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
          trial.wrong(name + ": nobody waits for a message that is there",
                      std::to_string(on_its_way) + " are there");
        // The acknowledgement may stand behind more messages than are kept.
        constexpr std::uint64_t kMostKept = 8;
        const Direction& back = directions[{where.first, 1 - where.second}];
        if (now.sent < now.begun && on_its_way == 0 && back.sent - back.received < kMostKept)
          trial.wrong(name + ": nobody waits for room when all was received",
                      std::to_string(now.begun - now.sent) + " wait");
      }
    }
  }
}

LAB_TEST(channels, who_waits_is_told_that_the_peer_is_gone, "host") {
  for (const bool is_closed : {true, false}) {
    Loop loop(trial, 2);
    for (std::size_t i = 0; i < kFull + 2; ++i) loop.send(task("s", i), i, 0, 1);
    loop.ended();
    loop.receive("r0", 0, 1);
    loop.receive("r1", 0, 1);
    loop.receive("other", 1, 1);
    loop.expect_ended("nobody");
    loop.act(is_closed ? "close 0 1" : "gone 0 0");
    auto came = loop.ended();
    std::ranges::sort(came);
    trial.expect_equal(
        "who has waited",
        "r0=error:peer_gone r1=error:peer_gone s7=error:peer_gone s8=error:peer_gone",
        joined(came));
    loop.receive("late", 0, 1);
    loop.send("too_late", 1, 0, 1);
    loop.expect_ended("late=error:peer_gone too_late=error:peer_gone");
    loop.put(0, {9}, 1, 0);
    loop.expect_ended("other=ok:9");
  }
  {
    Loop loop(trial, 1);  // what was sent before is received
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
    trial.expect_equal("who has waited", "r0=error:malformed r1=error:malformed s7=error:malformed",
                       joined(came));
  }
}

LAB_TEST(channels, a_loop_that_sleeps_is_woken_by_one_bell, "host") {
  for (unsigned round = 0; round < 10; ++round) {
    Loop loop(trial, 3);
    for (unsigned channel = 0; channel < 3; ++channel)
      if (trial.below(2) == 0) loop.receive(task("waits", channel), channel, 0);
    loop.act("turns");
    const std::uint64_t value = trial.below(1000);
    trial.expect_equal("value, naps, bells", "nap=ok:" + bare(value) + " 1 1",
                       loop.ask("nap " + bare(value) + " " + bare(trial.below(3))));
  }
  // Whoever sends or makes room may have looked at the doorstep just before the announcement, and rings for nobody.
  for (unsigned round = 0; round < 6; ++round) {
    Loop loop(trial, 3);
    const std::string value = bare(trial.below(1000)), channel = bare(trial.below(3));
    trial.expect_equal("a message that comes behind the announcement", "late=ok:" + value,
                       loop.ask("late-message " + value + " " + channel));
    trial.expect_equal("room that comes behind the announcement", "late=ok",
                       loop.ask("late-room " + channel));
  }
}

// ---- calls

LAB_TEST(calls, may_be_answered_in_any_order, "host") {
  for (int round = 0; round < 8; ++round) {
    Caller caller(trial);
    const unsigned calls = 1 + trial.below(6);
    for (unsigned i = 0; i < calls; ++i) caller.add(task("c", i), i, 0x100);
    const auto arrived = caller.arrived();
    if (arrived.size() != calls)
      trial.wrong(std::to_string(calls) + " calls", std::to_string(arrived.size()) + " arrived");
    std::vector<unsigned> order(calls);
    for (unsigned i = 0; i < calls; ++i) order[i] = i;
    std::ranges::shuffle(order, trial.random());
    std::vector<std::string> right;
    for (const unsigned i : order) {
      const std::uint64_t sum = trial.random()();
      // Some cannot be done.
      const bool fails = trial.below(4) == 0;
      fails ? reply(caller, kFailed, arrived.at(i), {1, 0, 0, 0, 0, 0, 0})
            : reply(caller, kSum, arrived.at(i), {sum, 0, 0, 0, 0, 0, 0});
      const auto came = caller.ended();
      if (came.size() != 1 || !came[0].starts_with(task("c", i) + (fails ? "=error:" : "=ok:")) ||
          (!fails && came[0] != task("c", i) + "=ok:" + bare(sum)))
        trial.wrong("the answer for " + task("c", i), joined(came));
    }
  }
}

LAB_TEST(calls, more_than_there_are_numbers_wait_for_one, "host") {
  Caller caller(trial);
  constexpr unsigned kCalls = 20;
  for (unsigned i = 0; i < kCalls; ++i) caller.add(task("c", i), i, 0);
  std::map<std::uint64_t, unsigned> open;
  std::uint64_t next = 0;
  for (unsigned answered = 0; answered < kCalls; ++answered) {
    // Lines come when there is room; the channel has room for fewer than there are numbers.
    for (int i = 0; i < 3; ++i) {
      for (const auto& [a, number] : caller.arrived()) {
        if (a != next)
          trial.wrong("calls in the order in which they began: " + std::to_string(next),
                      std::to_string(a));
        ++next;
        for (const auto& [other, in_use] : open)
          if (in_use == number)
            trial.wrong("a number of its own for call " + std::to_string(a),
                        std::to_string(number) + ", which call " + std::to_string(other) + " has");
        open[a] = number;
      }
    }
    if (open.empty() || open.size() > kCallsAtOnce)
      trial.wrong("1 to 8 calls at once", std::to_string(open.size()));
    auto any = open.begin();
    std::advance(any, trial.below(open.size()));
    reply(caller, kSum, any->second, {any->first + 1, 0, 0, 0, 0, 0, 0});
    caller.expect_ended(task("c", any->first) + "=ok:" + bare(any->first + 1));
    open.erase(any);
  }
}

LAB_TEST(calls, of_who_gives_up_are_nobody_elses, "host") {
  // All lines were sent: the number stays in use until the answer has come, which nobody gets.
  for (int round = 0; round < 6; ++round) {
    Caller caller(trial);
    for (unsigned i = 0; i < 5; ++i) caller.add(task("c", i), i, 0);
    const auto arrived = caller.arrived();
    const unsigned victim = trial.below(5);
    caller.act("destroy " + task("c", victim));
    for (unsigned i = 5; i < 7; ++i) caller.add(task("c", i), i, 0);
    for (const auto& [a, number] : caller.arrived())
      if (number == arrived.at(victim))
        trial.wrong(
            "another number for call " + std::to_string(a) + " than that of one that is open",
            std::to_string(number));
    reply(caller, kSum, arrived.at(victim), {77, 0, 0, 0, 0, 0, 0});
    caller.expect_ended("nobody");
    caller.add("again", 50, 0);
    const auto again = caller.arrived();
    if (again.size() != 1) trial.wrong("one more call", std::to_string(again.size()));
    reply(caller, kSum, again.begin()->second, {51, 0, 0, 0, 0, 0, 0});
    caller.expect_ended("again=ok:33");
  }
  // Not all lines were sent: whoever has the number next begins anew.
  Caller caller(trial);
  for (unsigned i = 0; i < 5; ++i) caller.add(task("c", i), i, 0);
  caller.act("turns");
  const auto text = any_text(trial, 200);
  for (unsigned i = 0; i < kCallsAtOnce; ++i) {
    caller.act("echo long" + spelled(text, " "));
    caller.act("turns");
    caller.act("destroy long");
  }
  caller.act("echo next" + spelled(text, " "));
  std::vector<std::uint64_t> words;
  unsigned call = 0;
  for (int i = 0; i < 6; ++i) {
    caller.act("turns");
    for (const auto& line : caller.take_all()) {
      if (message_in(line[0]) != kEcho) continue;
      if ((line[0] >> 24 & 0x7f) == 0) words.clear();
      call = call_in(line[0]);
      words.insert(words.end(), line.begin() + 1, line.end());
      if (is_last(line[0])) i = 6;
    }
  }
  if (words != text_words(text))
    trial.wrong("all lines of the text, from the first on",
                std::to_string(words.size()) + " words, or others");
  reply(caller, kEchoed, call, text_words(text));
  caller.expect_ended("next=ok" + spelled(text, ":"));
}

LAB_TEST(calls, of_several_lines_come_and_go_between_each_other, "host") {
  for (int round = 0; round < 6; ++round) {
    Caller caller(trial);
    std::map<std::string, std::vector<std::uint8_t>> texts;
    for (unsigned i = 0; i < 4; ++i) {
      const auto text = any_text(trial, trial.below(201));
      texts[task("t", i)] = text;
      caller.act("echo " + task("t", i) + spelled(text, " "));
    }
    caller.act("note n" + spelled(any_text(trial, 100), " "));
    struct Arriving {
      std::vector<std::uint64_t> words;
      bool is_whole = false;
    };
    std::map<unsigned, Arriving> calls;
    for (int i = 0; i < 12; ++i) {
      caller.act("turns");
      for (const auto& line : caller.take_all()) {
        if (message_in(line[0]) == kNote) continue;
        Arriving& call = calls[call_in(line[0])];
        call.words.insert(call.words.end(), line.begin() + 1, line.end());
        call.is_whole = is_last(line[0]);
      }
    }
    trial.expect_equal("notices that were sent", "n=ok",
                       joined(caller.ended()).find("n=ok") != std::string::npos ? "n=ok" : "none");
    // Replies, line by line, as they like.
    struct Going {
      unsigned call;
      std::vector<std::uint64_t> words;
      std::size_t sent = 0;
    };
    std::vector<Going> replies;
    std::vector<std::string> right;
    for (const auto& [name, text] : texts) {
      const auto words = text_words(text);
      const auto found = std::ranges::find_if(calls, [&](const auto& call) {
        return call.second.is_whole && call.second.words == words;
      });
      if (found == calls.end()) trial.wrong("the text of " + name + " as a call", "none like it");
      replies.push_back({found->first, words});
      calls.erase(found);
      right.push_back(name + "=ok" + spelled(text, ":"));
    }
    std::vector<std::string> came;
    while (!replies.empty()) {
      const std::size_t which = trial.below(replies.size());
      Going& going = replies[which];
      const auto from = going.words.begin() + static_cast<std::ptrdiff_t>(7 * going.sent);
      const bool last = 7 * (going.sent + 1) == going.words.size();
      caller.put(header_of(kEchoed, going.call, static_cast<unsigned>(going.sent), last),
                 {from, from + 7});
      ++going.sent;
      if (last) replies.erase(replies.begin() + static_cast<std::ptrdiff_t>(which));
      for (const std::string& word : caller.ended()) came.push_back(word);
    }
    std::ranges::sort(came);
    trial.expect_equal("answers", joined(right), joined(came));
  }
}

LAB_TEST(calls, end_when_the_conversation_does, "host") {
  enum End { closed, gone, lies, last_end };
  for (int end = closed; end != last_end; ++end) {
    Caller caller(trial);
    for (unsigned i = 0; i < 10; ++i) caller.add(task("c", i), i, 0);
    caller.act("echo t" + spelled(any_text(trial, 200), " "));
    caller.act("turns");
    if (end == closed) caller.act("close 0 0");
    if (end == gone) caller.act("gone 0 1");
    if (end == lies) caller.act("lie 0 1");
    const auto came = caller.ended();
    const std::string error = end == lies ? "=error:malformed" : "=error:peer_gone";
    std::set<std::string> who(came.begin(), came.end());
    for (unsigned i = 0; i < 10; ++i)
      if (!who.contains(task("c", i) + error)) trial.wrong(task("c", i) + error, joined(came));
    if (!who.contains("t" + error)) trial.wrong("t" + error, joined(came));
    caller.add("late", 1, 2);
    caller.expect_ended("late" + error);
    caller.act("unpeer");
  }
  // Replies that nobody has asked for, or not like this.
  for (const std::uint32_t header :
       {header_of(kSum, 7, 0, true), header_of(kSum, 63, 0, true), header_of(kSum, 64, 0, true),
        header_of(kSum, 0xffff, 0, true), header_of(kEchoed, 0, 0, true),
        header_of(kSum, 0, 1, true), header_of(99, 0, 0, true), header_of(kAdd, 0, 0, true)}) {
    Caller caller(trial);
    caller.add("c", 1, 2);
    caller.act("turns");
    caller.put(header, {3});
    caller.expect_ended("c=error:malformed");
  }
}

// ---- on machines (../probe/calls.cc)

// Twelve coroutines of a core call another core, which has a secret.
LAB_TEST(calls, of_many_coroutines_to_another_core_are_all_answered, "qemu") {
  constexpr std::uint64_t kCallers = 12, kCallsOfEach = 100;
  sprat::grading::Boot boot = lab::probe("calls");
  boot.cpus = 2;
  boot.arg = bare(kCallsOfEach);
  const auto booted = trial.boot(boot);
  std::uint64_t sum = 0;
  for (std::uint64_t caller = 0; caller < kCallers; ++caller)
    for (std::uint64_t call = 0; call < kCallsOfEach; ++call) sum += caller + call + booted.seed;
  lab::expect_answers(trial, booted, {{"sum", lab::sixteen(sum) + " ok"}});
}
