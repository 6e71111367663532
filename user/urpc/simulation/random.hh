// random.hh — numbers that a seed decides.

#pragma once

#include <cstddef>
#include <cstdint>

namespace sprat::simulation {

// A small generator with a good start from any seed (splitmix64, Steele and others, OOPSLA 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return mixed ^ mixed >> 31;
  }
  // From 0 to `end` - 1, which is less than 2^32.
  std::size_t below(std::size_t end) {
    return static_cast<std::size_t>((next() >> 32) * end >> 32);
  }

 private:
  std::uint64_t state_;
};

}  // namespace sprat::simulation
