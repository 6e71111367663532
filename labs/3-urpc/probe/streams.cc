// streams.cc — exercises 1 to 3: two cores send and receive in any order, and give a digest of the messages that have come.
// The word arg= is how many messages each of them sends.

#include "pair.hh"
#include "urpc/epoch.hh"
#include "urpc/used_bit.hh"

namespace sprat::probe {
namespace {

// The numbers that a boot's seed decides, for each side its own.
evidence::Sequence numbers_of(urpc::Side side) {
  return evidence::Sequence(evidence::hex(words(), "seed") + static_cast<std::uint64_t>(side));
}

// One of 8, 16, 32, 64, the same on both sides.
std::size_t slots_of_this_boot() { return std::size_t{8} << evidence::hex(words(), "seed") % 4; }

// The counts of one side, and the digest of the messages that it has received.
struct Outcome {
  std::uint64_t sent = 0, received = 0, digest = 0;
  Error error = Error::again;  // the last that send or receive has said
};

template <class End>
class Stream {
 public:
  Stream(const Pair& pair, std::uint64_t messages)
      : end_(pair.view(slots_of_this_boot())),
        numbers_(numbers_of(pair.side())),
        mood_(~numbers_of(pair.side()).next()),
        messages_(messages),
        next_(draw(numbers_)) {}

  Outcome run() {
    for (std::uint64_t in_vain = 0; !is_done() && outcome_.error == Error::again;) {
      const bool has_sent = send_some(), has_received = receive_some();
      in_vain = has_sent || has_received ? 0 : in_vain + 1;
      if (in_vain == 0) {
        __builtin_ia32_pause();
      } else if (is_in_vain(in_vain)) {
        break;
      }
    }
    outcome_.digest = digest_.value();
    return outcome_;
  }

 private:
  bool is_done() const { return outcome_.sent == messages_ && outcome_.received == messages_; }

  // The length of a burst: often 0, sometimes more than there is room for.
  std::uint64_t burst() { return mood_.next() % (mood_.next() % 4 == 0 ? 100 : 4); }

  // Send or receive a burst. Each returns whether at least one message was sent or received.
  bool send_some() {
    const std::uint64_t before = outcome_.sent;
    for (std::uint64_t left = burst(); left != 0 && outcome_.sent != messages_; --left) {
      if (const auto sent = end_.send(next_); !sent) {
        outcome_.error = sent.error();
        break;
      }
      next_ = draw(numbers_);
      ++outcome_.sent;
    }
    return outcome_.sent != before;
  }
  bool receive_some() {
    const std::uint64_t before = outcome_.received;
    for (std::uint64_t left = burst(); left != 0; --left) {
      urpc::Message<> message;
      if (const auto received = end_.receive(message); !received) {
        outcome_.error = received.error();
        break;
      }
      digest_.add(message);
      ++outcome_.received;
    }
    return outcome_.received != before;
  }

  End end_;
  evidence::Sequence numbers_;  // of messages
  evidence::Sequence mood_;     // how many at once
  std::uint64_t messages_;
  urpc::Message<> next_;
  Outcome outcome_;
  Digest digest_;
};

template <class End>
void stream_on_other_core() {
  Pairs pairs;
  Pair& pair = pairs[0];
  pair.wait_for_question();
  const Outcome outcome = Stream<End>(pair, evidence::hex(words(), "arg")).run();
  auto& board = pair.board().words;
  board[0] = outcome.sent;
  board[1] = outcome.received;
  board[2] = outcome.digest;
  board[3] = static_cast<std::uint64_t>(outcome.error);
  pair.answer();
}

void answer_outcome(evidence::Session& session, std::string_view key, const Outcome& outcome) {
  session.answer(key, outcome.sent, outcome.received, VirtualAddress(outcome.digest),
                 name_of(outcome.error));
}

template <class End>
void stream_on_first_core(evidence::Session& session) {
  Pairs pairs;
  Pair& pair = pairs[0];
  pair.ask();
  const Outcome outcome = Stream<End>(pair, evidence::hex(words(), "arg")).run();
  answer_outcome(session, "first", outcome);
  pair.wait_for_answer();
  const auto& board = pair.board().words;
  answer_outcome(session, "second",
                 {board[0], board[1], board[2], static_cast<Error>(board[3].load())});
  EXPECT(session, pair.is_untouched(slots_of_this_boot()));
}

}  // namespace
}  // namespace sprat::probe

using namespace sprat;
using namespace sprat::probe;

PROBE(epoch_streams) { stream_on_first_core<urpc::Epoch>(session); }
PROBE_ON_OTHER_CORES(epoch_streams) { stream_on_other_core<urpc::Epoch>(); }

PROBE(used_bit_streams) { stream_on_first_core<urpc::UsedBit>(session); }
PROBE_ON_OTHER_CORES(used_bit_streams) { stream_on_other_core<urpc::UsedBit>(); }

// ---- exercise 2: a sender whose lines are not read stops; an end whose peer lies reaches no other memory

namespace {

constexpr std::size_t kPressedSlots = 16;
constexpr unsigned kPresses = 20;

// How many messages the other core reads at once.
std::uint64_t next_gulp(evidence::Sequence& sequence) {
  return 1 + sequence.next() % kPressedSlots;
}

// Until there is no room, or more than there can be.
std::uint64_t send_all(urpc::Epoch& end) {
  std::uint64_t sent = 0;
  while (sent < 2 * kPressedSlots && end.send(urpc::Message<1>{0, {sent}})) ++sent;
  return sent;
}

constexpr std::size_t kLiedTo = 8;  // conversations, in places side by side

// One end, whose peer may write anything; remembers whether the end has said that the conversation is over.
class LiedTo {
 public:
  explicit LiedTo(const urpc::View& view) : end_(view) {}

  // False: that is not a possible result. Once the peer has broken the rules, there is only one.
  bool send(const urpc::Message<>& message) { return is_possible(end_.send(message)); }
  bool receive(urpc::Message<>& message) { return is_possible(end_.receive(message)); }
  void look() const { static_cast<void>(end_.has_line() && end_.has_room()); }

  bool is_over() const { return is_over_; }

 private:
  bool is_possible(const Result<void>& result) {
    if (!result && result.error() == Error::malformed) return is_over_ = true;
    return !is_over_ && (result || result.error() == Error::again);
  }

  urpc::Epoch end_;
  bool is_over_ = false;
};

// Does a report of lines that were never sent end the conversation, when room is needed?
bool ends_with_a_lie(const urpc::View& view) {
  view.peer_status->words[0].store(2 * view.out.size() + 1);
  LiedTo end(view);
  const urpc::Message<> message;
  for (std::size_t line = 0; line < view.out.size(); ++line)
    if (!end.send(message) || end.is_over()) return false;
  urpc::Message<> got;
  return end.send(message) && end.is_over() && end.receive(got) && end.send(message);
}

}  // namespace

// The other core reads some messages at once, and then sends one, which acknowledges all.
PROBE(pressed) {
  Pairs pairs;
  Pair& pair = pairs[0];
  urpc::Epoch end(pair.view(kPressedSlots));
  for (unsigned press = 0; press < kPresses; ++press) {
    session.answer_numbered(press, "sent", send_all(end));
    pair.ask();
    pair.wait_for_answer();
    urpc::Message<0> word;
    for (unsigned i = 0; i < 3; ++i) static_cast<void>(end.receive(word));
  }
}
PROBE_ON_OTHER_CORES(pressed) {
  Pairs pairs;
  Pair& pair = pairs[0];
  urpc::Epoch end(pair.view(kPressedSlots));
  evidence::Sequence sequence(evidence::hex(words(), "seed"));
  for (unsigned press = 0; press < kPresses; ++press) {
    pair.wait_for_question();
    urpc::Message<1> message;
    for (std::uint64_t left = next_gulp(sequence); left != 0; --left)
      static_cast<void>(end.receive(message));
    static_cast<void>(end.send(urpc::Message<0>()));
    pair.answer();
  }
}

// The other core writes over all of a conversation, while both ends of it are tried here.
PROBE(scribbled) {
  Pairs pairs;
  Pair& pair = pairs[0];
  evidence::Sequence sequence(session.seed());
  std::uint64_t impossible = 0, tried = 0;
  for (std::size_t place = 0; place < kLiedTo; ++place) {
    const std::size_t slots = std::size_t{4} << sequence.next() % 4;
    EXPECT(session, ends_with_a_lie(pair.view(slots, place)));
    pair.board().words[0] = slots;
    pair.board().words[1] = place;
    pair.ask();
    EXPECT(session, poll_for([&] { return pair.board().words[3] == place + 1; }));
    for (unsigned end_number = 0; end_number < 50; ++end_number) {
      LiedTo end(pair.view(slots, place));
      urpc::Message<> message = draw(sequence);
      for (unsigned step = 0; step < 50; ++step, ++tried) {
        const bool sends = sequence.next() % 2 == 0;
        if (!(sends ? end.send(message) : end.receive(message))) ++impossible;
        end.look();
        if (step % 16 == 0) __builtin_ia32_pause();
      }
    }
    pair.board().words[2] = place + 1;
    pair.wait_for_answer();
    EXPECT(session, pair.is_untouched(slots, place));
  }
  session.answer("tried", tried);
  session.answer("impossible", impossible);
}
PROBE_ON_OTHER_CORES(scribbled) {
  Pairs pairs;
  Pair& pair = pairs[0];
  evidence::Sequence sequence(evidence::hex(words(), "seed"));
  auto& board = pair.board().words;
  for (std::size_t place = 0; place < kLiedTo; ++place) {
    pair.wait_for_question();
    const urpc::View view = pair.view(board[0], board[1]);
    while (board[2] == place) {
      for (const std::span<urpc::Line> lines :
           {view.in, view.out, std::span(view.own_status, 1), std::span(view.peer_status, 1)}) {
        urpc::Line& line = lines[sequence.next() % lines.size()];
        // A word that an honest peer might have written, or any other: a line of one of the first laps; a report of a few
        // lines.
        const std::uint64_t word = sequence.next(), lap = lines.size() * (word % 4);
        line.control.store(sequence.next() % 8 == 0 ? word : lap | lines.size() << 16,
                           std::memory_order_release);
        const std::uint64_t count = sequence.next() % 8 == 0 ? word : word % 32;
        for (auto& payload : line.words) payload.store(count, std::memory_order_relaxed);
      }
      board[3] = place + 1;
      __builtin_ia32_pause();
    }
    pair.answer();
  }
}
