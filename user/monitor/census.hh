// census.hh — the number of entries in the tables of this core's monitor, and of the others. When all started processes
// have ended, it is as before.

#pragma once

#include "monitor/processes.hh"

namespace sprat::monitor {

class CensusTaker {
 public:
  CensusTaker(const FirstProcess& process, Processes& processes, const Parts& parts)
      : process_(process), processes_(processes), parts_(parts) {}

  // Returns the census of this core.
  Census own() const;

  // Returns the census of core `core`.
  //   again       that core is being asked; it has answered when this is asked again some time later
  //   not_found   there is no such core
  Result<Census> of(std::uint64_t core) const;

 private:
  const FirstProcess& process_;
  Processes& processes_;
  const Parts& parts_;
};

}  // namespace sprat::monitor
