// system_call.cc — the ways into the kernel: system calls, exceptions and interrupts of user code.

#include "debug/console.hh"
#include "dispatch/interrupts.hh"
#include "dispatch/invoke.hh"
#include "dispatch/lrpc.hh"
#include "dispatch/upcall.hh"

namespace sprat::dispatch {
namespace {

void set_status(x86::TrapFrame& frame, const Result<void>& result) { frame.rax = result.status(); }

// Returns if the dispatcher need not wait.
void yield(x86::TrapFrame& frame) {
  Dispatcher& dispatcher = *current();
  set_status(frame, {});
  switch (static_cast<Yield>(frame.rdi)) {
    case Yield::stay: take_turns(frame); x86::leave_kernel();
    case Yield::wait:
      if (dispatcher.frame->pending.load() != 0) return;
      save(dispatcher, frame);
      dequeue(dispatcher);
      dispatcher.state = DispatcherState::waiting;
      schedule(frame);
      x86::leave_kernel();
  }
  set_status(frame, Error::invalid_argument);
}

Result<void> try_debug_write(x86::TrapFrame& frame) {
  TRY(cap::find(cspace(), CapAddress(frame.rdi), Type::kernel, kMayPrint));
  const std::uint64_t bytes = frame.rdi >> 32;
  const Words words = words_of(frame);
  if (bytes > sizeof(words)) return Error::invalid_argument;
  const std::size_t written =
      debug::try_write_console({reinterpret_cast<const char*>(words.data()), bytes});
  if (written == 0 && bytes != 0) return Error::again;
  answer(frame, written);
  // A process whose text goes on fills all words.
  if (written == bytes && bytes < sizeof(words)) debug::end_turn();
  return {};
}

void debug_write(x86::TrapFrame& frame) { set_status(frame, try_debug_write(frame)); }

// The caller of the system call may no longer run: it may have stopped or suspended itself, or deleted one of its
// parts.
[[noreturn]] void leave_to_next(x86::TrapFrame& frame) {
  Dispatcher* const dispatcher = current();
  if (dispatcher != nullptr && dispatcher->state == DispatcherState::suspended)
    save(*dispatcher, frame);
  schedule(frame);
  x86::leave_kernel();
}

[[noreturn]] void handle_invocation(x86::TrapFrame& frame) {
  set_status(frame, invoke(frame));
  const Dispatcher* const dispatcher = current();
  if (dispatcher != nullptr && dispatcher->state == DispatcherState::runnable)
    x86::leave_by_sysret();
  leave_to_next(frame);
}

// By the numbers of SystemCall. A handler returns when its caller is to resume by SYSRET.
constexpr std::array<void (*)(x86::TrapFrame&), 5> kHandlers{handle_invocation, yield, handle_lrpc,
                                                             handle_reply, debug_write};

}  // namespace
}  // namespace sprat::dispatch

namespace sprat::x86 {

using namespace dispatch;

void handle_system_call(TrapFrame& frame) {
  if (frame.rax < kHandlers.size()) {
    kHandlers[frame.rax](frame);
  } else {
    set_status(frame, Error::no_system_call);
  }
  leave_by_sysret();
}

void handle_user_trap(TrapFrame& frame) {
  if (frame.vector == kDoubleFaultVector || frame.vector == kMachineCheckVector)
    handle_trap(frame);  // a fault of the machine, not of the process
  if (frame.vector < kExceptionVectors) return deliver_trap(frame);
  if (take_interrupt(frame.vector)) take_turns(frame);
}

}  // namespace sprat::x86
