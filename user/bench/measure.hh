// measure.hh — instructions from one marker to the next, counted from inside and, by the scope, from outside.
//
//   rdtsc              here the time-stamp counter is read
//   region_begin       from here on the scope counts
//   syscall            the measured part: this instruction, the kernel, and all other code before it returns
//   region_end
//   rdtsc
//
// Under `-icount` the time-stamp counter counts instructions, so that both come to the same.

#pragma once

#include <array>
#include <cstddef>

#include "lib/system_call.hh"
#include "sprat/region.hh"

namespace sprat::bench {

inline constexpr std::size_t kRepetitions = 63;

// How many copies a revocation deletes, and how large a frame `map_many` maps.
inline constexpr std::size_t kRevokedCopies = 16;
inline constexpr unsigned kLargeMappingBits = 17;

// The counter's advance in each repetition.
class Samples {
 public:
  void add(std::uint64_t count) {
    if (size_ < counts_.size()) counts_[size_++] = count;
  }
  // Of as many as were added; 0 if none was.
  std::uint64_t median();

 private:
  std::array<std::uint64_t, kRepetitions> counts_{};
  std::size_t size_ = 0;
};

// One for each operation of the table.
Samples& samples_of(Region region);

inline std::uint64_t now() { return __builtin_ia32_rdtsc(); }

// The markers of sprat/region.hh, within a longer piece of assembly.
#define BENCH_BEGIN ".byte 0x0f, 0x1f, 0x80; .word %c[region]; .byte 0x5e, 0x5a\n"
#define BENCH_END ".byte 0x0f, 0x1f, 0x80; .word %c[region] | 0x8000; .byte 0x5e, 0x5a\n"

// A system call, and nothing else, between the markers of kRegion.
template <Region kRegion>
SystemCallResult measured_call(SystemCall call, std::uint64_t rdi, const Words& words = {}) {
  // Of the instructions between the two readings these are not the call's: the first rdtsc, what saves its result and loads
  // rax and rdx (5), the markers, and the moves that save rax and rdx before the second (2).
  constexpr std::uint64_t kOwnInstructions = 1 + 5 + 2 + 2;
  std::uint64_t rax = static_cast<std::uint64_t>(call), rsi = words[0], rdx = words[1], count;
  register std::uint64_t r8 asm("r8") = words[2];
  register std::uint64_t r9 asm("r9") = words[3];
  register std::uint64_t r10 asm("r10") = words[4];
  asm volatile(
      "mov %%rax, %%r12\n"
      "mov %%rdx, %%r13\n"
      "rdtsc\n"
      "shl $32, %%rdx\n"
      "or %%rdx, %%rax\n"
      "mov %%rax, %[count]\n"
      "mov %%r12, %%rax\n"
      "mov %%r13, %%rdx\n"     //
      BENCH_BEGIN "syscall\n"  //
      BENCH_END
      "mov %%rax, %%r12\n"
      "mov %%rdx, %%r13\n"
      "rdtsc\n"
      "shl $32, %%rdx\n"
      "or %%rdx, %%rax\n"
      "sub %[count], %%rax\n"
      "mov %%rax, %[count]\n"
      "mov %%r12, %%rax\n"
      "mov %%r13, %%rdx\n"
      : "+a"(rax), "+D"(rdi), "+S"(rsi), "+d"(rdx), "+r"(r8), "+r"(r9),
        "+r"(r10), [count] "=&b"(count)
      : [region] "i"(kRegion)
      : "rcx", "r11", "r12", "r13", "memory");
  const SystemCallResult result{rax, rdi, {rsi, rdx, r8, r9, r10}};
  samples_of(kRegion).add(count - kOwnInstructions);
  return result;
}

// Says that a step of preparing or measuring failed, and ends the program.
[[noreturn]] void end_with_error(const char* what, Error error);

// Ends the program unless what was measured was done as well.
inline void expect_done(bool is_done, const char* what) {
  if (!is_done) end_with_error(what, Error::malformed);
}

// The value of `result`, without which there is nothing to measure.
template <class T>
T must(Result<T> result, const char* what) {
  if (!result) end_with_error(what, result.error());
  if constexpr (!std::is_void_v<T>) return std::move(result.value());
}

// A measured invocation that succeeds at the first attempt; returns its results.
template <Region kRegion>
Words measured_invocation(CapAddress object, Method method, const Words& arguments = {}) {
  const std::uint64_t rdi = object.raw() | static_cast<std::uint64_t>(method) << 32;
  const auto result = measured_call<kRegion>(SystemCall::invoke, rdi, arguments);
  if (result.status != kStatusOk) end_with_error("a measured invocation", error_of(result.status));
  return result.words;
}

}  // namespace sprat::bench
