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
  //@ since cpu-driver
  no_capability,   // the slot is empty, or the address names no slot
  wrong_type,      // the capability is of another type than the operation needs, or has no such operation
  no_rights,       // the capability does not carry the right that the operation needs
  slot_in_use,     // the slot that was to be filled is not empty
  in_use,          // the object is mapped, bound or running already
  again,           // so far, so good: a bounded step was made, ask again for the next one
  ask_monitor,     // other cores may hold copies or descendants: their monitors must agree first
  busy,            // the receiver is not ready for a message now
  peer_gone,       // the other side of a call ended before it replied
  no_system_call,  // there is no system call of this number
  //@ end
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
    //@ since cpu-driver
    case Error::no_capability: return "no_capability";
    case Error::wrong_type: return "wrong_type";
    case Error::no_rights: return "no_rights";
    case Error::slot_in_use: return "slot_in_use";
    case Error::in_use: return "in_use";
    case Error::again: return "again";
    case Error::ask_monitor: return "ask_monitor";
    case Error::busy: return "busy";
    case Error::peer_gone: return "peer_gone";
    case Error::no_system_call: return "no_system_call";
    //@ end
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
