// calls_test.cc — exercises 5 and 6: calls over a channel. Lines to and from a peer are the test's own: it knows the layout
// of a call's lines, and the replies to a sum and a text.

#include <algorithm>
#include <map>

#include "lab/probe.hh"
#include "loop.hh"

using namespace lab;
using sprat::grading::bare;

namespace {

// The messages of user/interfaces/echo.hh.
constexpr unsigned kEchoed = 1, kEcho = 2, kSum = 3, kAdd = 4, kNote = 5, kFailed = 255;
constexpr std::size_t kCallsAtOnce = 8;

constexpr unsigned message_in(std::uint64_t header) { return header & 0xff; }
constexpr unsigned call_in(std::uint64_t header) { return header >> 8 & 0xffff; }
constexpr bool is_last(std::uint64_t header) { return (header >> 31 & 1) != 0; }
constexpr std::uint32_t header_of(unsigned message, unsigned call, unsigned fragment, bool last) {
  return message | call << 8 | fragment << 24 | static_cast<std::uint32_t>(last) << 31;
}

// Bytes as in questions, or as in the results of tasks.
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
  // The numbers of calls, by the first summand `a`, which identifies a call.
  std::map<std::uint64_t, unsigned> arrived() {
    act("turns");
    std::map<std::uint64_t, unsigned> calls;
    for (const auto& line : take_all()) calls[line[1]] = call_in(line[0]);
    return calls;
  }
};

}  // namespace

LAB_TEST(calls, replies_may_come_in_any_order, "host") {
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
        trial.wrong("the reply to " + task("c", i), joined(came));
    }
  }
}

LAB_TEST(calls, callers_without_a_number_wait_for_one, "host") {
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

LAB_TEST(calls, reply_to_an_abandoned_call_reaches_no_other_caller, "host") {
  // All lines were sent: the number stays in use until the reply has come, which no caller gets.
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
    caller.expect_ended("none");
    caller.add("again", 50, 0);
    const auto again = caller.arrived();
    if (again.size() != 1) trial.wrong("one more call", std::to_string(again.size()));
    reply(caller, kSum, again.begin()->second, {51, 0, 0, 0, 0, 0, 0});
    caller.expect_ended("again=ok:33");
  }
  // Not all lines were sent: the next call with this number begins with its first line.
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

LAB_TEST(calls, lines_of_several_calls_may_interleave, "host") {
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
    // Replies, line by line, in any order.
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
    trial.expect_equal("replies", joined(right), joined(came));
  }
}

LAB_TEST(calls, all_calls_end_when_the_conversation_ends, "host") {
  enum End { closed, gone, lies, last_end };
  for (int end = closed; end != last_end; ++end) {
    Caller caller(trial);
    for (unsigned i = 0; i < 10; ++i) caller.add(task("c", i), i, 0);
    caller.act("echo t" + spelled(any_text(trial, 200), " "));
    caller.act("turns");
    if (end == closed) caller.act("close 0 0");
    if (end == gone) caller.act("gone 0 1");
    if (end == lies) {
      caller.act("lie 0 1");  // the caller finds it when it needs room
      caller.act("note n" + spelled(any_text(trial, 5), " "));
    }
    const auto came = caller.ended();
    const std::string error = end == lies ? "=error:malformed" : "=error:peer_gone";
    std::set<std::string> results(came.begin(), came.end());
    for (unsigned i = 0; i < 10; ++i)
      if (!results.contains(task("c", i) + error)) trial.wrong(task("c", i) + error, joined(came));
    if (!results.contains("t" + error)) trial.wrong("t" + error, joined(came));
    caller.add("late", 1, 2);
    caller.expect_ended("late" + error);
    caller.act("unpeer");
  }
  // The caller ends it, when its reply comes.
  {
    Caller caller(trial);
    caller.act("add-and-end c 1 2");
    const auto arrived = caller.arrived();
    if (arrived.size() != 1) trial.wrong("one call", std::to_string(arrived.size()));
    reply(caller, kSum, arrived.begin()->second, {3, 0, 0, 0, 0, 0, 0});
    caller.expect_ended("c=ok:3");
  }
  // Replies that belong to no call, or are not the reply that the call has.
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
LAB_TEST(calls, all_calls_of_many_coroutines_to_another_core_are_answered, "qemu") {
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
