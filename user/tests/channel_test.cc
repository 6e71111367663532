// channel_test.cc — coroutines at both ends of a channel, in one event loop.

#include <criterion/criterion.h>

#include <optional>
#include <vector>

#include "lib/upcalls.hh"
#include "user/tests/fake_process.hh"
#include "user/tests/link_pairs.hh"

using namespace sprat;

namespace {

using Pair = ChannelPair;

urpc::Message<1> message(std::uint64_t number) {
  return {static_cast<std::uint32_t>(number), {number}};
}

Task<> send_all(Channel& channel, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i)
    if (const auto sent = co_await channel.send(message(i)); !sent) co_return sent;
  co_return {};
}

// How many came, in order.
Task<std::uint64_t> receive_all(Channel& channel, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto received = co_await channel.receive();
    if (!received) co_return received.error();
    if (received.value().header != i || received.value().words[0] != i) co_return i;
  }
  co_return count;
}

Task<> answer(Channel& channel, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto received = co_await channel.receive();
    if (!received) co_return received.error();
    const urpc::Message<> reply = received.value();
    if (const auto sent = co_await channel.send(reply); !sent) co_return sent;
  }
  co_return {};
}

Task<std::uint64_t> ask(Channel& channel, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (const auto sent = co_await channel.send(message(i)); !sent) co_return sent.error();
    const auto received = co_await channel.receive();
    if (!received) co_return received.error();
    if (received.value().words[0] != i) co_return i;
  }
  co_return count;
}

Task<> note(Channel& channel, std::vector<std::uint64_t>& seen, std::uint64_t receiver) {
  const auto received = co_await channel.receive();
  if (!received) co_return received.error();
  seen.push_back(receiver * 100 + received.value().words[0]);
  co_return {};
}

Task<> count_signal(EventLoop& loop, int& signals) {
  co_await loop.sources().signalled();
  ++signals;
  co_return {};
}

Task<> empty() { co_return {}; }

void never_sleeps() { cr_assert_fail("the loop sleeps"); }

}  // namespace

Test(channel, a_sender_that_is_ahead_waits_for_room_and_loses_nothing) {
  fake::set_on_sleep(never_sleeps);
  EventLoop loop;
  Pair pair(loop);
  Task<> sender = send_all(pair.first, 1'000);
  loop.start(sender);
  const auto count = loop.run(receive_all(pair.second, 1'000));
  cr_assert(count && count.value() == 1'000);
  cr_expect(sender.done() && sender.result());
}

// A message stands before the acknowledgement that its sender waits for.
Test(channel, sender_finds_room_behind_a_message_and_keeps_the_message) {
  fake::set_on_sleep(never_sleeps);
  EventLoop loop;
  Pair pair(loop);
  cr_assert(loop.run(send_all(pair.second, 1)));
  Task<std::uint64_t> receiver = receive_all(pair.second, 100);
  loop.start(receiver);
  cr_assert(loop.run(send_all(pair.first, 100)));
  const auto kept = loop.run(receive_all(pair.first, 1));
  cr_expect(kept && kept.value() == 1);
}

Test(channel, replies_reach_their_callers) {
  fake::set_on_sleep(never_sleeps);
  EventLoop loop;
  Pair pair(loop), other(loop);
  Task<> servers[] = {answer(pair.second, 300), answer(other.second, 300)};
  Task<std::uint64_t> asks = ask(other.first, 300);
  for (Task<>& server : servers) loop.start(server);
  loop.start(asks);
  const auto count = loop.run(ask(pair.first, 300));
  cr_expect(count && count.value() == 300);
  while (!asks.done()) static_cast<void>(loop.run(ask(pair.first, 0)));
  cr_expect(asks.result() && asks.result().value() == 300);
}

Test(channel, receivers_get_messages_in_their_order) {
  EventLoop loop;
  Pair pair(loop);
  std::vector<std::uint64_t> seen;
  Task<> waiting[] = {note(pair.second, seen, 1), note(pair.second, seen, 2),
                      note(pair.second, seen, 3)};
  for (Task<>& task : waiting) loop.start(task);
  cr_assert(loop.run(send_all(pair.first, 2)));
  cr_assert(loop.run(send_all(pair.first, 1)));
  while (!waiting[2].done()) cr_assert(loop.run(send_all(pair.first, 0)));
  cr_expect(seen == (std::vector<std::uint64_t>{100, 201, 300}));
}

Test(channel, a_receiver_that_is_destroyed_takes_nothing_with_it) {
  EventLoop loop;
  Pair pair(loop);
  std::vector<std::uint64_t> seen;
  std::optional<Task<>> first = note(pair.second, seen, 1);
  Task<> second = note(pair.second, seen, 2);
  loop.start(*first);
  loop.start(second);
  cr_assert(loop.run(send_all(pair.first, 0)));
  first.reset();
  cr_assert(loop.run(send_all(pair.first, 1)));
  while (!second.done()) cr_assert(loop.run(send_all(pair.first, 0)));
  cr_expect(seen == (std::vector<std::uint64_t>{200}));
}

Test(channel, waiters_get_peer_gone_when_it_closes) {
  EventLoop loop;
  Pair pair(loop);
  std::vector<std::uint64_t> seen;
  Task<> receiver = note(pair.second, seen, 1);
  Task<> sender = send_all(pair.second, 100);
  loop.start(receiver);
  loop.start(sender);
  cr_assert(loop.run(send_all(pair.first, 0)));
  cr_assert(!sender.done(), "there is room for eight");
  pair.second.close();
  while (!sender.done() || !receiver.done()) static_cast<void>(loop.run(send_all(pair.first, 0)));
  cr_expect(receiver.result().error() == Error::peer_gone);
  cr_expect(sender.result().error() == Error::peer_gone);
  cr_expect(pair.second.try_send(message(1)).error() == Error::peer_gone);
}

Test(channel, messages_sent_before_the_peer_went_are_received) {
  EventLoop loop;
  Pair pair(loop);
  cr_assert(loop.run(send_all(pair.first, 3)));
  urpc::leave(pair.frame[0]);
  const auto three = loop.run(receive_all(pair.second, 3));
  cr_assert(three && three.value() == 3);
  const auto none = loop.run(receive_all(pair.second, 1));
  cr_expect(!none && none.error() == Error::peer_gone);
  cr_expect(loop.run(send_all(pair.second, 1)).error() == Error::peer_gone);
}

Test(channel, a_peer_that_breaks_the_rules_ends_the_conversation) {
  EventLoop loop;
  Pair pair(loop);
  pair.frame[0].words[0] = ~std::uint64_t{0} >> 1;  // reports lines that were never sent
  cr_expect(loop.run(send_all(pair.second, 100)).error() == Error::malformed);
  const auto received = loop.run(receive_all(pair.second, 1));
  cr_expect(!received && received.error() == Error::malformed);
}

Test(channel, waiting_sender_gets_malformed_when_the_peer_breaks_the_rules) {
  EventLoop loop;
  Pair pair(loop);
  Task<> sender = send_all(pair.first, 100);
  loop.start(sender);
  cr_assert(loop.run(send_all(pair.second, 0)));
  cr_assert(!sender.done());
  pair.frame[1].words[0] = ~std::uint64_t{0} >> 1;
  while (!sender.done()) static_cast<void>(loop.run(send_all(pair.second, 0)));
  cr_expect(sender.result().error() == Error::malformed);
}

// The peer sleeps: the first message signals its doorbell, and no other does.
Test(channel, doorbell_of_a_sleeper_is_signalled_once) {
  static EventLoop loop;
  static Pair pair(loop);
  static int sleeps = 0;
  fake::set_on_sleep([] {
    cr_assert_eq(++sleeps, 1, "it slept although there is a message");
    for (int i = 0; i < 3; ++i) cr_assert(pair.first.try_send(message(0)));
  });
  loop.sources().set_poll_cycles(0);
  const std::size_t before = fake::doorbells_signalled();
  const auto received = loop.run(receive_all(pair.second, 1));
  cr_expect(received && received.value() == 1);
  cr_expect_eq(fake::doorbells_signalled() - before, 1);
}

Test(channel, signal_resumes_all_waiters_for_it) {
  EventLoop loop;
  fake::set_on_sleep([] { fake::notify(kSignalledByMonitor); });
  int woken = 0;
  Task<> first = count_signal(loop, woken);
  loop.start(first);
  cr_assert(loop.run(count_signal(loop, woken)));
  cr_expect_eq(woken, 2);
}

namespace {

// Receives one, and then ends both conversations.
Task<> receive_and_end(std::optional<Pair>& own, std::optional<Pair>& other) {
  const auto received = co_await own->first.receive();
  other.reset();
  own.reset();
  co_return received ? Result<void>() : received.error();
}

}  // namespace

// In either order: the loop looks at one of the two first.
Test(channel, resumed_receiver_may_end_its_conversation_and_the_next_one) {
  for (const bool is_first : {true, false}) {
    fake::set_on_sleep(never_sleeps);
    EventLoop loop;
    std::optional<Pair> one, other;
    one.emplace(loop);
    other.emplace(loop);
    std::optional<Pair>& own = is_first ? one : other;
    std::vector<std::uint64_t> seen;
    Task<> waits = note((is_first ? other : one)->second, seen, 1);
    Task<> ends = receive_and_end(own, is_first ? other : one);
    loop.start(waits);
    loop.start(ends);
    cr_assert(loop.run(send_all(own->second, 1)));
    while (!ends.done() || !waits.done()) static_cast<void>(loop.run(empty()));
    cr_expect(ends.result() && waits.result().error() == Error::peer_gone);
  }
}

// Both ends send as much as they can, and receive: neither keeps the other from it.
Test(channel, senders_and_receivers_of_one_end_do_not_starve_each_other) {
  fake::set_on_sleep(never_sleeps);
  EventLoop loop;
  Pair pair(loop);
  Task<> senders[] = {send_all(pair.first, 500), send_all(pair.second, 500)};
  Task<std::uint64_t> receivers[] = {receive_all(pair.first, 500), receive_all(pair.second, 500)};
  for (auto& sender : senders) loop.start(sender);
  for (auto& receiver : receivers) loop.start(receiver);
  for (int turns = 0; turns < 20'000 && !(receivers[0].done() && receivers[1].done()); ++turns)
    static_cast<void>(loop.run(empty()));
  for (auto& receiver : receivers)
    cr_expect(receiver.done() && receiver.result() && receiver.result().value() == 500);
}
