// calls_test.cc — exercise 8: what came over, by LRPC, in the booted system.

#include <array>

#include "lab/probe.hh"
#include "registers.hh"

using namespace sprat::grading;
using lab::expect_answers, lab::probe, lab::sixteen, lab::Sequence;

LAB_TEST(calls, message_and_badge_arrive_and_the_answer_comes_back, "qemu-icount") {
  const Booted booted = trial.boot(probe("call_message"));
  Sequence sequence(booted.seed);
  const std::uint64_t badges[] = {sequence.next() >> 1 | 1, sequence.next() >> 1 | 1};
  for (unsigned call = 0; call < 6; ++call) {
    std::string arrived = sixteen(badges[sequence.next() % 2]);
    // rax to rbp, then r8 to r15, then flags, as random_registers fills them (probe/worker.cc).
    std::uint64_t r[16];
    for (std::uint64_t& word : r) word = sequence.next();
    for (const unsigned word : {4, 3, 7, 8, 9}) arrived += " " + sixteen(r[word]);
    std::string replied = sixteen(0);
    for (unsigned word = 0; word < 5; ++word) replied += " " + sixteen(sequence.next());
    const std::string number = std::to_string(call);
    trial.expect_equal("badge and words of call " + number, arrived,
                       booted.transcript.answers.at("arrived" + number));
    trial.expect_equal("status and words of the answer to call " + number, replied,
                       booted.transcript.answers.at("replied" + number));
  }
  expect_answers(trial, booted, {{"calls", "6"}});
}

LAB_TEST(calls, a_capability_goes_along_each_way, "qemu-icount") {
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
}

LAB_TEST(calls, refused_calls_say_why_and_reach_nobody, "qemu-icount") {
  const Booted booted = trial.boot(probe("call_refusals"));
  constexpr std::array kQuestions = {"plain ok",
                                     "empty_slot no_capability",
                                     "no_such_slot no_capability",
                                     "a_frame wrong_type",
                                     "a_dispatcher wrong_type",
                                     "no_right_to_call no_rights",
                                     "itself invalid_argument"};
  Sequence sequence(booted.seed);
  std::uint64_t calls = 0;
  for (unsigned number = 0; number < 24; ++number) {
    const std::uint64_t question = sequence.next() % kQuestions.size();
    calls += question == 0 ? 1 : 0;
    expect_answers(trial, booted, {{std::to_string(number), kQuestions[question]}});
  }
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
                  {"reply_to_nobody", "not_found"}});
}

LAB_TEST(calls, a_caller_waits_for_its_answer_and_others_come_later, "qemu-icount") {
  const Booted booted = trial.boot(probe("call_waits", 6));
  expect_answers(trial, booted,
                 {{"caller_done_early", "0"},
                  {"another_call", "busy"},
                  {"others_call", "busy"},
                  {"call_to_a_caller", "busy"},
                  {"caller", "ok"},
                  {"afterwards", "ok"},
                  {"calls", "2"}});
}

LAB_TEST(calls, a_callee_that_runs_keeps_its_own_turns, "qemu-icount") {
  const Booted booted = trial.boot(probe("call_to_a_runnable", 6));
  expect_answers(trial, booted, {{"failed", "0"}, {"calls", "5000"}});
  const std::string rounds = booted.transcript.answers.at("rounds");
  if (std::stoull(rounds) < 100'000)
    trial.wrong("100000 rounds of the callee's loop or more", rounds);
}

LAB_TEST(calls, whoever_dies_in_a_call_takes_nobody_along, "qemu-icount") {
  const Booted booted = trial.boot(probe("call_deaths"));
  expect_answers(trial, booted,
                 {{"callee_faults", "peer_gone"},
                  {"callee_ends", "peer_gone"},
                  {"after_the_caller_ended", "ok"}});
}
