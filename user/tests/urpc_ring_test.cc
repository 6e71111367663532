// urpc_ring_test.cc — messages arrive once, whole and in order, whatever the ring and however far it has gone.

#include <criterion/criterion.h>

#include <deque>

#include "tests/urpc_pair.hh"

using namespace sprat;
using namespace sprat::urpc;
using namespace sprat::test;

namespace {

constexpr std::size_t kAllSlots[] = {4, 8, 16, 32, 64, 1024, kMostSlots};

// Calls `check(pair)` for each policy and each size of ring.
template <class Check>
void for_all_rings(Check check) {
  for (const std::size_t slots : kAllSlots) {
    Pair<Epoch> epoch(slots);
    check(epoch, slots);
    Pair<UsedBit> used_bit(slots);
    check(used_bit, slots);
  }
}

// How many messages `end` can send before there is no room.
template <class Ring>
std::size_t fill_up(Ring& end, std::uint64_t first_number) {
  std::size_t sent = 0;
  while (end.send(message(first_number + sent)).ok()) ++sent;
  cr_assert(end.send(message(0)).error() == Error::again);
  return sent;
}

template <class Ring>
void expect_next(Ring& end, std::uint64_t number) {
  Message<> got;
  cr_assert(end.receive(got).ok(), "message %lu is missing", number);
  cr_assert(got == message(number), "message %lu is another", number);
}

template <class Ring>
void expect_nothing(Ring& end) {
  Message<> got = message(77);
  cr_assert(end.receive(got).error() == Error::again);
  cr_assert(got == message(77), "nothing came, and still something was copied");
}

// The word in which the owner of a status line says how far it has read.
std::uint64_t report_of(Line* status) { return status->words[0].load(); }

// Two ends that send and receive as a seed says, beside queues that are believed. Empty: they agree.
template <class Ring>
std::string random_walk(std::uint64_t seed, std::size_t slots, int steps) {
  std::mt19937_64 random(seed);
  Pair<Ring> pair(slots);
  struct Direction {
    Ring *from, *to;
    std::deque<std::uint64_t> on_their_way;
    std::uint64_t sent = 0;
  } directions[] = {{&pair.a, &pair.b, {}}, {&pair.b, &pair.a, {}}};
  for (int step = 0; step < steps; ++step) {
    Direction& direction = directions[random() % 2];
    const std::uint64_t burst = random() % (random() % 8 == 0 ? 2 * slots : 3);
    if (random() % 2 == 0) {
      for (std::uint64_t i = 0; i < burst; ++i) {
        if (!direction.from->send(message(direction.sent)).ok()) break;
        direction.on_their_way.push_back(direction.sent++);
      }
      if (direction.on_their_way.size() > slots)
        return "more is on its way than the ring has slots";
      continue;
    }
    for (std::uint64_t i = 0; i < burst; ++i) {
      Message<> got;
      const auto received = direction.to->receive(got);
      if (received.ok() != !direction.on_their_way.empty())
        return "one is missing, or one too many";
      if (!received) {
        if (received.error() != Error::again) return "the ring is broken";
        break;
      }
      if (got != message(direction.on_their_way.front())) return "it is another one";
      direction.on_their_way.pop_front();
    }
  }
  return {};
}

template <class Ring>
void walk_all_sizes() {
  const std::uint64_t seed = any_seed();
  for (const std::size_t slots : {4, 8, 16, 64}) {
    for (std::uint64_t round = 0; round < 20; ++round) {
      const std::string wrong = random_walk<Ring>(seed + round, slots, 5000);
      cr_assert(wrong.empty(), "SPRAT_SEED=%lu, %zu slots: %s", seed + round, slots, wrong.c_str());
    }
  }
}

}  // namespace

Test(urpc_ring, frames_of_a_size_that_no_ring_has_are_refused) {
  std::vector<Line> lines(4 * kMostSlots + kStatusLines);
  for (const std::size_t count : {0, 1, 2, 4, 6, 9, 11, 14, 4 * 32768 + 2}) {
    const auto view = view_of(std::span(lines).first(count), Side::first);
    cr_expect(!view.ok() && view.error() == Error::invalid_argument, "%zu lines", count);
  }
  cr_expect(view_of(std::span(lines).first(frame_lines(4)), Side::first).ok());
}

Test(urpc_ring, the_two_sides_see_one_frame_the_other_way_round) {
  Frame frame(8);
  const View first = frame.view(Side::first), second = frame.view(Side::second);
  cr_expect(first.out.data() == second.in.data() && first.in.data() == second.out.data());
  cr_expect(first.own_status == second.peer_status);
  cr_expect(first.peer_status == second.own_status);
  cr_expect(first.out.size() == 8 && first.in.size() == 8);
}

Test(urpc_ring, nothing_comes_out_of_a_frame_of_zeros) {
  for_all_rings([](auto& pair, std::size_t) {
    expect_nothing(pair.a);
    expect_nothing(pair.b);
    cr_expect(!pair.a.has_line() && pair.a.has_room());
  });
}

Test(urpc_ring, messages_arrive_whole_and_in_order_lap_after_lap) {
  for_all_rings([](auto& pair, std::size_t slots) {
    std::uint64_t sent = 0, received = 0;
    while (received < 5 * slots) {
      for (int i = 0; i < 3 && pair.a.send(message(sent)).ok(); ++i) ++sent;
      for (int i = 0; i < 2 && received < sent; ++i) expect_next(pair.b, received++);
      expect_nothing(pair.a);
    }
  });
}

Test(urpc_ring, short_messages_arrive_with_the_words_they_have) {
  Pair<Epoch> pair(4);
  cr_assert(pair.a.send(Message<2>{5, {6, 7}}).ok());
  cr_assert(pair.a.send(Message<0>{8, {}}).ok());
  Message<2> two;
  cr_assert(pair.b.receive(two).ok());
  cr_expect(two == (Message<2>{5, {6, 7}}));
  Message<> seven;
  cr_assert(pair.b.receive(seven).ok());
  cr_expect(seven.header == 8);
}

Test(urpc_ring, a_full_ring_says_again_and_loses_nothing) {
  for_all_rings([](auto& pair, std::size_t slots) {
    std::uint64_t next = 0;
    for (int lap = 0; lap < 3; ++lap) {
      const std::size_t sent = fill_up(pair.a, next);
      if (std::is_same_v<decltype(pair.a), UsedBit>) cr_assert(sent == slots);
      // Less than half a ring may have been read and not acknowledged yet.
      cr_assert(sent <= slots && sent >= (lap == 0 ? slots : slots / 2));
      cr_assert(!pair.a.has_room());
      for (std::size_t i = 0; i < sent; ++i) expect_next(pair.b, next++);
      expect_nothing(pair.b);
      expect_nothing(pair.a);
      cr_assert(pair.a.has_room());
    }
  });
}

Test(urpc_ring, two_full_rings_come_free_again) {
  for_all_rings([](auto& pair, std::size_t) {
    for (std::uint64_t lap = 0; lap < 3; ++lap) {
      const std::size_t there = fill_up(pair.a, 0), back = fill_up(pair.b, 500'000);
      for (std::size_t i = 0; i < there; ++i) expect_next(pair.b, i);
      for (std::size_t i = 0; i < back; ++i) expect_next(pair.a, 500'000 + i);
      expect_nothing(pair.b);
      expect_nothing(pair.a);
    }
  });
}

Test(urpc_ring, has_line_and_has_room_agree_with_receive_and_send) {
  for_all_rings([](auto& pair, std::size_t) {
    cr_assert(pair.a.send(message(1)).ok());
    cr_expect(pair.b.has_line() && !pair.a.has_line());
    expect_next(pair.b, 1);
    cr_expect(!pair.b.has_line());
  });
}

Test(urpc_ring, receiver_says_when_it_has_made_room) {
  for_all_rings([](auto& pair, std::size_t slots) {
    const bool is_epoch = std::is_same_v<decltype(pair.a), Epoch>;
    const std::size_t sent = fill_up(pair.a, 0);
    std::size_t told = 0;
    Message<> got;
    for (std::size_t i = 0; i < sent; ++i) {
      const std::size_t before = told;
      cr_assert(pair.b.receive(got, [&] { ++told; }).ok());
      cr_assert(told == before || pair.a.has_room(), "told before there is room");
    }
    cr_assert(!pair.b.receive(got, [&] { ++told; }).ok());
    cr_expect(told == (is_epoch ? 2 : slots), "%zu times", told);
  });
}

Test(urpc_epoch, one_way_costs_a_report_for_half_a_ring) {
  for (const std::size_t slots : kAllSlots) {
    Pair<Epoch> pair(slots);
    constexpr std::uint64_t kMessages = 1'000'000;
    std::uint64_t told = 0, received = 0;
    Message<1> got;
    for (std::uint64_t i = 0; i < kMessages; ++i) {
      while (!pair.a.send(Message<1>{0, {i}}).ok())
        if (pair.b.receive(got, [&] { ++told; }).ok()) ++received;
      if (pair.b.receive(got, [&] { ++told; }).ok()) ++received;
    }
    while (pair.b.receive(got).ok()) ++received;
    cr_assert(received == kMessages);
    cr_expect(told <= kMessages / (slots / 2), "%lu with %zu slots", told, slots);
  }
}

Test(urpc_epoch, ping_pong_needs_no_report) {
  for (const std::size_t slots : {4, 16}) {
    Pair<Epoch> pair(slots);
    for (std::uint64_t i = 0; i < 10 * slots; ++i) {
      cr_assert(pair.a.send(message(i)).ok());
      expect_next(pair.b, i);
      cr_assert(pair.b.send(message(~i)).ok());
      expect_next(pair.a, ~i);
      cr_assert(report_of(pair.frame.view(Side::first).own_status) == 0);
      cr_assert(report_of(pair.frame.view(Side::second).own_status) == 0);
    }
  }
}

Test(urpc_epoch, pipeline_of_calls_needs_no_report_either) {
  Pair<Epoch> pair(16);
  for (std::uint64_t round = 0; round < 100; ++round) {
    for (std::uint64_t i = 0; i < 8; ++i) cr_assert(pair.a.send(message(i)).ok());
    for (std::uint64_t i = 0; i < 8; ++i) expect_next(pair.b, i);
    cr_assert(pair.b.send(message(99)).ok());  // acknowledges all eight
    expect_nothing(pair.b);
    expect_next(pair.a, 99);
    cr_assert(report_of(pair.frame.view(Side::second).own_status) <= 24,
              "after the first stop only");
  }
}

Test(urpc_epoch, the_receiver_never_writes_the_senders_lines) {
  Pair<Epoch> pair(8);
  const View view = pair.frame.view(Side::first);
  for (std::uint64_t i = 0; i < 40; ++i) {
    cr_assert(pair.a.send(message(i)).ok());
    std::vector<std::uint64_t> before;
    for (const Line& line : view.out) before.push_back(line.control.load());
    expect_next(pair.b, i);
    for (std::size_t slot = 0; slot < before.size(); ++slot)
      cr_assert(view.out[slot].control.load() == before[slot]);
    expect_nothing(pair.b);
    expect_nothing(pair.a);
  }
}

Test(urpc_epoch, arrives_in_any_order_of_steps) { walk_all_sizes<Epoch>(); }

Test(urpc_used_bit, arrives_in_any_order_of_steps) { walk_all_sizes<UsedBit>(); }

// A lap begins with a cursor that goes around, and no line is sent by that.
Test(urpc_epoch, two_full_rings_at_the_end_of_a_lap_come_free_again) {
  for (const std::size_t slots : kAllSlots) {
    Pair<Epoch> pair(slots);
    for (int lap = 0; lap < 5; ++lap) {
      const std::size_t there = fill_up(pair.a, 0), back = fill_up(pair.b, 500'000);
      for (std::size_t i = 0; i < there; ++i) expect_next(pair.b, i);
      for (std::size_t i = 0; i < back; ++i) expect_next(pair.a, 500'000 + i);
      cr_assert(pair.a.has_room() && pair.b.has_room(), "%zu slots", slots);
    }
  }
}

// Until the sender has received it, a line may acknowledge more than a report does.
Test(urpc_epoch, sender_without_room_must_receive_first) {
  Pair<Epoch> pair(8);
  const std::size_t sent = fill_up(pair.a, 0);
  for (std::uint64_t i = 0; i < sent; ++i) expect_next(pair.b, i);
  cr_assert(pair.b.send(message(77)).ok());
  cr_expect(!pair.a.has_room() && pair.a.has_line());
  cr_expect(pair.a.send(message(0)).error() == Error::again);
  expect_next(pair.a, 77);
  cr_expect(pair.a.has_room());
  cr_expect(fill_up(pair.a, 0) == 8);
}
