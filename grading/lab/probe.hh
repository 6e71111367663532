// probe.hh — asking the booted system by a program in the place of the monitor (grading/probe), and its right answers.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "guest/sequence.hh"
#include "lab/trial.hh"

namespace lab {

using sprat::evidence::Sequence;

// A system with one core whose first process is the probe. Time goes 2^slowness times as fast as instructions do, so that a
// turn of 10 ms ends after so many fewer instructions.
inline constexpr unsigned kShortTurns = 10;  // some 10,000 instructions
sprat::grading::Boot probe(const std::string& test, unsigned slowness = 0);

// Fails the test unless each of these keys has this answer.
using Expected = std::vector<std::pair<std::string, std::string>>;
void expect_answers(sprat::grading::Trial& trial, const sprat::grading::Booted& booted,
                    const Expected& expected);

// "0x0000000000000001", as the guest writes addresses; several of them with blanks between.
std::string sixteen(std::uint64_t number);
template <class Numbers>
std::string all_sixteen(const Numbers& numbers) {
  std::string text;
  for (const std::uint64_t number : numbers) text += (text.empty() ? "" : " ") + sixteen(number);
  return text;
}

}  // namespace lab
