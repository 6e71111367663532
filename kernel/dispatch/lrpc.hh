// lrpc.hh — calls between dispatchers of one core: the message stays in the registers, and the processor goes directly
// to the callee.
//
//   caller                       kernel                          callee
//   lrpc(endpoint, words) ─────▶ saves nine registers,
//   calling                      switches address spaces ──────▶ upcall lrpc(badge, words)   [disabled]
//                                                                   handles
//   resumes in place ◀────────── the caller's nine registers ◀── reply(words)
//                                and the words in the others        resumes by the upcall `run`, or waits again
//
// There is no queue: a callee handles one call at a time, and a caller that comes too early gets `busy`.

#pragma once

#include "dispatch/dispatcher.hh"

namespace sprat::dispatch {

// Both system calls leave the kernel from here when they succeed, which is the fastest path; they return only with an
// error, which is in rax then.

// The system call lrpc: enters the callee's upcall. The caller resumes when the callee replies, or with peer_gone when
// it ends. Costs no more than two slots of CSpace, four with a capability.
//   no_capability, wrong_type, no_rights    of the endpoint (kWrite), or of the capability to send (cap::send)
//   invalid_argument                        the caller calls itself
//   busy                                    the callee is disabled, handles a call, calls, or its entry for calls
//                                           or its upcall stack is not a user address, or the entry is 0
//   peer_gone                               it is stopped or suspended
//   slot_in_use                             a capability is sent, and the callee's receive_slot is taken or 0
void handle_lrpc(x86::TrapFrame& frame);

// The system call reply: ends the callee's upcall and resumes the caller. If the caller has ended, the next dispatcher
// runs. If the callee is in a turn of its own, it keeps that turn, and the caller resumes in its next turn.
//   no_capability, wrong_type, no_rights, slot_in_use   of the capability to send; then the call is not answered yet
//   not_found                               the dispatcher is not disabled: it is in no upcall
void handle_reply(x86::TrapFrame& frame);

// Ends the call that `dispatcher` waits for, without a reply.
void give_up_call(Dispatcher& dispatcher);

// Resumes the caller that waits for a reply of `dispatcher`, if there is one, with peer_gone.
void fail_caller(Dispatcher& dispatcher);

}  // namespace sprat::dispatch
