// fake_process.cc — allocations that can run out, notifications from the test.

#include "user/tests/fake_process.hh"

#include <criterion/criterion.h>

#include <cstdlib>

#include "lib/channel.hh"
#include "lib/lrpc_link.hh"
#include "lib/upcalls.hh"

namespace {

std::size_t allowed = ~std::size_t{0}, alive = 0;
std::uint64_t pending = 0;
void (*on_sleep)() = nullptr;
std::optional<sprat::Call> waiting_call;
std::size_t signals = 0;
sprat::CallHandler call_handler = nullptr;

}  // namespace

void fake::allow_allocations(std::size_t count) { allowed = count; }
std::size_t fake::allocations() { return alive; }
void fake::notify(std::uint64_t bits) { pending |= bits; }
std::size_t fake::doorbells_signalled() { return signals; }
bool fake::handle(sprat::Call& call) { return call_handler(call); }
void fake::set_on_sleep(void (*function)()) { on_sleep = function; }

namespace sprat {

void* allocate(std::size_t bytes) noexcept {
  if (allowed == 0) return nullptr;
  --allowed;
  ++alive;
  return std::malloc(bytes);
}

void release(void* memory) noexcept {
  if (memory != nullptr) --alive;
  std::free(memory);
}

std::uint64_t* notification_word = &pending;
std::uint64_t take_notifications() { return std::exchange(pending, 0); }

void wait_for_notification() {
  if (pending != 0) return;
  cr_assert(on_sleep != nullptr, "the event loop sleeps and nothing will wake it");
  on_sleep();
}

void Doorbell::operator()() const {
  ++signals;
  fake::notify(kSignalled);
}

void notify_myself(std::uint64_t bits) { pending |= bits; }

void set_call_handler(CallHandler handler) { call_handler = handler; }

Result<Answer> call(CapAddress endpoint, const Words& words, CapAddress) {
  if (endpoint == CapAddress()) return Error::no_capability;
  Call call{LrpcLink::badge_of(endpoint.raw()), {}, 0, words};
  cr_assert(call_handler(call), "no handler answers");
  return Answer{{}, call.words};
}

std::optional<Call> take_call() { return std::exchange(waiting_call, std::nullopt); }

}  // namespace sprat
