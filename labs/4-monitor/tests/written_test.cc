// written_test.cc — exercise 8: the student's own tests accept all right protocols, and catch wrong ones.

#include "written.hh"

#include <algorithm>

using namespace lab;

namespace {

constexpr std::size_t kFewestTests = 3;
constexpr unsigned kRuns = 10;
constexpr double kFewestCaught = 100.0 / 3;  // in percent

std::vector<std::size_t> at_least_three(Trial& trial, Written& written) {
  std::string others;
  auto valid = written.valid_tests(others);
  if (!others.empty()) trial.keep_log("tests", "These count for nothing: " + others);
  if (valid.size() < kFewestTests)
    trial.wrong("three tests or more that accept every right protocol",
                std::to_string(valid.size()) + (others.empty() ? "" : "; " + others),
                written.has_protocols_of_the_course()
                    ? ""
                    : "In your tree, the right protocol is your own: the log shows a run that a "
                      "test rejects.");
  return valid;
}

}  // namespace

LAB_TEST(written, tests_accept_right_protocols, "host") {
  Written written(trial);
  at_least_three(trial, written);
}

LAB_TEST(written, tests_catch_wrong_protocols, "host") {
  Written written(trial);
  std::vector<std::size_t> valid = at_least_three(trial, written);
  std::vector<Protocol> protocols = written.wrong();
  // A test must not know which ones are right from the order in which they come.
  protocols.insert(protocols.end(), written.right().begin(), written.right().end());
  std::ranges::shuffle(protocols, trial.random());
  std::vector<std::optional<std::size_t>> catchers;  // of each wrong protocol, the first
  for (const Protocol& protocol : protocols) {
    std::optional<std::size_t> caught_by;
    for (const std::size_t test : std::vector(valid)) {
      const auto finding = written.play(test, protocol, kRuns);
      const bool is_wrong = finding == Written::Finding::wrong;
      if (finding == Written::Finding::broken || (is_wrong && protocol.is_right))
        std::erase(valid, test);
      if (!is_wrong || protocol.is_right) continue;
      caught_by = test;
      break;
    }
    if (!protocol.is_right) catchers.push_back(caught_by);
  }
  if (valid.size() < kFewestTests)
    trial.wrong("three tests or more that accept every right protocol, and end on wrong ones too",
                std::to_string(valid.size()));
  const auto caught = std::ranges::count_if(catchers, [&](std::optional<std::size_t> test) {
    return test && std::ranges::find(valid, *test) != valid.end();
  });
  const double share = 100.0 * static_cast<double>(caught) / static_cast<double>(catchers.size());
  trial.value("wrong_protocols_caught", share);
  if (share < kFewestCaught)
    trial.wrong("a third of " + std::to_string(catchers.size()) + " wrong protocols are caught",
                std::to_string(caught));
}
