// census.hh — the number of entries in the tables of this core's monitor, and of the others. When all started processes
// have ended, it is as before.

#pragma once

#include "monitor/processes.hh"
//@ since urpc
#include "monitor/broker.hh"
//@ end

namespace sprat::monitor {

class CensusTaker {
 public:
  CensusTaker(const FirstProcess& process, Processes& processes)
      : process_(process), processes_(processes) {}
  //@ since urpc

  void set_broker(Broker& broker, Links& links) {
    broker_ = &broker;
    links_ = &links;
  }
  //@ end

  // Returns the census of core `core`.
  //   again       that core is being asked; it has answered when this is asked again some time later
  //   not_found   there is no such core
  Result<Census> of(std::uint64_t core);
  //@ since urpc

  // From the monitor of another core: it asks, or it has answered.
  void answer(const CoreMessage& message) const;
  void read(const CensusMessage& message);
  //@ end

 private:
  Census own() const;
  //@ since urpc
  Result<Census> ask(std::uint32_t core);
  //@ end

  const FirstProcess& process_;
  Processes& processes_;
  //@ since urpc
  Broker* broker_ = nullptr;
  Links* links_ = nullptr;
  // The core that is asked, whether it has answered, and its answer.
  static constexpr std::uint32_t kNone = kMaxCores;
  std::uint32_t asked_ = kNone;
  bool is_answered_ = false;
  Census answer_;
  //@ end
};

}  // namespace sprat::monitor
