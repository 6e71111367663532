// variant.cc — choosing the tests to run, and comparing their verdicts with the declaration.

#include "score/variant.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace sprat::grading {

namespace {

// Of the tests that must pass, so many are run of each kind.
constexpr std::size_t kBystandersOnHost = 3, kBystandersOnMachines = 1;
constexpr std::uint64_t kMutantsPerMachine = 4;  // one of so many is run on a machine in any case

// The same number for the same text on every computer (FNV-1a).
std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0xcbf29ce484222325;
  for (const char byte : text) number = (number ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return number;
}

bool is_on_host(const std::string& name, const Manifest& manifest) {
  const Test* test = manifest.test(name);
  return test && test->machine == "host";
}

bool may_fail(const Variant& variant, const Test& test) {
  return std::any_of(variant.exercises.begin(), variant.exercises.end(),
                     [&](const std::string& exercise) { return test.depends_on(exercise); });
}

bool was_asked_for(const Result& result, const std::string& test) {
  return result.facts.selected.empty() || is_among(result.facts.selected, test);
}

std::vector<std::string> deviations_of_mutant(const Variant& mutant, const Manifest& manifest,
                                              const Result& result) {
  std::vector<std::string> found;
  std::vector<std::string> others;
  bool is_missed = false;
  for (const TestResult& test : result.tests) {
    if (!was_asked_for(result, test.name)) continue;
    const bool must_fail = is_among(mutant.caught_by, test.name);
    if (test.verdict == Verdict::not_run) {
      found.push_back(fmt::format("{} was not run, which is the grader's trouble: {}", test.name,
                                  test.explanation));
    } else if (test.verdict == Verdict::ok) {
      if (must_fail) found.push_back(fmt::format("{} passes, but must catch it", test.name));
      is_missed |= must_fail;
    } else if (!may_fail(mutant, *manifest.test(test.name))) {
      found.push_back(fmt::format("{} fails ({}), but neither belongs to {} nor needs or uses it",
                                  test.name, name_of(test.verdict),
                                  fmt::join(mutant.exercises, " or ")));
    } else if (!must_fail && mutant.exercises.contains(test.exercise)) {
      others.push_back(test.name);
    }
  }
  if (is_missed && !others.empty())
    found.push_back(
        fmt::format("tests of its exercise that fail besides: {}", fmt::join(others, ", ")));
  return found;
}

std::vector<std::string> deviations_of_solution(const Result& result) {
  std::vector<std::string> found;
  for (const TestResult& test : result.tests)
    if (test.verdict != Verdict::ok)
      found.push_back(fmt::format("{} fails ({}), but must not", test.name, name_of(test.verdict)));
  if (result.score == result.max_score) return found;
  found.push_back(fmt::format("loses {} points", result.max_score - result.score));
  for (const CheckpointResult& checkpoint : result.checkpoints)
    if (checkpoint.points != checkpoint.max_points)
      found.back() += fmt::format("; {} gave {} of {}", checkpoint.name, checkpoint.points,
                                  checkpoint.max_points);
  return found;
}

}  // namespace

std::vector<std::string> telling_tests(const Variant& variant, const Manifest& manifest) {
  if (variant.kind != Variant::Kind::mutant) return {};
  std::vector<const Test*> bystanders;
  for (const Test& test : manifest.tests)
    if (!may_fail(variant, test)) bystanders.push_back(&test);
  std::sort(bystanders.begin(), bystanders.end(), [&](const Test* left, const Test* right) {
    const auto number = [&](const Test* test) { return number_of(variant.name + test->name); };
    return number(left) < number(right);
  });
  std::vector<std::string> tests = variant.caught_by;
  const bool machines = !run_on_host(variant.caught_by, manifest) ||
                        number_of(variant.name) % kMutantsPerMachine == 0;
  std::size_t on_host = kBystandersOnHost, on_machines = machines ? kBystandersOnMachines : 0;
  for (const Test* test : bystanders) {
    std::size_t& left = is_on_host(test->name, manifest) ? on_host : on_machines;
    if (left == 0) continue;
    tests.push_back(test->name);
    --left;
  }
  return tests;
}

bool run_on_host(const std::vector<std::string>& tests, const Manifest& manifest) {
  if (tests.empty())
    return std::all_of(manifest.tests.begin(), manifest.tests.end(),
                       [](const Test& test) { return test.machine == "host"; });
  return std::all_of(tests.begin(), tests.end(),
                     [&](const std::string& name) { return is_on_host(name, manifest); });
}

std::vector<std::string> failures(const Result& result) {
  std::vector<std::string> failed;
  for (const TestResult& test : result.tests)
    if (was_asked_for(result, test.name) && test.verdict != Verdict::ok)
      failed.push_back(test.name);
  return failed;
}

std::vector<std::string> deviations(const Variant& variant, const Manifest& manifest,
                                    const Result& result) {
  if (result.facts.verdict != Verdict::ok) {
    std::string text =
        fmt::format("{}: {}", name_of(result.facts.verdict), result.facts.explanation);
    if (!result.facts.build_errors.empty()) text += " First: " + result.facts.build_errors.front();
    return {text};
  }
  if (variant.kind == Variant::Kind::mutant) return deviations_of_mutant(variant, manifest, result);
  return deviations_of_solution(result);
}

}  // namespace sprat::grading
