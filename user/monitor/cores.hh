// cores.hh — the other cores: each is handed RAM, with the programs it is to start in it, and told to begin.

#pragma once

#include "monitor/boot_files.hh"
#include "sprat/first_process.hh"

namespace sprat::monitor {

class Cores {
 public:
  explicit Cores(const FirstProcess& process) : process_(process) {}

  //@ since urpc
  // Makes a page by which a core can be reached that is about to be started; gives its physical address.
  using MakeLink = Result<std::uint64_t> (*)(void* self, std::uint32_t core, std::uint32_t apic_id);
  void set_link_maker(MakeLink make_link, void* self) {
    make_link_ = make_link;
    link_maker_ = self;
  }

  //@ end
  // Starts all cores of the machine but this one, one at a time, and says which did not answer.
  void start_all();

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
  Result<void> start(std::uint64_t number, std::uint32_t apic_id, unsigned ram_bits);
  CoreState state_of(std::uint32_t apic_id) const;
  bool wait_until_running(std::uint32_t apic_id) const;

  const FirstProcess& process_;
  std::uint64_t bytes_ = 0;
  //@ since urpc
  MakeLink make_link_ = nullptr;
  void* link_maker_ = nullptr;
  //@ end
};

}  // namespace sprat::monitor
