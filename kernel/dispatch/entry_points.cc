// entry_points.cc — where user mode comes in.

#include "debug/panic.hh"
#include "x86/user_mode.hh"

namespace sprat::x86 {

void handle_user_trap(TrapFrame& frame) { handle_trap(frame); }

void handle_system_call(TrapFrame& frame) { handle_trap(frame); }

void handle_interrupt(std::uint64_t vector) { debug::panic("interrupt {}", vector); }

}  // namespace sprat::x86
