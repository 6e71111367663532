// census_of_others.hh — the census of other cores: their monitors are asked, one at a time, and answer by a message.

#pragma once

#include "monitor/census.hh"
#include "monitor/links.hh"

namespace sprat::monitor {

class CensusOfOthers {
 public:
  CensusOfOthers(const FirstProcess& process, const CensusTaker& census_taker, Links& links)
      : process_(process), census_taker_(census_taker), links_(links) {}

  // Returns the census of core `core`.
  //   again       that core is being asked; it has answered when this is asked again some time later
  //   not_found   there is no such core
  Result<Census> of(std::uint64_t core);

  // From the monitor of another core: it asks, or it has answered.
  void answer(std::uint32_t from) const;
  void read(std::uint32_t from, const Census& census);
  // It cannot be asked.
  void fail(std::uint32_t core, Error error);

 private:
  const FirstProcess& process_;
  const CensusTaker& census_taker_;
  Links& links_;

  // The core that is asked, and its answer; `again`: it has not answered yet.
  static constexpr std::uint32_t kNone = kMaxCores;
  std::uint32_t asked_ = kNone;
  Result<Census> answer_ = Error::again;
};

}  // namespace sprat::monitor
