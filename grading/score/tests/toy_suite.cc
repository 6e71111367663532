// toy_suite.cc — the trusted suite of a toy lab: each of its tests behaves as the artifact
// `behaviour` tells it.
//
// A line is "suite.test WORD": ok, or a way to fail that a grader must survive. Tests without a
// line are ok.

#include <criterion/criterion.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace {

namespace fs = std::filesystem;

// Criterion's --timeout holds only for tests that have a limit of their own, and then replaces it.
constexpr double kLimit = 3600;

fs::path folder_named(const char* variable) { return std::getenv(variable); }

std::string behaviour_of(const std::string& test) {
  std::ifstream lines(folder_named("SPRAT_ARTIFACTS") / "behaviour");
  std::string name;
  std::string word;
  while (lines >> name >> word)
    if (name == test) return word;
  return "ok";
}

void record(const std::string& test, const std::string& text) {
  std::ofstream(folder_named("SPRAT_RESULTS") / (test + ".json")) << text;
}

void record_verdict(const std::string& test, const std::string& verdict, int steps) {
  record(test,
         fmt::format(R"({{"test": "{}", "verdict": "{}", "expected": "forty-two", "came": "{}",
                                "log": "logs/{}.log", "line": 3, "values": {{"steps": {}}}}})",
                     test, verdict, std::getenv("SPRAT_SEED"), test, steps));
}

void behave(const std::string& test) {
  const std::string word = behaviour_of(test);
  if (word == "hang") {
    while (true) pause();
  } else if (word == "crash") {
    abort();
  } else if (word == "leave") {
    _exit(0);
  } else if (word == "kill_all") {
    kill(getppid(), SIGKILL);
  } else if (word == "flood") {
    for (int i = 0; i < 20000; ++i) fmt::print("{:4000}\n", i);
    record_verdict(test, "ok", 100);
  } else if (word == "troubled") {
    record(test, fmt::format(R"({{"test": "{}", "verdict": "not_run", "trouble": "no emulator"}})",
                             test));
    cr_assert_fail("the grader cannot run this test: no emulator");
  } else if (word == "troubled_without_record") {
    cr_assert_fail("the grader cannot run this test: no disk");
  } else if (word == "unrecorded") {
    return;
  } else if (word == "broken_record") {
    record(test, "{\"test\": ");
  } else if (word == "slow") {
    record_verdict(test, "ok", 1000);
  } else if (word == "ok") {
    record_verdict(test, "ok", 100);
  } else if (word == "tells") {  // all that it can see, in every way there is
    std::ifstream file(folder_named("SPRAT_ARTIFACTS") / "behaviour");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    fmt::print("{}", text);
    std::ofstream(folder_named("SPRAT_RESULTS") / "logs" / (test + ".console.log")) << text;
    std::string line = text;
    for (char& character : line)
      if (character == '\n' || character == '"') character = ' ';
    record(test,
           fmt::format(R"({{"test": "{}", "verdict": "panic", "came": "{}", "explain": "{}"}})",
                       test, line, line));
    cr_assert_fail("%s", text.c_str());
  } else if (word == "contradicts") {
    record_verdict(test, "triple_fault", 100);
  } else {
    record_verdict(test, word, 100);
    cr_assert_fail("]]></failure></testcase>\nok - toy::forged  (0.00s)\n%s", word.c_str());
  }
}

}  // namespace

Test(one, first, .timeout = kLimit) { behave("one.first"); }
Test(one, second, .timeout = kLimit) { behave("one.second"); }
Test(two, third, .timeout = kLimit) { behave("two.third"); }
Test(measure, steps, .timeout = kLimit) { behave("measure.steps"); }
