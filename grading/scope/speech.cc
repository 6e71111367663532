// speech.cc — pieces of text, from words.
#include "scope/speech.hh"

#include <utility>

namespace sprat::scope {

void Speech::word(std::uint16_t word) {
  constexpr std::uint16_t kNibbles = 16, kRings = 4;
  if (!std::exchange(is_led_, false)) {
    is_open_ = false;
    return;
  }
  if (word >= kWordBegin && word < kWordBegin + kAttempts) return begin(word - kWordBegin);
  if (!is_open_) return;
  if (word == kWordEnd) return end();
  if (word >= kWordRing && word < kWordRing + kRings) {
    ring_ = word - kWordRing;
  } else if (word >= kNibbles) {
    is_open_ = false;
  } else if (!half_) {
    half_ = word;
  } else {
    attempt_ += static_cast<char>(*half_ * kNibbles + word);
    half_.reset();
  }
}

void Speech::begin(std::uint16_t attempt) {
  if (attempt == 0) {
    report_ = report();
    ++report_.pieces;
    piece_.reset();
  }
  is_open_ = true;
  ring_.reset();
  half_.reset();
  attempt_.clear();
}

void Speech::end() {
  is_open_ = false;
  if (half_ || !ring_) return;
  report_.rings |= std::uint64_t{1} << *ring_;
  if (!piece_) piece_ = attempt_;
  if (*piece_ != attempt_) ++report_.differing;
}

Speech::Report Speech::report() const {
  Report report = report_;
  if (piece_) report.text += *piece_;
  if (!piece_ && report.pieces != 0) ++report.spoiled;
  return report;
}

}  // namespace sprat::scope
