// shared_page.hh — a page of core 0's RAM that all other cores have adopted: the frame of a dispatcher on core 0, and beside it
// the messages of its two writers.
//
//   core 0                                            core 1
//   an attacker whose second dispatcher lives         rewrites word after word of `frame`: what the word must
//   from `frame`: calls, upcalls, resumes, replies    hold (`good`) and a non-canonical address, in turn

#pragma once

#include <cstdint>

#include "sprat/dispatcher_frame.hh"

namespace sprat::hostile {

inline constexpr std::size_t kFrameWords = sizeof(DispatcherFrame) / sizeof(std::uint64_t);

struct SharedPage {
  std::uint64_t frame[kFrameWords];  // a DispatcherFrame
  std::uint64_t good[kFrameWords];   // by core 0: the values that core 1 restores
  std::uint64_t foreign_base;        // by core 1: physical address of a page of its RAM; 0: not yet
  std::uint64_t flips;               // by core 1: how often it has rewritten all words
  std::uint64_t is_over;             // by core 0: core 1 may stop
};
static_assert(sizeof(SharedPage) <= kPageSize);

}  // namespace sprat::hostile
