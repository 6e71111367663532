// traps.hh — exceptions, from the processor's vector by its descriptor tables to a C++ function with the registers in a
// struct.

#pragma once

#include "sprat/fields.hh"
#include "sprat/registers.hh"

namespace sprat::x86 {

// A trap frame: the registers at the moment of a trap, as trap_entry.S pushes them, and as they will be loaded.
struct TrapFrame : Registers {};

inline constexpr std::size_t kExceptionVectors = 32;
inline constexpr std::size_t kVectors = 256;  // exceptions, then interrupts: all that there can be
inline constexpr std::uint64_t kDoubleFaultVector = 8;
inline constexpr std::uint64_t kPageFaultVector = 14;
inline constexpr std::uint64_t kPanicVector = 31;  // no exception: the kernel raises it itself
//@ since cpu-driver
inline constexpr std::uint64_t kMachineCheckVector = 18;
inline constexpr std::size_t kInterruptLines = 24;  // of devices
inline constexpr std::uint64_t kTimerVector = 120;  // above all lines
// Lines are counted downwards from there: the lower a line's number, the higher its priority.
inline constexpr std::size_t kLines = kTimerVector - kExceptionVectors;
constexpr std::uint64_t vector_of(std::uint64_t line) { return kTimerVector - 1 - line; }
constexpr std::uint64_t line_of(std::uint64_t vector) { return kTimerVector - 1 - vector; }
// An interrupt that was withdrawn: nothing to do, no end of it.
inline constexpr std::uint64_t kSpuriousVector = 127;
//@ end

// Segment and gate descriptors, as data. Source: Intel SDM volume 3A, sections 3.4.5 (segments) and 6.14.1 (64-bit gates).
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

// Loads descriptor tables of our own, so that every exception of the processor (vectors 0 to 31) reaches
// `handle_trap`. Double faults get a stack of their own: a kernel stack that has run out is then a message.
void initialise_traps();

// Returns the name the manual gives to an exception, or "interrupt".
const char* exception_name(std::uint64_t vector);

// Handles a trap; defined above this folder.
extern "C" [[noreturn]] void handle_trap(const TrapFrame& frame);

}  // namespace sprat::x86
