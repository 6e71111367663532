// home_while_blocked.hh — the conversation with the home while this dispatcher is blocked: a task stands in the middle of an instruction,
// so no coroutine may be resumed. Limits are handled all the same, or the home and this core would wait for each other:
//
//   home                                       core 2
//     │◀── want: page 5 ─────────────────────────┤ add [page 5], 1
//     │                                          │   blocked
//     ├── limit: page 4, none ──────────────────▶│   unmaps it
//     │◀── limited ──────────────────────────────┤
//     ├── run: a task ──────────────────────────▶│   kept
//     ├── given: its frame ─────────────────────▶│   maps it
//     │                                          │ add [page 5], 1
//     │                                          │ … the task
//
// It uses no memory of the heap and no list of the event loop, in the middle of which the task may stand.

#pragma once

#include <array>
#include <optional>

#include "lib/channel.hh"
#include "span/messages.hh"

namespace sprat {

class HomeWhileBlocked {
 public:
  using OnLimit = Result<Nothing> (*)(const span_messages::Limit& limit);

  // `channel` is the one with the home, and outlives it; `number` is that of a call which its peer here leaves alone.
  HomeWhileBlocked(Channel& channel, std::size_t number, OnLimit on_limit);
  HomeWhileBlocked(const HomeWhileBlocked&) = delete;
  HomeWhileBlocked& operator=(const HomeWhileBlocked&) = delete;

  // Asks for a page, and sleeps until it is answered.
  //   busy        the page is being limited: end_of_limit, then again
  //   peer_gone, malformed   the conversation has ended
  //   the errors of the answer
  Result<span_messages::Given> want(const span_messages::Want& want);

  // After `busy`: sleeps until a limit has ended.
  Result<void> end_of_limit();

  // Sleeps until the frame has come.  The errors of ExpectedFrame, and peer_gone, malformed
  Result<void> receive(ExpectedFrame& expected, FrameSent sent);

 private:
  using Line = urpc::Message<>;
  static constexpr std::size_t kMostCalls = span_messages::interface.calls;

  Result<void> take_lines();
  bool take(const Line& line);
  bool take_answer(const Line& line);
  bool take_limit(const Line& line);
  bool take_again(const Line& line);
  void send_results();
  template <const auto& kReply>
  Result<void> send_result(std::size_t call, const BodyOf<kReply>& body);
  void sleep(urpc::Wish wish);

  Channel& channel_;
  const std::size_t number_;
  const OnLimit on_limit_;
  std::optional<Result<span_messages::Given>> answer_;
  bool is_told_again_ = false;

  // Of limits that are not answered yet, by the numbers of their calls.
  std::uint64_t unanswered_ = 0;
  std::array<std::optional<Error>, kMostCalls> failures_{};

  // For each call of the home a task and its cancellation, and for each of this side an answer.
  std::array<Line, 3 * kMostCalls> room_;
};

}  // namespace sprat
