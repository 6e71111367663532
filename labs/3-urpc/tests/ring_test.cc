// ring_test.cc — exercise 1: send and receive on a ring with epochs, while neither side is too quick for the other.

#include <set>

#include "epoch_talk.hh"

using namespace lab;

namespace {

// Messages to the peer, which reads them; then messages from it. So few that flow control has nothing to do.
void exchange(Trial& trial, EpochTalk& talk) {
  const std::uint64_t most = talk.slots() / 2 - 1;
  for (std::uint64_t left = 1 + trial.below(most); left != 0; --left)
    if (!talk.send(random_message(trial))) talk.wrong("room for another message", "error again");
  talk.peer_read();
  for (std::uint64_t left = trial.below(most); left != 0; --left)
    talk.peer_write(random_message(trial), trial.below(2));
  talk.peer_write(random_message(trial));
}

// Each word of a line is loaded once, the control word first; without a message, no other word is loaded.
void check_loads(EpochTalk& talk, std::size_t line, bool is_message) {
  std::set<std::size_t> loaded;
  for (const Access& access : talk.accesses) {
    if (access.kind != Access::Kind::load) continue;
    if (loaded.empty() && (access.word != line + kControl || !access.is_ordered()))
      talk.wrong("the control word is loaded first, with acquire order", "another load");
    if (!loaded.insert(access.word).second)
      talk.wrong("each word is loaded once", "one is loaded twice",
                 "The value that is judged and the value that is used could differ.");
    if (access.word / kWordsOfLine != line / kWordsOfLine)
      talk.wrong("loads from the line at the cursor", "from another line");
  }
  if (!is_message && loaded.size() != 1)
    talk.wrong("one load, of the control word, where nothing came", std::to_string(loaded.size()));
}

}  // namespace

LAB_TEST(ring, words_are_written_before_the_control_word_that_shows_them, "host") {
  for (int frame = 0; frame < 60; ++frame) {
    EpochTalk talk(trial, std::size_t{4} << trial.below(3));
    for (std::size_t n = 0; n < talk.slots(); ++n) {
      const Sent message = random_message(trial);
      if (!talk.send(message)) talk.wrong("room for another message", "error again");
      const std::size_t line = talk.line_of(Side::first, n);
      std::set<std::size_t> written;
      for (const Access& access : talk.accesses) {
        if (access.kind != Access::Kind::store) continue;
        if (written.contains(line + kControl))
          talk.wrong("no store after that of the control word", "one",
                     "A receiver takes the words when it sees the control word.");
        if (access.word / kWordsOfLine != line / kWordsOfLine)
          talk.wrong("stores to line " + std::to_string(n) + " only", "another line");
        if (access.word == line + kControl && !access.is_ordered())
          talk.wrong("the control word is stored with release order", "relaxed");
        written.insert(access.word);
      }
      if (!written.contains(line + kControl))
        talk.wrong("a control word in line " + std::to_string(n), "none");
      talk.peer_read();
    }
  }
}

LAB_TEST(ring, lines_are_used_in_turn_and_each_lap_has_its_number, "host") {
  for (const std::size_t slots : kAllSlots) {
    EpochTalk talk(trial, slots);
    for (std::size_t lines = 0; lines < 7 * slots; lines += slots / 4) {
      exchange(trial, talk);  // and the peer looks at each line
      talk.receive_all();
    }
  }
}

LAB_TEST(ring, messages_arrive_once_whole_and_in_their_turn, "host") {
  for (const std::size_t slots : kAllSlots) {
    EpochTalk talk(trial, slots);
    talk.expect("state a", "0 1");
    for (std::size_t lines = 0; lines < 5 * slots; lines += slots / 4) {
      exchange(trial, talk);
      talk.expect("state a", "1 1");
      talk.receive_all();
      talk.expect("state a", "0 1");
      if (talk.receive()) talk.wrong("nothing, once all was received", "a message");
    }
  }
}

// Lines of the lap before are there, and all others that a peer might write.
LAB_TEST(ring, line_of_another_lap_is_no_message, "host") {
  for (const std::size_t slots : kAllSlots) {
    EpochTalk talk(trial, slots);
    for (std::uint64_t line = 0; line < 3 * slots; ++line) {
      const std::size_t control = talk.line_of(Side::second, line) + kControl;
      const std::uint64_t there = talk.memory[control];
      const std::uint64_t others[] = {0, talk.lap_of(line) + slots, talk.lap_of(line) ^ 0x8000,
                                      talk.lap_of(line) + 1, talk.lap_of(line) - slots};
      for (const std::uint64_t lap : others) {
        const auto header = static_cast<std::uint32_t>(trial.random()());
        talk.memory[control] = control_word(header, lap, slots);
        talk.expect("state a", "0 1");
        talk.expect("receive a 2", "error again");
      }
      talk.memory[control] = there;
      talk.peer_write(random_message(trial), 0);
      talk.expect("state a", "1 1");
      talk.receive();
    }
  }
}

LAB_TEST(ring, each_word_is_read_once_and_the_control_word_first, "host") {
  for (const std::size_t slots : {4, 8, 16}) {
    EpochTalk talk(trial, slots);
    std::size_t lines = 0;
    while (lines < 5 * slots) {
      exchange(trial, talk);
      for (;;) {
        const bool is_message = talk.receive();
        check_loads(talk, talk.line_of(Side::second, lines), is_message);
        if (!is_message) break;
        ++lines;
      }
    }
  }
}
