// link.hh — what a protocol knows of its transport: lines go to the other end, lines come from there, in their order.
//
// Protocols are written against this concept and never name what is behind it: a channel between two cores, calls between two
// processes of one core, or a simulated network in a test on the host (user/tests/network).
//
//   kLineWords        words that a line carries besides its header: 7 in URPC, 4 in LRPC
//   send(line)        co_await gives Result<void>, when there was room for the line
//   receive()         co_await gives Result<urpc::Message<kLineWords>>: the next line. One at a time may wait.
//   make_ready(w)     the coroutine of Waiter `w` goes on when its turn comes, unless `w` is destroyed before
//
//   peer_gone         there is nobody at the other end any more; receive says so when all that was sent has been received
//   malformed         the other end broke the transport's rules
//
// So it stays then, and who waits is told.
//
// Cancellation. A line is sent, or taken, by await_ready or await_resume, and never while the coroutine is suspended: who is
// destroyed while it waits has not sent its line, and the line it would have received is the next one's.

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
