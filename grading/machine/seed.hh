// seed.hh — where a test's random numbers come from: one master seed and the test's name.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sprat::grading {

// $SPRAT_SEED (decimal, or hexadecimal with 0x) if it is set, otherwise a number of the system's,
// the same one for the whole process. Throws MachineError when $SPRAT_SEED is no number.
std::uint64_t master_seed();

// Returns a number that belongs to this master seed and this purpose, and looks like no other.
std::uint64_t derived_seed(std::uint64_t master, std::string_view purpose);

// 16 lower-case hexadecimal digits, as nonces and seeds are given to a guest.
std::string sixteen_digits(std::uint64_t number);

}  // namespace sprat::grading
