// lrpc.cc — the fast path between two address spaces.

#include "dispatch/lrpc.hh"

#include "dispatch/scheduler.hh"
#include "dispatch/upcall.hh"

namespace sprat::dispatch {
namespace {

//@ lab cpu-driver.8a: // Helpers of your own go here.
Result<void> can_take_call(const Dispatcher& callee, const Dispatcher& caller) {
  if (&callee == &caller) return Error::invalid_argument;
  const bool runs =
      callee.state == DispatcherState::runnable || callee.state == DispatcherState::waiting;
  if (!runs) return callee.state == DispatcherState::calling ? Error::busy : Error::peer_gone;
  if (callee.resumes_in_place || callee.handles_call) return Error::busy;
  return {};
}

// Returns the callee's entry for calls. invalid_argument: it has none.
Result<UserAddress> entry_for_calls(const Dispatcher& callee) {
  const std::uint64_t entry = callee.frame->entries[static_cast<std::size_t>(Upcall::lrpc)].load();
  return entry != 0 ? UserAddress::of(entry) : Error::invalid_argument;
}

// Sends the capability at `address` of `from` to the receive slot of `to`. Returns its new address.
Result<CapAddress> send_across(Dispatcher& from, CapAddress address, Dispatcher& to) {
  const auto source = TRY(cap::find_slot(from.part(Part::cspace), address));
  const CapAddress receives(to.frame->receive_slot.load());
  const auto target = cap::find_slot(to.part(Part::cspace), receives);
  if (!target) return Error::slot_in_use;
  TRY(cap::send(*source, *target.value()));
  return receives;
}

// send_across, if there is a capability to send.
Result<CapAddress> send_capability(Dispatcher& from, CapAddress address, Dispatcher& to) {
  return address == CapAddress() ? CapAddress() : send_across(from, address, to);
}

// Saves the registers that a call must preserve for the caller.
void save_caller(const Dispatcher& caller, const x86::TrapFrame& frame) {
  SharedRegisters& saved = caller.frame->disabled;
  saved.rbx = frame.rbx;
  saved.rbp = frame.rbp;
  saved.r12 = frame.r12;
  saved.r13 = frame.r13;
  saved.r14 = frame.r14;
  saved.r15 = frame.r15;
  saved.rip = frame.rip;
  saved.rflags = frame.rflags;
  saved.rsp = frame.rsp;
}

// The opposite, but for rip; the words are in the frame already.
void restore_caller(const Dispatcher& caller, UserAddress rip, x86::TrapFrame& frame) {
  const SharedRegisters& saved = caller.frame->disabled;
  frame.rax = kStatusOk;
  frame.rbx = saved.rbx.load();
  frame.rbp = saved.rbp.load();
  frame.r12 = saved.r12.load();
  frame.r13 = saved.r13.load();
  frame.r14 = saved.r14.load();
  frame.r15 = saved.r15.load();
  frame.rip = rip.value();
  frame.rflags = (saved.rflags.load() & x86::kUserFlags) | x86::kInterruptFlag;
  frame.rsp = saved.rsp.load();
}

// The upcall's registers; the words stay where they are.
void enter_callee(Dispatcher& callee, UserAddress entry, UserAddress stack, std::uint64_t badge,
                  CapAddress received, x86::TrapFrame& frame) {
  frame.rax = badge;
  frame.rbx = received.raw();
  frame.rdi = callee.user_frame.value();
  frame.rbp = frame.r12 = frame.r13 = frame.r14 = frame.r15 = 0;
  frame.rip = entry.value();
  frame.rflags = x86::kInterruptFlag;
  frame.rsp = stack.value();
  callee.frame->is_disabled = 1;
}

// Gives the caller's place in the run queue to the callee.
void lend_turn(Dispatcher& caller, Dispatcher& callee) {
  callee.waits_afterwards = callee.state == DispatcherState::waiting;
  caller.state = DispatcherState::calling;
  if (callee.waits_afterwards) [[likely]] {
    callee.state = DispatcherState::runnable;
    replace_in_queue(caller, callee);
  } else {
    dequeue(caller);
  }
  caller.callee = &callee;
  callee.caller = &caller;
  callee.handles_call = true;
}

void part(Dispatcher& callee, Dispatcher& caller) {
  callee.caller = caller.callee = nullptr;
  caller.state = DispatcherState::runnable;
}

// The callee waits again, and its place in the run queue is the caller's again. If it was signalled meanwhile, both run.
void give_turn_back(Dispatcher& callee, Dispatcher& caller) {
  if (callee.frame->pending.load() == 0) [[likely]] {
    callee.state = DispatcherState::waiting;
    replace_in_queue(callee, caller);
  } else {
    enqueue(caller);
  }
}

// The turn is the callee's own, which keeps it: the caller waits for its next turn, with the reply in its frame.
void keep_reply(Dispatcher& caller, CapAddress received, const x86::TrapFrame& frame) {
  SharedRegisters& saved = caller.frame->disabled;
  saved.rax = kStatusOk;
  saved.rdi = received.raw();
  saved.rsi = frame.rsi;
  saved.rdx = frame.rdx;
  saved.r8 = frame.r8;
  saved.r9 = frame.r9;
  saved.r10 = frame.r10;
  caller.resumes_in_place = true;
}

void end_upcall(Dispatcher& callee) {
  callee.frame->is_disabled = 0;
  callee.resumes_in_place = false;
  callee.handles_call = false;
}

[[noreturn]] void leave_to_another(x86::TrapFrame& frame) {
  schedule(frame);
  x86::leave_kernel();
}
//@ end

// Calls; returns only if it cannot.
Error call(x86::TrapFrame& frame) {
  //@ lab cpu-driver.8b: return Error::not_implemented;
  Dispatcher& caller = *current();
  const auto endpoint =
      TRY(cap::find(caller.part(Part::cspace), CapAddress(frame.rdi), Type::endpoint, kWrite));
  Dispatcher& callee = dispatcher_at(*endpoint);
  TRY(can_take_call(callee, caller));
  const auto entry = entry_for_calls(callee);
  const auto stack = UserAddress::of(callee.frame->upcall_stack.load());
  if (!entry || !stack) return Error::busy;
  const std::uint64_t badge = endpoint->badge;
  const auto received = TRY(send_capability(caller, CapAddress(frame.rdi >> 32), callee));
  // No error from here on: the call has taken place.
  save_caller(caller, frame);
  lend_turn(caller, callee);
  switch_over(caller, callee);
  enter_callee(callee, entry.value(), stack.value(), badge, received, frame);
  x86::leave_by_sysret();
  //@ end
}

// Replies; returns only if it cannot.
Error reply(x86::TrapFrame& frame) {
  //@ lab cpu-driver.8c: return Error::not_implemented;
  Dispatcher& callee = *current();
  if (!is_disabled(callee, frame.rip)) return Error::not_found;
  if (callee.caller == nullptr) {
    end_upcall(callee);
    leave_to_another(frame);
  }
  Dispatcher& caller = *callee.caller;
  const auto received = TRY(send_capability(callee, CapAddress(frame.rdi), caller));
  // No error from here on: the call is answered.
  end_upcall(callee);
  part(callee, caller);
  if (callee.waits_afterwards) [[likely]] {
    give_turn_back(callee, caller);
  } else {
    enqueue(caller);
    if (has_the_turn(callee)) {
      keep_reply(caller, received, frame);
      leave_to_another(frame);
    }
  }
  switch_over(callee, caller);
  frame.rdi = received.raw();
  const std::uint64_t saved_rip = caller.frame->disabled.rip.load();
  const auto rip = UserAddress::of(saved_rip);
  if (!rip) {
    stop(caller, kNoTrap, saved_rip, 0);
    leave_to_another(frame);
  }
  restore_caller(caller, rip.value(), frame);
  x86::leave_by_sysret();
  //@ end
}

}  // namespace

void handle_lrpc(x86::TrapFrame& frame) { frame.rax = status_of(call(frame)); }

void handle_reply(x86::TrapFrame& frame) { frame.rax = status_of(reply(frame)); }

// The callee still counts as handling the call: were it free for another one now, its late reply would answer that.
void give_up_call(Dispatcher& dispatcher) {
  if (dispatcher.callee == nullptr) return;
  dispatcher.callee->caller = nullptr;
  dispatcher.callee = nullptr;
  dispatcher.frame->disabled.rax = status_of(Error::peer_gone);
  dispatcher.resumes_in_place = true;
}

void fail_caller(Dispatcher& dispatcher) {
  if (dispatcher.caller == nullptr) return;
  Dispatcher& caller = *dispatcher.caller;
  give_up_call(caller);
  caller.state = DispatcherState::runnable;
  enqueue(caller);
}

}  // namespace sprat::dispatch
