// calls_test.cc — exercise 8: messages that came over by LRPC, in the booted system.

#include <array>

#include "events.hh"
#include "lab/probe.hh"
#include "registers.hh"

using namespace sprat::grading;
using lab::all_sixteen, lab::Event, lab::expect_answers, lab::expect_events, lab::Happened,
    lab::probe, lab::sixteen, lab::Sequence;
using sprat::probe::mixed;

namespace {

// A callee of ../probe/calls.cc: its replies, in an address space with a secret of its own.
class Callee {
 public:
  explicit Callee(std::uint64_t seed) : secret_(sprat::probe::secret_of_space(seed)) {}

  void fill(Sequence& sequence) {
    for (std::uint64_t& note : notes_) note = sequence.next();
  }

  using Words = std::array<std::uint64_t, 5>;
  Words reply() const {
    Words words;
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = mixed(notes_[i], secret_);
    return words;
  }
  Words reply_to(const Words& words) {
    for (std::size_t i = 0; i < words.size(); ++i) notes_[i] = mixed(notes_[i], words[i]);
    return reply();
  }

 private:
  std::uint64_t secret_;
  Words notes_{};
};

constexpr Callee::Words kWords = {1, 2, 3, 4, 5};  // that are sent where it does not matter

const std::vector<Event> kOfCalls = {Event::upcalled_lrpc, Event::asks,  Event::calls,
                                     Event::returns,       Event::tells, Event::told,
                                     Event::faults,        Event::ends};

}  // namespace

LAB_TEST(calls, message_and_badge_arrive_and_the_answer_comes_back, "qemu-icount") {
  const Booted booted = trial.boot(probe("call_message"));
  Sequence sequence(booted.seed);
  Callee callee(booted.seed);
  const std::uint64_t badges[] = {sequence.next() >> 1 | 1, sequence.next() >> 1 | 1};
  for (unsigned call = 0; call < 6; ++call) {
    std::string arrived = sixteen(badges[sequence.next() % 2]);
    // rax to rbp, then r8 to r15, then flags, as random_registers fills them (probe/worker.cc).
    std::uint64_t r[16];
    for (std::uint64_t& word : r) word = sequence.next();
    for (const unsigned word : {4, 3, 7, 8, 9}) arrived += " " + sixteen(r[word]);
    callee.fill(sequence);
    std::string replied = sixteen(0);
    for (const std::uint64_t word : callee.reply()) replied += " " + sixteen(word);
    const std::string number = std::to_string(call);
    trial.expect_equal("badge and words of call " + number, arrived,
                       booted.transcript.answers.at("arrived" + number));
    trial.expect_equal("status and words of the answer to call " + number, replied,
                       booted.transcript.answers.at("replied" + number));
  }
  expect_answers(trial, booted, {{"calls", "6"}});
  std::vector<Happened> events;
  for (unsigned call = 0; call < 6; ++call)
    events.insert(events.end(), {{Event::asks}, {Event::upcalled_lrpc, 0}});
  expect_events(trial, booted, kOfCalls, events);
}

LAB_TEST(calls, a_capability_travels_with_call_and_reply, "qemu-icount") {
  const Booted booted = trial.boot(probe("call_capability"));
  Sequence sequence(booted.seed);
  const auto size = [&] { return std::to_string(std::uint64_t{4096} << sequence.next() % 6); };
  const std::string sent = size();
  const std::uint64_t to = 1 + sequence.next() % 200;
  const std::string returned = size();
  expect_answers(trial, booted,
                 {{"status", "ok"},
                  {"told", sixteen(1 << 8 | to)},
                  {"sent", sent},
                  {"returned", returned},
                  {"again", "slot_in_use"},
                  {"without", "ok"}});
  expect_events(trial, booted, kOfCalls,
                {{Event::asks},
                 {Event::upcalled_lrpc, 0},
                 {Event::asks},
                 {Event::asks},
                 {Event::upcalled_lrpc, 0}});
}

LAB_TEST(calls, refused_calls_say_why_and_reach_no_callee, "qemu-icount") {
  const Booted booted = trial.boot(probe("call_refusals"));
  constexpr std::array kQuestions = {"plain ok",
                                     "empty_slot no_capability",
                                     "no_such_slot no_capability",
                                     "a_frame wrong_type",
                                     "a_dispatcher wrong_type",
                                     "no_right_to_call no_rights",
                                     "itself invalid_argument"};
  Sequence sequence(booted.seed);
  Callee callee(booted.seed);
  callee.fill(sequence);
  std::vector<Happened> events;
  const auto asks = [&](bool is_served) {
    events.push_back({Event::asks});
    if (!is_served) return;
    events.push_back({Event::upcalled_lrpc, 0});
    callee.reply_to({});
  };
  std::uint64_t calls = 0;
  const std::uint64_t first = sequence.next();
  for (unsigned number = 0; number < 24; ++number) {
    const std::uint64_t question =
        (number < kQuestions.size() ? first + number : sequence.next()) % kQuestions.size();
    calls += question == 0 ? 1 : 0;
    asks(question == 0);
    expect_answers(trial, booted, {{std::to_string(number), kQuestions[question]}});
  }
  // As below: refused but for one with a capability, one after it runs again, and one with the right entry again.
  for (const bool is_served : {false, false, true, false, false, false, true, false, false, true})
    asks(is_served);
  events.insert(events.end(), {{Event::asks}, {Event::upcalled_lrpc, 0}});
  expect_answers(trial, booted,
                 {{"an_empty_capability", "no_capability"},
                  {"without_grant", "no_rights"},
                  {"capability", "ok"},
                  {"slot_taken", "slot_in_use"},
                  {"slot_of_no_cnode", "slot_in_use"},
                  {"calls", std::to_string(calls + 1)},
                  {"suspended", "peer_gone"},
                  {"running_again", "ok"},
                  {"no_entry", "busy"},
                  {"no_user_code", "busy"},
                  {"entry_again", "ok"},
                  {"reply", all_sixteen(callee.reply_to(kWords))},
                  {"reply_to_nobody", "not_found"}});
  expect_events(trial, booted, kOfCalls, events);
}

LAB_TEST(calls, other_callers_get_busy_while_a_call_is_handled, "qemu-icount") {
  const Booted booted = trial.boot(probe("call_waits", 6));
  Sequence sequence(booted.seed);
  Callee callee(booted.seed);
  callee.fill(sequence);
  const std::string first = all_sixteen(callee.reply_to(kWords));
  callee.reply_to({});
  const std::string third = all_sixteen(callee.reply_to(kWords));
  const std::string fourth = all_sixteen(callee.reply_to(kWords));
  expect_answers(trial, booted,
                 {{"caller_done_early", "0"},
                  {"another_call", "busy"},
                  {"others_call", "busy"},
                  {"call_to_a_caller", "busy"},
                  {"caller", "ok"},
                  {"reply_to_the_caller", first},
                  {"afterwards", "ok"},
                  {"reply_afterwards", third},
                  {"calls", "3"},
                  {"reply_to_the_last", fourth}});
  expect_events(trial, booted, kOfCalls,
                {{Event::calls, 1}, {Event::upcalled_lrpc, 0}, {Event::asks},  // and is told busy
                 {Event::calls, 2}, {Event::returns, 2},                       // that it is busy
                 {Event::asks},  // a caller, which is busy
                 {Event::tells},    {Event::told, 0},          {Event::returns, 1},
                 {Event::asks},     {Event::upcalled_lrpc, 0}, {Event::told, 0},
                 {Event::asks},     {Event::upcalled_lrpc, 0}, {Event::told, 0},
                 {Event::calls, 3}, {Event::upcalled_lrpc, 0}, {Event::tells},
                 {Event::told, 0},  {Event::returns, 3}});
}

LAB_TEST(calls, a_callee_that_runs_keeps_its_own_turns, "qemu-icount") {
  const Booted booted = trial.boot(probe("call_to_a_runnable", 6));
  constexpr unsigned kCalls = 5000;
  Sequence sequence(booted.seed);
  Callee callee(booted.seed);
  callee.fill(sequence);
  Callee::Words words = kWords;
  for (unsigned call = 0; call < kCalls; ++call) words = callee.reply_to(words);
  expect_answers(trial, booted,
                 {{"failed", "0"}, {"last_reply", all_sixteen(words)}, {"calls", "5000"}});
  lab::expect_times(trial, booted, {Event::upcalled_lrpc, 0}, kCalls, kCalls);
  const std::string rounds = booted.transcript.answers.at("rounds");
  if (std::stoull(rounds) < 100'000)
    trial.wrong("100000 rounds of the callee's loop or more", rounds);
}

LAB_TEST(calls, a_death_in_a_call_ends_no_other_dispatcher, "qemu-icount") {
  const Booted booted = trial.boot(probe("call_deaths", 6));
  Sequence sequence(booted.seed);
  Callee callee(booted.seed);
  callee.fill(sequence);
  callee.reply_to(kWords);  // to the caller that has ended
  callee.reply_to({});
  expect_answers(trial, booted,
                 {{"callee_faults", "peer_gone"},
                  {"callee_ends", "peer_gone"},
                  {"after_the_caller_ended", "ok"},
                  {"reply", all_sixteen(callee.reply_to(kWords))}});
  expect_events(trial, booted, kOfCalls,
                {{Event::calls, 1},
                 {Event::upcalled_lrpc, 0},
                 {Event::faults, 0},
                 {Event::returns, 1},
                 {Event::calls, 3},
                 {Event::upcalled_lrpc, 2},
                 {Event::ends, 2},
                 {Event::returns, 3},
                 {Event::calls, 5},
                 {Event::upcalled_lrpc, 4},
                 {Event::ends, 5},
                 {Event::tells},
                 {Event::told, 4},
                 {Event::asks},
                 {Event::upcalled_lrpc, 4},
                 {Event::told, 4},
                 {Event::asks},
                 {Event::upcalled_lrpc, 4},
                 {Event::told, 4}});
}
