// shared_frame.hh — a dispatcher's frame as its kernel sees it: memory that user code may rewrite between any two instructions
// of the kernel, because another core of the process can have it mapped.
//
// So a word that was checked and is read again need not be the word that was checked. Here each word is read by an explicit
// load() into a local, and an address at which user code resumes gets a type that only a check can make:
//
//   frame.entries[i].load() ──▶ std::uint64_t ──▶ UserAddress::of ──▶ UserAddress ──▶ TrapFrame, SYSRET, IRET
//        once                      anything           the check         canonical

#pragma once

#include "sprat/dispatcher_frame.hh"
#include "sprat/system_call.hh"
#include "x86/traps.hh"

namespace sprat::dispatch {

// A word of such memory.
class UserWord {
 public:
  UserWord(const UserWord&) = delete;
  UserWord& operator=(const UserWord&) = delete;

  // Reads it, in one load. A second call may return something else.
  [[nodiscard]] std::uint64_t load() const { return word_; }

  UserWord& operator=(std::uint64_t value) {
    word_ = value;
    return *this;
  }

 private:
  volatile std::uint64_t word_;
};
static_assert(sizeof(UserWord) == sizeof(std::uint64_t));

// A save area: each word is read or written once.
struct SharedRegisters : BasicRegisters<UserWord> {
  // Reads what user code may have as it likes; vector, error, cs and ss are 0.
  [[nodiscard]] Registers load() const {
    return {rax.load(), rbx.load(),    rcx.load(), rdx.load(), rsi.load(), rdi.load(),
            rbp.load(), r8.load(),     r9.load(),  r10.load(), r11.load(), r12.load(),
            r13.load(), r14.load(),    r15.load(), 0,          0,          rip.load(),
            0,          rflags.load(), rsp.load(), 0};
  }

  // Writes the same ones, as a trap or system call left them.
  void store(const x86::TrapFrame& f) {
    rax = f.rax, rbx = f.rbx, rcx = f.rcx, rdx = f.rdx, rsi = f.rsi, rdi = f.rdi, rbp = f.rbp;
    r8 = f.r8, r9 = f.r9, r10 = f.r10, r11 = f.r11, r12 = f.r12, r13 = f.r13, r14 = f.r14;
    r15 = f.r15, rip = f.rip, rflags = f.rflags, rsp = f.rsp;
  }
};
static_assert(sizeof(SharedRegisters) == sizeof(Registers));

using SharedFrame = BasicDispatcherFrame<UserWord, SharedRegisters>;
static_assert(sizeof(SharedFrame) == sizeof(DispatcherFrame));
static_assert(offsetof(SharedFrame, trap) == offsetof(DispatcherFrame, trap));

// An address of user code or of its stack: canonical, and never the kernel's.
class UserAddress {
 public:
  // invalid_argument   `value` is not below kUserEnd
  static constexpr Result<UserAddress> of(std::uint64_t value) {
    if (value >= kUserEnd.value()) return Error::invalid_argument;
    return UserAddress(value);
  }

  constexpr UserAddress() = default;
  constexpr std::uint64_t value() const { return value_; }

 private:
  constexpr explicit UserAddress(std::uint64_t value) : value_(value) {}

  std::uint64_t value_ = 0;
};

}  // namespace sprat::dispatch
