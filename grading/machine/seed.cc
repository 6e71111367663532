// seed.cc — from one number, many.

#include "machine/seed.hh"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "machine/config.hh"

namespace sprat::grading {
namespace {

std::uint64_t seed_from_system() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

std::uint64_t find_master_seed() {
  const char* text = std::getenv("SPRAT_SEED");
  if (text == nullptr || *text == 0) return seed_from_system();
  char* end = nullptr;
  errno = 0;
  const std::uint64_t seed = std::strtoull(text, &end, 0);
  if (*end != 0 || errno != 0) {
    throw MachineError(std::string("SPRAT_SEED is '") + text + "'; give a number, as 42 or 0x2a");
  }
  return seed;
}

// splitmix64: every bit of the input moves every bit of the output.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

}  // namespace

std::uint64_t master_seed() {
  static const std::uint64_t seed = find_master_seed();
  return seed;
}

std::uint64_t derived_seed(std::uint64_t master, std::string_view purpose) {
  std::uint64_t seed = mixed(master);
  for (char c : purpose) seed = mixed(seed ^ static_cast<unsigned char>(c));
  return seed;
}

std::string sixteen_digits(std::uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

}  // namespace sprat::grading
