// work.cc — the computations of user/bench-cores, by threads that wait for each other at barriers.

#include "bench-cores/chain.hh"
#include "bench-cores/pairs.hh"
#include "measure.hh"
#include "team.hh"

namespace sprat::bench {
namespace {

// Each thread's results are in lines of their own.
template <class T>
struct alignas(64) Own {
  T value;
};

void measure_pairs(int cores) {
  Barrier barrier(static_cast<std::uint32_t>(cores));
  Own<Sizes> counted[kMostParts];
  run_team(cores, [&](int number) {
    barrier.wait();
    const std::uint64_t begin = now();
    counted[number].value = count_pairs(number, cores);
    barrier.wait();
    if (number != 0) return;
    Sizes sum{};
    for (int i = 0; i < cores; ++i)
      for (std::size_t size = 0; size < sum.size(); ++size) sum[size] += counted[i].value[size];
    add_row("pairs", cores, now() - begin, result_of(sum));
  });
}

void measure_chain(int cores) {
  Barrier barrier(static_cast<std::uint32_t>(cores));
  static Own<Stretch> stretches[kMostParts];
  Own<StepResult> results[kMostParts];
  Chain chain(cores);
  run_team(cores, [&](int number) {
    Stretch& stretch = stretches[number].value;
    StepResult& result = results[number].value;
    // All have ended the step; one thread makes the next one's arguments.
    const auto end_step = [&](auto add_up) {
      barrier.wait();
      if (number == 0) {
        std::array<StepResult, kMostParts> all{};
        for (int i = 0; i < cores; ++i) all[i] = results[i].value;
        add_up(all);
      }
      barrier.wait();
    };
    result = stretch.begin(number, cores);
    end_step([&](const auto& all) { chain.begun(all); });
    const std::uint64_t begin = now();
    for (unsigned i = 0; i < kChainRounds; ++i) {
      result = stretch.multiply(chain.beta(), chain.left_of(number), chain.right_of(number));
      end_step([&](const auto& all) { chain.multiplied(all); });
      result = stretch.advance(chain.alpha());
      end_step([&](const auto& all) { chain.advanced(all); });
    }
    if (number == 0) add_row("chain", cores, now() - begin, chain.result());
  });
}

}  // namespace

void measure_work() {
  for (int cores = 1; cores <= processors(); cores *= 2) {
    measure_pairs(cores);
    measure_chain(cores);
  }
}

}  // namespace sprat::bench
