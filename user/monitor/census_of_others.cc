// census_of_others.cc — a question, and its answer some time later.

#include "monitor/census_of_others.hh"

namespace sprat::monitor {

Result<Census> CensusOfOthers::of(std::uint64_t core) {
  if (core >= kMaxCores) return Error::not_found;
  if (asked_ != core) {
    const CoreMessage question{.to = static_cast<std::uint32_t>(core), .from = process_.core_id};
    TRY(links_.post(CoreMessage::Kind::count, question));
    asked_ = question.to;
    is_answered_ = false;
  }
  if (!is_answered_) return Error::again;
  asked_ = kNone;
  return answer_;
}

void CensusOfOthers::answer(const CoreMessage& message) const {
  const CensusMessage counted{
      .to = message.from, .from = process_.core_id, .census = census_taker_.own()};
  static_cast<void>(links_.post(CoreMessage::Kind::counted, counted));
}

void CensusOfOthers::read(const CensusMessage& message) {
  if (message.from != asked_) return;
  answer_ = message.census;
  is_answered_ = true;
}

}  // namespace sprat::monitor
