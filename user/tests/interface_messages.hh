// interface_messages.hh — for tests: messages with fields of every kind.

#pragma once

#include "interfaces/interface.hh"
#include "sprat/address.hh"

namespace sprat::test {

enum class Colour : std::uint8_t { red, green, blue };
constexpr std::string_view name_of(Colour colour) {
  constexpr std::string_view kNames[] = {"red", "green", "blue"};
  return kNames[static_cast<std::size_t>(colour)];
}
enum class Size : std::uint16_t { small, big };

// An id with a type of its own.
class CoreId {
 public:
  constexpr CoreId() = default;
  constexpr explicit CoreId(std::uint32_t value) : value_(value) {}
  constexpr std::uint32_t value() const { return value_; }
  constexpr bool operator==(const CoreId&) const = default;

 private:
  std::uint32_t value_ = 0;
};

// Few enough bits to try all there are.
struct Tiny {
  bool is_new;
  Colour colour;
  std::uint8_t slot;
  Size size;
  constexpr bool operator==(const Tiny&) const = default;
};
inline constexpr Notice tiny{
    "tiny",
    1,
    field("is-new", &Tiny::is_new),
    field("colour", &Tiny::colour, Colour::blue),
    field("slot", &Tiny::slot, 5),
    field("size", &Tiny::size, Size::big),
};

// Numbers that share words, and numbers that do not fit into the rest of one.
struct Numbers {
  std::uint64_t whole;
  std::uint32_t half, other_half;
  std::uint64_t wide;
  CoreId core;
  std::uint16_t quarter;
  VirtualAddress address;
  constexpr bool operator==(const Numbers&) const = default;
};
inline constexpr Notice numbers{
    "numbers",
    2,
    field("whole", &Numbers::whole),
    field("half", &Numbers::half),
    field("other-half", &Numbers::other_half),
    field("wide", &Numbers::wide, 33),
    field("core", &Numbers::core, 10),
    field("quarter", &Numbers::quarter),
    field("address", &Numbers::address),
};

// Bytes, some always as many, some not.
struct Strings {
  std::uint8_t flags;
  std::array<std::uint8_t, 3> code;
  std::array<std::uint8_t, 16> digest;
  Bytes<60> text;
  constexpr bool operator==(const Strings&) const = default;
};
inline constexpr Notice strings{
    "strings",
    3,
    field("flags", &Strings::flags, 4),
    field("code", &Strings::code),
    field("digest", &Strings::digest),
    field("text", &Strings::text),
};

inline constexpr Notice nothing{"nothing", 4};

// As long as a message can be.
struct Longest {
  Bytes<128 * 56 - 8> text;
  constexpr bool operator==(const Longest&) const = default;
};
inline constexpr Notice longest{"longest", 5, field("text", &Longest::text)};

inline constexpr Interface<tiny, numbers, strings, nothing, longest> messages{"messages"};

}  // namespace sprat::test
