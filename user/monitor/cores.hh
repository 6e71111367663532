// cores.hh — the other cores: each is handed RAM, with the programs it is to start in it, and told to begin.
//@ since monitor
// A core that is stopped keeps its RAM until no core has any of it (views.hh), and can then be started again.
//@ end

#pragma once

#include "lib/caps.hh"
#include "monitor/boot_files.hh"
#include "monitor/part.hh"
#include "sprat/first_process.hh"

namespace sprat::monitor {

class Cores {
 public:
  explicit Cores(const FirstProcess& process) : process_(process) {}

  // Starts all cores of the machine but this one, one at a time, and says which did not answer. `parts` prepare each start.
  void start_all(const Parts& parts = {});

  // Describes the n-th core, from 0 (this one).
  struct Entry {
    std::uint64_t number, apic_id;
    CoreState state;
  };
  // not_found: there are fewer
  Result<Entry> nth(std::size_t n) const;

  //@ since monitor
  // Starts the n-th core again, with the RAM that it had.  not_found; in_use: it is not absent; the errors of the operations
  Result<void> start_again(std::uint32_t number, const Parts& parts);

  // Stops core `number`, if it runs. When this returns, it executes nothing.
  void stop(std::uint32_t number);

  // Takes back the RAM of a core that is stopped.
  Result<void> reclaim(std::uint32_t number);

  //@ end
  // RAM that other cores have now, in bytes.
  std::uint64_t bytes() const { return bytes_; }

 private:
  Result<void> start(std::uint64_t number, std::uint32_t apic_id, Cap<Type::ram> ram,
                     const Parts& parts);
  CoreState state_of(std::uint32_t apic_id) const;
  bool wait_until(CoreState state, std::uint32_t apic_id) const;

  const FirstProcess& process_;
  std::uint64_t bytes_ = 0;
  //@ since monitor
  std::array<Cap<Type::ram>, kMaxCores> ram_{};  // of cores that are absent and were started before
  //@ end
};

}  // namespace sprat::monitor
