// waiting.cc — see waiting.hh.

#include "score/waiting.hh"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "score/files.hh"
#include "score/job.hh"
#include "score/setup_error.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

std::vector<std::string> waits_for(const std::string& exercise,
                                   const std::vector<std::string>& needs,
                                   const std::vector<std::string>& unanswered) {
  std::vector<std::string> waits;
  for (const std::string& open : unanswered)
    if (open == exercise || is_among(needs, open)) waits.push_back(open);
  return waits;
}

std::vector<std::string> tests_to_run(const Manifest& manifest,
                                      const std::vector<std::string>& tests,
                                      const std::vector<std::string>& unanswered) {
  std::vector<std::string> run;
  const auto add = [&](const std::string& name, const std::string& exercise,
                       const std::vector<std::string>& needs) {
    const bool asked = tests.empty() || is_among(tests, name);
    if (asked && !is_among(run, name) && waits_for(exercise, needs, unanswered).empty())
      run.push_back(name);
  };
  for (const Test& test : manifest.tests) add(test.name, test.exercise, test.needs);
  for (const Checkpoint& checkpoint : manifest.checkpoints)
    add(checkpoint.test, checkpoint.exercise, checkpoint.needs);
  return run;
}

std::vector<std::string> unanswered_in(const fs::path& tree, const fs::path& script,
                                       const fs::path& logs) {
  if (!fs::exists(tree / ".stage") || !fs::exists(script)) return {};
  Job job;
  job.command.arguments = {fs::absolute(script), fs::absolute(tree)};
  job.log = logs / "unanswered.log";
  job.most_seconds = 60;
  const JobEnd end = run(job);
  const std::string said = read_file(job.log).value_or("");
  if (!end.ok())
    throw SetupError(fmt::format("{} {}:\n{}", script.string(), describe(end, job), said));
  std::vector<std::string> exercises;
  std::istringstream lines(said);
  for (std::string line; std::getline(lines, line);) exercises.push_back(line);
  return exercises;
}

std::string in_words(const std::vector<std::string>& exercises) {
  std::string text = exercises.size() == 1 ? "exercise " : "exercises ";
  for (const std::string& id : exercises)
    text += (&id == &exercises.front() ? "" : ", ") + id.substr(id.rfind('.') + 1);
  return text;
}

}  // namespace sprat::grading
