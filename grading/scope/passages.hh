// passages.hh — where one vCPU goes from code that is not trusted into the trusted program.
//
// A kernel may enter a program at its entries, and where the program was left: that is all that a program expects of the layer
// below it. A kernel that goes anywhere else has the program do what the program did not decide to do.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_set>
#include <vector>

#include "scope/trust.hh"

namespace sprat::scope {

// A straight line of the trusted program, as QEMU translates it. It can be left in front of each of its instructions (by an
// exception, which may try again), behind its last one, and at the target of a jump that ends it.
struct TrustedBlock {
  std::uint64_t begin = 0;
  std::vector<std::uint64_t> places = {};  // where the program can go on when it was left here
  bool goes_anywhere =
      false;  // its last instruction takes its target from a register or from memory
};

// The places behind a block whose last instruction begins at `last` and consists of `bytes`.
void add_places_behind(TrustedBlock& block, std::uint64_t last,
                       std::span<const std::uint8_t> bytes);

class Passages {
 public:
  explicit Passages(const Trust& trust) : trust_(&trust) {}

  // Before each straight line: it is the trusted program's, or it is not.
  void trusted(const TrustedBlock& block) {
    if (inside_ == nullptr) enter(block.begin);
    inside_ = &block;
  }
  void untrusted() {
    if (inside_ != nullptr) leave();
  }

  bool is_inside() const { return inside_ != nullptr; }

  struct Intrusions {
    std::uint64_t count = 0;
    std::uint64_t first_at = 0;  // where the first one went
  };
  const Intrusions& intrusions() const { return intrusions_; }

 private:
  void enter(std::uint64_t address);
  void leave();

  const Trust* trust_;
  const TrustedBlock* inside_ = nullptr;  // the block executed last, while inside
  std::unordered_set<const TrustedBlock*> left_;
  std::unordered_set<std::uint64_t> places_;
  // Left behind a jump to a target that cannot be read from the instruction, and not entered there yet: outside of the
  // speech, and in it.
  std::uint64_t unknown_ = 0, unknown_in_speech_ = 0;
  Intrusions intrusions_;
};

}  // namespace sprat::scope
