// link.hh — a transport as protocols see it: lines go to the other end, lines come from there, in their order.
//
// Protocols are written against this concept and never name the transport: a channel between two cores, calls between
// two processes of one core, or a simulated network in a test on the host (user/tests/network).
//
//   kLineWords        the number of words that a line carries besides its header: 7 in URPC, 4 in LRPC
//   send(line)        co_await gives Result<void>, when there was room for the line
//   try_send(line)    Result<void>, without waiting.  again: there is no room, or coroutines wait for it
//   receive()         co_await gives Result<urpc::Message<kLineWords>>: the next line
//   set_sink(sink)    hands each line to `sink` (sink.hh) instead, as soon as a poll finds it; null: to coroutines again
//   make_ready(w)     resumes the coroutine of Waiter `w` when its turn comes, unless `w` is destroyed before
//
//   peer_gone         the other end has ended; receive says so when all lines that it sent have been received
//   malformed         the other end broke the transport's rules
//
// Both errors are final, and end all waits. Coroutines and a sink do not receive at the same time.
//
// Cancellation. A line is sent, or taken, by await_ready or await_resume, and never while the coroutine is suspended: a
// sender that is destroyed while it waits has not sent its line, and a receiver's line goes to the next receiver.

#pragma once

#include <concepts>

#include "lib/sink.hh"
#include "lib/task.hh"

namespace sprat {

// An awaiter whose co_await gives a Value.
template <class Type, class Value>
concept Gives = requires(Type awaiter, std::coroutine_handle<> waiting) {
  { awaiter.await_ready() } -> std::same_as<bool>;
  awaiter.await_suspend(waiting);
  { awaiter.await_resume() } -> std::same_as<Value>;
};

template <class Type>
concept Link = requires(Type link, Waiter waiter, const urpc::Message<Type::kLineWords> line,
                        const urpc::Message<0> short_line, Sink<Type::kLineWords>* sink) {
  { link.send(line) } -> Gives<Result<void>>;
  { link.send(short_line) } -> Gives<Result<void>>;
  { link.try_send(line) } -> std::same_as<Result<void>>;
  { link.try_send(short_line) } -> std::same_as<Result<void>>;
  { link.receive() } -> Gives<Result<urpc::Message<Type::kLineWords>>>;
  link.set_sink(sink);
  link.make_ready(waiter);
};

}  // namespace sprat
