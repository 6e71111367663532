// stealing_test.cc — exercise 3: an empty server asks its peers, each once, and a server that is asked answers at once.

#include <algorithm>
#include <numeric>

#include "servers.hh"

using namespace lab;

namespace {

// So many pieces, whose home that core is.
void add_own(OneServer& server, std::size_t count, Piece first = 0) {
  for (Piece piece = first; piece < first + count; ++piece) server.enters(piece, server.self);
}

std::vector<Ticket> any_tickets(Trial& trial, std::size_t count) {
  std::vector<Ticket> tickets;
  Ticket ticket = 1 + trial.below(1'000);
  for (std::size_t i = 0; i < count; ++i) tickets.push_back(ticket += 1 + trial.below(5));
  return tickets;
}

}  // namespace

LAB_TEST(stealing, request_asks_each_peer_once_and_the_richest_first, "host") {
  for (int round = 0; round < 20; ++round) {
    const Core cores = 2 + trial.below(9), self = trial.below(cores);
    OneServer server(trial, self, cores);
    // Some peers have said how much they have, by questions of their own.
    std::vector<std::uint64_t> rich(cores);
    for (Core peer = 0; peer < cores; ++peer) {
      if (peer == self || trial.below(3) == 0) continue;
      rich[peer] = trial.below(4);
      server.steal(peer, rich[peer], any_tickets(trial, 1));
    }
    std::vector<Core> order;
    for (Core core = 0; core < cores; ++core)
      if (core != self) order.push_back(core);
    std::ranges::sort(order, [&](Core a, Core b) {
      const auto distance = [&](Core core) { return (core + cores - self) % cores; };
      return std::pair(rich[b], distance(a)) < std::pair(rich[a], distance(b));
    });
    Answer answer = server.ask("want");
    std::vector<Core> asked;
    while (answer.is_asking && asked.size() < cores) {
      const Call steal = server.only_steal(answer);
      if (steal.numbers[0] >= cores || steal.numbers[0] == self)
        server.wrong("a question to a peer", answer);
      asked.push_back(steal.numbers[0]);
      if (asked.size() <= order.size() && rich[asked.back()] != rich[order[asked.size() - 1]])
        server.wrong(
            "the richest peer, as far as it is known: core " + bare(order[asked.size() - 1]),
            answer);
      if (asked.size() <= order.size() && asked.back() != order[asked.size() - 1])
        server.wrong(
            "of equals the next core behind this one: core " + bare(order[asked.size() - 1]),
            answer);
      server.expect_ended(answer, "");
      const Ticket ticket = steal.numbers[2];
      const Answer refusal = server.none(steal.numbers[0], ticket, 0);
      server.expect(
          refusal.all("refused").size() == 1 && refusal.all("refused")[0].numbers[0] == ticket,
          "refused " + bare(ticket) + ": nothing will come for it", refusal);
      rich[steal.numbers[0]] = 0;
      answer = server.answered(ticket, false);
    }
    server.expect(asked.size() == order.size(),
                  "a question to each of " + bare(order.size()) + " peers", answer);
    server.expect_ended(answer, "out_of_memory");
  }
}

LAB_TEST(stealing, one_request_at_a_time, "host") {
  OneServer server(trial, 1, 4);
  const Answer first = server.ask("want");
  const Call steal = server.only_steal(first);
  const Answer again = server.ask("want");
  server.expect(again.calls.empty(), "nothing: a request is in progress", again);
  server.answered(steal.numbers[2], true);
  server.only_steal(server.ask("want"));
}

LAB_TEST(stealing, piece_for_the_first_ticket_ends_the_request, "host") {
  for (int round = 0; round < 20; ++round) {
    OneServer server(trial, trial.below(4), 4);
    const auto limit = trial.below(2) == 0 ? 4 : 1 + trial.below(4);
    server.ask("tickets", bare(limit));
    const Call steal = server.only_steal(server.ask("want"));
    const Ticket first = steal.numbers[2];
    // Answers to other questions than this one mean nothing.
    for (const Ticket other : {first + 20, steal.numbers[3]}) {
      if (other == 0) continue;
      const Answer late = server.none(steal.numbers[0], other, trial.below(5));
      server.expect(late.all("refused").empty(),
                    "no refusal: the ticket is not the first one of this question", late);
      const Answer ended = server.answered(other, true);
      server.expect(ended.calls.empty() && ended.is_asking,
                    "nothing: the wait for the first ticket goes on", ended);
    }
    const Answer answer = server.answered(first, true);
    server.expect_ended(answer, "ok");
    std::set<Ticket> abandoned, others;
    for (const Call& call : answer.all("abandon")) abandoned.insert(call.numbers[0]);
    for (std::size_t i = 3; i < 6; ++i)
      if (steal.numbers[i] != 0) others.insert(steal.numbers[i]);
    server.expect(abandoned == others, "all other tickets are abandoned, and no more", answer);
    const Answer again = server.answered(first, true);
    server.expect(again.calls.empty(), "nothing: the request has ended", again);
  }
}

LAB_TEST(stealing, server_gives_half_of_its_pieces_above_its_reserve, "host") {
  for (int round = 0; round < 40; ++round) {
    const Limits limits{.reserve = trial.below(3), .low = 4, .high = 8};
    OneServer server(trial, trial.below(4), 4, limits);
    const std::size_t own = trial.below(12);
    add_own(server, own);
    const Core to = (server.self + 1 + trial.below(3)) % 4;
    const auto tickets = any_tickets(trial, 1 + trial.below(4));
    const std::size_t above = own > limits.reserve ? own - limits.reserve : 0;
    const std::size_t expected = std::min((above + 1) / 2, tickets.size());
    const Answer answer = server.steal(to, 0, tickets);
    const auto gifts = answer.all("give");
    server.expect(
        gifts.size() == expected,
        bare(expected) +
            " pieces: half of those above the reserve, rounded up, and no more than tickets",
        answer);
    if (expected == 0) {
      const auto nones = answer.all("none");
      server.expect(
          nones.size() == 1 && nones[0].numbers[0] == to && nones[0].numbers[1] == tickets[0] &&
              nones[0].numbers[2] == own,
          "None to core " + bare(to) + " for the first ticket, with the number of free pieces",
          answer);
      continue;
    }
    server.expect(answer.all("none").empty(), "pieces, and no None", answer);
    std::set<Ticket> used;
    std::set<Piece> pieces;
    for (const Call& gift : gifts) {
      server.expect(gift.numbers[1] == to && pieces.insert(gift.numbers[0]).second &&
                        used.insert(gift.numbers[2]).second &&
                        std::ranges::find(tickets, gift.numbers[2]) != tickets.end(),
                    "each piece to core " + bare(to) + ", for a ticket of its own", answer);
    }
    server.expect(gifts.back().numbers[2] == tickets[0],
                  "the piece for the first ticket last: with it all others are there", answer);
    server.expect(answer.free == own - expected, bare(own - expected) + " free pieces are left",
                  answer);
  }
}

// Two servers that ask each other would wait for ever otherwise.
LAB_TEST(stealing, server_that_waits_answers_at_once, "host") {
  for (int round = 0; round < 20; ++round) {
    OneServer server(trial, trial.below(4), 4, {.reserve = 0, .low = 4, .high = 8});
    const Call steal = server.only_steal(server.ask("want"));
    const std::size_t own = trial.below(3);
    add_own(server, own);
    const Core from =
        trial.below(2) == 0 ? steal.numbers[0] : (server.self + 1 + trial.below(3)) % 4;
    const Answer answer = server.steal(from, 0, any_tickets(trial, 1));
    server.expect(answer.all("give").size() + answer.all("none").size() == 1 &&
                      answer.all("give").empty() == (own == 0),
                  own == 0 ? "None, at once" : "a piece, at once", answer);
    server.expect(answer.is_asking, "its own request goes on", answer);
  }
}

LAB_TEST(stealing, piece_that_cannot_be_sent_is_free_again, "host") {
  for (std::uint64_t failing = 1; failing <= 4; ++failing) {
    OneServer server(trial, 2, 4, {.reserve = 0, .low = 10, .high = 12});
    add_own(server, 8);
    server.ask("refuse", bare(failing));
    const auto tickets = any_tickets(trial, 4);
    const Answer answer = server.steal(0, 0, tickets);
    std::set<Piece> kept, sent;
    bool is_answered = !answer.all("none").empty();
    for (const Call& gift : answer.all("give")) {
      (gift.has_failed() ? kept : sent).insert(gift.numbers[0]);
      is_answered |= !gift.has_failed() && gift.numbers[2] == tickets[0];
    }
    std::set<Piece> back;
    for (const Call& call : answer.all("put-back")) back.insert(call.numbers[0]);
    server.expect(kept == back, "put-back of the piece that was not sent", answer);
    server.expect(is_answered, "the first ticket is answered: None, if its piece cannot be sent",
                  answer);
    server.expect(answer.free == 8 - sent.size(), "all other pieces are free", answer);
  }
}

LAB_TEST(stealing, two_empty_servers_that_ask_each_other_both_get_an_answer, "host") {
  for (int round = 0; round < 30; ++round) {
    Servers servers(trial, 2, {0, 1}, {.reserve = 0});
    for (int times = 0; times < 2; ++times)
      for (Core core = 0; core < 2; ++core) servers.allocate(core);
    servers.expect_rest();
    if (servers.allocated != 2 || servers.out_of_memory != 2)
      trial.wrong("2 allocations succeed and 2 fail",
                  bare(servers.allocated) + " and " + bare(servers.out_of_memory));
  }
}

LAB_TEST(stealing, no_piece_is_lost_and_every_request_ends, "host") {
  for (int round = 0; round < 40; ++round) {
    const Core cores = 2 + trial.below(5);
    std::vector<Core> homes(cores + trial.below(8));
    for (Core& home : homes) home = trial.below(3) == 0 ? trial.below(cores) : 0;
    Servers servers(trial, cores, homes, {.reserve = trial.below(2), .low = 1, .high = 3});
    for (int event = 0; event < 60; ++event) {
      const Core core = trial.below(cores);
      switch (trial.below(4)) {
        case 0: servers.allocate(core); break;
        case 1:
          if (servers.used(core) != 0) servers.release(core);
          break;
        default: servers.step();
      }
    }
    servers.expect_rest();
    for (Core core = 0; core < cores; ++core)
      while (servers.used(core) != 0) servers.release(core);
    servers.expect_rest();
  }
}
