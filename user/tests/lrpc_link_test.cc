// lrpc_link_test.cc — lines as calls: the inbox, room that comes back, lines that come too early, peers that go.

#include <criterion/criterion.h>

#include "lib/upcalls.hh"
#include "user/tests/fake_process.hh"
#include "user/tests/link_pairs.hh"

using namespace sprat;

namespace {

using Line = urpc::Message<LrpcLink::kLineWords>;

Line line(std::uint64_t number) {
  return {static_cast<std::uint32_t>(number), {number, 2 * number, 3 * number, 4 * number}};
}

Task<> send_all(LrpcLink& link, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i)
    if (const auto sent = co_await link.send(line(i)); !sent) co_return sent;
  co_return {};
}

// How many came, in order.
Task<std::uint64_t> receive_all(LrpcLink& link, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto received = co_await link.receive();
    if (!received) co_return received.error();
    if (received.value() != line(i)) co_return i;
  }
  co_return count;
}

Task<> empty() { co_return {}; }

// So many turns that all that can happen has happened.
void let_run(EventLoop& loop) {
  for (int i = 0; i < 200; ++i) static_cast<void>(loop.run(empty()));
}

}  // namespace

Test(lrpc_link, lines_come_whole_and_in_their_order_through_a_full_inbox) {
  EventLoop loop;
  LrpcPair pair(loop);
  Task<> senders[] = {send_all(pair.first, 500), send_all(pair.second, 500)};
  for (auto& sender : senders) loop.start(sender);
  let_run(loop);
  cr_assert(!senders[0].done() && !senders[1].done(), "no line was received: there is no room");
  Task<std::uint64_t> receivers[] = {receive_all(pair.first, 500), receive_all(pair.second, 500)};
  for (auto& receiver : receivers) loop.start(receiver);
  for (int i = 0; i < 100; ++i) let_run(loop);
  for (auto& receiver : receivers)
    cr_expect(receiver.done() && receiver.result() && receiver.result().value() == 500);
  for (auto& sender : senders) cr_expect(sender.done() && sender.result());
}

Test(lrpc_link, sender_waits_until_the_peer_has_opened) {
  EventLoop loop;
  std::array<urpc::Line, 2> status_lines{};
  LrpcLink first, second;
  LrpcLink::expect_lines();
  first.open(loop, 1, CapAddress(2), status_lines[1]);
  Task<> sender = send_all(first, 3);
  loop.start(sender);
  let_run(loop);
  cr_assert(!sender.done());
  second.open(loop, 2, CapAddress(1), status_lines[0]);
  const auto received = loop.run(receive_all(second, 3));
  cr_expect(received && received.value() == 3);
  cr_expect(sender.done() && sender.result());
}

Test(lrpc_link, lines_sent_before_the_sender_ended_are_received) {
  EventLoop loop;
  LrpcPair pair(loop);
  cr_assert(loop.run(send_all(pair.second, 3)));
  pair.let_second_go();
  const auto three = loop.run(receive_all(pair.first, 3));
  cr_assert(three && three.value() == 3);
  cr_expect(loop.run(receive_all(pair.first, 1)).error() == Error::peer_gone);
  cr_expect(loop.run(send_all(pair.first, 1)).error() == Error::peer_gone);
}

Test(lrpc_link, sender_waiting_for_room_gets_peer_gone) {
  EventLoop loop;
  LrpcPair pair(loop);
  Task<> sender = send_all(pair.first, 100);
  loop.start(sender);
  let_run(loop);
  cr_assert(!sender.done());
  pair.let_second_go();
  let_run(loop);
  cr_assert(sender.done());
  cr_expect(sender.result().error() == Error::peer_gone);
}

namespace {

struct CountingSink final : Sink<LrpcLink::kLineWords> {
  int lines = 0, ends = 0;
  void take(const urpc::Message<LrpcLink::kLineWords>&) override { ++lines; }
  void end(Error error) override { ends += error == Error::peer_gone ? 1 : 100; }
};

}  // namespace

Test(lrpc_link, sink_gets_lines_and_the_end_that_were_signalled_before_it) {
  EventLoop loop;
  LrpcPair pair(loop);
  cr_assert(loop.run(send_all(pair.second, 3)));
  pair.let_second_go();
  let_run(loop);
  CountingSink sink;
  pair.first.set_sink(&sink);
  let_run(loop);
  cr_expect(sink.lines == 3 && sink.ends == 1, "%d lines, %d ends", sink.lines, sink.ends);
}

Test(lrpc_link, waiters_get_peer_gone_when_the_link_closes) {
  EventLoop loop;
  LrpcPair pair(loop);
  Task<std::uint64_t> receiver = receive_all(pair.first, 1);
  loop.start(receiver);
  let_run(loop);
  cr_assert(!receiver.done());
  pair.first.close();
  let_run(loop);
  cr_assert(receiver.done());
  cr_expect(receiver.result().error() == Error::peer_gone);
  cr_expect(pair.first.try_send(line(0)).error() == Error::peer_gone);
}

Test(lrpc_link, calls_without_a_line_reach_the_programs_handler) {
  LrpcLink::expect_lines();
  Call call{7, {}, 0, {1, 2, 3, 4, 5}};
  cr_expect(!fake::handle(call));
}

// The number of a link that is closed is used for none again, but its place is.
Test(lrpc_link, lines_of_a_closed_link_do_not_reach_the_next_one_in_its_place) {
  EventLoop loop;
  LrpcPair pair(loop);
  const std::uint64_t number = LrpcPair::kFirst;
  Call late{LrpcLink::badge_of(number + LrpcLink::kMaxNumbers), {}, 0, {7, 1, 2, 3, 4}};
  cr_expect(fake::handle(late));
  cr_expect_neq(late.words[0], 0, "it was taken");
  cr_expect(!pair.first.has_something());
  Call good{LrpcLink::badge_of(number), {}, 0, {7, 1, 2, 3, 4}};
  cr_expect(fake::handle(good));
  cr_expect(pair.first.has_something());
}
