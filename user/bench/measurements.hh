// measurements.hh — the measurements, file by file. Each takes its samples and does not clean up.

#pragma once

namespace sprat::bench {

void measure_kernel_entries();  // null_calls.cc: the way into the kernel and back, with next to nothing to do
void measure_capabilities();  // capabilities.cc: copy, remove, revoke, retype
void measure_mappings();      // mappings.cc: map, unmap
void measure_faults();  // faults.cc: page faults, to the upcall's first instruction and back to the program
void measure_partners();  // partners.cc: LRPC and turns with a process of another address space

}  // namespace sprat::bench
