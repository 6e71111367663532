// late_answers.cc — a request, a signal, the same request.

#include "lib/late_answers.hh"

namespace sprat {
namespace {

constinit CapAddress made_signal{};

}  // namespace

Result<CapAddress> own_signal() {
  if (made_signal != CapAddress()) return made_signal;
  const CapRef<Type::dispatcher> self(task_slot(TaskSlot::dispatcher));
  const auto notification = TRY(retype<Type::notification>(self));
  auto made = TRY(mint(notification, {kAllRights, kSignalledByMonitor, 0}));
  return made_signal = made.release();
}

Task<Words> ask_and_wait(CapRef<Type::endpoint> endpoint, Words words) {
  return until_answered([endpoint, words](CapAddress signal) -> Result<Words> {
    const auto answer = TRY(ask(endpoint, words, signal));
    return answer.words;
  });
}

}  // namespace sprat
