// system_call.cc — the ways into the kernel: system calls, exceptions and interrupts of user code.

#include "debug/console.hh"
#include "dispatch/interrupts.hh"
#include "dispatch/invoke.hh"
#include "dispatch/lrpc.hh"
#include "dispatch/scheduler.hh"
#include "dispatch/upcall.hh"
#include "sprat/system_call.hh"
#include "x86/user_mode.hh"

namespace sprat::dispatch {
namespace {

void set_status(x86::TrapFrame& frame, const Result<void>& result) {
  frame.rax = result.status();
}

Result<void> yield(x86::TrapFrame& frame) {
  Dispatcher& dispatcher = *current();
  frame.rax = kStatusOk;
  switch (static_cast<Yield>(frame.rdi)) {
    case Yield::stay: take_turns(frame); return {};
    case Yield::wait:
      if (dispatcher.frame->pending != 0) return {};
      save(dispatcher, frame);
      dequeue(dispatcher);
      dispatcher.state = DispatcherState::waiting;
      schedule(frame);
      return {};
  }
  return Error::invalid_argument;
}

[[gnu::noinline]] Result<void> debug_write(const x86::TrapFrame& frame) {
  const Words words{frame.rsi, frame.rdx, frame.r8, frame.r9, frame.r10};
  if (frame.rdi > sizeof(words)) return Error::invalid_argument;
  debug::write_console({reinterpret_cast<const char*>(words.data()), frame.rdi});
  return {};
}

// After a system call that may have taken the processor, or what it lives from, away from who made it.
void leave_to_whoever_may_run(x86::TrapFrame& frame) {
  Dispatcher* const dispatcher = current();
  if (dispatcher != nullptr && dispatcher->state == DispatcherState::runnable) return;
  if (dispatcher != nullptr && dispatcher->state == DispatcherState::suspended)
    save(*dispatcher, frame);
  schedule(frame);
}

}  // namespace
}  // namespace sprat::dispatch

namespace sprat::x86 {

using namespace dispatch;

void handle_system_call(TrapFrame& frame) {
  switch (static_cast<SystemCall>(frame.rax)) {
    case SystemCall::invoke:
      set_status(frame, invoke(frame));
      return leave_to_whoever_may_run(frame);
    case SystemCall::lrpc:
      if (const auto called = call(frame); !called) set_status(frame, called);
      return;
    case SystemCall::reply:
      if (const auto replied = reply(frame); !replied) set_status(frame, replied);
      return;
    case SystemCall::yield:
      if (const auto yielded = yield(frame); !yielded) set_status(frame, yielded);
      return;
    case SystemCall::debug_write: return set_status(frame, debug_write(frame));
  }
  frame.rax = status_of(Error::no_system_call);
}

void handle_user_trap(TrapFrame& frame) {
  if (frame.vector < kExceptionVectors) return deliver_trap(frame);
  if (take_interrupt(frame.vector)) take_turns(frame);
}

}  // namespace sprat::x86
