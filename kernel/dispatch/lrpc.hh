// lrpc.hh — calls between dispatchers of one core: the message stays in the registers, and the processor goes straight to
// the one who is called.
//
//   caller                       kernel                          callee
//   lrpc(endpoint, words) ─────▶ saves nine registers,
//   calling                      switches address spaces ──────▶ upcall lrpc(badge, words)   [disabled]
//                                                                   serves
//   goes on in place ◀────────── the caller's nine registers ◀── reply(words)
//                                and the words in the others        goes on by the upcall `run`, or waits again
//
// There is no queue: a callee serves one call at a time, and a caller who comes too early is told that it is busy.

#pragma once

#include "dispatch/dispatcher.hh"
#include "x86/traps.hh"

namespace sprat::dispatch {

// Both system calls leave the kernel from here when they succeed, which is the quickest way; they return what kept them.

// The system call lrpc: goes to the callee's upcall. The caller goes on when the callee replies, or ends: then with peer_gone.
// Costs no more than two slots of CSpace, four with a capability.
//   no_capability, wrong_type, no_rights    of the endpoint (kWrite), or of the capability to send (cap::send)
//   invalid_argument                        the caller calls itself
//   busy                                    the callee is disabled, serves a call, calls, or its entry for calls is 0 or no
//                                           user address, or its upcall stack is none
//   peer_gone                               it is stopped or suspended
//   slot_in_use                             there is a capability to send, and the callee's receive_slot is taken, or none
Error call(x86::TrapFrame& frame);

// The system call reply: ends the callee's upcall and goes to the caller. If the caller has gone, others run. If the callee is in a
// turn of its own, it goes on with that, and the caller goes on in its next turn.
//   no_capability, wrong_type, no_rights, slot_in_use   of the capability to send; then the call is still being served
//   not_found                               the dispatcher is not disabled: it is in no upcall
Error reply(x86::TrapFrame& frame);

// `dispatcher` no longer waits for a reply.
void give_up_call(Dispatcher& dispatcher);

// Whoever waits for a reply of `dispatcher` gets peer_gone.
void fail_caller(Dispatcher& dispatcher);

}  // namespace sprat::dispatch
