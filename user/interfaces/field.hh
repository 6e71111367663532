// field.hh — the contents of a message: members of a struct, each with a name and a width.
//
//   member's type                         width in bits
//   unsigned number                       that of the type, or fewer: field("slot", &Body::slot, 12)
//   bool                                  1
//   enum                                  as its last enumerator needs: field("side", &Body::side, Side::second)
//   class with value() of such a number   as the number: addresses, ids of cores
//   std::array<std::uint8_t, N>           8 N
//   Bytes<N>                              as many as there are; only the last field of a message

#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "interfaces/bytes.hh"

namespace sprat {

inline constexpr unsigned kWordBits = 64;

template <class Type>
concept HasValue = std::is_class_v<Type> && requires(const Type& object) {
  { object.value() } -> std::unsigned_integral;
  Type(object.value());
};

// A type that travels as a number.
template <class Type>
concept Number = std::unsigned_integral<Type> || std::is_enum_v<Type> || HasValue<Type>;

template <class Type>
inline constexpr bool kIsByteArray = false;
template <std::size_t kSize>
inline constexpr bool kIsByteArray<std::array<std::uint8_t, kSize>> = true;

template <class Type>
inline constexpr bool kIsBytes = false;
template <std::size_t kMax>
inline constexpr bool kIsBytes<Bytes<kMax>> = true;

template <class Type>
concept Travels = Number<Type> || kIsByteArray<Type> || kIsBytes<Type>;

template <Number Type>
constexpr std::uint64_t number_of(const Type& value) {
  if constexpr (HasValue<Type>) {
    return value.value();
  } else {
    return static_cast<std::uint64_t>(value);
  }
}

template <Number Type>
constexpr Type from_number(std::uint64_t number) {
  if constexpr (HasValue<Type>) {
    return Type(static_cast<decltype(std::declval<Type>().value())>(number));
  } else {
    return static_cast<Type>(number);
  }
}

// Most bits that a number of this type can need.
template <Number Type>
consteval unsigned bits_of() {
  if constexpr (HasValue<Type>) {
    return bits_of<decltype(std::declval<Type>().value())>();
  } else {
    return std::same_as<Type, bool> ? 1 : 8 * sizeof(Type);
  }
}

// A member of the struct BodyType, and how it travels.
template <class BodyType, Travels TypeOfMember>
struct FieldOf {
  using Body = BodyType;
  using Type = TypeOfMember;

  const char* name;
  Type Body::*member;
  unsigned width;  // of the number, in bits; of a Bytes: of its length; of an array: all of it
  std::uint64_t largest;  // number, or length
};

// The compiler names these when a field is wrong: they are not constexpr, so reaching one ends compilation.
void field_without_a_name();
void field_is_wider_than_its_member_or_has_no_width();

constexpr std::uint64_t largest_of(unsigned width) {
  return ~std::uint64_t{0} >> (kWordBits - width);
}

template <class Body, Travels Type>
  requires(!std::is_enum_v<Type>)
consteval FieldOf<Body, Type> field(const char* name, Type Body::*member) {
  if (std::string_view(name).empty()) field_without_a_name();
  if constexpr (kIsBytes<Type>) {
    return {name, member, std::bit_width(Type::kMaxSize), Type::kMaxSize};
  } else if constexpr (kIsByteArray<Type>) {
    constexpr unsigned kWidth = 8 * std::tuple_size_v<Type>;
    if (kWidth == 0) field_is_wider_than_its_member_or_has_no_width();
    return {name, member, kWidth, 0};
  } else {
    return {name, member, bits_of<Type>(), largest_of(bits_of<Type>())};
  }
}

// A number of `width` bits. Larger ones are not sent.
template <class Body, Number Type>
  requires(!std::is_enum_v<Type>)
consteval FieldOf<Body, Type> field(const char* name, Type Body::*member, unsigned width) {
  FieldOf<Body, Type> result = field(name, member);
  if (width == 0 || width > result.width) field_is_wider_than_its_member_or_has_no_width();
  result.width = width;
  result.largest = largest_of(width);
  return result;
}

// An enum whose enumerators are 0 to `last`, without gaps.
template <class Body, class Type>
  requires std::is_enum_v<Type>
consteval FieldOf<Body, Type> field(const char* name, Type Body::*member, Type last) {
  if (std::string_view(name).empty()) field_without_a_name();
  const auto largest = static_cast<std::uint64_t>(last);
  const auto width = static_cast<unsigned>(std::bit_width(largest));
  return {name, member, width == 0 ? 1 : width, largest};
}

}  // namespace sprat
