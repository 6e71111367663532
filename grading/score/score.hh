// score.hh — from evidence to points: pure logic, no files, no clock.

#pragma once

#include <map>
#include <optional>
#include <string>

#include "score/manifest.hh"
#include "score/record.hh"
#include "score/result.hh"
#include "score/tap_report.hh"

namespace sprat::grading {

using Report = std::map<std::string, ReportedTest>;

// Judges a run. A test passes exactly when the tests ran to the end (facts.verdict is ok), the report says it passed and
// its record says ok; the worse of the two counts, and a missing one is `not_run`. It has its points when it passes, or
// passed with the reference's code in all other exercises (facts.alone).
//
// A checkpoint has the points of the first band that holds its value, provided its own test and all tests of its exercise
// and of `needs` passed; or, by itself, of the band in facts.alone, provided each test of its exercise has its points.
// The better one counts.
//
// Never fails; the score is from 0 to the manifest's points, and equal inputs give equal results.
Result score(const Manifest& manifest, const RunFacts& facts, const Report& report,
             const Records& records);

// Returns the first band that holds the value; nothing when it is outside of all.
std::optional<std::size_t> band_of(const Checkpoint& checkpoint, double value);

// How one test ended, by the same two witnesses.
Verdict verdict_of(const std::string& test, const RunFacts& facts, const Report& report,
                   const Records& records);

}  // namespace sprat::grading
