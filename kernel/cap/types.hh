// types.hh — rules of types: size of the objects, whether their capabilities can be copied and sent, and the retype
// table.
//
//   physical_memory ──► physical_memory, device_frame
//   ram ──► ram, frame, cnode, page_table_1..4, dispatcher ──► endpoint, notification
//   irq, io_ports, kernel: made by the kernel alone
//
// The arrows are may_retype of sprat/capability.hh.

#pragma once

#include "sprat/capability.hh"

namespace sprat::cap {

// How large an object made by retype is.
enum class SizeRule : std::uint8_t {
  asked,  // as the caller says: 2^12 bytes or more
  fixed,  // 2^object_bits(type) bytes; an endpoint is one byte of its dispatcher: a name, no memory
  none,   // retype does not make it
};

struct TypeRules {
  SizeRule size;
  bool may_be_copied;  // else there is one capability to each object, which may be moved
  bool may_be_sent;    // along with a call, as a copy
};

constexpr TypeRules rules(Type type) {
  switch (type) {  // NOLINTBEGIN(bugprone-branch-clone): a table with a line for each type
    // clang-format off
    //                                       size             copied  sent
    case Type::null:            return {SizeRule::none,  false,  false};
    case Type::physical_memory: return {SizeRule::asked, false,  false};
    case Type::ram:             return {SizeRule::asked, false,  false};
    case Type::frame:           return {SizeRule::asked, true,   true};
    case Type::device_frame:    return {SizeRule::asked, true,   true};
    case Type::cnode:           return {SizeRule::fixed, true,   true};
    case Type::page_table_1:    return {SizeRule::fixed, false,  false};
    case Type::page_table_2:    return {SizeRule::fixed, false,  false};
    case Type::page_table_3:    return {SizeRule::fixed, false,  false};
    case Type::page_table_4:    return {SizeRule::fixed, true,   true};
    case Type::dispatcher:      return {SizeRule::fixed, true,   true};
    case Type::endpoint:        return {SizeRule::fixed, true,   true};
    case Type::notification:    return {SizeRule::fixed, true,   true};
    case Type::irq:             return {SizeRule::none,  true,   true};
    case Type::io_ports:        return {SizeRule::none,  true,   true};
    case Type::kernel:          return {SizeRule::none,  true,   false};
      // clang-format on
  }  // NOLINTEND(bugprone-branch-clone)
  return {};
}

// For each type, one bit for each type that it can descend from in one or more steps.
consteval std::array<std::uint16_t, kTypes> find_ancestors() {
  std::array<std::uint16_t, kTypes> ancestors{};
  for (unsigned type = 0; type < kTypes; ++type) {
    for (unsigned parent = 0; parent <= type; ++parent) {
      if (!may_retype(static_cast<Type>(parent), static_cast<Type>(type))) continue;
      ancestors[type] |= static_cast<std::uint16_t>(1u << parent | ancestors[parent]);
    }
  }
  return ancestors;
}
inline constexpr std::array<std::uint16_t, kTypes> kAncestors = find_ancestors();

// Returns whether an object of type `type` can have been made from one of type `ancestor`, in one or more steps.
constexpr bool may_descend(Type ancestor, Type type) {
  return (kAncestors[static_cast<std::size_t>(type)] >> static_cast<unsigned>(ancestor) & 1) != 0;
}

// Returns whether an object of the type may lie in another core's memory.
constexpr bool may_be_foreign(Type type) { return type == Type::frame; }

// Checks the properties that the rest of the folder relies on.
consteval bool table_is_sound() {
  for (unsigned number = 0; number < kTypes; ++number) {
    const Type type = static_cast<Type>(number);
    bool is_made_by_retype = false;
    for (unsigned other = 0; other < kTypes; ++other) {
      const bool is_parent = may_retype(static_cast<Type>(other), type);
      // Parents come first in the order of types: one pass finds all ancestors, and there are no circles.
      if (is_parent && other > number) return false;
      // No object of the kernel's is made from another core's memory.
      if (may_be_foreign(static_cast<Type>(other)) && may_descend(static_cast<Type>(other), type))
        return false;
      is_made_by_retype = is_made_by_retype || is_parent;
    }
    if (is_made_by_retype != (rules(type).size != SizeRule::none)) return false;
    if (rules(type).size == SizeRule::asked && object_bits(type) != 0) return false;
    // A capability that may be sent may be copied.
    if (rules(type).may_be_sent && !rules(type).may_be_copied) return false;
    // A type that can be split into its own kind is never copied: one capability hands out its bytes.
    if (may_retype(type, type) && rules(type).may_be_copied) return false;
  }
  return true;
}
static_assert(table_is_sound());
static_assert(may_descend(Type::ram, Type::endpoint) && !may_retype(Type::ram, Type::endpoint));
static_assert(!may_descend(Type::physical_memory, Type::ram));

}  // namespace sprat::cap
