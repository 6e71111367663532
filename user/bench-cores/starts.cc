// starts.cc — a program is started on this core, prints its line, and has ended.

#include "bench-cores/measure.hh"
#include "lib/processes.hh"
#include "lib/runtime.hh"

namespace sprat::bench {

Task<> measure_starts() {
  constexpr std::uint64_t kEnded = 1;
  const CapRef<Type::dispatcher> self(task_slot(TaskSlot::dispatcher));
  const auto notification = retype<Type::notification>(self);
  if (!notification) co_return notification.error();
  const auto ended = mint(notification.value(), {kAllRights, kEnded, 0});
  if (!ended) co_return ended.error();
  const auto quota = quota_left();
  if (!quota) co_return quota.error();
  std::array<std::uint64_t, 15> counts;
  for (std::uint64_t& count : counts) {
    const std::uint64_t begin = now();
    const auto child = run_program("hello", quota.value() / 2);
    if (!child) co_return child.error();
    const auto waits = signal_at_end(child.value().process, ended.value());
    if (waits) co_await runtime().loop.notified(kEnded);
    if (!waits && waits.error() != Error::not_found) co_return waits;
    count = now() - begin;
  }
  print_row("start", 1, median(counts));
  co_return {};
}

}  // namespace sprat::bench
