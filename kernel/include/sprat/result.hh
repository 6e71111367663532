// result.hh — errors are values: every operation that can fail returns a Result, and nobody may ignore it.

#pragma once

#include <cstdint>
#include <utility>

namespace sprat {

// What can go wrong. One list for kernel and user code, so that an error means the same on both sides.
enum class Error : std::uint8_t {
  not_implemented,   // the exercise that does this is still open
  invalid_argument,  // a value is outside of what the function's contract allows
  misaligned,        // an address or a size is not a multiple of what the contract asks for
  out_of_memory,     // no frame, slot or table entry is left for it
  already_mapped,    // something else is mapped there
  not_found,         // nothing of that name or at that address
  malformed,         // data from outside does not have the form it should have
};

constexpr const char* name_of(Error error) {
  switch (error) {
    case Error::not_implemented: return "not_implemented";
    case Error::invalid_argument: return "invalid_argument";
    case Error::misaligned: return "misaligned";
    case Error::out_of_memory: return "out_of_memory";
    case Error::already_mapped: return "already_mapped";
    case Error::not_found: return "not_found";
    case Error::malformed: return "malformed";
  }
  return "unknown error";
}

// Either a value or the Error that kept us from having one. T is a plain value type.
template <class T = void>
class [[nodiscard]] Result {
 public:
  constexpr Result(T value) : value_(std::move(value)), ok_(true) {}
  constexpr Result(Error error) : error_(error) {}

  constexpr bool ok() const { return ok_; }
  constexpr explicit operator bool() const { return ok_; }

  // The value; only after ok() said true.
  constexpr const T& value() const { return value_; }
  constexpr T& value() { return value_; }

  // The error; only after ok() said false.
  constexpr Error error() const { return error_; }

 private:
  T value_{};
  Error error_ = Error::invalid_argument;
  bool ok_ = false;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  constexpr Result() = default;
  constexpr Result(Error error) : error_(error), ok_(false) {}

  constexpr bool ok() const { return ok_; }
  constexpr explicit operator bool() const { return ok_; }
  constexpr Error error() const { return error_; }

 private:
  Error error_ = Error::invalid_argument;
  bool ok_ = true;
};

}  // namespace sprat
