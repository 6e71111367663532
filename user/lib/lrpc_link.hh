// lrpc_link.hh — a conversation by LRPC between two processes of one core: each line is a call, which the receiver's
// upcall answers as soon as it has stored the line.
//
//   sender            kernel           receiver
//   call(line) ───────────────────────► upcall: into the inbox, notify(kSignalled)
//      ◄── taken ───────────────────────┤
//   resumes …                           its loop wakes: receivers resume
//
//   call(line) ───────────────────────► upcall: the inbox is full, or not open yet
//      ◄── full ────────────────────────┤   … a line is received, or it is opened
//   waits;      ◄──── call(room) ───────┤
//
// A call needs trust: a callee that never leaves its upcall blocks its callers, as with every call. Two processes that
// do not trust each other use a Channel, on one core as well.
//
// The badge of the endpoint, which the monitor has made for this link, tells to which link a line belongs. A process that
// offers an endpoint of its own gives it a badge first, or its clients could.

#pragma once

#include <algorithm>
#include <array>
#include <atomic>

#include "lib/waiting.hh"

namespace sprat {

class LrpcLink final : public Waiting<LrpcLink, 4> {
 public:
  // The badge of the endpoint through which lines come for link `number`. Links of one process at the same time differ in the
  // rest of division by kMaxNumbers.
  static constexpr std::size_t kMaxNumbers = 64;
  static constexpr std::uint64_t badge_of(std::uint64_t number) { return kLineBadge | number; }

  // Once, before any other process has an endpoint of this one: lines that come too early wait, and are not lost.
  static void expect_lines();

  LrpcLink() = default;  // closed
  // All waiters get peer_gone.
  ~LrpcLink() { close(); }

  // Begins a conversation that `loop` looks after: lines come as those of `number`, and go to `peer`. `peers_status`
  // says that the peer is gone, when it is (urpc/sleep.hh).
  void open(EventLoop& loop, std::uint64_t number, CapAddress peer, const urpc::Line& peers_status);

  // Ends it, without a word to the peer.
  void close();

  bool is_open() const { return peers_status_ != nullptr; }

  // Whether a line or an error can be received.
  bool has_something() const { return !is_open() || written_ != read_ || is_peer_gone(); }

 private:
  friend Waiting;

  static constexpr std::uint64_t kLineBadge = std::uint64_t{1} << 63;
  // In the first word of a call, which is else the header of a line: the inbox has room again.
  static constexpr std::uint64_t kRoom = std::uint64_t{1} << 32;
  enum class Reply : std::uint64_t { taken, full };

  // ---- for Waiting
  //   again       there is no room; there is no line
  //   peer_gone   the peer has ended, and all lines that it sent have been received; or the link is closed
  template <std::size_t kSent>
  Result<void> send_now(const urpc::Message<kSent>& message) {
    Words words{message.header};
    std::copy_n(message.words.begin(), kSent, words.begin() + 1);
    return send_words(words);
  }
  template <std::size_t kReceived>
  Result<void> receive_now(urpc::Message<kReceived>& message) {
    const auto line = next_line();
    if (!line) return line.error();
    message.header = line.value()->header;
    std::copy_n(line.value()->words.begin(), kReceived, message.words.begin());
    return pass_line();
  }

  void waiters_changed();

  // ---- for the event loop (source.hh)
  bool poll() override;

  Result<void> send_words(const Words& words);
  Result<const urpc::Message<kLineWords>*> next_line() const;
  Result<void> pass_line();
  bool is_peer_gone() const;

  // In the upcall.
  static bool handle(Call& call);
  Reply take_in(const Words& words);

  static constexpr std::size_t kSlots = 16;

  CapAddress peer_;
  const urpc::Line* peers_status_ = nullptr;  // null: closed
  std::uint64_t number_ = 0;

  // The upcall writes, at any time; the rest of the process reads.
  std::array<urpc::Message<kLineWords>, kSlots> inbox_;
  std::atomic<std::uint64_t> written_ = 0, read_ = 0;
  std::atomic<bool> peer_has_room_ = true;
  std::atomic<bool> peer_waits_for_room_ = false;
};

}  // namespace sprat
