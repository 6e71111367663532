// link.hh — a transport as protocols see it: lines go to the other end, lines come from there, in their order.
//
// Protocols are written against this concept and never name the transport: a channel between two cores, calls between
// two processes of one core, or a simulated network in a test on the host (user/tests/network).
//
//   kLineWords        words that a line carries besides its header: 7 in URPC, 4 in LRPC
//   send(line)        co_await gives Result<void>, when there was room for the line
//   receive()         co_await gives Result<urpc::Message<kLineWords>>: the next line. One at a time may wait.
//   make_ready(w)     the coroutine of Waiter `w` goes on when its turn comes, unless `w` is destroyed before
//
//   peer_gone         the other end has ended; receive says so when all lines that it sent have been received
//   malformed         the other end broke the transport's rules
//
// Both errors are final, and end all waits.
//
// Cancellation. A line is sent, or taken, by await_ready or await_resume, and never while the coroutine is suspended: a
// sender that is destroyed while it waits has not sent its line, and a receiver's line goes to the next receiver.

#pragma once

#include <concepts>

#include "lib/task.hh"
#include "urpc/message.hh"

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
                        const urpc::Message<0> short_line) {
  { link.send(line) } -> Gives<Result<void>>;
  { link.send(short_line) } -> Gives<Result<void>>;
  { link.receive() } -> Gives<Result<urpc::Message<Type::kLineWords>>>;
  link.make_ready(waiter);
};

// Sends without waiting.
//   again   there is no room, or others wait for it
template <Link AnyLink, std::size_t kWords>
SPRAT_INLINE Result<void> try_send(AnyLink& link, const urpc::Message<kWords>& line) {
  auto sending = link.send(line);
  if (!sending.await_ready()) return Error::again;
  return sending.await_resume();
}

}  // namespace sprat
