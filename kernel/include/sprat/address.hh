// address.hh — physical and virtual addresses are different types, and so are ranges of them.

#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace sprat {

template <class Tag>
class Address {
 public:
  constexpr Address() = default;
  constexpr explicit Address(std::uint64_t value) : value_(value) {}

  constexpr std::uint64_t value() const { return value_; }
  constexpr auto operator<=>(const Address&) const = default;

  constexpr Address operator+(std::uint64_t bytes) const { return Address(value_ + bytes); }
  constexpr std::uint64_t operator-(Address other) const { return value_ - other.value_; }

  // `alignment` is a power of two.
  constexpr bool is_aligned(std::uint64_t alignment) const {
    return (value_ & (alignment - 1)) == 0;
  }
  constexpr Address round_down(std::uint64_t alignment) const {
    return Address(value_ & ~(alignment - 1));
  }

 private:
  std::uint64_t value_ = 0;
};

using PhysicalAddress = Address<struct PhysicalTag>;
using VirtualAddress = Address<struct VirtualTag>;

inline constexpr std::uint64_t kPageSize = 4096;
inline constexpr std::uint64_t kLargePageSize = 2 << 20;
inline constexpr std::uint64_t kHugePageSize = 1 << 30;

// The bytes [begin, end) of physical memory; empty when begin == end.
struct PhysicalRange {
  PhysicalAddress begin;
  PhysicalAddress end;

  constexpr std::uint64_t size() const { return end - begin; }
  constexpr bool contains(PhysicalAddress address) const {
    return begin <= address && address < end;
  }
  constexpr bool operator==(const PhysicalRange&) const = default;
};

}  // namespace sprat
