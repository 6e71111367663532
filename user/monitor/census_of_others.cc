// census_of_others.cc — a question, and its answer some time later.

#include "monitor/census_of_others.hh"

namespace sprat::monitor {

Result<Census> CensusOfOthers::of(std::uint64_t core) {
  if (core >= kMaxCores) return Error::not_found;
  if (asked_ != core) {
    asked_ = static_cast<std::uint32_t>(core);
    answer_ = Error::again;
    struct {
    } question;
    if (const auto posted = links_.post(asked_, LineKind::count, question); !posted)
      answer_ = posted.error();
  }
  const bool is_over = answer_ || answer_.error() != Error::again;
  if (is_over) asked_ = kNone;
  return answer_;
}

void CensusOfOthers::answer(std::uint32_t from) const {
  static_cast<void>(links_.post(from, LineKind::counted, census_taker_.own()));
}

void CensusOfOthers::read(std::uint32_t from, const Census& census) {
  if (from == asked_) answer_ = census;
}

void CensusOfOthers::fail(std::uint32_t core, Error error) {
  if (core == asked_) answer_ = error;
}

}  // namespace sprat::monitor
