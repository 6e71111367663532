// core_spaces.hh — the address spaces of all cores of a machine that stands still, walked from outside of it.

#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "lab/page_walk.hh"
#include "lab/trial.hh"

namespace lab {

struct CoreSpace {
  sprat::grading::Registers cpu;
  AddressSpaceMap map;
  // The words that the probe on this core has left behind (../probe/cores.cc).
  std::uint64_t nonce, core_id, apic_id, word;
};

struct CoreSpaces {
  std::vector<CoreSpace> cores;
  std::map<std::string, std::string> answers;
  std::uint64_t seed;
};

// Boots a machine of `cpus` cores, lets the probe start them, and looks.
CoreSpaces look_at_cores(sprat::grading::Trial& trial, unsigned cpus);

// Pages of 4 KiB, by frame number, that are writable in the space of more than one of the cores; devices do not count.
std::vector<std::uint64_t> frames_writable_twice(const CoreSpaces& spaces);

inline constexpr std::uint64_t kKernelHalf = 0xffff800000000000;
inline constexpr std::uint64_t kKernelImage = 0xffffffff80000000;
inline constexpr unsigned kMemoryMib = 64;

}  // namespace lab
