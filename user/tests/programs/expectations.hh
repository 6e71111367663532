// expectations.hh — the expectations of a program of the tests, and the first one that did not hold.

#pragma once

#include <cstdint>

#include "sprat/result.hh"
#include "sprat/system_call.hh"

namespace sprat {

struct FailedExpectation {
  std::uint64_t line = 0, expected = 0, came = 0;
};
inline constinit FailedExpectation failure{};  // line 0: none

inline void expect(std::uint64_t line, std::uint64_t expected, std::uint64_t came) {
  if (expected != came && failure.line == 0) failure = {line, expected, came};
}
template <class T>
std::uint64_t status(const Result<T>& result) {
  return result ? kStatusOk : status_of(result.error());
}

#define EXPECT_EQ(expected, came) expect(__LINE__, std::uint64_t(expected), std::uint64_t(came))
#define EXPECT_OK(result) EXPECT_EQ(kStatusOk, status(result))
#define EXPECT_ERROR(error, result) EXPECT_EQ(status_of(Error::error), status(result))

}  // namespace sprat
