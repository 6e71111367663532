// window_test.cc — exercise 2: how much is on its way, who pays for it and when, and peers that lie about it.

#include "epoch_talk.hh"

using namespace lab;
using sprat::grading::bare;

namespace {

// Sends until there is no room. How many went out.
std::uint64_t fill_up(Trial& trial, EpochTalk& talk) {
  std::uint64_t sent = 0;
  while (sent < 2 * talk.slots() && talk.send(random_message(trial))) ++sent;
  return sent;
}

void expect_room_for(EpochTalk& talk, std::uint64_t right, std::uint64_t came) {
  if (came == right) return;
  talk.wrong("room for " + std::to_string(right) + " messages", std::to_string(came) + " went out",
             "Count the lines that are on their way; the last free slot is no message's.");
}

// Once both sides have read all there is and have paid what they must, both have room.
void expect_that_all_goes_on(EpochTalk& talk) {
  talk.receive_all();
  talk.peer_read();
  if (!talk.peer_has_room()) talk.wrong("the peer has room when all was read", "it never will");
  if (talk.peer_unacknowledged() >= talk.slots() / 2) talk.peer_acknowledge();
  talk.receive_all();
  talk.expect("state a", "0 1");
}

// Receives as a loop does that sleeps when has_line is false.
void receive_when_told(EpochTalk& talk) {
  for (std::size_t times = 0; talk.ask("state a").starts_with("1"); ++times) {
    if (times == 4 * talk.slots())
      talk.wrong("has_line is false when receive has nothing to do", "true, again and again");
    talk.receive();
  }
}

// A frame whose peer writes what it likes.
class Lied : public Conversation {
 public:
  Lied(Trial& trial, std::size_t slots) : Conversation(trial, slots) {
    add_end("a", "epoch", Side::first);
  }

  void say(std::uint64_t line, std::uint64_t acknowledged, bool is_only = false) {
    memory[line_of(Side::second, line) + kControl] =
        control_word(7, line / slots() % 2 == 0, is_only, acknowledged & 0xffff);
  }

  void send(std::uint64_t count) {
    for (; count != 0; --count) expect("send a 1", "ok");
  }

  // It is over, and stays so even if everything looks unused again.
  void expect_over() {
    expect("receive a 0", "error malformed");
    for (int i = 0; i < 3; ++i) {
      std::ranges::fill(memory, 0);
      expect("send a 1 2", "error malformed");
      expect_no_store();
      expect("receive a 7", "error malformed");
      expect_no_store();
      if (!ask("state a").starts_with("1"))
        wrong("has_line is true: nobody must wait for such a peer", "false");
    }
  }

 private:
  void expect_no_store() {
    if (count(Access::Kind::store) != 0)
      wrong("nothing is written to a peer that has broken the rules", "a store");
  }
};

}  // namespace

LAB_TEST(window, messages_leave_one_slot_free_for_acknowledgements, "host") {
  for (const std::size_t slots : kAllSlots) {
    EpochTalk talk(trial, slots);
    expect_room_for(talk, slots - 1, fill_up(trial, talk));
    for (int i = 0; i < 3; ++i) {
      talk.expect("state a", "0 0");
      if (talk.send(random_message(trial))) talk.wrong("error again", "ok");
    }
    talk.peer_read();
  }
}

LAB_TEST(window, what_is_acknowledged_makes_room_and_no_more, "host") {
  for (const std::size_t slots : {4, 8, 16, 32}) {
    EpochTalk talk(trial, slots);
    fill_up(trial, talk);
    for (std::size_t lines = 0; lines < 5 * slots;) {
      talk.peer_read();
      const std::uint64_t step = 1 + trial.below(talk.peer_unacknowledged());
      if (trial.below(2) == 0) {
        talk.peer_acknowledge(step);
      } else {
        talk.peer_write(random_message(trial), step);
        if (talk.peer_has_room()) talk.peer_write(random_message(trial), 0);
      }
      talk.receive_all();
      const std::uint64_t right =
          slots - 1 - std::min<std::uint64_t>(slots - 1, talk.on_their_way());
      talk.expect("state a", right == 0 ? "0 0" : "0 1");
      expect_room_for(talk, right, fill_up(trial, talk));
      lines += step;
    }
  }
}

LAB_TEST(window, ping_pong_needs_no_line_that_only_acknowledges, "host") {
  for (const std::size_t slots : kAllSlots) {
    EpochTalk talk(trial, slots);
    for (int round = 0; round < 60; ++round) {
      // Half a window at once and read in one go, or less and looked for once more.
      const bool looks_again = trial.below(2) == 0;
      const std::uint64_t calls = 1 + trial.below(slots / 2 - (looks_again ? 1 : 0));
      for (std::uint64_t i = 0; i < calls; ++i) talk.peer_write(random_message(trial));
      for (std::uint64_t i = 0; i < calls; ++i) talk.receive();
      if (looks_again) talk.receive();
      if (!talk.send(random_message(trial))) talk.wrong("room for an answer", "error again");
      if (talk.peer_read() != 0) {
        talk.wrong("the answer acknowledges the " + std::to_string(calls) + " calls before it",
                   "a line that only acknowledges",
                   "A line of its own is for who owes " + std::to_string(slots / 2) +
                       " messages and has nothing to say.");
      }
    }
    // Only who has nothing to say pays by a line of its own.
    for (std::uint64_t i = 0; i < slots / 2; ++i) talk.peer_write(random_message(trial));
    talk.receive_all();
    if (const std::size_t acknowledgements = talk.peer_read(); acknowledgements != 1) {
      talk.wrong("one line that only acknowledges " + std::to_string(slots / 2) +
                     " messages, when the next is looked for and nothing was sent",
                 std::to_string(acknowledgements));
    }
  }
}

LAB_TEST(window, one_way_costs_one_for_half_a_window_and_never_stands_still, "host") {
  for (const std::size_t slots : kAllSlots) {
    EpochTalk talk(trial, slots);
    std::uint64_t messages = 0, acknowledgements = 0;
    while (messages < 12 * slots) {
      for (std::uint64_t burst = 1 + trial.below(slots); burst != 0 && talk.peer_has_room();
           --burst) {
        talk.peer_write(random_message(trial));
        ++messages;
      }
      for (bool is_message = true; is_message;) {
        is_message = talk.receive();
        const bool has_paid = talk.count(Access::Kind::store) != 0;
        if (talk.count(Access::Kind::room) != (has_paid ? 1 : 0))
          talk.wrong("made_room is called when a line was written that makes room, and only then",
                     has_paid ? "it is not" : "it is, and nothing was written");
        if (has_paid && talk.accesses.back().kind == Access::Kind::store && is_message)
          talk.wrong("it is paid before the next message is read", "after it");
      }
      acknowledgements += talk.peer_read();
      if (!talk.peer_has_room()) {
        talk.wrong("all was received, so the peer learns that it has room",
                   "it never will: " + std::to_string(messages) + " messages, " +
                       std::to_string(acknowledgements) + " acknowledgements");
      }
      if (acknowledgements != messages / (slots / 2)) {
        talk.wrong(std::to_string(messages / (slots / 2)) + " lines that only acknowledge, for " +
                       std::to_string(messages) + " messages",
                   std::to_string(acknowledgements), "One for each half window, and no other.");
      }
    }
  }
}

LAB_TEST(window, counts_go_on_beyond_two_to_the_sixteen, "host") {
  constexpr std::uint64_t kMessages = 150'000;
  for (const std::uint64_t slots : {4, 64, 0x8000}) {
    const std::uint64_t secret = trial.random()();
    std::uint64_t digest = 0;
    for (std::uint64_t i = 0; i < kMessages; ++i)
      digest += (mixed(secret + i) + mixed(~secret + i)) * (i + 1);
    const std::string came =
        trial.ask("laps " + bare(slots) + " " + bare(kMessages) + " " + bare(secret));
    if (came == "ok " + bare(digest)) continue;
    trial.wrong(
        "150,000 messages in each direction, over rings of " + std::to_string(slots) + " slots",
        came, "Lines are counted modulo 2^16.");
  }
}

LAB_TEST(window, any_sequence_of_sends_and_receives_keeps_the_rules, "host") {
  for (const std::size_t slots : {4, 4, 8, 16, 64}) {
    EpochTalk talk(trial, slots);
    for (std::size_t step = 0; step < 150 + 8 * slots; ++step) {
      std::uint64_t burst = 1 + trial.below(trial.below(6) == 0 ? 2 * slots : 3);
      switch (trial.below(4)) {
        case 0:
          for (; burst != 0; --burst) {
            const bool has_room = talk.on_their_way() + 2 <= slots;
            if (talk.send(random_message(trial)) != has_room)
              talk.wrong(has_room ? "room for a message" : "no room", "the other");
            if (!has_room) break;
          }
          break;
        case 1:
          while (burst != 0 && talk.receive()) --burst;
          break;
        case 2:
          for (; burst != 0 && talk.peer_has_room(); --burst)
            talk.peer_write(random_message(trial),
                            trial.below(4) != 0 ? EpochTalk::kAll : trial.below(slots));
          // What it owes for, it pays in time, as the code under test must.
          if (talk.peer_unacknowledged() >= slots / 2) talk.peer_acknowledge();
          break;
        default: talk.peer_read();
      }
      if (step % 64 == 0) expect_that_all_goes_on(talk);
    }
  }
}

// The peer has acknowledged by a line of its own, and then has filled the ring: of four slots, with messages for half a window.
LAB_TEST(window, who_receives_only_when_there_is_something_to_do_never_keeps_the_peer_waiting,
         "host") {
  for (const std::size_t slots : kAllSlots) {
    EpochTalk talk(trial, slots);
    for (std::size_t round = 0; round < 3 * slots; ++round) {
      talk.send(random_message(trial));
      talk.peer_read();
      talk.peer_acknowledge();
      while (talk.peer_has_room()) talk.peer_write(random_message(trial));
      receive_when_told(talk);
      talk.peer_read();
      if (!talk.peer_has_room())
        talk.wrong("all was received, so the peer has room",
                   "it never will, and this end may sleep");
    }
  }
}

LAB_TEST(window, a_peer_that_breaks_the_rules_is_not_talked_to_any_more, "host") {
  const std::uint64_t sent = 1 + trial.below(6);
  for (const std::uint64_t wild :
       {sent + 1, sent + 2, std::uint64_t{8}, std::uint64_t{9}, std::uint64_t{16},
        std::uint64_t{0x7fff}, std::uint64_t{0x8000}, std::uint64_t{0xffff}, 0x10000 - sent}) {
    for (const bool is_only : {false, true}) {
      Lied talk(trial, 8);  // acknowledges what was not sent
      talk.send(sent);
      talk.say(0, wild, is_only);
      talk.expect_over();
    }
  }
  for (std::uint64_t back = 1; back <= sent; ++back) {
    Lied talk(trial, 8);  // takes an acknowledgement back
    talk.send(sent);
    talk.say(0, sent);
    talk.say(1, sent - back);
    talk.expect("receive a 0", "ok 7");
    talk.expect_over();
  }
  {
    Lied talk(trial, 8);  // a line only to acknowledge, and it acknowledges nothing
    talk.say(0, 0, true);
    talk.expect_over();
  }
  {
    Lied talk(trial, 8);  // the same thing twice
    talk.send(sent);
    talk.say(0, sent, true);
    talk.say(1, sent, true);
    talk.expect_over();
  }
  for (const std::uint64_t slots : {4, 8}) {
    Lied talk(trial, slots);  // messages without end, and not a word about ours
    talk.send(slots - 1);
    for (std::uint64_t line = 0; line < slots; ++line) {
      talk.say(line, 0);
      talk.expect("receive a 0", "ok 7");
    }
    talk.say(slots, 0);
    talk.expect_over();
  }
}

LAB_TEST(window, a_peer_that_scribbles_reaches_nothing_outside, "host") {
  unsigned received = 0, broken = 0;
  for (int frame = 0; frame < 60; ++frame) {
    Conversation talk(trial, std::size_t{4} << trial.below(4));
    talk.add_end("a", "epoch", Side::first);
    // Each look finds something else; often something that looks well.
    const std::uint64_t nonsense = 2 + trial.below(40);
    talk.sees = [&](std::size_t, std::uint64_t) {
      const std::uint64_t word = trial.random()();
      return trial.below(nonsense) == 0
                 ? word
                 : control_word(static_cast<std::uint32_t>(word), (word >> 46 & 1) != 0, false, 0);
    };
    for (int step = 0; step < 60; ++step) {
      std::string answer = talk.ask(trial.below(2) == 0 ? "receive a 2" : "send a 1 2 3");
      if (answer.starts_with("ok ")) {
        ++received;
        std::vector<std::uint64_t> loaded;
        for (const Access& access : talk.accesses)
          if (access.kind == Access::Kind::load) loaded.push_back(access.value);
        // The last three loads are the message: its control word, and two words in any order.
        const bool is_right =
            loaded.size() >= 3 && (answer == text_of(static_cast<std::uint32_t>(loaded.end()[-3]),
                                                     {loaded.end()[-2], loaded.end()[-1]}) ||
                                   answer == text_of(static_cast<std::uint32_t>(loaded.end()[-3]),
                                                     {loaded.end()[-1], loaded.end()[-2]}));
        if (!is_right) talk.wrong("a message as it was loaded", answer);
      } else if (answer == "error malformed") {
        ++broken;
      } else if (answer != "ok" && answer != "error again") {
        talk.wrong("ok, again or malformed", answer);
      }
      talk.ask("state a");
    }
  }
  if (received == 0 || broken == 0)
    trial.wrong(
        "some of the nonsense is a message, and some breaks the rules",
        std::to_string(received) + " messages, " + std::to_string(broken) + " times malformed");
}
