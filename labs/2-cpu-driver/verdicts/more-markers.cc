//@ says Begins and ends the region that measures calls once more in each reply, so that the rest of the reply is not counted, and each call counts three times.

//@ answer cpu-driver.8c
  asm volatile(".byte 0x0f, 0x1f, 0x80; .word 30; .byte 0x5e, 0x5a");
  asm volatile(".byte 0x0f, 0x1f, 0x80; .word 30 | 0x8000; .byte 0x5e, 0x5a");
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
