// apic.hh — interrupt controllers: the local APIC, which every core has to itself, with a timer and messages to other cores;
// the I/O APIC, which leads the interrupt lines of devices to one core, as vectors; and their predecessor, which is to keep quiet.
//
// Sources: Intel SDM volume 3A, chapter 11 ("APIC"); section 11.12 for x2APIC, where each register is an MSR. Intel 82093AA I/O
// APIC data sheet (1996), section 3; Intel 8259A data sheet (1988), "Initialization command words".

#pragma once

#include "sprat/address.hh"
//@ since monitor
#include "x86/cpu.hh"
//@ end
#include "x86/traps.hh"

namespace sprat::x86 {

// ---- the local APIC: the fields of its registers. The registers' numbers are in `LocalApicRegister`.

namespace spurious {
inline constexpr Field vector{"vector", 0, 8};
inline constexpr Field enable{"enable", 8, 1};
inline constexpr Layout<std::uint32_t, 2> layout{"spurious-interrupt vector", {vector, enable}};
}  // namespace spurious

// Local vector table: one entry each for the timer, the two pins and errors.
namespace local_vector {
inline constexpr Field vector{"vector", 0, 8};
inline constexpr Field delivery{"delivery", 8, 3};  // 0: by the vector; 4: as non-maskable
inline constexpr Field masked{"masked", 16, 1};
inline constexpr Field periodic{"periodic", 17, 1};  // the timer starts again by itself
inline constexpr Layout<std::uint32_t, 4> layout{"local vector",
                                                 {vector, delivery, masked, periodic}};
}  // namespace local_vector

// Messages to other cores.
namespace command {
inline constexpr Field vector{"vector", 0, 8};
inline constexpr Field delivery{"delivery", 8, 3};  // 0: by the vector; 5: INIT; 6: STARTUP
// xAPIC: the last one is still on its way.
inline constexpr Field pending{"pending", 12, 1, Access::read_only};
inline constexpr Field assert{"assert", 14, 1};
inline constexpr Field destination_8{"xAPIC destination", 56, 8};
inline constexpr Layout<std::uint64_t, 5> layout{
    "interrupt command", {vector, delivery, pending, assert, destination_8}};
}  // namespace command

namespace apic_base {
inline constexpr std::uint32_t kMsr = 0x1b;
inline constexpr Field boot_core{"BSP", 8, 1, Access::read_only};
inline constexpr Field x2apic{"EXTD", 10, 1};
inline constexpr Field enable{"EN", 11, 1};
inline constexpr Layout<std::uint64_t, 3> layout{"IA32_APIC_BASE", {boot_core, x2apic, enable}};
}  // namespace apic_base

// Enables this core's local APIC, all of its sources masked but non-maskable interrupts from outside. `registers` is
// where its 4 KiB of registers are mapped, uncached; they stay untouched where the processor has x2APIC.
void initialise_local_apic(VirtualAddress registers);

// This core's number in the hardware's counting.
std::uint32_t local_apic_id();
//@ since monitor

// Whether this is the core that the firmware has started.
inline bool is_boot_core() {
  return Bits<apic_base::layout>(read_msr(apic_base::kMsr)).get<apic_base::boot_core>() != 0;
}
//@ end

// Says that the interrupt that came last has been seen, so that others may come.
void end_of_interrupt();

// Interrupts another core, or this one.
void send_interrupt(std::uint32_t apic_id, std::uint64_t vector);

// Stops a core, whatever it does: it waits for STARTUP then.
void send_init(std::uint32_t apic_id);

// Lets a core that waits for it start in real mode at the beginning of `page`, which is a multiple of 4 KiB below 1
// MiB. Other cores ignore it.
void send_startup(std::uint32_t apic_id, PhysicalAddress page);

// Frequencies, the same for all cores of a machine.
struct TimerRates {
  std::uint64_t timer_hz = 0;       // of the local APIC's timer
  std::uint64_t time_stamp_hz = 0;  // of read_time_stamp
};

// Those of this core, once set_timer_rates has been called.
inline constinit TimerRates timer_rates{};

// Measures the rates against the interval timer; takes a tenth of a millisecond. Only for one core at a time.
TimerRates measure_timer_rates();

// Makes the rates known on this core, and its timer ready; needed once before start_timer.
void set_timer_rates(const TimerRates& rates);

// One interrupt of kTimerVector, `microseconds` (1 to 1,000,000) from now. One that was started before does not come any
// more, unless it is on its way already.
void start_timer(std::uint64_t microseconds);

// Returns whether the timer that was started last has come to its end.
bool timer_has_run_out();

// How far read_time_stamp counts in `microseconds` (up to 1,000,000).
std::uint64_t time_stamps_in(std::uint64_t microseconds);
//@ since monitor
// The other way round, up to 1,000,000.
std::uint64_t microseconds_in(std::uint64_t time_stamps);
//@ end

// ---- the I/O APIC

// The low half of a redirection entry; the high half's top byte is the core.
namespace redirection {
inline constexpr Field vector{"vector", 0, 8};
inline constexpr Field active_low{"active-low", 13, 1};
inline constexpr Field level{"level-triggered", 15, 1};
inline constexpr Field masked{"masked", 16, 1};
inline constexpr Layout<std::uint32_t, 4> layout{"redirection",
                                                 {vector, active_low, level, masked}};
}  // namespace redirection

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
void mask_line(unsigned line, bool masked);

// ---- the two controllers of the first PCs, which every PC still has

// Masks all lines of the two controllers. Their vectors are moved first, away from the exceptions: an interrupt that is withdrawn at
// the wrong moment comes even when masked, as the controller's line 7, and is a spurious one then.
void silence_legacy_pic();

}  // namespace sprat::x86
