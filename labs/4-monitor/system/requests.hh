// requests.hh — the requests of the programs of a test (programs/) to the monitors of the test (main.cc). No other part of a monitor knows
// them. Words: kTestRequest, TestRequest, and for an answer a key of 16 letters at most, and a number: the value, or the status of an error.

#pragma once

#include <cstdint>

namespace sprat::probe {

inline constexpr std::uint64_t kTestRequest = 47;

enum class TestRequest : std::uint8_t {
  seed,   // on core 0: gives the number that this boot was given
  value,  // on core 0: answers the grader
  error,  // the same, with the name of an error
  lines,  // gives how many lines this monitor has posted to others for channels and processes
  end,    // on core 0: ends the test
};

inline constexpr std::size_t kMostLettersOfKey = 16;

}  // namespace sprat::probe
