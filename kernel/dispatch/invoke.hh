// invoke.hh — the system call `invoke`: from a capability and a method to what they do.

#pragma once

#include "sprat/result.hh"
#include "x86/traps.hh"

namespace sprat::dispatch {

// Carries out the invocation that the registers in `frame` ask for and puts the results there (sprat/system_call.hh).
//   no_capability, wrong_type (the object has no such method), no_rights, and the errors of the operation
Result<void> invoke(x86::TrapFrame& frame);

}  // namespace sprat::dispatch
