// dispatcher.hh — a core's share of a process, as the kernel keeps it.
//
//                 suspend                     notification
//   unconfigured ────────▶ suspended     ┌──────────────────────┐
//        │ configure           │ run     ▼       yield(wait)    │
//        └─────────────────────┴───▶ runnable ──────────────▶ waiting
//                                     ▲    │                    │
//                              reply  │    │ lrpc               │ lrpc from others: handles it, then
//                                     │    ▼                    ▼ waits again
//                                    calling                 runnable
//
//   From any state: a trap while it is disabled, or the loss of a part, makes it `stopped`.

#pragma once

#include "cap/operations.hh"
#include "dispatch/shared_frame.hh"
#include "x86/user_mode.hh"

namespace sprat::dispatch {

// The parts without which a dispatcher cannot run: copies of the capabilities that `configure` was given.
enum class Part : std::uint8_t { cspace, address_space, frame, report };
static_assert(static_cast<std::size_t>(Part::report) + 1 == cap::kDispatcherParts);

struct Dispatcher {
  std::array<cap::Slot, cap::kDispatcherParts> parts;
  cap::Slot own;  // its own capability, while it is taken apart

  x86::FpuState fpu;  // while another dispatcher's values are in the registers

  DispatcherState state;
  bool resumes_in_place;  // it was disabled: resumes from `disabled`, else by the upcall `run`
  bool handles_call;      // it handles a call, whose caller may have ended
  bool waits_afterwards;  // it was waiting when that call came
  bool tidies;            // the object it deleted last is still being taken apart

  Links turns;         // its place in the run queue
  Dispatcher* caller;  // of the call that it handles
  Dispatcher* callee;  // of the call that it waits for

  SharedFrame* frame;         // as the kernel sees it
  VirtualAddress user_frame;  // as the process sees it
  PhysicalAddress root;       // of its address space

  const cap::Slot* tidies_down_to;  // was dying before: left to others or to idle time

  // The reason why it was stopped.
  std::uint64_t stop_vector, stop_rip, stop_address;

  cap::Slot& part(Part which) { return parts[static_cast<std::size_t>(which)]; }
};
static_assert(sizeof(Dispatcher) <= std::size_t{1} << object_bits(Type::dispatcher));

// Returns the dispatcher that a capability to it, to its endpoint or to its notification names.
inline Dispatcher& dispatcher_at(const cap::Slot& slot) {
  return *memory::window<Dispatcher>(cap::dispatcher_of(slot));
}

// Gives a new dispatcher its parts, in the order of Part: a CNode, a page_table_4, a frame that it may read and write and sees at
// `user_frame`, and a notification to signal when it stops, or null. It is suspended then.
//   in_use             it has been configured before
//   invalid_argument   user_frame is not a user address, or not a multiple of 16
//   foreign_memory     the frame is another core's memory, which the kernel could not write to
//   wrong_type, no_rights, ask_monitor   of one of the parts; then it has none
Result<void> configure(Dispatcher& dispatcher,
                       const std::array<cap::Slot*, cap::kDispatcherParts>& parts,
                       VirtualAddress user_frame);

// Makes a suspended dispatcher runnable. invalid_argument: it is unconfigured or stopped.
Result<void> run(Dispatcher& dispatcher);

// Keeps it from running until `run`; a call of its own and one that it handles fail with peer_gone.
//   invalid_argument   it is unconfigured or stopped
Result<void> suspend(Dispatcher& dispatcher);

// Stops it for good and signals its report notification. A caller that waits for it gets peer_gone. `status` answers
// `rip` and `address`: with kNoTrap, the address at which it could not resume, and 0.
void stop(Dispatcher& dispatcher, std::uint64_t vector, std::uint64_t rip, std::uint64_t address);

// Takes it out of the run queue, gives up a call of its own, and fails one that it handles.
void withdraw(Dispatcher& dispatcher);

// Sets `bits` in its word of notifications; if it waits, it waits no longer.
void notify(Dispatcher& dispatcher, std::uint64_t bits);

// Gives all new address spaces the kernel's half of the one at `root`, and makes the processor use `root` when its present
// address space ends. Once per core, before the first process.
void initialise_address_spaces(PhysicalAddress root);

}  // namespace sprat::dispatch
