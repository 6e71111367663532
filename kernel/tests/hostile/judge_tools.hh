// judge_tools.hh — common tools of a core's judge: orders, waiting, pages.

#pragma once

#include "boot/command_line.hh"
#include "lib/console.hh"
#include "lib/first_process.hh"
#include "lib/startup.hh"
#include "lib/system_call.hh"
#include "lib/words.hh"

namespace sprat::hostile {

inline boot::CommandLine words() {
  const auto& text = first_process().module[0].command_line;
  return boot::CommandLine(until_zero({text.data(), text.size()}));
}

inline std::uint64_t number_in_words(std::string_view key, std::uint64_t otherwise) {
  std::uint64_t number = otherwise;
  if (const auto word = words().get(key)) static_cast<void>(parse_number(*word, number));
  return number;
}

// To the other processes of this core; and, where an emulator has one thread for all cores, to those: QEMU that counts time
// in instructions goes to the next core only if this one pauses, halts, or has used up the time until the next interrupt.
inline void give_way() {
  yield(Yield::stay);
  __builtin_ia32_pause();
}

// Gives turns away until `come` is true, or for so many milliseconds. Returns whether it became true.
template <class Condition>
bool wait_for(Condition come, std::uint64_t milliseconds) {
  const std::uint64_t limit = first_process().tsc_hz / 1000 * milliseconds;
  const std::uint64_t begin = __builtin_ia32_rdtsc();
  while (!come()) {
    if (__builtin_ia32_rdtsc() - begin > limit) return false;
    give_way();
  }
  return true;
}

// A page of ours, mapped at `address` for as long as the judge lives.
inline CapRef<Type::frame> page_at(VirtualAddress address) {
  const CapRef<Type::frame> frame(must(runtime().ram.make<Type::frame>(12), "a page").release());
  must(runtime().space.map(address, frame, kPageSize, kWrite), "mapping a page");
  return frame;
}

inline std::uint64_t base_of(CapRef<Type::frame> frame) {
  return must(identify(frame.address()), "looking at a frame").base;
}

}  // namespace sprat::hostile
