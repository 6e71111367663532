// witness.hh — all that is noted of the trusted program on one vCPU.
#pragma once

#include <cstdint>

#include "scope/passages.hh"
#include "scope/speech.hh"

namespace sprat::scope {

class Witness {
 public:
  explicit Witness(const Trust& trust) : passages_(trust), speech_(trust) {}

  // Before each straight line of instructions.
  void trusted(const TrustedBlock& block) {
    passages_.trusted(block);
    speech_.block(block.begin);
  }
  void untrusted() {
    passages_.untrusted();
    speech_.other_block();
  }
  void word(std::uint16_t word) { speech_.word(word); }

  // After each access to memory, of so many bytes: the speech reads its letters one by one, and from where they are now
  // nothing but the trusted program may write.
  void accessed(const Trust& trust, std::uint64_t address, std::uint64_t physical, unsigned bytes,
                bool is_store) {
    if (speech_.is_open() && !is_store && bytes == 1) {
      speech_.read(address);
      if (trust.line().holds(address)) line_ = {physical - (address - trust.line().begin), 0};
      line_.end = line_.begin + (trust.line().end - trust.line().begin);
    } else if (is_store && !passages_.is_inside() && line_.holds(physical)) {
      ++overwritten_;
    }
  }

  struct Report {
    Speech::Report speech;
    Passages::Intrusions intrusions;
    std::uint64_t overwritten = 0;  // stores of other code into the line that is spoken from
  };
  Report report() const { return {speech_.report(), passages_.intrusions(), overwritten_}; }

 private:
  Passages passages_;
  Speech speech_;
  AddressRange line_;  // in physical memory
  std::uint64_t overwritten_ = 0;
};

}  // namespace sprat::scope
