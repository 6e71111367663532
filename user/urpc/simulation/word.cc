// word.cc — words of the schedule that runs.

#include "urpc/simulation/schedule.hh"

namespace sprat::urpc {

std::uint64_t Word::load(std::memory_order order) const {
  return simulation::Schedule::running().load(*this, order != std::memory_order_relaxed);
}

void Word::store(std::uint64_t value, std::memory_order order) {
  const bool is_release = order != std::memory_order_relaxed;
  simulation::Schedule::running().store(*this, value, is_release);
}

void fence() { simulation::Schedule::running().fence(); }

}  // namespace sprat::urpc
