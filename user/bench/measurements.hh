// measurements.hh — the measurements, file by file. Each takes its samples and does not clean up.

#pragma once

namespace sprat::bench {

void measure_kernel_entries();  // null_calls.cc: the way into the kernel and back, with next to nothing to do
void measure_calls();  // partners.cc: LRPC with a process of another address space
void measure_turns();  // partners.cc: turns with one
void measure_faults();  // faults.cc: page faults, to the upcall's first instruction and back to the program
void measure_mappings();  // mappings.cc: map, unmap
void measure_retyping();  // capabilities.cc: retype, and remove of the last capability
void measure_copying();   // capabilities.cc: copy, and remove of a copy
void measure_revoking();  // capabilities.cc: revoke

}  // namespace sprat::bench
