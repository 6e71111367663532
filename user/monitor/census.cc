// census.cc — counting, here and elsewhere.

#include "monitor/census.hh"

#include "lib/runtime.hh"

namespace sprat::monitor {

Census CensusTaker::own() const {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < process_.ram_regions; ++i) bytes += process_.ram[i].bytes;
  Census census;
  census.slots = static_cast<std::uint32_t>(runtime().slots.taken());
  census.free_kib = static_cast<std::uint32_t>((bytes - runtime().ram.bytes_made()) >> 10);
  processes_.count(census);
  //@ since urpc
  broker_->count(census);
  //@ end
  return census;
}

Result<Census> CensusTaker::of(std::uint64_t core) {
  if (core == process_.core_id) return own();
  //@ since urpc
  if (core < kMaxCores) return ask(static_cast<std::uint32_t>(core));
  //@ end
  return Error::not_found;
}
//@ since urpc

Result<Census> CensusTaker::ask(std::uint32_t core) {
  if (asked_ != core) {
    const CoreMessage question{.to = core, .from = process_.core_id};
    TRY(links_->post(CoreMessage::Kind::count, question));
    asked_ = core;
    is_answered_ = false;
  }
  if (!is_answered_) return Error::again;
  asked_ = kNone;
  return answer_;
}

void CensusTaker::answer(const CoreMessage& message) const {
  static_cast<void>(
      links_->post(CoreMessage::Kind::counted,
                   CensusMessage{.to = message.from, .from = process_.core_id, .census = own()}));
}

void CensusTaker::read(const CensusMessage& message) {
  if (message.from != asked_) return;
  answer_ = message.census;
  is_answered_ = true;
}
//@ end

}  // namespace sprat::monitor
