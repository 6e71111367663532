// scorecard_test.cc — the scorecard for people, and results for other systems.

#include "score/scorecard.hh"

#include <criterion/criterion.h>

#include <cstdlib>
#include <string>

#include "score/adapters.hh"
#include "score/printable.hh"
#include "score/setup_error.hh"

namespace sprat::grading {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Result mixed_result() {
  Result result;
  result.facts.lab = "toy";
  result.facts.verdict = Verdict::ok;
  result.facts.seed = "0x0000000000001234";
  result.facts.started = "2026-01-02T03:04:05Z";
  result.facts.seconds = 4.2;
  result.lab_number = 7;
  result.title = "Toy";
  result.score = 40;
  result.max_score = 100;
  result.exercises = {{"toy.1", "First steps", 30, 60, false},
                      {"toy.2", "Second steps", 10, 40, true}};
  TestResult good;
  good.name = "one.first";
  good.exercise = "toy.1";
  good.verdict = Verdict::ok;
  good.points = good.max_points = 30;
  good.seconds = 0.31;
  TestResult bad;
  bad.name = "one.second";
  bad.exercise = "toy.1";
  bad.verdict = Verdict::wrong_answer;
  bad.max_points = 30;
  bad.checks =
      "a sentence that is long enough to need a second line of the card, and then a little more of "
      "it";
  bad.expected = "forty-two";
  bad.came = "\x1b[2Jforty\x07\nthree";
  bad.log = "logs/one.second.log";
  bad.line = 12;
  bad.explanation = "Compare.";
  bad.hint = "look, at: 100%";
  bad.handout = "handouts/7-toy.md#exercise-1";
  result.tests = {good, bad};
  CheckpointResult steps;
  steps.name = "steps";
  steps.exercise = "toy.2";
  steps.test = "measure.steps";
  steps.value = 12345;
  steps.unit = "steps";
  steps.reference = 100;
  steps.band = "within 3.00x";
  steps.points = 10;
  steps.max_points = 40;
  result.checkpoints = {steps};
  return result;
}

}  // namespace

Test(scorecard, shows_points_times_values_and_reasons) {
  const std::string card = scorecard(mixed_result(), {false, "build/grade/toy"});
  for (const char* part :
       {"Lab 7 toy: Toy", "0.31 s  30 / 30", "FAILED one.second", "12,345", "within 3.00x",
        "expected   forty-two", "build/grade/toy/logs/one.second.log:12",
        "handouts/7-toy.md#exercise-1", "40 / 100 points", "T=one.second SEED=0x0000000000001234"})
    cr_expect(contains(card, part), "no `%s` in\n%s", part, card.c_str());
}

Test(scorecard, fits_80_columns_and_sends_nothing_to_the_terminal_but_text) {
  const std::string card = scorecard(mixed_result(), {false, "out"});
  std::size_t column = 0;
  for (const char character : card) {
    column = character == '\n' ? 0 : column + 1;
    cr_assert(column <= 80, "a line is too long:\n%s", card.c_str());
    cr_assert(character == '\n' || (character >= ' ' && character <= '~'), "byte %d", character);
  }
  cr_assert(contains(card, "\\x1b[2Jforty\\x07"));
}

Test(scorecard, breaks_evidence_that_is_too_wide_and_loses_none_of_it) {
  Result result = mixed_result();
  result.tests[1].came.clear();
  for (int i = 0; i < 30; ++i) result.tests[1].came += "word" + std::to_string(i) + " ";
  const std::string card = scorecard(result, {false, "out"});
  for (int i = 0; i < 30; ++i)
    cr_expect(contains(card, "word" + std::to_string(i)), "%s", card.c_str());
}

Test(scorecard, has_colours_only_when_asked) {
  cr_assert(contains(scorecard(mixed_result(), {true, "out"}), "\x1b[32m"));
  cr_assert(!contains(scorecard(mixed_result(), {false, "out"}), "\x1b"));
  setenv("TERM", "xterm", 1);
  setenv("NO_COLOR", "1", 1);
  cr_assert(!wants_colours(1));
}

Test(scorecard, of_a_failed_build_shows_the_first_errors_instead_of_tests) {
  Result result = mixed_result();
  result.facts.verdict = Verdict::link_failed;
  result.facts.build_errors = {"a.cc:3: undefined reference to `g()'"};
  const std::string card = scorecard(result, {false, "out"});
  cr_assert(contains(card, "link_failed"));
  cr_assert(contains(card, "undefined reference to `g()'"));
  cr_assert(!contains(card, "one.second"));
}

Test(scorecard, of_a_selection_speaks_of_its_points) {
  Result result = mixed_result();
  result.facts.selected = {"one.first"};
  result.score = 30;
  const std::string card = scorecard(result, {false, "out"});
  cr_assert(contains(card, "30 of 30 points of these tests"), "%s", card.c_str());
  cr_assert(!contains(card, "one.second"));
}

Test(printable, spells_out_terminal_control_codes) {
  cr_expect_eq(printable("a\x1b"
                         "b\x7f\t.",
                         80, 1),
               "a\\x1bb\\x7f .");
  cr_expect_eq(printable("\xc2\x9b"
                         "31m",
                         80, 1),
               "\\x9b31m");
  cr_expect_eq(printable("caf\xc3\xa9", 80, 1), "caf\xc3\xa9");
  cr_expect_eq(printable("0123456789", 8, 1), "01234...");
  cr_expect_eq(printable("a\nb\nc", 80, 2), "a\nb ...");
  cr_expect_eq(printable("a\n\n", 80, 1), "a");
}

Test(adapters, give_gradescope_a_score_and_a_text_per_test) {
  const std::string text = adapt("gradescope", mixed_result());
  cr_expect(contains(text, R"("score": 40,)"), "%s", text.c_str());
  cr_expect(
      contains(text, R"({"name": "one.first", "score": 30, "max_score": 30, "status": "passed")"));
  cr_expect(
      contains(text, R"({"name": "steps", "score": 10, "max_score": 40, "status": "failed")"));
  cr_expect(contains(text, R"(came:     \\x1b[2Jforty\\x07\nthree)"));
}

Test(adapters, give_autolab_one_line_with_the_points_of_each_exercise) {
  cr_expect_eq(adapt("autolab", mixed_result()), "{\"scores\": {\"toy.1\": 30, \"toy.2\": 10}}\n");
}

Test(adapters, give_classroom50_the_form_of_its_runner) {
  cr_assert_throw(adapt("classroom50", mixed_result()), SetupError);
  setenv("CLASSROOM", "os", 1);
  setenv("ASSIGNMENT", "boot", 1);
  setenv("SUBMISSION_TAG", "submit/1", 1);
  setenv("COMMIT_URL", "https://example.org/commit/1", 1);
  setenv("RELEASE_URL", "https://example.org/releases/1", 1);
  const std::string text = adapt("classroom50", mixed_result());
  for (const char* part :
       {R"("schema": "classroom50/result/v1")", R"("classroom": "os")",
        R"("review": "https://example.org/commit/1")", R"("datetime": "2026-01-02T03:04:05Z")",
        R"("max-score": 100)",
        R"({"test-name": "one.second", "passed": false, "score": 0, "max-score": 30})"})
    cr_expect(contains(text, part), "no `%s` in\n%s", part, text.c_str());
}

Test(adapters, give_github_annotations_that_cannot_be_ended_early) {
  const std::string text = adapt("github", mixed_result());
  cr_expect(text.starts_with("::error title=one.second::a sentence"));
  cr_expect(contains(text, "forty\\x07%0Athree"), "%s", text.c_str());
  cr_expect(contains(text, "look, at: 100%25"));
  cr_expect(contains(text, "::notice title=Score::40 / 100\n"));
}

Test(adapters, give_github_a_table) {
  const std::string text = adapt("github-summary", mixed_result());
  cr_expect(contains(text, "## Lab 7 toy: 40 / 100"));
  cr_expect(contains(text, "| **failed** | one.second | 0 / 30 |"));
}

Test(adapters, and_scorecard_show_terminal_control_codes_as_text) {
  constexpr const char* kHostile =
      "\x1b]0;owned\x07\x1b[2J\xc2\x9b"
      "2J\x08\r\n::error::<img src=x>|";
  Result result = mixed_result();
  for (TestResult& test : result.tests)
    for (std::string* text : {&test.explanation, &test.expected, &test.came}) *text = kHostile;
  for (CheckpointResult& checkpoint : result.checkpoints) checkpoint.explanation = kHostile;
  Result broken = result;
  broken.facts.verdict = Verdict::build_failed;
  broken.facts.explanation = kHostile;
  broken.facts.build_errors = {kHostile, kHostile};
  for (const char* name :
       {"CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL"})
    setenv(name, "x", 1);
  for (const Result& one : {result, broken}) {
    std::vector<std::string> texts = {scorecard(one, {})};
    for (const char* adapter : {"gradescope", "autolab", "classroom50", "github", "github-summary"})
      texts.push_back(adapt(adapter, one));
    for (const std::string& text : texts) {
      cr_expect(std::none_of(text.begin(), text.end(),
                             [](unsigned char byte) {
                               return (byte < 0x20 && byte != '\n') || byte == 0x7f || byte == 0x9b;
                             }),
                "%s", text.c_str());
      cr_expect(!contains(text, "\\u001b"), "a reader of JSON would show it: %s", text.c_str());
      cr_expect(!contains(text, "\n::error::<img"), "%s", text.c_str());
    }
    cr_expect(contains(texts[1], R"("output_format": "text")"));
    cr_expect(!contains(texts[5], "<img"), "%s", texts[5].c_str());
  }
}

Test(adapters, know_their_names) { cr_assert_throw(adapt("moodle", mixed_result()), SetupError); }

Test(scorecard, shows_bytes_of_other_encodings_as_numbers) {
  cr_expect_eq(printable("Gr\xf6\xdf"
                         "e",
                         80, 1),
               "Gr\\xf6\\xdfe");
  cr_expect_eq(printable("\xb4\xae\xbf\xda", 80, 1), "\\xb4\\xae\\xbf\\xda");
  cr_expect_eq(printable("\xe6\xb3\xa8 \xc3\xbc \xf0\x9f\x90\x9f", 80, 1),
               "\xe6\xb3\xa8 \xc3\xbc \xf0\x9f\x90\x9f");
  cr_expect_eq(printable("\xe6\xb3", 80, 1), "\\xe6\\xb3");
}

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++times;
  return times;
}

// Sixty tests that fail, of nine exercises, with a lot to tell.
Result ruin() {
  Result result = mixed_result();
  const TestResult bad = result.tests[1];
  result.tests.clear();
  result.exercises.clear();
  for (int exercise = 1; exercise <= 9; ++exercise)
    result.exercises.push_back({"toy." + std::to_string(exercise), "Steps", 0, 11, false});
  for (int i = 0; i < 60; ++i) {
    result.tests.push_back(bad);
    result.tests.back().name = "all.test_" + std::to_string(i);
    result.tests.back().exercise = "toy." + std::to_string(1 + i % 9);
  }
  return result;
}

}  // namespace

Test(scorecard, tells_all_of_three_failures_and_one_line_of_the_others) {
  Result result = ruin();
  for (TestResult& test : result.tests) test.fails_after = {"toy.1"};
  result.tests[50].fails_after.clear();
  const std::string card = scorecard(result, {false, "out"});
  cr_expect_eq(count(card, "make test-one LAB=toy T=all"), 3U, "%s", card.c_str());
  cr_expect(contains(card, "T=all.test_50 "), "the one that needs no other comes first");
  cr_expect(contains(card, "exercise 1, which fails as well"), "%s", card.c_str());
  cr_expect(contains(card, "57 more;") && contains(card, "after exercise 1"), "%s", card.c_str());
}

Test(scorecard, of_a_starter_fits_on_two_screens_and_names_waiting_tests) {
  Result result = ruin();
  for (TestResult& test : result.tests) {
    test.verdict = Verdict::not_run;
    test.waits_for = {test.exercise};
  }
  for (ExerciseResult& exercise : result.exercises) exercise.answered = false;
  result.checkpoints[0].waits_for = {"toy.2"};
  std::string card = scorecard(result, {false, "out"});
  cr_expect(count(card, "\n") <= 48, "%zu lines:\n%s", count(card, "\n"), card.c_str());
  cr_expect(contains(card, "not answered yet: 7 tests") && contains(card, "1 checkpoint waits"));
  cr_expect(!contains(card, "FAILED"));

  result.exercises[0].answered = true;
  for (TestResult& test : result.tests)
    if (test.exercise == "toy.1") test.waits_for = {"toy.5", "toy.6"};
  card = scorecard(result, {false, "out"});
  cr_expect(contains(card, "7 tests wait for exercises 5, 6"), "%s", card.c_str());
}

Test(scorecard, says_which_points_an_exercise_has_by_itself) {
  Result result = mixed_result();
  result.tests[1].alone = true;
  result.tests[1].points = 30;
  result.exercises[0].explanation = "Right by itself; it failed only because of exercise 2: +30.";
  result.tree_score = 40;
  result.score = 70;
  const std::string card = scorecard(result, {false, "out"});
  for (const char* part : {"alone  one.second", "Right by itself", "70 / 100 points",
                           "40 points of this tree as a whole, 30 more"})
    cr_expect(contains(card, part), "no `%s` in\n%s", part, card.c_str());
  cr_expect(!contains(card, "make test-one"), "it is not told as a failure");
}

Test(scorecard, has_one_line_for_each_request_and_for_equal_ones_in_a_row) {
  Result result = mixed_result();
  result.tests[1].explanation = "The last requests:\nmap 1\nmap 2\nmap 2\nmap 2";
  result.tests[1].console = "panic: no memory";
  const std::string card = scorecard(result, {false, "out"});
  cr_expect(contains(card, "\n             map 1\n             map 2 (3 times)\n"), "%s",
            card.c_str());
  cr_expect(contains(card, "console    panic: no memory"), "%s", card.c_str());
}

Test(scorecard, of_a_selection_has_rows_that_add_up) {
  Result result = mixed_result();
  result.facts.selected = {"one.first"};
  const std::string card = scorecard(result, {false, "out"});
  cr_expect(contains(card, " 30 / 30\n  ok     one.first"), "%s", card.c_str());
}

Test(scorecard, of_a_crash_has_a_command_for_gdb_that_can_be_pasted) {
  Result result = mixed_result();
  result.tests[1].questions = "logs/one.second.questions.log";
  const std::string card = scorecard(result, {false, "out", "kernel"});
  cr_expect(contains(card, " -ex 'run <out/logs/one.second.questions.log' kernel/subject-toy\n"),
            "%s", card.c_str());
  cr_expect(!contains(scorecard(result, {false, "o'ut", "kernel"}), "gdb"), "it would not work");
}

}  // namespace sprat::grading
