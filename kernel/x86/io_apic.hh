// io_apic.hh — from the interrupt lines of devices to vectors of the one core that takes them.
//
// Source: Intel 82093AA I/O APIC data sheet (1996), section 3.

#pragma once

#include <array>
#include <cstdint>

#include "sprat/address.hh"
#include "sprat/fields.hh"
#include "x86/traps.hh"

namespace sprat::x86 {

// The low half of a redirection entry; the high half's top byte is the core.
namespace redirection {
inline constexpr Field vector{"vector", 0, 8};
inline constexpr Field active_low{"active-low", 13, 1};
inline constexpr Field level{"level-triggered", 15, 1};
inline constexpr Field masked{"masked", 16, 1};
inline constexpr Layout<std::uint32_t, 4> layout{"redirection",
                                                 {vector, active_low, level, masked}};
inline constexpr Field destination{"destination", 24, 8};
inline constexpr Layout<std::uint32_t, 1> high_layout{"redirection, high half", {destination}};
}  // namespace redirection

namespace io_apic_version {
inline constexpr Field last_pin{"last pin", 16, 8, Access::read_only};
inline constexpr Layout<std::uint32_t, 1> layout{"I/O APIC version", {last_pin}};
}  // namespace io_apic_version

// How a line arrives: at which pin, and by which level or edge.
struct LineRoute {
  std::uint8_t pin;
  bool level_triggered;
  bool active_low;
};
using LineRoutes = std::array<LineRoute, kInterruptLines>;

// Masks all pins and routes the lines to this core, as their vectors (vector_of). `registers` is where its
// registers are mapped, uncached. Only one core may ever do so: registers are reached in two steps.
void initialise_io_apic(VirtualAddress registers, const LineRoutes& routes);

// Returns the lines this core takes: 0 to interrupt_lines() - 1; none, unless it has called initialise_io_apic.
unsigned interrupt_lines();

// Lets interrupts of `line` through, or no more of them. A line that this core does not take stays as it is.
void unmask_line(unsigned line);
void mask_line(unsigned line);

}  // namespace sprat::x86
