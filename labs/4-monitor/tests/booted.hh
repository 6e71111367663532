// booted.hh — the booted system, in which the grader's program takes the place of each monitor and of each program (../system).

#pragma once

#include "lab/probe.hh"

namespace lab {

// Boots the system with `programs`: lines "name core=1" or "home ...".
sprat::grading::Booted boot_system(sprat::grading::Trial& trial, unsigned cpus,
                                   const std::vector<std::string>& programs);

}  // namespace lab
