// traps.hh — exceptions, from the processor's vector to a C++ function with the registers in a struct.

#pragma once

#include <cstddef>
#include <cstdint>

#include "sprat/registers.hh"

namespace sprat::x86 {

// A trap frame: the registers at the moment of a trap, as trap_entry.S pushes them, and as they will be loaded.
struct TrapFrame : Registers {};

inline constexpr std::size_t kExceptionVectors = 32;
inline constexpr std::size_t kVectors = 256;  // exceptions, then interrupts: all that there can be
inline constexpr std::uint64_t kDoubleFaultVector = 8;
inline constexpr std::uint64_t kPageFaultVector = 14;
//@ since cpu-driver
inline constexpr std::uint64_t kMachineCheckVector = 18;
inline constexpr std::size_t kInterruptLines = 24;  // of devices
inline constexpr std::uint64_t kTimerVector = 120;  // above all lines
// Lines are counted downwards from there: the lower a line's number, the higher its priority.
inline constexpr std::size_t kLines = kTimerVector - kExceptionVectors;
constexpr std::uint64_t vector_of(std::uint64_t line) { return kTimerVector - 1 - line; }
constexpr std::uint64_t line_of(std::uint64_t vector) { return kTimerVector - 1 - vector; }
inline constexpr std::uint64_t kSpuriousVector =
    127;  // an interrupt that was withdrawn; nothing to do, no end of it
//@ end

// Loads descriptor tables of our own, so that every exception of the processor (vectors 0 to 31) reaches
// `handle_trap`. Double faults get a stack of their own: a kernel stack that has run out is then a message.
void initialise_traps();

// Returns the name the manual gives to an exception, or "interrupt".
const char* exception_name(std::uint64_t vector);

// Fills `frame` with the caller's registers; rip is the address the call returns to, vector and error are 0.
extern "C" void capture_registers(TrapFrame* frame);

// Handles a trap; defined above this folder.
extern "C" [[noreturn]] void handle_trap(const TrapFrame& frame);

}  // namespace sprat::x86
