// score.hh — from evidence to points: pure logic, no files, no clock.

#pragma once

#include <map>
#include <string>

#include "score/manifest.hh"
#include "score/record.hh"
#include "score/result.hh"
#include "score/tap_report.hh"

namespace sprat::grading {

using Report = std::map<std::string, ReportedTest>;

// Judges a run. A test has its points exactly when the tests ran to the end (facts.verdict is ok),
// the report says it passed and its record says ok; the worse of the two counts, and a missing one
// is `not_run`. A checkpoint has the points of the first band that holds its value, provided its
// own test and all tests of its exercise and of `needs` passed. Never fails; the score is from 0 to
// the manifest's points, and equal inputs give equal results.
Result score(const Manifest& manifest, const RunFacts& facts, const Report& report,
             const Records& records);

}  // namespace sprat::grading
