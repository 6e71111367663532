// word.hh — a word that two cores share. (simulation/urpc/word.hh has the same names for cores that are simulated.)

#pragma once

#include <atomic>
#include <cstdint>

namespace sprat::urpc {

using Word = std::atomic<std::uint64_t>;
static_assert(Word::is_always_lock_free);

// All stores before it are seen by all cores before anything is loaded after it.
inline void fence() { std::atomic_thread_fence(std::memory_order_seq_cst); }

}  // namespace sprat::urpc
