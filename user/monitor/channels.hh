// channels.hh — the part of the monitor (part.hh) that gives processes channels to processes of all cores: requests for them
// (lib/channel_requests.hh), links between monitors, and the census of other cores.

#pragma once

#include "monitor/broker.hh"
#include "monitor/census_of_others.hh"

namespace sprat::monitor {

class Channels final : public Part {
 public:
  Channels(const FirstProcess& process, Processes& processes, const CensusTaker& census_taker)
      : process_(process),
        links_(process),
        broker_(process, processes, links_),
        census_of_others_(process, census_taker, links_) {}

  void prepare() override;
  Quota quota() const override;
  Result<void> before_start(std::uint32_t core, std::uint32_t apic_id,
                            CorePackage& header) override;
  Result<Answer> handle(Process& caller, const Call& call, ReceiveSlot& received) override;
  //@ since monitor
  bool needs(std::uint32_t core) const override { return broker_.needs(core); }
  void core_ended(std::uint32_t core) override;
  //@ end
  void before_end(const Process& process) override { broker_.end(process); }
  void count(Census& census) const override {
    broker_.count(census);
    links_.discount(census);
  }
  Result<Census> census_of(std::uint64_t core) override { return census_of_others_.of(core); }

  //@ since monitor
  Links& links() { return links_; }
  Broker& broker() { return broker_; }

  //@ end
 private:
  const FirstProcess& process_;
  Links links_;
  Broker broker_;
  CensusOfOthers census_of_others_;
};

}  // namespace sprat::monitor
