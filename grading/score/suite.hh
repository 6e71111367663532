// suite.hh — a lab's trusted test binary, run once.

#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "score/grading.hh"
#include "score/job.hh"
#include "score/score.hh"

namespace sprat::grading {

struct SuiteRun {
  std::vector<std::string> only;    // tests; empty: all
  std::filesystem::path artifacts;  // what is tested
  std::filesystem::path results;  // where reports, records and logs go; its folder `logs` is there
  std::string seed, wall;         // as in RunFacts
  std::function<void()> while_it_runs = {};  // see Job
};

// Runs the tests of `grading` and waits. On return there is a report. Throws SetupError or MachineError when there is
// none, or when a test could not be run: then nothing is known of the code under test.
void run_suite(const Grading& grading, const std::string& lab, const SuiteRun& suite);

// Returns the report in a run's folder of results; empty if there is none.
Report report_in(const std::filesystem::path& results);

// Throws SetupError when the grading was interrupted while the job ran.
void stop_if_interrupted(const JobEnd& end, const Job& job);

}  // namespace sprat::grading
