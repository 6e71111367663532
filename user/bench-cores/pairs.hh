// pairs.hh — work without communication, after NAS's kernel EP: pairs of random numbers become pairs of Gaussian deviates, which are
// counted by their size. Each part of it has pairs of its own; a sum at the end makes one result of all.
//
// Source: Bailey et al., "The NAS Parallel Benchmarks", RNR-94-007, section 2.2. Its numbers come from a congruential generator in
// which any place of the sequence is reached in few steps.

#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace sprat::bench {

inline constexpr std::uint64_t kPairs = 1 << 16;
// Deviates of a size in [i, i + 1) are counted in element i. None of ours is larger than that.
using Sizes = std::array<std::uint64_t, 5>;

// The sequence of numbers x(n) = 5^13 · x(n - 1) mod 2^46.
class RandomSequence {
 public:
  // Stands before number `place` of the sequence.
  explicit RandomSequence(std::uint64_t place) {
    for (std::uint64_t factor = kFactor; place != 0; place >>= 1, factor = modulo(factor * factor))
      if (place & 1) state_ = modulo(state_ * factor);
  }

  // Returns the next number, between -1 and 1.
  double next() {
    state_ = modulo(state_ * kFactor);
    return static_cast<double>(static_cast<std::int64_t>(state_)) * 0x1p-45 - 1;
  }

 private:
  static constexpr std::uint64_t kFactor = 1'220'703'125;
  static constexpr std::uint64_t modulo(std::uint64_t number) {
    return number & ((1ull << 46) - 1);
  }

  std::uint64_t state_ = 271'828'183;
};

// Returns ln(x) for a normal x in (0, 1]: x is m · 2^e with m near 1, and ln(m) = 2 · artanh((m - 1) / (m + 1)).
inline double logarithm(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const auto exponent = static_cast<std::int64_t>(bits >> 52) - 1023;
  const double m = std::bit_cast<double>((bits & 0x000f'ffff'ffff'ffff) | 0x3ff0'0000'0000'0000);
  const double s = (m - 1) / (m + 1), square = s * s;
  double sum = 0;
  for (int i = 21; i > 0; i -= 2) sum = sum * square + 1.0 / i;
  return 2 * s * sum + static_cast<double>(exponent) * 0.693147180559945309;
}

// Counts the deviates of part `part` of `parts` equal parts of all pairs.
inline Sizes count_pairs(std::uint64_t part, std::uint64_t parts) {
  const std::uint64_t first = kPairs * part / parts, last = kPairs * (part + 1) / parts;
  RandomSequence sequence(2 * first);
  Sizes counted{};
  for (std::uint64_t i = first; i < last; ++i) {
    const double x = sequence.next(), y = sequence.next(), t = x * x + y * y;
    if (t > 1 || t == 0) continue;
    const double larger = x * x > y * y ? x * x : y * y;
    const double square = larger * (-2 * logarithm(t) / t);
    std::size_t size = 0;
    while (size + 1 < counted.size() && square >= static_cast<double>((size + 1) * (size + 1)))
      ++size;
    ++counted[size];
  }
  return counted;
}

// One number of all counts.
inline std::uint64_t result_of(const Sizes& counted) {
  std::uint64_t result = 0;
  for (const std::uint64_t count : counted) result = result * 65'537 + count;
  return result % 1'000'000'007;
}

}  // namespace sprat::bench
