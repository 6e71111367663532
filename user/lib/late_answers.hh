// late_answers.hh — requests to the monitor that need other cores. It answers `again`, and signals the caller when the answer is there
// (monitor/late_answers.hh).

#pragma once

#include "lib/processes.hh"
#include "lib/runtime.hh"

namespace sprat {

// Makes a request by `endpoint`; gives the answer, without the status, when it is there.  The errors of `ask`
Task<Words> ask_and_wait(CapRef<Type::endpoint> endpoint, Words words);

// Returns the notification that goes along with such requests: it wakes the coroutines that wait for the monitor (sources.hh). The first call makes
// it.  out_of_memory
Result<CapAddress> own_signal();

// Calls `ask` with that notification, again and again while its answer says so, each time after a signal.
template <class Ask>
auto until_answered(Ask ask) -> Task<std::remove_cvref_t<decltype(ask(CapAddress()).value())>> {
  const auto signal = own_signal();
  if (!signal) co_return signal.error();
  for (;;) {
    auto answer = ask(signal.value());
    if (answer || answer.error() != Error::again) co_return answer;
    co_await runtime().loop.sources().signalled();
  }
}

}  // namespace sprat
