// name_traffic.hh — processes of a simulated system that register names and remove them.

#pragma once

#include <criterion/criterion.h>

#include <algorithm>

#include "tests/agreement/fates.hh"

namespace sprat::test {

inline constexpr unsigned kNames = 3;

inline Name name_of(unsigned number) {
  Name name;
  cr_assert(name.assign("service " + std::to_string(number)).ok());
  return name;
}

// The answers that callers got.
struct Told {
  std::size_t begun = 0, ended = 0;
  std::size_t registered = 0, in_use = 0, busy = 0, removed = 0;

  const char* add(const Result<void>& result, bool removes) {
    ++ended;
    if (result) ++(removes ? removed : registered);
    if (result) return nullptr;
    if (result.error() == Error::in_use) ++in_use;
    if (result.error() == Error::busy) ++busy;
    const bool is_right = removes
                              ? result.error() == Error::not_found || result.error() == Error::busy
                              : result.error() == Error::in_use || result.error() == Error::busy;
    return is_right ? nullptr : "a caller got an error that does not fit";
  }
};

// All cores of the system have `name` as its owner has it, at the moment in which the caller is told. Another task of the owner
// may have removed it already.
inline bool is_everywhere(SimulatedSystem& system, const Incarnation& owner, const Name& name,
                          std::uint32_t process) {
  const auto wanted = owner.names.look_up(name);
  if (!wanted || wanted.value().service.process != process) return true;
  bool everywhere = true;
  owner.member.cores().for_each([&](CoreNumber core) {
    const Incarnation& other = system.core(core);
    if (other.has_stopped || !other.member.cores().has(core)) return;
    const auto found = other.names.look_up(name);
    everywhere = everywhere && found && found.value() == wanted.value();
  });
  return everywhere;
}

inline Task<> register_name(SimulatedSystem& system, CoreNumber core, unsigned number, Told& told) {
  Incarnation& owner = system.core(core);
  const auto process = static_cast<std::uint32_t>(++told.begun);
  const auto result = co_await owner.names.add(name_of(number), process);
  if (const char* const wrong = told.add(result, false)) system.expect(false, wrong);
  if (result)
    system.expect(is_everywhere(system, owner, name_of(number), process),
                  "a caller was told that its name is registered, and a core does not know it");
  co_return {};
}

inline Task<> remove_name(SimulatedSystem& system, CoreNumber core, unsigned number, Told& told) {
  ++told.begun;
  const auto result = co_await system.core(core).names.remove(name_of(number));
  if (const char* const wrong = told.add(result, true)) system.expect(false, wrong);
  co_return {};
}

inline void start_on(SimulatedSystem& system, CoreNumber core, Task<> task) {
  system.network().start(system.core(core).core, std::move(task));
}

// At rest: all live cores have the same table, with names of live cores only, and nothing is half done.
inline const char* judge_names(SimulatedSystem& system) {
  for (CoreNumber core = 0; core < system.size(); ++core) {
    if (!system.exists(core) || system.core(core).has_stopped) continue;
    const Incarnation& one = system.core(core);
    if (!one.names.is_at_rest()) return "an operation is in progress for ever";
    for (unsigned number = 0; number < kNames; ++number) {
      const auto here = one.names.look_up(name_of(number));
      const auto first = system.core(0).names.look_up(name_of(number));
      if (here.ok() != first.ok() || (here && here.value() != first.value()))
        return "two tables differ";
      if (!here) continue;
      const Incarnation& owner = system.core(here.value().owner);
      if (owner.has_stopped || owner.member.incarnation() != here.value().service.incarnation)
        return "a dead core has a name";
    }
  }
  return nullptr;
}

inline Task<> use_names(SimulatedSystem& system, Told& told) {
  for (std::size_t turns = 0; turns < 200; ++turns) {
    co_await system.network().turn(0);
    if (system.random().below(8) != 0) continue;
    const auto core = static_cast<CoreNumber>(system.random().below(system.size()));
    if (!system.exists(core) || system.core(core).has_stopped) continue;
    if (system.core(core).member.view() == 0) continue;
    const auto number = static_cast<unsigned>(system.random().below(kNames));
    const bool removes = system.random().below(3) == 0;
    start_on(system, core,
             removes ? remove_name(system, core, number, told)
                     : register_name(system, core, number, told));
  }
  co_return {};
}

}  // namespace sprat::test
