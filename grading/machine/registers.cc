// registers.cc — dumps of processors, as QEMU and Bochs write them.

#include "machine/registers.hh"

#include <algorithm>
#include <charconv>

namespace sprat::grading {
namespace {

// The hexadecimal number after `name` and `=`, spaces around that allowed; 0 when there is none.
std::uint64_t number_after(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos;
       at = text.find(name, at + 1)) {
    if (at != 0 && text[at - 1] != ' ' && text[at - 1] != '\n') continue;
    std::size_t digits = text.find_first_not_of(" =", at + name.size());
    if (digits == std::string_view::npos || digits == at + name.size()) continue;
    if (text.substr(digits).starts_with("0x")) digits += 2;
    std::uint64_t value = 0;
    std::from_chars(text.data() + digits, text.data() + text.size(), value, 16);
    return value;
  }
  return 0;
}

std::uint64_t either_after(std::string_view text, std::string_view long_name,
                           std::string_view short_name) {
  std::uint64_t value = number_after(text, long_name);
  return value != 0 ? value : number_after(text, short_name);
}

}  // namespace

std::vector<Registers> parse_registers(std::string_view text) {
  std::vector<Registers> all;
  // Each processor's part begins with the accumulator, in 64-bit or in 32-bit mode.
  auto next = [&](std::size_t from) {
    return std::min(text.find("RAX=", from), text.find("EAX=", from));
  };
  for (std::size_t at = next(0); at != std::string_view::npos;) {
    std::size_t end = next(at + 1);
    std::string_view part = text.substr(at, end == std::string_view::npos ? end : end - at);
    all.push_back({.rip = either_after(part, "RIP", "EIP"),
                   .rsp = either_after(part, "RSP", "ESP"),
                   .rflags = either_after(part, "RFL", "EFL"),
                   .cs = number_after(part, "CS"),
                   .cr0 = number_after(part, "CR0"),
                   .cr2 = number_after(part, "CR2"),
                   .cr3 = number_after(part, "CR3"),
                   .cr4 = number_after(part, "CR4"),
                   .efer = number_after(part, "EFER"),
                   .halted = number_after(part, "HLT") != 0});
    at = end;
  }
  return all;
}

}  // namespace sprat::grading
