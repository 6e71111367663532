// rules.hh — the rules of types and sizes, stated again for the model: the table of cap/types.hh must say the
// same.

#pragma once

#include <algorithm>

#include "tests/cap/model.hh"

namespace sprat::test {

inline bool is_table(Type type) { return type >= Type::page_table_1 && type <= Type::page_table_4; }

inline bool is_store(Type type) { return type == Type::cnode || type == Type::dispatcher; }

inline bool has_badge(Type type) { return type == Type::endpoint || type == Type::notification; }

inline bool has_range(Type type) { return type == Type::irq || type == Type::io_ports; }

inline bool may_be_made(Type from, Type to) {
  static const std::map<Type, std::set<Type>> kEdges{
      {Type::physical_memory, {Type::physical_memory, Type::device_frame}},
      {Type::ram,
       {Type::ram, Type::frame, Type::cnode, Type::page_table_1, Type::page_table_2,
        Type::page_table_3, Type::page_table_4, Type::dispatcher}},
      {Type::dispatcher, {Type::endpoint, Type::notification}}};
  const auto edges = kEdges.find(from);
  return edges != kEdges.end() && edges->second.contains(to);
}

inline bool may_be_copied(Type type) {
  static const std::set<Type> kCopied{
      Type::frame,    Type::device_frame, Type::cnode, Type::page_table_4, Type::dispatcher,
      Type::endpoint, Type::notification, Type::irq,   Type::io_ports,     Type::kernel};
  return kCopied.contains(type);
}

// Bytes of an object; 0 if the size is out of range.
inline std::uint64_t size_of(const cap::RetypeArguments& arguments) {
  const auto fixed = [&](unsigned bits) -> std::uint64_t {
    return arguments.size_bits == 0 || arguments.size_bits == bits ? std::uint64_t{1} << bits : 0;
  };
  if (arguments.type == Type::cnode) return fixed(14);
  if (is_table(arguments.type)) return fixed(13);
  if (arguments.type == Type::dispatcher) return fixed(11);
  if (has_badge(arguments.type)) return fixed(0);
  return arguments.size_bits >= 12 && arguments.size_bits <= 52
             ? std::uint64_t{1} << arguments.size_bits
             : 0;
}

// Where objects of `size` bytes made from `source` begin: behind everything that was made from it.
inline std::uint64_t place_in(const Object& source, std::uint64_t size) {
  std::uint64_t used = source.base;
  for (const Object* child : source.children) used = std::max(used, child->base + child->bytes);
  return (used + size - 1) / size * size;
}

// Entries that mapping `source` into `table` takes.
inline std::size_t entries_needed(const Object& table, const Capability& source) {
  if (is_table(source.object->type)) return 1;
  return source.bytes / (table.type == Type::page_table_1 ? kPageSize : kLargePageSize);
}

}  // namespace sprat::test
