// lrpc_test.cc — a call that arrives while the event loop looks for one: at every instruction of take_call, by the processor's
// trap flag.

#include "lib/lrpc.hh"

#include <criterion/criterion.h>
#include <signal.h>

#include "lib/upcalls.hh"

using namespace sprat;

extern "C" bool handle_call(DispatcherFrame&, Call& call);
extern "C" void reply_later(DispatcherFrame&, const Call&) {}

namespace {

DispatcherFrame frame{};

const Call kOld{.badge = 1, .capability = CapAddress(2, 3), .words = {4, 5, 6, 7, 8}};
const Call kNew{.badge = 11, .capability = CapAddress(12, 13), .words = {14, 15, 16, 17, 18}};

unsigned steps = 0, upcall_at = 0;

// The upcall, after so many instructions.
void step(int) {
  if (++steps != upcall_at) return;
  Call call = kNew;
  handle_call(frame, call);
}

std::optional<Call> take_call_in_steps() {
  asm volatile("pushfq; orq $0x100, (%%rsp); popfq" ::: "memory", "cc");
  auto call = take_call();
  asm volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::: "memory", "cc");
  return call;
}

bool is_same(const Call& a, const Call& b) {
  return a.badge == b.badge && a.capability == b.capability && a.words == b.words;
}

}  // namespace

namespace sprat {
DispatcherFrame& own_frame() { return frame; }
void notify_myself(std::uint64_t) {}
}  // namespace sprat

Test(lrpc, call_that_comes_at_any_instruction_is_taken_once_and_whole) {
  signal(SIGTRAP, step);
  for (upcall_at = 1;; ++upcall_at) {
    Call old = kOld;
    handle_call(frame, old);
    cr_assert(take_call().has_value());
    steps = 0;
    auto call = take_call_in_steps();
    if (steps < upcall_at) break;
    if (!call) call = take_call();
    cr_assert(call.has_value(), "a call that came at instruction %u is lost", upcall_at);
    cr_assert(is_same(*call, kNew), "at instruction %u, the call before came again", upcall_at);
    cr_assert(!take_call(), "a call that came at instruction %u comes twice", upcall_at);
  }
  cr_assert_gt(steps, 5, "no instruction was stepped through");
}
