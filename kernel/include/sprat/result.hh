// result.hh — errors are values: every operation that can fail returns a Result, which the compiler lets no caller
// ignore.

#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace sprat {

// The errors. One list for kernel and user code, so that an error means the same on both sides.
enum class Error : std::uint8_t {
  not_implemented,   // the exercise that does this is still open
  invalid_argument,  // a value is outside of the range that the function's contract allows
  misaligned,        // an address or a size is not a multiple of the contract's unit
  out_of_memory,     // no frame, slot or table entry is left for it
  already_mapped,    // something else is mapped there
  not_found,         // nothing of that name or at that address
  malformed,         // data from outside does not have the form it should have
  //@ since cpu-driver
  no_capability,  // the slot is empty, or the address names no slot
  wrong_type,  // the capability is of another type than the operation needs, or has no such operation
  no_rights,       // the capability does not carry the right that the operation needs
  slot_in_use,     // the slot that was to be filled is not empty
  in_use,          // the object is mapped, bound or running already
  again,           // not yet: a bounded step was made, or no message or room is there: ask again
  ask_monitor,     // other cores may hold copies or descendants: their monitors must agree first
  busy,            // the receiver is not ready for a message now
  peer_gone,       // the other side of a call ended before it replied
  no_system_call,  // there is no system call of this number
  foreign_memory,  // the memory is another core's: the kernel of this one can neither read nor write it
  quota_exceeded,  // the process, or one of its ancestors, has used up its quota
  //@ end
};

inline constexpr std::array kErrorNames{
    // clang-format off
    "not_implemented", "invalid_argument", "misaligned", "out_of_memory", "already_mapped", "not_found", "malformed",
    //@ since cpu-driver
    "no_capability", "wrong_type", "no_rights", "slot_in_use", "in_use", "again", "ask_monitor", "busy", "peer_gone",
    "no_system_call", "foreign_memory", "quota_exceeded",
    //@ end
    // clang-format on
};
//@ since cpu-driver
inline constexpr Error kLastError = Error::quota_exceeded;
static_assert(kErrorNames.size() == static_cast<std::size_t>(kLastError) + 1);
//@ end

constexpr const char* name_of(Error error) {
  const auto number = static_cast<std::size_t>(error);
  return number < kErrorNames.size() ? kErrorNames[number] : "unknown error";
}

template <class T = void>
class Result;

// Nothing, or the Error that kept us from having done it.
template <>
class [[nodiscard]] Result<void> {
 public:
  constexpr Result() = default;
  constexpr Result(Error error) : status_(static_cast<std::uint8_t>(1 + static_cast<int>(error))) {}

  constexpr bool ok() const { return status_ == 0; }
  constexpr explicit operator bool() const { return ok(); }
  constexpr Error error() const { return static_cast<Error>(status_ - 1); }

  constexpr void value() const {}

  // In one number: 0, or 1 + the Error.
  constexpr std::uint8_t status() const { return status_; }

 private:
  std::uint8_t status_ = 0;
};

// Either a value or the Error that kept us from having one. T is a plain value type.
template <class T>
class [[nodiscard]] Result {
 public:
  constexpr Result(T value) : value_(std::move(value)) {}
  constexpr Result(Error error) : status_(error) {}

  constexpr bool ok() const { return status_.ok(); }
  constexpr explicit operator bool() const { return ok(); }

  // Returns the value; only after ok() said true.
  constexpr const T& value() const& { return value_; }
  constexpr T& value() & { return value_; }
  constexpr T&& value() && { return std::move(value_); }

  // Returns the error; only after ok() said false.
  constexpr Error error() const { return status_.error(); }

 private:
  T value_{};
  Result<void> status_;
};

}  // namespace sprat

// TRY(result) is the value of `result`; if that is an Error instead, the function around it returns the Error. The
// function's own result is an Error or a Result of any type. Not to be used inside of another TRY.
//
//   const PhysicalAddress frame = TRY(reserve.take());     TRY(occupy(info, begin, bytes));
#define TRY(...)                                      \
  ({                                                  \
    auto&& result_ = (__VA_ARGS__);                   \
    if (!result_) return result_.error();             \
    std::forward<decltype(result_)>(result_).value(); \
  })
