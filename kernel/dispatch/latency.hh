// latency.hh — the latency bound: the longest stretch of kernel code without an interrupt.
//
// Interrupts are off while the kernel runs. It lets one in whenever it returns to user code, halts, or has taken a
// dying object apart by one step. So the longest stretch is the longest call, and no call does more than a fixed amount
// of work:
//
//   makes kMostObjects (32) page tables of level 4        32 x (256 entries copied, and 140 instructions)   12,700
//@ since urpc
//   adopts kMostAdopted (64 pages)                        64 x 3 look-ups of a page                          9,500
//@ end
//   maps, moves or unmaps a table's 512 entries           512 x 5 to 12                                      6,000
//   loads another core: maps 64 pages                     64 x 100                                           6,500
//   deletes kRevokeStep (16) capabilities                 16 x 350                                           5,600
//   zeroes kZeroStep (16 KiB)                             2,048 words                                        2,500
//   prints 40 bytes                                       80 x 12, and 64 readings of the turn's owner        2,000
//
// Nothing waits: not for the serial line, not for another core.

#pragma once

#include <cstdint>

namespace sprat::dispatch {

// The longest stretch without interrupts, in instructions; each repetition of a string instruction counts as one. Measured
// from outside by kernel/tests/system/latency_test.cc.
inline constexpr std::uint64_t kLongestStretch = 16'000;

}  // namespace sprat::dispatch
