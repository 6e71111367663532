// hex.hh — numbers on the command line of a test: nonce, seed and argument.

#pragma once

#include <cstdint>
#include <string_view>

#include "boot/command_line.hh"

namespace sprat::evidence {

// Returns the value of `key` as a number: hexadecimal, with or without 0x, up to 16 digits. 0 if it is absent or not one.
constexpr std::uint64_t hex(const boot::CommandLine& words, std::string_view key) {
  std::string_view digits = words.get(key).value_or("");
  if (digits.starts_with("0x")) digits.remove_prefix(2);
  if (digits.size() > 16) return 0;
  std::uint64_t value = 0;
  for (const char digit : digits) {
    const int number = digit >= '0' && digit <= '9'   ? digit - '0'
                       : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                       : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                                      : -1;
    if (number < 0) return 0;
    value = value << 4 | static_cast<std::uint64_t>(number);
  }
  return value;
}

}  // namespace sprat::evidence
