// lrpc_link.hh — a conversation by LRPC between two processes of one core: each line is a call, which its receiver answers in
// the upcall, and that takes no more than to put the line down.
//
//   sender            kernel           receiver
//   call(line) ───────────────────────► upcall: into the inbox, notify(kRung)
//      ◄── taken ───────────────────────┤
//   goes on …                           its loop wakes: receivers go on
//
//   call(line) ───────────────────────► upcall: the inbox is full, or not open yet
//      ◄── full ────────────────────────┤   … a line is received, or it is opened
//   waits;      ◄──── call(room) ───────┤
//
// The price of a call is that of trust: who never comes out of its upcalls keeps its callers, as with every call. Between two
// that do not trust each other there is Channel, on one core as well.
//
// Whose line it is, the badge of the endpoint says, which init has made for this link. A process that offers an endpoint of
// its own besides gives it a badge first, or others could.

#pragma once

#include <algorithm>
#include <array>
#include <atomic>

#include "lib/waiting.hh"

namespace sprat {

class LrpcLink : public Waiting<LrpcLink, 4> {
 public:
  // The badge of the endpoint through which lines come for link `number`. Links of one process at the same time differ in the
  // rest of division by kMaxNumbers.
  static constexpr std::size_t kMaxNumbers = 64;
  static constexpr std::uint64_t badge_of(std::uint64_t number) { return kLineBadge | number; }

  // Once, before anybody else has an endpoint of this process: lines that come too early are not lost, but wait.
  static void expect_lines();

  LrpcLink() = default;  // closed
  LrpcLink(const LrpcLink&) = delete;
  LrpcLink& operator=(const LrpcLink&) = delete;
  // Whoever waits here is told that the peer is gone.
  ~LrpcLink() { close(); }

  // Begins a conversation that `loop` looks after: lines come as those of `number`, and go to `peer`. `peers_status`
  // says that the peer is gone, when it is (urpc/sleep.hh).
  void open(EventLoop& loop, std::uint64_t number, CapAddress peer, const urpc::Line& peers_status);

  // Ends it, without a word to the peer.
  void close();

  bool is_open() const { return loop_ != nullptr; }

  // Sends or receives now.
  //   again       there is no room; there is nothing
  //   peer_gone   nobody is there any more, and all that was sent has been received; or the link is closed
  template <std::size_t kSent>
  Result<void> try_send(const urpc::Message<kSent>& message) {
    Words words{message.header};
    std::copy_n(message.words.begin(), kSent, words.begin() + 1);
    return send_words(words);
  }
  template <std::size_t kReceived>
  Result<void> try_receive(urpc::Message<kReceived>& message) {
    const auto line = next_line();
    if (!line) return line.error();
    message.header = line.value()->header;
    std::copy_n(line.value()->words.begin(), kReceived, message.words.begin());
    return pass_line();
  }

  bool has_something() const { return !is_open() || written_ != read_ || is_peer_gone(); }

 private:
  friend class EventLoop;
  template <class Member>
  friend class Visited;

  static constexpr std::uint64_t kLineBadge = std::uint64_t{1} << 63;
  // In the first word of a call, which is else the header of a line: the inbox has room again.
  static constexpr std::uint64_t kRoom = std::uint64_t{1} << 32;
  enum class Reply : std::uint64_t { taken, full };

  // If there is something for the first of a queue, that one goes on, and what was `this` may be gone. False: nobody has.
  bool serve();

  Result<void> send_words(const Words& words);
  Result<const urpc::Message<kLineWords>*> next_line() const;
  Result<void> pass_line();
  bool is_peer_gone() const;

  // In the upcall.
  static bool handle(Call& call);
  Reply take_in(const Words& words);

  static constexpr std::size_t kSlots = 16;

  CapAddress peer_;
  const urpc::Line* peers_status_ = nullptr;
  std::uint64_t number_ = 0;

  // The upcall writes, at any time; the rest of the process reads.
  std::array<urpc::Message<kLineWords>, kSlots> inbox_;
  std::atomic<std::uint64_t> written_ = 0, read_ = 0;
  std::atomic<bool> peer_has_room_ = true;
  std::atomic<bool> peer_waits_for_room_ = false;

  LrpcLink* previous_ = nullptr;  // in the list of its loop
  LrpcLink* next_ = nullptr;
};

}  // namespace sprat
