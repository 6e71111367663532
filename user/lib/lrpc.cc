// lrpc.cc — one call at a time.

#include "lib/lrpc.hh"

#include <atomic>
#include <cstddef>

#include "lib/system_call.hh"
#include "lib/upcalls.hh"

namespace sprat {
namespace {

constinit CallHandler call_handler = nullptr;

// The upcall, which may come between any two instructions, writes the call and then that it is there; the loop looks in the
// opposite order. Read the other way round, the words would be those of the call before, under its badge.
constinit Call waiting_call;
constinit std::atomic<bool> is_call_waiting = false;

extern "C" void reply_later(DispatcherFrame& frame, const Call& call);  // upcall_entry.S

}  // namespace

Result<Answer> call(CapAddress endpoint, const Words& words, CapAddress capability) {
  const std::uint64_t rdi = endpoint.raw() | std::uint64_t{capability.raw()} << 32;
  for (;;) {
    const auto result = system_call(SystemCall::lrpc, rdi, words);
    if (result.status == kStatusOk) return Answer{CapAddress(result.received), result.words};
    if (error_of(result.status) != Error::busy) return error_of(result.status);
    yield(Yield::stay);
  }
}

void receive_into(CapAddress slot) { own_frame().receive_slot = slot.raw(); }

void set_call_handler(CallHandler handler) { call_handler = handler; }

std::optional<Call> take_call() {
  if (!is_call_waiting.load(std::memory_order_acquire)) return std::nullopt;
  const Call call = waiting_call;
  is_call_waiting.store(false, std::memory_order_release);
  return call;
}

void answer(const Words& words, CapAddress capability) {
  reply_later(own_frame(), Call{.capability = capability, .words = words});
}

extern "C" bool handle_call(DispatcherFrame&, Call& call) {
  if (call_handler != nullptr && call_handler(call)) return true;
  waiting_call = call;
  is_call_waiting.store(true, std::memory_order_release);
  notify_myself(kLookAgain);
  return false;
}

}  // namespace sprat
