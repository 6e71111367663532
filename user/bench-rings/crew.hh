// crew.hh — cores that sleep until core 0 has an experiment for them.
//
//   core 0                            core k
//   order on its desk, doorbell ─────►│ plays
//   plays as well, or polls           │
//   the report ◄──────────────────────┤ and sleeps again: a core without a role executes nothing

#pragma once

#include "bench-rings/arena.hh"
#include "bench-rings/experiment.hh"

namespace sprat::bench {

// Experiments are numbered: those of conversations() from 0, those of updates(), those of exchanges().
const Experiment& experiment(std::size_t number);
std::size_t first_of_updates();
std::size_t first_of_exchanges();
std::size_t experiment_count();

// On every core, once: from now on the doorbell of this program wakes it.
Result<void> listen_to_doorbell();

// On core 0, once for each core, this one included.
Result<void> join_crew(std::size_t core, std::uint32_t apic_id);

// On core 0: lets the cores play, in the roles from 0 on, on a floor of zeros. Gives the ticks of each role.
//   malformed   one of them says that something else has come than was sent
using Ticks = std::array<std::uint64_t, kMostCores>;
Result<Ticks> perform(std::size_t number, std::span<const std::size_t> cores,
                      std::uint64_t amount = 0, std::uint64_t seed = 0);

// On the others: plays the parts that are ordered, for ever.
[[noreturn]] void obey(std::size_t core);

}  // namespace sprat::bench
