// used_bit_test.cc — exercise 3: a ring whose receiver clears the lines.

#include <set>

#include "epoch_talk.hh"

using namespace lab;
using sprat::grading::bare;

namespace {

// A conversation with end "a", the first side, and a peer that keeps the rules.
class UsedBitTalk : public Conversation {
 public:
  UsedBitTalk(Trial& trial, std::size_t slots) : Conversation(trial, slots) {
    add_end("a", "used-bit", Side::first);
  }

  bool has_room() const { return sent_.size() < slots(); }
  bool peer_has_room() const { return not_received_.size() < slots(); }

  // Lets it send, and fails the test unless it makes the right accesses.
  bool send(const Sent& message) {
    const std::string right = has_room() ? "ok" : "error again";
    expect(send_question("a", message.header, message.words), right);
    if (right != "ok") {
      if (count(Access::Kind::store) != 0)
        wrong("nothing is written where send says `again`", "a store");
      return false;
    }
    check_order_of_send();
    sent_.push_back(message);
    ++its_written_;
    return true;
  }

  bool receive() {
    const bool is_there = !not_received_.empty();
    const Sent message = is_there ? not_received_.front() : Sent{0, {0}};
    expect("receive a " + bare(message.words.size()),
           is_there ? text_of(message.header, message.words) : "error again");
    check_order_of_receive(is_there);
    if (!is_there) return false;
    not_received_.pop_front();
    ++its_read_;
    return true;
  }

  void peer_write(const Sent& message) {
    const std::size_t line = line_of(Side::second, written_++);
    for (std::size_t i = 0; i < message.words.size(); ++i) memory[line + i] = message.words[i];
    memory[line + kControl] = used_word(message.header);
    not_received_.push_back(message);
  }

  bool peer_read() {
    if (sent_.empty()) return false;
    const Sent message = sent_.front();
    const std::size_t line = line_of(Side::first, read_++);
    bool is_right = memory[line + kControl] == used_word(message.header);
    for (std::size_t i = 0; i < message.words.size(); ++i)
      is_right = is_right && memory[line + i] == message.words[i];
    if (!is_right)
      wrong("the next message as it was sent, in line " + std::to_string(read_ - 1), "another");
    memory[line + kControl] = 0;
    sent_.pop_front();
    return true;
  }

 private:
  // The words, and then the control word.
  void check_order_of_send() {
    const std::size_t line = line_of(Side::first, its_written_);
    bool is_shown = false;
    for (const Access& access : accesses) {
      if (access.kind == Access::Kind::load && !access.is_ordered())
        wrong("it looks with acquire order whether the line is free", "relaxed",
              "The peer's loads must be over before you write.");
      if (access.kind != Access::Kind::store) continue;
      if (is_shown) wrong("no store after that of the used bit", "one");
      if (access.word / kWordsOfLine != line / kWordsOfLine)
        wrong("stores to the line at the cursor", "another line");
      is_shown = access.word == line + kControl;
      if (is_shown && !access.is_ordered())
        wrong("the used bit is set with release order", "relaxed");
    }
  }

  // The control word, the words, and then the control word is cleared; then made_room is called.
  void check_order_of_receive(bool is_there) {
    const std::size_t line = line_of(Side::second, its_read_);
    std::set<std::size_t> loaded;
    bool is_cleared = false;
    for (const Access& access : accesses) {
      const bool is_control = access.word == line + kControl;
      if (access.kind == Access::Kind::load) {
        if (is_cleared) wrong("no load from a line whose bit was cleared", "a load");
        if (loaded.empty() && !(is_control && access.is_ordered()))
          wrong("the control word is loaded first, with acquire order", "another load");
        if (!loaded.insert(access.word).second) wrong("each word is loaded once", "one is twice");
      } else if (access.kind == Access::Kind::store) {
        if (!is_there || !is_control || (access.value & kUsedBit) != 0 || is_cleared)
          wrong("one store, which clears the bit of the line that was read", "another store");
        if (!access.is_ordered())
          wrong("the bit is cleared with release order, after the loads", "relaxed");
        is_cleared = true;
      } else if (access.kind == Access::Kind::room && !is_cleared) {
        wrong("made_room is called when the bit is clear", "before");
      }
    }
    if (is_there && !is_cleared) wrong("the bit is cleared", "it is not");
    if (count(Access::Kind::room) != (is_there ? 1 : 0))
      wrong("made_room is called when a bit was cleared, and only then", "otherwise");
  }

  std::deque<Sent> sent_, not_received_;
  std::uint64_t its_written_ = 0, its_read_ = 0, written_ = 0, read_ = 0;
};

}  // namespace

LAB_TEST(used_bit, any_sequence_of_sends_and_receives_keeps_the_rules, "host") {
  for (const std::size_t slots : kAllSlots) {
    UsedBitTalk talk(trial, slots);
    for (std::size_t step = 0; step < 100 + 6 * slots; ++step) {
      std::uint64_t burst = 1 + trial.below(trial.below(6) == 0 ? 2 * slots : 3);
      bool goes_on = true;
      const std::uint64_t what = trial.below(4);
      for (; burst != 0 && goes_on; --burst) {
        switch (what) {
          case 0: goes_on = talk.send(random_message(trial)); break;
          case 1: goes_on = talk.receive(); break;
          case 2:
            goes_on = talk.peer_has_room();
            if (goes_on) talk.peer_write(random_message(trial));
            break;
          default: goes_on = talk.peer_read();
        }
      }
    }
  }
}

LAB_TEST(used_bit, has_line_and_has_room_agree_with_receive_and_send, "host") {
  for (const std::size_t slots : {4, 8, 16}) {
    UsedBitTalk talk(trial, slots);
    for (std::size_t lap = 0; lap < 3; ++lap) {
      talk.expect("state a", "0 1");
      while (talk.peer_has_room()) talk.peer_write(random_message(trial));
      talk.expect("state a", "1 1");
      while (talk.has_room()) talk.send(random_message(trial));
      talk.expect("state a", "1 0");
      talk.send(random_message(trial));
      talk.peer_read();
      talk.expect("state a", "1 1");
      while (talk.receive() || talk.peer_read()) {
      }
    }
  }
}

LAB_TEST(used_bit, peer_that_scribbles_reaches_nothing_outside, "host") {
  unsigned received = 0, sent = 0;
  for (int frame = 0; frame < 40; ++frame) {
    Conversation talk(trial, std::size_t{4} << trial.below(4));
    talk.add_end("a", "used-bit", Side::first);
    talk.sees = [&](std::size_t, std::uint64_t) { return trial.random()(); };
    for (int step = 0; step < 60; ++step) {
      const std::string answer = talk.ask(trial.below(2) == 0 ? "receive a 1" : "send a 1 2");
      if (answer.starts_with("ok ")) {
        ++received;
        const std::uint64_t control = talk.accesses[0].value, word = talk.accesses[1].value;
        if (answer != text_of(header_in(control), {word}))
          talk.wrong("a message as it was loaded", answer);
      } else if (answer == "ok") {
        ++sent;
      } else if (answer != "error again") {
        talk.wrong("ok or again: there is nothing else that can be wrong", answer);
      }
      talk.ask("state a");
    }
  }
  if (received == 0 || sent == 0)
    trial.wrong("some of the nonsense is a message, and some is a free line", "not");
}
