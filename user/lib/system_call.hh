// system_call.hh — from C++ into the kernel: one instruction, and its registers.

#pragma once

#include "sprat/system_call.hh"

namespace sprat {

// The registers after a system call (sprat/system_call.hh).
struct SystemCallResult {
  std::uint64_t status;
  std::uint64_t received;  // rdi
  Words words;
};

inline SystemCallResult system_call(SystemCall call, std::uint64_t rdi, const Words& words = {}) {
  std::uint64_t rax = static_cast<std::uint64_t>(call), rsi = words[0], rdx = words[1];
  register std::uint64_t r8 asm("r8") = words[2];
  register std::uint64_t r9 asm("r9") = words[3];
  register std::uint64_t r10 asm("r10") = words[4];
  asm volatile("syscall"
               : "+a"(rax), "+D"(rdi), "+S"(rsi), "+d"(rdx), "+r"(r8), "+r"(r9), "+r"(r10)
               :
               : "rcx", "r11", "memory");
  return {rax, rdi, {rsi, rdx, r8, r9, r10}};
}

constexpr Error error_of(std::uint64_t status) { return static_cast<Error>(status - 1); }

// One system call `invoke`: sprat/capability.hh describes each `method`.
inline Result<Words> invoke_once(CapAddress object, Method method, const Words& arguments) {
  const std::uint64_t rdi = object.raw() | static_cast<std::uint64_t>(method) << 32;
  const auto result = system_call(SystemCall::invoke, rdi, arguments);
  if (result.status != kStatusOk) return error_of(result.status);
  return result.words;
}

// invoke_once, until the kernel no longer says `again`.
template <class... Arguments>
Result<Words> invoke(CapAddress object, Method method, Arguments... arguments) {
  static_assert(sizeof...(Arguments) <= kMessageWords, "an invocation has five arguments at most");
  for (;;) {
    const auto result = invoke_once(object, method, {static_cast<std::uint64_t>(arguments)...});
    if (result || result.error() != Error::again) return result;
  }
}

// Lets others run; returns when it is this dispatcher's turn again, which with Yield::wait is not before a notification
// is pending or a call was handled.
inline void yield(Yield how) {
  static_cast<void>(system_call(SystemCall::yield, static_cast<std::uint64_t>(how)));
}

}  // namespace sprat
