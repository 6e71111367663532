// sequence.hh — numbers that guest and grader both derive from a boot's seed.

#pragma once

#include <cstdint>

namespace sprat::evidence {

// A sequence of numbers that looks random and that a grader can compute as well: SplitMix64 (Steele, Lea and Flood,
// OOPSLA 2014, figure 17).
class Sequence {
 public:
  constexpr explicit Sequence(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }

 private:
  std::uint64_t state_;
};

}  // namespace sprat::evidence
