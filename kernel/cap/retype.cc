// retype.cc — turning memory into objects, and never one byte into two of them.
//
// The unused part of a source begins where its newest descendant ends (rule 1 of derivation.cc). Objects come from
// there, upwards, each at a multiple of its size:
//
//      source   [.................................................................]
//      in use   [Frame ][CNode ][Ram    ]                                           descendants, oldest first
//      place                             [new   ][new   ]
//      clean                             [0000000000000000000000000]                zeroed already
//
// No process can read the earlier contents of memory: it is zeroed before it becomes anything but Ram (Ram cannot be
// read). A call zeroes 16 KiB at most and answers `again` when that was not enough; the zeroed part stays on record as
// `clean` and is never done twice, and Ram made from Ram inherits its share. Clean memory is always unused memory.

#include <algorithm>

#include "cap/operations.hh"

namespace sprat::cap {

namespace {

constexpr unsigned kLeastSizeBits = 12;  // mappable memory consists of pages
constexpr unsigned kMostSizeBits = 52;   // there are no larger physical addresses

//@ lab cpu-driver.2a: // Helpers of your own go here.
constexpr std::uint64_t round_up(std::uint64_t address, std::uint64_t size) {
  return (address + size - 1) & ~(size - 1);
}
//@ end

Result<void> may_make(const Slot& source, const RetypeArguments& arguments,
                      std::span<const Slot> targets) {
  //@ lab cpu-driver.2b: return Error::not_implemented;
  if (source.is_empty()) return Error::no_capability;
  if (!may_retype(source.type, arguments.type)) return Error::wrong_type;
  if (!source.is_original) return Error::no_rights;
  if (source.is_remote) return Error::ask_monitor;
  if (arguments.count == 0 || arguments.count > kMostObjects || targets.size() != arguments.count) {
    return Error::invalid_argument;
  }
  for (const Slot& target : targets) {
    if (!target.is_empty()) return Error::slot_in_use;
  }
  return {};
  //@ end
}

// Bytes of each object that `arguments` ask for.
Result<std::uint64_t> object_size(const RetypeArguments& arguments) {
  unsigned bits = object_bits(arguments.type);
  if (rules(arguments.type).size == SizeRule::asked) {
    bits = arguments.size_bits;
    if (bits < kLeastSizeBits || bits > kMostSizeBits) return Error::invalid_argument;
  } else if (arguments.size_bits != 0 && arguments.size_bits != bits) {
    return Error::invalid_argument;
  }
  return std::uint64_t{1} << bits;
}

// The memory for `count` objects of `size` bytes: the first that fits into the unused part.
Result<PhysicalRange> find_place(const Slot& source, std::uint64_t size, std::size_t count) {
  //@ lab cpu-driver.2c: return Error::not_implemented;
  const Slot* const newest = newest_descendant(source);
  const std::uint64_t begin = round_up(newest != nullptr ? newest->end() : source.base, size);
  if (begin > source.end() || source.end() - begin < size * count) return Error::out_of_memory;
  return PhysicalRange{PhysicalAddress(begin), PhysicalAddress(begin + size * count)};
  //@ end
}

void zero(PhysicalAddress begin, std::uint64_t bytes) {
  void* cursor = memory::window<void>(begin);
  std::uint64_t words = bytes / sizeof(std::uint64_t);
  asm volatile("rep stosq" : "+D"(cursor), "+c"(words) : "a"(std::uint64_t{0}) : "memory");
}

// Zeroes `place`, in the unused part of `ram`, as far as one step goes. Returns whether all of it is zero.
bool make_clean(Slot& ram, PhysicalRange place) {
  //@ lab cpu-driver.2d: zero(place.begin, place.size()); return true;
  const std::uint64_t begin = place.begin.value();
  const std::uint64_t end = place.end.value();
  if (begin < ram.clean.begin || begin > ram.clean.end) ram.clean = {begin, begin};
  if (ram.clean.end < end) {
    const std::uint64_t step = std::min(end - ram.clean.end, kZeroStep);
    zero(PhysicalAddress(ram.clean.end), step);
    ram.clean.end += step;
  }
  return ram.clean.end >= end;
  //@ end
}

// Gives `child`, Ram as well, its share of the clean part.
void inherit_clean(const Slot& ram, Slot& child) {
  //@ lab cpu-driver.2e:
  const std::uint64_t begin = std::max(child.base, ram.clean.begin);
  const std::uint64_t end = std::min(child.end(), ram.clean.end);
  if (begin < end) child.clean = {begin, end};
  //@ end
}

// `place` is not unused any longer.
void take_from_clean(Slot& ram, PhysicalRange place) {
  //@ lab cpu-driver.2f:
  ram.clean.begin = std::max(ram.clean.begin, place.end.value());
  ram.clean.end = std::max(ram.clean.end, ram.clean.begin);
  //@ end
}

// Puts an object of `type` at [base, base + bytes) into `target`, as the newest descendant of `source`.
void make_object(Slot& source, Type type, std::uint64_t base, std::uint64_t bytes, Slot& target) {
  target.base = base;
  target.bytes = bytes;
  target.type = type;
  target.rights = source.rights;
  target.is_original = true;
  insert_behind(&source, target);
  if (type == Type::ram) inherit_clean(source, target);
  if (type == Type::dispatcher) dispatcher_made(target);
  if (type == Type::page_table_4) {
    make_kernel_half(table_at(base));
  }
}

}  // namespace

Result<void> retype(Slot& source, const RetypeArguments& arguments, std::span<Slot> targets) {
  TRY(may_make(source, arguments, targets));
  const auto size = TRY(object_size(arguments));
  const auto place = TRY(find_place(source, size, arguments.count));
  const bool is_ram = source.type == Type::ram;
  if (is_ram && arguments.type != Type::ram && !make_clean(source, place)) {
    return Error::again;
  }
  std::uint64_t base = place.begin.value();
  for (Slot& target : targets) {
    make_object(source, arguments.type, base, size, target);
    base += size;
  }
  if (is_ram) take_from_clean(source, place);
  return {};
}

}  // namespace sprat::cap
