// lrpc.hh — calls between processes of one core.
//
// A caller waits, in the kernel, until it is answered. A process that is called either
//   answers at once, in the upcall, disabled (set_call_handler): quick, but it must not touch memory that is not there yet, or
//   takes the call when its event loop comes to it (EventLoop::next_call) and answers when it is ready.

#pragma once

#include <optional>

#include "sprat/system_call.hh"

namespace sprat {

// As the kernel delivers it, and as it takes the answer.
struct Call {
  std::uint64_t badge = 0;  // of the endpoint the caller used
  CapAddress capability;    // where one that came along stands, or CapAddress()
  std::uint32_t unused = 0;
  Words words{};
};

struct Answer {
  CapAddress capability;
  Words words;
};

// ---- calling

// Calls the process behind `endpoint`, as often as it is busy. `capability`, which stays, is copied to it if it is ready to
// receive one.
//   no_capability, wrong_type, no_rights   of endpoint or capability
//   slot_in_use   the callee, or this process, expects no capability
//   peer_gone     the callee ended before it answered
Result<Answer> call(CapAddress endpoint, const Words& words, CapAddress capability = {});

// The slot for the capability that comes next with a call or an answer; it must be empty.
void receive_into(CapAddress slot);

// ---- being called

// Answers a call in place: the contents of `call` are the answer if it returns true; else the event loop will take the
// call.
using CallHandler = bool (*)(Call& call);
void set_call_handler(CallHandler handler);

// Returns the call that waits for the event loop, if there is one. It must be answered.
std::optional<Call> take_call();

// Answers the call that was taken. A capability that cannot be sent is not sent.
void answer(const Words& words, CapAddress capability = {});

}  // namespace sprat
