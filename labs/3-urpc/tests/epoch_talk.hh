// epoch_talk.hh — a conversation of the code under test (end "a", the first side, epochs) with a peer that keeps the rules and
// notices when they are broken. It counts lines itself and believes nothing that the code under test says.
//
// Here, lines are counted from 0: line n is in slot n mod W. Its number, in words that are shared, is W + n, and that of its lap
// W + n - n mod W.

#pragma once

#include <algorithm>
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
constexpr std::uint64_t control_word(std::uint32_t header, std::uint64_t lap,
                                     std::uint64_t acknowledged) {
  return std::uint64_t{header} << 32 | (acknowledged & 0xffff) << 16 | (lap & 0xffff);
}
constexpr std::uint32_t header_in(std::uint64_t control) {
  return static_cast<std::uint32_t>(control >> 32);
}
constexpr std::uint64_t lap_in(std::uint64_t control) { return control & 0xffff; }
// In a ring with used bits (user/urpc/used_bit.hh).
inline constexpr std::uint64_t kUsedBit = 1;
constexpr std::uint64_t used_word(std::uint32_t header) {
  return std::uint64_t{header} << 32 | kUsedBit;
}

class EpochTalk : public Conversation {
 public:
  // `kind`: epoch or sleepy-epoch.
  EpochTalk(Trial& trial, std::size_t slots, const std::string& kind = "epoch");

  // ---- the code under test

  // Lets it send. False: it said `again`, and wrote nothing.
  bool send(const Sent& message);

  // Lets it receive; fails the test unless it gets the next message, or says `again` if there is none. Returns whether it was
  // a message.
  bool receive();
  void receive_all() {
    while (receive()) {
    }
  }

  // Reports that it has written in its status line, each of which must say how many lines it has read.
  std::uint64_t reports() const { return its_reports_; }

  // ---- the peer. `acknowledging` lines at most that have not been acknowledged yet: all, by default.

  static constexpr std::uint64_t kAll = ~std::uint64_t{0};
  bool peer_has_room() const {
    return written_ - std::max(seen_acknowledged_, its_reported_) < slots();
  }
  void peer_write(const Sent& message, std::uint64_t acknowledging = kAll);
  void peer_report(std::uint64_t acknowledging = kAll);

  // Reads all lines that the code under test has written, and fails the test unless they are the messages that it has sent, in
  // order, with control words that are exactly right.
  void peer_read();

  std::uint64_t peer_unacknowledged() const { return read_ - acknowledged_; }

  // Lines of the code under test that are in flight: as far as it must know by the lines that it has received; and at least,
  // whatever it has looked at. When it has received all, it must know the latter.
  std::uint64_t most_in_flight() const { return its_written_ - its_seen_acknowledged_; }
  std::uint64_t in_flight() const { return its_written_ - acknowledged_; }
  std::uint64_t its_written() const { return its_written_; }
  std::uint64_t not_received() const { return not_received_.size(); }

  std::uint64_t lap_of(std::uint64_t line) const { return slots() + line - line % slots(); }

 private:
  struct Line {
    Sent message;
    std::uint64_t acknowledged = 0;
  };

  void note_stores();

  Trial& trial_;

  // to the code under test
  std::uint64_t written_ = 0, acknowledged_ = 0;
  std::deque<Line> not_received_;
  std::uint64_t its_read_ = 0, its_seen_acknowledged_ = 0;

  // from it
  std::uint64_t its_written_ = 0, read_ = 0, seen_acknowledged_ = 0;
  std::uint64_t its_reports_ = 0, its_reported_ = 0;
  std::deque<Sent> sent_;
  std::deque<std::uint64_t>
      acknowledged_by_;  // of each line that was not read yet: the lines that it must acknowledge
};

}  // namespace lab
