// giving_test.cc — exercise 4: pieces that are borrowed are passed on by their home, and go back when much is free.

#include <algorithm>

#include "servers.hh"

using namespace lab;

namespace {

constexpr Core kCores = 5;

}  // namespace

LAB_TEST(giving, borrowed_piece_is_given_alone_if_no_own_one_is_there, "host") {
  for (int round = 0; round < 30; ++round) {
    const Limits limits{.reserve = trial.below(3), .low = 10, .high = 12};
    OneServer server(trial, trial.below(kCores), kCores, limits);
    const Core home = (server.self + 1 + trial.below(kCores - 1)) % kCores;
    const Core to = (server.self + 1 + trial.below(kCores - 1)) % kCores;
    const std::size_t loans = trial.below(5);
    for (Piece piece = 0; piece < loans; ++piece) server.enters(piece, home);
    const bool fails = trial.below(4) == 0;
    if (fails) server.ask("refuse", "1");
    const Answer answer = server.steal(to, 0, {7, 8, 9});
    const auto gifts = answer.all("give");
    if (loans <= limits.reserve) {
      server.expect(gifts.empty() && answer.all("none").size() == 1, "None: the reserve is kept",
                    answer);
      continue;
    }
    server.expect(gifts.size() == 1 && gifts[0].numbers[1] == to && gifts[0].numbers[2] == 7,
                  "one piece, for the first ticket", answer);
    server.expect(answer.all("none").size() == (fails ? 1 : 0),
                  "None exactly if the piece cannot be sent", answer);
    server.expect(answer.free == loans - (fails ? 0 : 1), "a piece that was not sent is free again",
                  answer);
  }
}

LAB_TEST(giving, own_pieces_are_given_before_borrowed_ones, "host") {
  OneServer server(trial, 1, kCores, {.reserve = 0, .low = 10, .high = 12});
  server.enters(0, 2);
  server.enters(1, 1);
  server.enters(2, 3);
  const Answer first = server.steal(4, 0, {5});
  server.expect(first.all("give").size() == 1 && first.all("give")[0].numbers[0] == 1,
                "piece 1, whose home this core is", first);
  const Answer second = server.steal(4, 0, {6});
  server.expect(second.all("give").size() == 1 && second.all("give")[0].numbers[0] != 1,
                "a borrowed piece", second);
}

LAB_TEST(giving, loans_go_back_above_high_until_low, "host") {
  for (int round = 0; round < 40; ++round) {
    const std::uint64_t low = trial.below(4);
    const Limits limits{.reserve = 0, .low = low, .high = low + 2 + trial.below(3)};
    OneServer server(trial, 1, kCores, limits);
    const std::size_t own = trial.below(5), loans = trial.below(8);
    for (Piece piece = 0; piece < own + loans; ++piece) server.enters(piece, piece < own ? 1 : 0);
    const std::size_t free = own + loans;
    const std::size_t back = free > limits.high ? std::min<std::size_t>(loans, free - low) : 0;
    const bool fails = back != 0 && trial.below(4) == 0;
    if (fails) server.ask("refuse", bare(back));
    const Answer answer = server.ask("released");
    server.expect(answer.all("give-back").size() == back,
                  bare(back) + " loans go back: above high pieces, until low are free", answer);
    server.expect(answer.free == free - back + fails, "all others are free", answer);
    server.expect(answer.all("steal").empty() && answer.all("none").empty(), "no message but these",
                  answer);
  }
}

// The piece goes by its home, which dies: nothing else would end the receiver's wait.
LAB_TEST(giving, receiver_is_told_when_the_home_of_its_piece_dies_on_the_way, "host") {
  for (int round = 0; round < 30; ++round) {
    OneServer server(trial, 1, kCores, {.reserve = 0, .low = 10, .high = 12});
    const Core home = 2, to = 3, other = 4;
    server.enters(0, home);
    server.enters(1, other);
    const Ticket ticket = 1 + trial.below(100);
    Answer answer = server.steal(to, 0, {ticket, ticket + 1});
    const auto gifts = answer.all("give");
    server.expect(gifts.size() == 1, "a borrowed piece", answer);
    const Core source = gifts[0].numbers[0] == 0 ? home : other;
    const bool asks_again = trial.below(3) == 0;
    if (asks_again) {  // so its request before has ended
      for (Piece piece = 0; piece < 2; ++piece)
        if (piece != gifts[0].numbers[0]) server.leaves(piece);
      answer = server.steal(to, 0, {ticket + 2});
      server.expect(answer.all("none").size() == 1, "None", answer);
    }
    const Core dead = trial.below(4) == 0 ? 0 : source;
    const Answer told = server.ask("died", bare(dead));
    const auto nones = told.all("none");
    const bool must_tell = dead == source && !asks_again;
    server.expect(nones.size() == (must_tell ? 1 : 0),
                  must_tell ? "None to the receiver" : "nothing", told);
    if (must_tell)
      server.expect(nones[0].numbers[0] == to && nones[0].numbers[1] == ticket,
                    "None for its first ticket", told);
    const Answer again = server.ask("died", bare(source));
    if (dead == source) server.expect(again.all("none").empty(), "nothing: it was told", again);
  }
  // A piece that goes to its own home is sent by no other core.
  OneServer server(trial, 1, kCores, {.reserve = 0, .low = 10, .high = 12});
  server.enters(0, 2);
  server.steal(2, 0, {5});
  for (const Core dead : {0, 3, 2}) {
    const Answer told = server.ask("died", bare(static_cast<Core>(dead)));
    server.expect(told.all("none").empty(), "nothing: the giver itself sends the piece to its home",
                  told);
  }
}

LAB_TEST(giving, need_that_rises_and_falls_by_a_piece_sends_nothing, "host") {
  Servers servers(trial, 3, std::vector<Core>(12, 0), {.reserve = 0, .low = 1, .high = 3});
  for (int i = 0; i < 6; ++i) servers.allocate(1);
  servers.run();
  for (int i = 0; i < 6; ++i) servers.release(1);
  servers.run();
  if (servers.given_back == 0 || servers.free(1) == 0 || servers.free(1) > 3)
    trial.wrong("loans go back, and 1 to 3 pieces stay",
                bare(servers.given_back) + " loans, and " + bare(servers.free(1)) + " free");
  servers.allocate(1);
  servers.run();
  const std::size_t before = servers.messages;
  for (int i = 0; i < 50; ++i) {
    servers.release(1);
    servers.run();
    servers.allocate(1);
    servers.run();
  }
  if (servers.messages != before) trial.wrong("no message", bare(servers.messages - before));
}

LAB_TEST(giving, all_loans_but_high_come_home, "host") {
  for (int round = 0; round < 10; ++round) {
    const Core cores = 3 + trial.below(3);
    const Limits limits{.reserve = 0, .low = 1, .high = 3};
    Servers servers(trial, cores, std::vector<Core>(6 * cores, 0), limits);
    for (int event = 0; event < 80; ++event) {
      const Core core = 1 + trial.below(cores - 1);
      if (trial.below(3) != 0)
        servers.allocate(core);
      else if (servers.used(core) != 0)
        servers.release(core);
      while (trial.below(3) != 0) servers.step();
    }
    servers.run();
    for (Core core = 0; core < cores; ++core)
      while (servers.used(core) != 0) servers.release(core);
    servers.expect_rest();
    for (Core core = 1; core < cores; ++core)
      if (servers.free(core) > limits.high)
        trial.wrong("no more than " + bare(limits.high) + " loans stay", bare(servers.free(core)));
  }
}
