// credit_test.cc — exercise 2: lines in flight, acknowledgements and reports, and peers that lie in them.

#include "epoch_talk.hh"

using namespace lab;
using sprat::grading::bare;

namespace {

// Sends until there is no room. Returns how many messages were sent.
std::uint64_t fill_up(Trial& trial, EpochTalk& talk) {
  std::uint64_t sent = 0;
  while (sent < 2 * talk.slots() && talk.send(random_message(trial))) ++sent;
  return sent;
}

void expect_room_for(EpochTalk& talk, std::uint64_t right, std::uint64_t came) {
  if (came == right) return;
  talk.wrong("room for " + std::to_string(right) + " messages", std::to_string(came) + " went out",
             "At most W lines are in flight: written, and not known to be read.");
}

// When both sides have received all, both have room.
void expect_that_all_goes_on(EpochTalk& talk) {
  talk.receive_all();
  talk.peer_read();
  if (!talk.peer_has_room()) talk.wrong("the peer has room when all was read", "it never will");
  if (talk.peer_unacknowledged() >= talk.slots() / 2) talk.peer_report();
  talk.expect("state a", "0 1");
}

// The places of a lap at which the peer may begin to fill its ring: all of a small ring; of a large one, those around the
// beginning, the stop in its middle and the end, and two others.
std::vector<std::size_t> places_of(Trial& trial, std::size_t slots) {
  std::vector<std::size_t> places;
  for (std::size_t place = 0; place < slots; ++place)
    if (slots <= 16 || place <= 1 || place + 1 == slots || place + 1 == slots / 2 ||
        place == slots / 2 || place == slots / 2 + 1)
      places.push_back(place);
  if (slots > 16)
    for (int more = 0; more < 2; ++more) places.push_back(trial.below(slots));
  return places;
}

// Receives as a loop does that sleeps when has_line is false.
void receive_when_told(EpochTalk& talk) {
  for (std::size_t times = 0; talk.ask("state a").starts_with("1"); ++times) {
    if (times == 4 * talk.slots())
      talk.wrong("has_line is false when receive has nothing to do", "it stays true");
    talk.receive();
  }
}

// A frame whose peer may write anything.
class Lied : public Conversation {
 public:
  Lied(Trial& trial, std::size_t slots) : Conversation(trial, slots) {
    add_end("a", "epoch", Side::first);
  }

  // A line that acknowledges so many lines, modulo 2^16; or a report of so many.
  void say(std::uint64_t line, std::uint64_t acknowledged) {
    memory[line_of(Side::second, line) + kControl] =
        control_word(7, slots() + line - line % slots(), slots() + acknowledged);
  }
  void report(std::uint64_t read) { memory[report_of(Side::second)] = slots() + read; }

  void send(std::uint64_t count) {
    for (; count != 0; --count) expect("send a 1", "ok");
  }
  void receive() { expect("receive a 0", "ok 7"); }

  // It is over, and stays so even if everything looks right again.
  void expect_over() {
    expect("send a 1", "error malformed");
    expect_no_store();
    for (int i = 0; i < 3; ++i) {
      for (std::uint64_t line = 0; line < slots(); ++line) say(i * slots() + line, slots());
      report(slots());
      expect("receive a 7", "error malformed");
      expect_no_store();
      expect("send a 1 2", "error malformed");
      expect_no_store();
      if (!ask("state a").starts_with("1"))
        wrong("has_line is true: no caller must wait for such a peer", "false");
    }
  }

 private:
  void expect_no_store() {
    if (count(Access::Kind::store) != 0)
      wrong("nothing is written to a peer that has broken the rules", "a store");
  }
};

}  // namespace

LAB_TEST(credit, sender_uses_all_slots_and_then_stops, "host") {
  for (const std::size_t slots : kAllSlots) {
    EpochTalk talk(trial, slots);
    expect_room_for(talk, slots, fill_up(trial, talk));
    for (int i = 0; i < 3; ++i) {
      talk.expect("state a", "0 0");
      if (talk.send(random_message(trial))) talk.wrong("error again", "ok");
    }
    talk.peer_read();
  }
}

LAB_TEST(credit, acknowledged_lines_make_room_and_no_more, "host") {
  for (const std::size_t slots : {4, 8, 16, 32}) {
    EpochTalk talk(trial, slots);
    fill_up(trial, talk);
    for (std::size_t lines = 0; lines < 6 * slots;) {
      talk.peer_read();
      const std::uint64_t step = 1 + trial.below(talk.peer_unacknowledged());
      const std::uint64_t how = trial.below(3);
      if (how == 0) {
        talk.peer_report(step);
      } else {
        talk.peer_write(random_message(trial), how == 1 ? step : 0);
        if (how == 2) talk.peer_report(step);
        // Without room, lines that are there must be received first, whatever they and a report say.
        talk.expect("state a", "1 0");
        if (talk.send(random_message(trial))) talk.wrong("error again", "ok");
        if (talk.peer_has_room()) talk.peer_write(random_message(trial), 0);
      }
      talk.receive_all();
      const std::uint64_t right = slots - talk.in_flight();
      talk.expect("state a", right == 0 ? "0 0" : "0 1");
      expect_room_for(talk, right, fill_up(trial, talk));
      lines += step;
    }
  }
}

LAB_TEST(credit, conversation_needs_no_report, "host") {
  for (const std::size_t slots : kAllSlots) {
    EpochTalk talk(trial, slots);
    for (int round = 0; round < 60; ++round) {
      const std::uint64_t calls = 1 + trial.below(slots / 2);
      for (std::uint64_t i = 0; i < calls; ++i) talk.peer_write(random_message(trial));
      for (bool is_message = true; is_message;) {
        const std::uint64_t before = talk.reports();
        is_message = talk.receive();
        if (talk.count(Access::Kind::room) != talk.reports() - before)
          talk.wrong("made_room is called when a report was written, and only then", "otherwise");
      }
      if (!talk.send(random_message(trial))) talk.wrong("room for an answer", "error again");
      talk.peer_read();
      // The first stop may come before the first answer.
      if (talk.reports() > 1 || (talk.reports() == 1 && calls != slots / 2 && round == 0)) {
        talk.wrong(
            "no report: the answer acknowledges the " + std::to_string(calls) + " calls before it",
            "a report", "A report is for a receiver that has sent nothing between two stops.");
      }
    }
    talk.peer_report();
    expect_room_for(talk, slots, fill_up(trial, talk));
  }
}

LAB_TEST(credit, one_way_takes_a_report_for_half_a_ring_and_never_stands_still, "host") {
  for (const std::size_t slots : kAllSlots) {
    EpochTalk talk(trial, slots);
    std::uint64_t messages = 0;
    while (messages < 12 * slots) {
      for (std::uint64_t burst = 1 + trial.below(slots); burst != 0 && talk.peer_has_room();
           --burst) {
        talk.peer_write(random_message(trial));
        ++messages;
      }
      for (bool is_message = true; is_message;) {
        const std::uint64_t before = talk.reports();
        is_message = talk.receive();
        const std::uint64_t reports = talk.reports() - before;
        if (talk.count(Access::Kind::room) != reports)
          talk.wrong("made_room is called when a report was written, and only then",
                     reports == 0 ? "it is, and nothing was written" : "it is not");
        const auto& all = talk.accesses;
        if (reports != 0 &&
            (all.size() < 2 || all.back().kind != Access::Kind::room ||
             all.end()[-2].kind != Access::Kind::store || !all.end()[-2].is_ordered()))
          talk.wrong("the message, then the report with release order, then made_room",
                     "another order");
      }
      if (!talk.peer_has_room()) {
        talk.wrong("all was received, so the peer learns that it has room",
                   "it never will: " + std::to_string(messages) + " messages, " +
                       std::to_string(talk.reports()) + " reports");
      }
      if (talk.reports() > messages / (slots / 2)) {
        talk.wrong("at most " + std::to_string(messages / (slots / 2)) + " reports, for " +
                       std::to_string(messages) + " messages",
                   std::to_string(talk.reports()), "One for each half of a ring, and no other.");
      }
    }
  }
}

LAB_TEST(credit, numbers_go_on_beyond_two_to_the_sixteen, "host") {
  constexpr std::uint64_t kMessages = 150'000;
  for (const std::uint64_t slots : {4, 64, 0x4000}) {
    const std::uint64_t secret = trial.random()();
    std::uint64_t digest = 0;
    for (std::uint64_t i = 0; i < kMessages; ++i)
      digest += (mixed(secret + i) + mixed(~secret + i)) * (i + 1);
    const std::string came =
        trial.ask("laps " + bare(slots) + " " + bare(kMessages) + " " + bare(secret));
    if (came == "ok " + bare(digest)) continue;
    trial.wrong(
        "150,000 messages in each direction, over rings of " + std::to_string(slots) + " slots",
        came, "In control words, lines are numbered modulo 2^16.");
  }
}

LAB_TEST(credit, any_sequence_of_sends_and_receives_keeps_the_rules, "host") {
  for (const std::size_t slots : {4, 4, 8, 16, 64}) {
    EpochTalk talk(trial, slots);
    for (std::size_t step = 0; step < 150 + 8 * slots; ++step) {
      std::uint64_t burst = 1 + trial.below(trial.below(6) == 0 ? 2 * slots : 3);
      switch (trial.below(5)) {
        case 0:
          for (bool has_sent = true; burst != 0 && has_sent; --burst) {
            const bool must_not = talk.in_flight() >= slots;
            const bool must =
                talk.most_in_flight() < slots || (talk.not_received() == 0 && !must_not);
            has_sent = talk.send(random_message(trial));
            if (has_sent ? must_not : must)
              talk.wrong(must ? "room for a message" : "no room", "the other");
          }
          break;
        case 1:
          while (burst != 0 && talk.receive()) --burst;
          break;
        case 2:
          for (; burst != 0 && talk.peer_has_room(); --burst)
            talk.peer_write(random_message(trial),
                            trial.below(4) != 0 ? EpochTalk::kAll : trial.below(slots));
          // It reports in time, as the code under test must.
          if (talk.peer_unacknowledged() >= slots / 2) talk.peer_report();
          break;
        case 3:
          if (talk.not_received() == 0) talk.peer_report(trial.below(slots));
          break;
        default: talk.peer_read();
      }
      if (step % 64 == 0) expect_that_all_goes_on(talk);
    }
  }
}

// The peer fills its ring at any place of a lap, and this end sends it no line; it can only report.
LAB_TEST(credit, peer_of_a_receiver_that_sleeps_without_a_line_gets_room, "host") {
  for (const std::size_t slots : kAllSlots) {
    for (const std::size_t place : places_of(trial, slots)) {
      EpochTalk talk(trial, slots);
      for (std::size_t line = 0; line < place; ++line) {
        talk.peer_write(random_message(trial));
        receive_when_told(talk);
        talk.send(random_message(trial));
        talk.peer_read();
      }
      for (int round = 0; round < 4; ++round) {
        // Full in both directions, and tries to send between two stops of the receiver: an attempt in vain sends no line,
        // even if it takes the cursor to the next lap.
        while (talk.peer_has_room()) talk.peer_write(random_message(trial));
        while (talk.in_flight() < slots && talk.send(random_message(trial))) continue;
        for (std::size_t line = 0; line < slots; ++line) {
          if (line == slots / 2 + 1) talk.send(random_message(trial));
          talk.receive();
        }
        receive_when_told(talk);
        talk.peer_read();
        if (!talk.peer_has_room())
          talk.wrong("all was received, so the peer has room",
                     "it never will, and this end may sleep");
        talk.peer_report();
      }
    }
  }
}

LAB_TEST(credit, peer_that_breaks_the_rules_ends_the_conversation, "host") {
  for (const std::uint64_t wild :
       {std::uint64_t{9}, std::uint64_t{10}, std::uint64_t{16}, std::uint64_t{0x7fff},
        std::uint64_t{0x8000}, std::uint64_t{0x10000 - 9}}) {
    Lied line(
        trial,
        8);  // acknowledges lines that were not sent, or fewer than an old acknowledgement can
    line.say(0, wild);
    line.receive();
    line.send(8);
    line.expect_over();
  }
  for (const std::uint64_t wild : {std::uint64_t{9}, std::uint64_t{16}, std::uint64_t{0x10000},
                                   std::uint64_t{0x10008}, ~std::uint64_t{0} - 8}) {
    Lied report(trial, 8);
    report.report(wild);
    report.send(8);
    report.expect_over();
  }
  {
    constexpr std::uint64_t kLines = 0x800;
    Lied late(trial, 8);  // tells the truth for long, and then lies
    for (std::uint64_t read = 1; read <= kLines; ++read) {
      late.send(read == 1 ? 8 : 1);
      late.report(read);
    }
    late.send(1);
    late.report(kLines + 9);
    late.expect_over();
  }
  // An old acknowledgement is no lie, however old it is.
  for (const bool by_line : {false, true}) {
    Lied old(trial, 8);
    old.send(8);
    old.report(8);
    old.send(8);
    for (std::uint64_t read = 0; read <= 8; ++read) {
      by_line ? old.say(read, read) : old.report(read);
      if (by_line) old.receive();
      old.expect("send a 1", "error again");
      old.expect("state a", "0 0");
    }
    old.report(9);
    old.send(1);
  }
  {
    Lied report(trial, 8);  // a number of 64 bits, of which all count
    report.send(8);
    report.report(0x10000 - 8);
    report.expect_over();
  }
}

LAB_TEST(credit, peer_that_scribbles_reaches_nothing_outside, "host") {
  unsigned received = 0, broken = 0;
  for (int frame = 0; frame < 60; ++frame) {
    Conversation talk(trial, std::size_t{4} << trial.below(4));
    talk.add_end("a", "epoch", Side::first);
    // Each load finds another value; often one that an honest peer might write.
    const std::uint64_t nonsense = 2 + trial.below(40);
    talk.sees = [&](std::size_t, std::uint64_t) {
      const std::uint64_t word = trial.random()();
      return trial.below(nonsense) == 0
                 ? word
                 : control_word(static_cast<std::uint32_t>(word), talk.slots() * (word >> 40 & 3),
                                talk.slots());
    };
    for (int step = 0; step < 120; ++step) {
      std::string answer = talk.ask(trial.below(2) == 0 ? "receive a 2" : "send a 1 2 3");
      if (answer.starts_with("ok ")) {
        ++received;
        std::vector<std::uint64_t> loaded;
        for (const Access& access : talk.accesses)
          if (access.kind == Access::Kind::load) loaded.push_back(access.value);
        // The last three loads are the message: its control word, and two words in any order.
        const bool is_right = loaded.size() >= 3 &&
                              (answer == text_of(static_cast<std::uint32_t>(loaded.end()[-3] >> 32),
                                                 {loaded.end()[-2], loaded.end()[-1]}) ||
                               answer == text_of(static_cast<std::uint32_t>(loaded.end()[-3] >> 32),
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
