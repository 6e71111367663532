// trust.hh — which program's instructions are trusted: its bytes, where it may be entered, and where it speaks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sprat::scope {

struct AddressRange {
  std::uint64_t begin = 0, end = 0;

  bool holds(std::uint64_t address) const { return begin <= address && address < end; }
};

// Read from a text of lines, all numbers hexadecimal:
//
//   text ADDRESS BYTES     instructions that are trusted wherever the guest executes just these bytes at this address
//   entry ADDRESS          where code that is not trusted may enter; without one, it may enter anywhere
//   speech BEGIN END       the code whose words count (grading/guest/speak.S); it is entered at BEGIN
//   words BEGIN END        the part of it that is the words themselves
//   line BEGIN END         the memory that it speaks from
class Trust {
 public:
  // Nothing when a line has another form or no line says what is trusted.
  static std::optional<Trust> parse(std::string_view text);

  // Returns whether these are the trusted program's bytes at this address.
  bool holds(std::uint64_t address, std::span<const std::uint8_t> bytes) const;

  const std::set<std::uint64_t>& entries() const { return entries_; }
  const AddressRange& speech() const { return speech_; }
  const AddressRange& words() const { return words_; }
  const AddressRange& line() const { return line_; }

 private:
  bool take(std::string_view line);

  std::map<std::uint64_t, std::vector<std::uint8_t>> text_;  // by the address where it begins
  std::set<std::uint64_t> entries_;
  AddressRange speech_, words_, line_;
};

}  // namespace sprat::scope
