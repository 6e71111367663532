// descriptors.hh — segment and gate descriptors, as data.
//
// Source: Intel SDM volume 3A, sections 3.4.5 (segments) and 6.14.1 (64-bit gates).

#pragma once

#include <cstdint>

#include "sprat/fields.hh"

namespace sprat::x86 {

namespace segment {
inline constexpr Field writable{"W", 41, 1};  // code segments: readable
inline constexpr Field executable{"X", 43, 1};
inline constexpr Field code_or_data{"S", 44, 1};
inline constexpr Field privilege{"DPL", 45, 2};
inline constexpr Field present{"P", 47, 1};
inline constexpr Field long_mode{"L", 53, 1};
inline constexpr Layout<std::uint64_t, 6> layout{
    "segment descriptor", {writable, executable, code_or_data, privilege, present, long_mode}};
}  // namespace segment

using SegmentDescriptor = Bits<segment::layout>;

// The low half of a gate; the high half is bits 32 to 63 of the handler's address.
namespace gate {
inline constexpr Field offset_low{"offset-low", 0, 16};
inline constexpr Field selector{"selector", 16, 16};
inline constexpr Field stack{"IST", 32, 3};
inline constexpr Field type{"type", 40, 4};
inline constexpr Field privilege{"DPL", 45, 2};
inline constexpr Field present{"P", 47, 1};
inline constexpr Field offset_middle{"offset-middle", 48, 16};
inline constexpr Layout<std::uint64_t, 7> layout{
    "gate descriptor", {offset_low, selector, stack, type, privilege, present, offset_middle}};
inline constexpr unsigned kInterruptGate = 14;  // a gate that switches interrupts off
}  // namespace gate

struct GateDescriptor {
  Bits<gate::layout> low;
  std::uint64_t high = 0;
};
static_assert(sizeof(GateDescriptor) == 16);

// The operand of LGDT and LIDT.
struct [[gnu::packed]] TablePointer {
  std::uint16_t limit;  // bytes - 1
  const void* base;
};
static_assert(sizeof(TablePointer) == 10);

}  // namespace sprat::x86
