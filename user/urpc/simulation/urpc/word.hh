// word.hh — stands for user/urpc/word.hh where cores are simulated: each access is a step that the scheduler may delay, and
// a store is seen by others later (schedule.hh).

#pragma once

#include <atomic>
#include <cstdint>

namespace sprat::urpc {

class Word {
 public:
  std::uint64_t load(std::memory_order = std::memory_order_seq_cst) const;
  void store(std::uint64_t value, std::memory_order order = std::memory_order_seq_cst);

  std::uint64_t in_memory = 0;
};

void fence();

}  // namespace sprat::urpc
