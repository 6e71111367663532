// epoch_talk.hh — a conversation of the code under test (end "a", the first side, epochs) with a peer that keeps the rules and
// notices when they are broken. It knows what is right by counting lines, not by what the code under test says.
//
// Lines are counted from the beginning: line n is in slot n mod W, and lap n / W wrote it.

#pragma once

#include <deque>
#include <optional>

#include "conversation.hh"

namespace lab {

struct Sent {
  std::uint32_t header = 0;
  std::vector<std::uint64_t> words;
};

// A message as tests choose them: of 0, 1, 2 or 7 random words.
Sent random_message(Trial& trial);

// The parts of a control word (user/urpc/message.hh).
inline constexpr std::uint64_t kEpochBit = std::uint64_t{1} << 46;
inline constexpr std::uint64_t kAcknowledgementOnlyBit = std::uint64_t{1} << 47;
constexpr std::uint64_t control_word(std::uint32_t header, bool epoch, bool is_only,
                                     std::uint64_t acknowledged) {
  return header | (epoch ? kEpochBit : 0) | (is_only ? kAcknowledgementOnlyBit : 0) |
         (acknowledged << 48);
}

class EpochTalk : public Conversation {
 public:
  // `kind`: epoch or sleepy-epoch.
  EpochTalk(Trial& trial, std::size_t slots, const std::string& kind = "epoch");

  // ---- the code under test

  // Has it send. False: it said `again`, and wrote nothing.
  bool send(const Sent& message);

  // Has it receive; fails the test unless it gets what must come now, or says `again` if nothing must. Gives whether it was a
  // message.
  bool receive();
  void receive_all() {
    while (receive()) {
    }
  }

  // ---- the peer. `acknowledging` lines at most that have not been acknowledged yet: all, by default.

  static constexpr std::uint64_t kAll = ~std::uint64_t{0};
  bool peer_has_room() const { return written_ - seen_acknowledged_ + 2 <= slots(); }
  void peer_write(const Sent& message, std::uint64_t acknowledging = kAll);
  void peer_acknowledge(std::uint64_t acknowledging = kAll);

  // Reads all that the code under test has written, and fails the test unless it is what it has sent, in order, and lines that
  // only acknowledge; with control words that are exactly right. Gives how many of the latter there were.
  std::size_t peer_read();

  std::uint64_t peer_unacknowledged() const { return read_ - acknowledged_; }
  // Lines of the code under test that it does not know to be read.
  std::uint64_t on_their_way() const { return its_written_ - its_seen_acknowledged_; }

 private:
  struct Line {
    bool is_only = false;
    Sent message;
    std::uint64_t acknowledged = 0;
  };

  void put(const Line& line);
  void note_stores();
  bool epoch_of(std::uint64_t line) const { return line / slots() % 2 == 0; }

  Trial& trial_;

  // what goes to the code under test
  std::uint64_t written_ = 0, acknowledged_ = 0;
  std::deque<Line> not_received_;
  std::uint64_t its_read_ = 0, its_seen_acknowledged_ = 0;

  // what comes from it
  std::uint64_t its_written_ = 0, read_ = 0, seen_acknowledged_ = 0;
  std::deque<Sent> sent_;
  std::deque<std::uint64_t>
      acknowledged_by_;  // what each line that was not read yet must acknowledge
};

}  // namespace lab
