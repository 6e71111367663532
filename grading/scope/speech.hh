// speech.hh — the trusted program's report to the scope, by executing words: NOPs that nothing in the guest sees.
//
//   begin k   ring r   nibble nibble   nibble nibble   …   end          k = 0, 1, 2: a piece is said three times
//
// A piece counts when one attempt was executed from `begin` to `end` without an instruction of anything else in between,
// letters taken from the program's own line of text. So an interrupt spoils an attempt, and not what is said; and no other
// code can put words, registers or memory in between.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scope/trust.hh"

namespace sprat::scope {

inline constexpr std::uint16_t kWordBegin = 0x10, kWordRing = 0x20, kWordEnd = 0x30;
inline constexpr std::uint16_t kAttempts = 3;

// The report that one vCPU has received.
class Speech {
 public:
  explicit Speech(const Trust& trust) : trust_(&trust) {}

  // Before each straight line of instructions. In the speech's code, one that is not among the words leads to the next word:
  // a chain of returns from word to word would have none in between.
  void block(std::uint64_t address) {
    if (!trust_->speech().holds(address)) return other_block();
    is_led_ |= !trust_->words().holds(address);
  }
  void other_block() { is_open_ = is_led_ = false; }

  // Before each word of trusted code that is in the speech's code.
  void word(std::uint16_t word);

  // Before the speech reads a letter there.
  void read(std::uint64_t address) {
    if (!trust_->line().holds(address)) is_open_ = false;
  }

  bool is_open() const { return is_open_; }

  struct Report {
    std::string text;             // all pieces, in the order of time
    std::uint64_t pieces = 0;     // that were said
    std::uint64_t spoiled = 0;    // of which no attempt counts
    std::uint64_t differing = 0;  // of which two attempts that count say different things
    std::uint64_t rings = 0;      // bit r: a piece was said in ring r
  };
  Report report() const;

 private:
  void begin(std::uint16_t attempt);
  void end();

  const Trust* trust_;
  bool is_open_ = false;  // an attempt goes on, and counts so far
  bool is_led_ = false;   // to the next word
  std::optional<unsigned> ring_, half_;
  std::string attempt_;
  std::optional<std::string> piece_;  // as the attempts that count said it
  Report report_;
};

}  // namespace sprat::scope
