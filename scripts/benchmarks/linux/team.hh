// team.hh — threads of this process, one pinned on each of several processors, that do something at once and wait for each other.
//
// A thread that waits spins for as long as Sprat's event loop polls, and then sleeps: as OpenMP's threads do.

#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

namespace sprat::bench {

// All of `size` threads have come before one of them goes on.
class Barrier {
 public:
  explicit Barrier(std::uint32_t size) : size_(size) {}
  void wait();

 private:
  const std::uint32_t size_;
  alignas(64) std::atomic<std::uint32_t> arrived_{0};
  alignas(64) std::atomic<std::uint32_t> round_{0};
};

// Calls `body` with 0 to `size` - 1, each in a thread on the processor of that number; 0 in the calling thread. Returns when
// all have returned.
void run_team(int size, const std::function<void(int)>& body);

}  // namespace sprat::bench
