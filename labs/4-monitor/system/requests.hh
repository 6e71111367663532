// requests.hh — the requests of the programs of a test (programs/) to the monitors of the test (main.cc). No other part of a monitor knows
// them. Words: kTestRequest, TestRequest.

#pragma once

#include <cstdint>

namespace sprat::probe {

inline constexpr std::uint64_t kTestRequest = 47;

enum class TestRequest : std::uint8_t {
  lines,  // gives how many lines this monitor has posted to others for channels and processes
  ports,  // gives the capability to all ports
};

}  // namespace sprat::probe
