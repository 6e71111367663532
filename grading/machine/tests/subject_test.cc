// subject_test.cc — an untrusted program gets a verdict and does the grader no harm.

#include "machine/subject.hh"

#include <criterion/criterion.h>

#include <chrono>
#include <cstdlib>

#include "places.hh"

using namespace sprat::grading;

namespace {

SubjectConfig quick() {
  SubjectConfig config;
  config.program = places::subject();
  config.cpu_seconds = 2;
  config.answer_seconds = 1.5;
  config.memory_bytes = 200UL << 20;
  return config;
}

void expect(const char* question, Verdict verdict, const SubjectConfig& config = quick()) {
  Subject subject(config);
  const auto answer = subject.ask(question);
  cr_assert(!answer, "%s was answered: %s", question, answer ? answer->c_str() : "");
  cr_assert(subject.verdict() == verdict, "%s: %s instead of %s: %s\n%.500s", question,
            name_of(subject.verdict()).data(), name_of(verdict).data(),
            subject.explanation().c_str(), subject.log().c_str());
  cr_assert(!subject.explanation().empty());
  cr_assert(!subject.ask("hello"), "no process is left to answer");
}

}  // namespace

Test(subject, answers_line_by_line) {
  Subject subject(quick());
  for (const char* question : {"one", "", "three words here"}) {
    const auto answer = subject.ask(question);
    cr_assert(answer && *answer == std::string("you said ") + question, "%s",
              subject.explanation().c_str());
  }
  cr_assert(subject.finish() == Verdict::ok, "%s", subject.explanation().c_str());
}

Test(subject, answers_ten_thousand_questions_in_a_second_or_two) {
  Subject subject(quick());
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i != 10000; ++i) cr_assert(subject.ask("x"));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  cr_assert_lt(took.count(), 20, "took %f s", took.count());
}

Test(subject, long_question_is_sent_whole) {
  const std::string question(500'000, 'q');
  const auto answer = Subject(quick()).ask(question);
  cr_assert(answer && answer->size() == question.size() + 9);
}

Test(subject, overflow_is_a_crash_with_its_place) {
  Subject subject(quick());
  cr_assert(!subject.ask("overflow"));
  cr_assert(subject.verdict() == Verdict::crashed, "%s", subject.explanation().c_str());
  cr_assert_neq(subject.explanation().find("heap-buffer-overflow"), std::string::npos, "%s",
                subject.explanation().c_str());
  cr_assert_neq(subject.log().find("subject_program.cc"), std::string::npos);
}

Test(subject, null_pointer_is_a_crash) { expect("null", Verdict::crashed); }
Test(subject, undefined_behaviour_is_a_crash) { expect("undefined", Verdict::crashed); }
Test(subject, leaving_is_an_early_exit) { expect("exit", Verdict::early_exit); }
Test(subject, spinning_is_a_silent_hang) { expect("spin", Verdict::hang_silent); }
Test(subject, sleeping_is_a_silent_hang) { expect("sleep", Verdict::hang_silent); }
Test(subject, printing_for_ever_is_a_printing_hang) { expect("print", Verdict::hang_printing); }
Test(subject, endless_answer_is_a_flood) { expect("flood", Verdict::flood); }
Test(subject, endless_log_is_a_flood) { expect("flood_log", Verdict::flood); }
Test(subject, growing_for_ever_is_out_of_memory) { expect("grow", Verdict::out_of_memory); }
Test(subject, asking_for_too_much_is_out_of_memory) { expect("too_much", Verdict::out_of_memory); }
Test(subject, closing_its_input_does_not_end_us) { expect("close_input", Verdict::hang_silent); }

Test(subject, processor_time_is_limited) {
  SubjectConfig config = quick();
  config.cpu_seconds = 1;
  config.answer_seconds = 100;
  expect("spin", Verdict::hang_silent, config);
}

Test(subject, line_before_a_question_is_forged) {
  Subject subject(quick());
  const auto first = subject.ask("chatter");
  cr_assert(first && *first == "one");
  cr_assert(!subject.ask("x") && subject.verdict() == Verdict::forged, "%s",
            subject.explanation().c_str());
}

Test(subject, does_not_see_the_seed) {
  setenv("SPRAT_SEED", "42", 1);
  const auto answer = Subject(quick()).ask("look_around");
  cr_assert(answer && *answer == "knows nothing");
}

Test(subject, program_that_is_not_there_is_our_trouble) {
  SubjectConfig config = quick();
  config.program = "/nowhere/subject";
  cr_assert_throw(Subject{config}, MachineError);
}

Test(subject, walls_do_not_change_verdicts, .timeout = 60) {
  for (Wall wall : places::walls()) {
    SubjectConfig config = quick();
    config.wall = wall;
    expect("overflow", Verdict::crashed, config);
    expect("grow", Verdict::out_of_memory, config);
    config.cpu_seconds = 1;
    config.answer_seconds = 100;
    expect("spin", Verdict::hang_silent, config);
  }
}
