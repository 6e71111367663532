// chain.hh — work that communicates in each step: conjugate gradients for the equations of a chain of springs, 2·x(i) - x(i-1) - x(i+1) =
// b(i). Each part has a stretch of the chain. After every half of a round all parts add up a sum, and tell their neighbours the ends of
// their stretch:
//
//   part 0          part 1          part 2
//   multiply(beta, residuals beside the stretch)      p = r + beta·p, q = A·p
//   ── sum of p·q ──────────────────────▶ alpha
//   advance(alpha)                                    x += alpha·p, r -= alpha·q
//   ── sum of r·r, ends of r ───────────▶ beta, residuals beside each stretch
//
// After NAS's kernel CG: a fixed number of rounds, and a norm as result.

#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "bench-cores/pairs.hh"

namespace sprat::bench {

inline constexpr std::size_t kSprings = 6 << 10;
inline constexpr unsigned kChainRounds = 15;
inline constexpr std::size_t kMostParts = 8;

// The end of a step, for the others: this stretch's part of a sum, and its outer residuals.
struct StepResult {
  double sum, first, last;
};

class Stretch {
 public:
  // Begins part `part` of `parts`: x is 0, and r is b.
  StepResult begin(std::uint64_t part, std::uint64_t parts) {
    const std::size_t first = kSprings * part / parts;
    size_ = kSprings * (part + 1) / parts - first;
    p_left_ = p_right_ = 0;
    RandomSequence sequence(first);
    for (std::size_t i = 0; i < size_; ++i) {
      x_[i] = p_[i] = q_[i] = 0;
      r_[i] = sequence.next();
    }
    return residuals();
  }

  // The first half of a round; beside the stretch are the residuals `left` and `right`, 0 where the chain ends.
  StepResult multiply(double beta, double left, double right) {
    for (std::size_t i = 0; i < size_; ++i) p_[i] = r_[i] + beta * p_[i];
    p_left_ = left + beta * p_left_;
    p_right_ = right + beta * p_right_;
    double sum = 0, before = p_left_;
    for (std::size_t i = 0; i < size_; ++i) {
      const double after = i + 1 < size_ ? p_[i + 1] : p_right_;
      q_[i] = 2 * p_[i] - before - after;
      sum += p_[i] * q_[i];
      before = p_[i];
    }
    return {sum, 0, 0};
  }

  // The second half.
  StepResult advance(double alpha) {
    for (std::size_t i = 0; i < size_; ++i) {
      x_[i] += alpha * p_[i];
      r_[i] -= alpha * q_[i];
    }
    return residuals();
  }

 private:
  StepResult residuals() const {
    double sum = 0;
    for (std::size_t i = 0; i < size_; ++i) sum += r_[i] * r_[i];
    return {sum, r_[0], r_[size_ - 1]};
  }

  std::size_t size_ = 0;
  double p_left_ = 0, p_right_ = 0;
  std::array<double, kSprings> x_{}, r_{}, p_{}, q_{};
};

// The part of the computation that one core does for all: it makes the next step's arguments of all results.
class Chain {
 public:
  explicit Chain(std::size_t parts) : parts_(parts) {}

  void begun(const std::array<StepResult, kMostParts>& results) {
    results_ = results;
    square_ = sum_of(results);
    beta_ = 0;
  }
  double beta() const { return beta_; }
  double left_of(std::size_t part) const { return part == 0 ? 0 : results_[part - 1].last; }
  double right_of(std::size_t part) const {
    return part + 1 == parts_ ? 0 : results_[part + 1].first;
  }

  void multiplied(const std::array<StepResult, kMostParts>& results) {
    alpha_ = square_ / sum_of(results);
  }
  double alpha() const { return alpha_; }

  void advanced(const std::array<StepResult, kMostParts>& results) {
    results_ = results;
    const double square = sum_of(results);
    beta_ = square / square_;
    square_ = square;
  }

  // One number of the last residual, of which the digits that the order of additions may change are cut off.
  std::uint64_t result() const { return static_cast<std::uint64_t>(square_ * 1'000); }

 private:
  // In the order of the parts, so that it is the same sum in each run.
  double sum_of(const std::array<StepResult, kMostParts>& results) const {
    double sum = 0;
    for (std::size_t i = 0; i < parts_; ++i) sum += results[i].sum;
    return sum;
  }

  std::size_t parts_;
  std::array<StepResult, kMostParts> results_{};
  double square_ = 0, alpha_ = 0, beta_ = 0;
};

}  // namespace sprat::bench
