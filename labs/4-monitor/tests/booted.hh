// booted.hh — the booted system, in which the grader's program takes the place of each monitor and of each program (../system).

#pragma once

#include "lab/probe.hh"

namespace lab {

// Boots the system with `programs`: lines "name core=1" or "home ...". The program `home` answers.
sprat::grading::Booted boot_system(sprat::grading::Trial& trial, unsigned cpus,
                                   const std::vector<std::string>& programs);

// A number that a process of that core makes of another one (../system/programs/orders.hh).
inline std::uint64_t mix(std::uint64_t core, std::uint64_t number) {
  return Sequence(number ^ core << 48).next();
}

}  // namespace lab
