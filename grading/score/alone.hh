// alone.hh — the points of an exercise of a submission by itself: its tests once more, in a tree that has the
// reference's code in all other exercises.
//
// From such a run a student may learn the worth of an exercise, and nothing of the reference: code that
// is compiled beside the reference can print it, or answer with it. So logs, reports and records go to a folder that
// only the grader sees and that is gone afterwards. Verdicts come out of it, and bands instead of values.
//
// An exercise is tried whether or not another one has failed. Then a submission gains nothing by breaking another exercise
// on purpose: the points that it wins by itself do not depend on that one.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "score/grading.hh"
#include "score/submission.hh"

namespace sprat::grading {

// Returns the tests that can win points for their exercise when they run again, by exercise: tests that did not pass,
// and tests of checkpoints that have not all their points. None of an exercise that is unanswered, and none that was
// not asked for.
std::map<std::string, std::vector<std::string>> tests_to_try_alone(const Result& whole);

// Tries each exercise of `whole` that can win points. Throws SetupError, with nothing in it that the submission said, when something else than the submission is at fault.
std::vector<Alone> try_alone(const Grading& grading, const Manifest& manifest, const Result& whole,
                             const Submission& submission);

}  // namespace sprat::grading
