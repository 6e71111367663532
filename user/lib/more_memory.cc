// more_memory.cc — a request, a signal, the same request, all without the event loop: a page fault may need RAM.

#include "lib/more_memory.hh"

#include "lib/memory_requests.hh"
#include "lib/source.hh"
#include "lib/system_call.hh"
#include "lib/upcalls.hh"

namespace sprat {
namespace {

// Of its own, so that no coroutine's signal is taken away.
constexpr std::uint64_t kMoreMemory = kSignalledByMonitor >> 1;

constinit CapAddress made_signal{};

Result<CapAddress> signal() {
  if (made_signal != CapAddress()) return made_signal;
  const CapRef<Type::dispatcher> self(task_slot(TaskSlot::dispatcher));
  const auto notification = TRY(retype<Type::notification>(self));
  auto made = TRY(mint(notification, {kAllRights, kMoreMemory, 0}));
  return made_signal = made.release();
}

constexpr Words words_of(PiecesRequest request) { return {static_cast<std::uint64_t>(request)}; }

// While another notification waits for the event loop, this process polls.
Result<void> wait_for_more() {
  const CapAddress goes_along = TRY(signal());
  for (;;) {
    const auto answer = ask(kMonitor, words_of(PiecesRequest::more), goes_along);
    const bool must_wait = !answer && answer.error() == Error::again;
    if (!must_wait) {
      notify_myself(take_notifications() & ~kMoreMemory);
      return answer ? Result<void>() : answer.error();
    }
    yield(any_notification() ? Yield::stay : Yield::wait);
  }
}

void tell_released() { static_cast<void>(ask(kMonitor, words_of(PiecesRequest::released))); }

}  // namespace

const OtherCores kOtherCores{wait_for_more, tell_released};

}  // namespace sprat
