// files_test.cc — reports, records, build logs and results: their contents are read, and no garbage
// does harm.

#include "score/files.hh"

#include <criterion/criterion.h>

#include <cstdlib>
#include <random>
#include <string>

#include "score/build_log.hh"
#include "score/json_files.hh"
#include "score/record.hh"
#include "score/setup_error.hh"
#include "score/tap_report.hh"
#include "score/tests/toy_lab.hh"

namespace sprat::grading {
namespace {

constexpr int kFileRounds = 3000;

// As Criterion 2.4.1 writes it.
constexpr const char* kTap = R"(TAP version 13
1..7
# Criterion v2.4.1
#
# Running 7 tests from uart
ok - uart::skipped  # SKIP not now
not ok - uart::signal unexpected signal after t.cc:9
ok - uart::good  (0.15s)
not ok - uart::bad  (0.01s)
  ---
  assertions: 2
  failures:
  - t.cc:7: |+
      Assertion failed: expected <3> & "came" 4
      ok - uart::bad  (0.00s)
  - t.cc:8: |+
      Assertion failed: second
  ...
not ok - uart::late timed out (1.01s)
)";

constexpr const char* kRecord =
    R"({"test": "uart.bad", "verdict": "panic", "expected": "a", "came": "b",
  "log": "logs/uart.bad.log", "line": 7, "values": {"steps": 12.5}, "extra": [1]})";

// Text with some bytes changed, removed or repeated.
std::string damaged(std::string text, std::mt19937& random) {
  for (unsigned edits = 1 + random() % 8; edits > 0 && !text.empty(); --edits) {
    const std::size_t at = random() % text.size();
    switch (random() % 4) {
      case 0: text[at] = static_cast<char>(random()); break;
      case 1: text.erase(at, random() % 20); break;
      case 2: text.insert(at, text.substr(at, random() % 20)); break;
      case 3: text.resize(at); break;
    }
  }
  return text;
}

}  // namespace

Test(tap, is_read_line_by_line) {
  const auto report = parse_tap(kTap);
  cr_assert_eq(report.size(), 5U);
  cr_expect_eq(report.at("uart.skipped").outcome, Outcome::skipped);
  cr_expect_eq(report.at("uart.signal").outcome, Outcome::crashed);
  cr_expect_eq(report.at("uart.good").outcome, Outcome::passed);
  cr_expect_float_eq(report.at("uart.good").seconds, 0.15, 1e-9);
  cr_expect_eq(report.at("uart.bad").outcome, Outcome::failed,
               "an indented line is a message, never a test");
  cr_expect_eq(report.at("uart.bad").detail,
               "expected <3> & \"came\" 4\nok - uart::bad  (0.00s)\nsecond");
  cr_expect_eq(report.at("uart.late").outcome, Outcome::timed_out);
  cr_expect_float_eq(report.at("uart.late").seconds, 1.01, 1e-9);
}

Test(tap, counts_the_worse_of_two_lines_about_a_test) {
  cr_expect_eq(parse_tap("not ok - a::b  (0.00s)\nok - a::b  (0.00s)\n").at("a.b").outcome,
               Outcome::failed);
  cr_expect_eq(parse_tap("ok - a::b  (0.00s)\nnot ok - a::b  (0.00s)\n").at("a.b").outcome,
               Outcome::failed);
}

Test(tap, survives_damage) {
  const unsigned seed = test_seed();
  std::mt19937 random(seed);
  for (int round = 0; round < kFileRounds; ++round)
    for (const auto& [name, test] : parse_tap(damaged(kTap, random))) {
      cr_assert(name.find('.') != std::string::npos, "seed %u", seed);
      cr_assert(test.seconds >= 0 && test.detail.size() <= 2100, "seed %u", seed);
    }
}

Test(records, are_read_without_their_optional_keys) {
  std::string why;
  const auto record = parse_record(kRecord, why);
  cr_assert(record, "%s", why.c_str());
  cr_expect_eq(record->verdict, Verdict::panic);
  cr_expect_eq(record->line, 7);
  cr_expect_float_eq(record->values.at("steps"), 12.5, 1e-9);
  cr_expect(parse_record(R"({"test": "a.b", "verdict": "ok"})", why));
}

Test(records, are_refused_when_they_break_the_schema) {
  for (const char* text : {"", "[]", "{}", R"({"test": "a.b"})", R"({"test": 1, "verdict": "ok"})",
                           R"({"test": "a.b", "verdict": "fine"})",
                           R"({"test": "a.b", "verdict": "ok", "values": {"x": -1}})",
                           R"({"test": "a.b", "verdict": "ok", "values": {"x": "1"}})",
                           R"({"test": "a.b", "verdict": "ok", "line": 1e300})",
                           R"({"test": "a.b", "verdict": "ok", "came": 7})",
                           R"({"test": "a.b", "verdict": "ok"} x)"}) {
    std::string why;
    cr_expect(!parse_record(text, why), "%s", text);
    cr_expect(!why.empty());
  }
}

Test(records, of_a_folder_must_carry_the_name_of_their_file) {
  const ToyLab lab;
  lab.write("out/a.b.json", R"({"test": "a.b", "verdict": "ok"})");
  lab.write("out/a.c.json", R"({"test": "a.b", "verdict": "ok"})");
  lab.write("out/a.d.json", "{");
  lab.write("out/result.json", "{}");
  const Records records = read_records(lab.out());
  cr_assert_eq(records.by_test.size(), 1U);
  cr_assert_eq(records.notes.size(), 2U);
  cr_assert_eq(records.notes[0], "a.c.json is no record: it says it is of a.b");
}

Test(records, survive_damage) {
  const unsigned seed = test_seed();
  std::mt19937 random(seed);
  for (int round = 0; round < kFileRounds; ++round) {
    std::string why;
    const auto record = parse_record(damaged(kRecord, random), why);
    if (!record) continue;
    cr_assert(record->line >= 0, "seed %u", seed);
    for (const auto& [name, value] : record->values) cr_assert(value >= 0, "seed %u", seed);
  }
}

Test(build_log, tells_the_compiler_from_the_linker) {
  const BuildFailure compile = read_build_log(
      "  CXX a.cc\n\x1b[01m\x1b[Ka.cc:3:5:\x1b[m\x1b[K \x1b[01;31m\x1b[Kerror: "
      "\x1b[m\x1b[Kexpected ';'\n"
      "a.S:7: Error: no such instruction: `movz'\nmake: *** [a.o] Error 1\n");
  cr_assert_eq(compile.verdict, Verdict::build_failed);
  cr_assert_eq(compile.errors.size(), 2U);
  cr_assert_eq(compile.errors[1], "a.cc:3:5: error: expected ';'");

  for (const char* link :
       {"/usr/bin/ld: a.o: in function `f':\na.cc:3: undefined reference to `g()'\n"
        "collect2: error: ld returned 1 exit status\n",
        "/usr/bin/ld: a.elf section `.bss' will not fit in region `ram'\n",
        "ld.lld: error: undefined symbol: g()\nclang: error: linker command failed with exit code "
        "1\n"})
    cr_expect_eq(read_build_log(link).verdict, Verdict::link_failed, "%s", link);
}

Test(build_log, of_jobs_that_end_in_any_order_has_the_same_errors) {
  const std::string
      a = "a.cc:9:1: error: no\na.cc:3:1: error: neither\n",
      b = "b.cc:1:1: error: no\n",
      link = "/usr/bin/ld: c.o: in function `f':\n./c.cc:4: undefined reference to `g()'\n";
  const auto errors = read_build_log(a + b + link).errors;
  cr_assert_eq(errors.size(), 3U);
  cr_assert_eq(errors[0], "a.cc:9:1: error: no");
  cr_expect(errors == read_build_log(link + b + a).errors);
  cr_expect(read_build_log(link + link).errors == read_build_log(link).errors);
}

Test(build_log, keeps_the_first_errors_or_the_last_line) {
  std::string log;
  for (int i = 0; i < 50; ++i) log += "a.cc:" + std::to_string(i) + ":1: error: no\n";
  cr_assert_eq(read_build_log(log, 3).errors.size(), 3U);
  cr_assert_eq(read_build_log(log, 3).errors[0], "a.cc:0:1: error: no");
  cr_assert_eq(read_build_log("make: nothing\nsh: make: not found\n\n").errors[0],
               "sh: make: not found");
  cr_assert(read_build_log("").errors.empty());
}

Test(result, is_the_same_after_writing_and_reading) {
  const ToyLab lab;
  Result result;
  result.facts.lab = "toy";
  result.facts.verdict = Verdict::ok;
  result.facts.versions = {{"qemu", "7.2"}};
  result.facts.build_errors = {"a", "b"};
  result.score = 12;
  result.exercises = {{"toy.1", "First", 12, 50, false}};
  result.tests.resize(2);
  result.tests[1].came = "a \"quoted\"\n\tline";
  result.checkpoints.resize(2);
  result.checkpoints[0].value = 12.5;
  const std::string text = to_json(result);
  lab.write("result.json", text);
  cr_assert_eq(to_json(read_result(lab.root() / "result.json")), text);
}

Test(result, is_valid_whatever_bytes_came) {
  const ToyLab lab;
  Result result;
  result.tests.resize(1);
  for (int byte = 0; byte < 256; ++byte) result.tests[0].came += static_cast<char>(byte);
  lab.write("result.json", to_json(result));
  cr_assert(read_result(lab.root() / "result.json").tests[0].came.size() >= 256);
}

Test(result, of_another_schema_is_refused) {
  const ToyLab lab;
  std::string text = to_json(Result{});
  text.replace(text.find("sprat/result/v1"), 15, "sprat/result/v2");
  lab.write("result.json", text);
  cr_assert_throw(read_result(lab.root() / "result.json"), SetupError);
  cr_assert_throw(read_result(lab.root() / "nothing.json"), SetupError);
}

}  // namespace sprat::grading
