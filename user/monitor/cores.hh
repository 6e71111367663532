// cores.hh — the other cores: each is handed RAM, with the programs it is to start in it, and told to begin.

#pragma once

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

  // RAM that other cores have now, in bytes.
  std::uint64_t bytes() const { return bytes_; }

 private:
  Result<void> start(std::uint64_t number, std::uint32_t apic_id, unsigned ram_bits,
                     const Parts& parts);
  CoreState state_of(std::uint32_t apic_id) const;
  bool wait_until_running(std::uint32_t apic_id) const;

  const FirstProcess& process_;
  std::uint64_t bytes_ = 0;
};

}  // namespace sprat::monitor
