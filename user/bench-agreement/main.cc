// main.cc — how long monitors take to agree, by the number of cores: the protocol itself (agreement/two_phases.hh) on the simulated
// network (tests/network), where a line takes its sender, its receiver, and the way between them so long.
//
//   agreement-bench SEND RECEIVE LINK
//
//   row shape=tree cores=13 fan-out=3 round=2117 commit=4234 pipelined=2249
//
// A round is a line to each other core, and the answers of all. A commit takes two; of 16 that begin at once, each but the last shares its
// second round with the next one's first. All times are of whole operations, in the unit of the arguments.

#include <cstdio>
#include <cstdlib>

#include "tests/agreement/fates.hh"

using namespace sprat;
using namespace sprat::test;

namespace {

constexpr std::size_t kMostOurs = 32, kPipelined = 16;

Task<> commit(SimulatedSystem& system, std::uint64_t number, std::size_t& done) {
  const auto result = co_await system.incarnation(0).two_phases.carry_out({number, 0});
  if (result) ++done;
  co_return {};
}

// Until core 0 knows that all have carried out so many operations, which it begins at once. `shape`: the costs for which the way of lines
// is the best; `costs`: what they take.
std::uint64_t time_of_commits(std::size_t cores, std::size_t operations, const LineCosts& shape,
                              const LineCosts& costs) {
  SimulatedSystem system(1, cores, shape);
  system.begin_with(cores);
  system.network().set_costs({.send = costs.send, .receive = costs.receive, .link = costs.link});
  std::size_t done = 0;
  for (std::size_t number = 1; number <= operations; ++number)
    system.network().start(system.core(0).core, commit(system, number, done));
  if (const char* const wrong = system.run(); wrong != nullptr || done != operations) {
    std::fprintf(stderr, "agreement-bench: %s\n", wrong != nullptr ? wrong : "not all is done");
    std::exit(1);
  }
  return cost_so_far(system).hops;
}

void print_row(const char* name, std::size_t cores, const LineCosts& shape,
               const LineCosts& costs) {
  const std::uint64_t one = time_of_commits(cores, 1, shape, costs);
  const std::uint64_t all = time_of_commits(cores, kPipelined, shape, costs);
  std::printf("row shape=%s cores=%zu fan-out=%zu round=%lu commit=%lu pipelined=%lu\n", name,
              cores, best_fan_out(cores, shape), one / 2, one, all / kPipelined);
}

std::uint64_t number_in(const char* text) { return std::strtoull(text, nullptr, 10); }

}  // namespace

int main(int count, char** words) {
  if (count != 4) {
    std::fprintf(stderr,
                 "usage: agreement-bench SEND RECEIVE LINK: the time that each takes a line\n");
    return 2;
  }
  const LineCosts costs{number_in(words[1]), number_in(words[2]), number_in(words[3])};
  for (std::size_t cores = 2; cores <= kMostOurs; ++cores) {
    print_row("star", cores, SimulatedSystem::kStar, costs);
    print_row("tree", cores, costs, costs);
  }
  for (std::size_t cores = 64; cores <= 1'024; cores *= 2) {
    print_row("star", cores, SimulatedSystem::kStar, costs);
    print_row("tree", cores, costs, costs);
  }
  return 0;
}
