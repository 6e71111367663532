// calls.hh — the sending side of calls and notices, and the replies to them.
//
// A call has a number from its first line until the last line of its reply. The reply carries that number, so that calls may
// be answered in any order. The number of an abandoned call:
//
//   not all lines were sent    it is free again: its next user's first line begins anew (fragments.hh)
//   all lines were sent        it stays in use until the reply has come and was dropped: each call is answered once, so
//                              no reply is ever taken for that of another call
//
// If there is a number and room, a call of one line is sent before its caller waits, and nothing is allocated. If not, or if
// there are more lines, a coroutine sends them one after the other as there is room.

#pragma once

#include "interfaces/fragments.hh"
#include "interfaces/numbers.hh"

namespace sprat {

// A call or a notice in progress; it lies in the stack or coroutine frame of its caller.
template <std::size_t kLineWords>
struct Pending {
  static constexpr std::size_t kNoNumber = kMostCalls;

  // `its_reply`: the number of the message that answers it; `its_room`: where the words of that go. A notice has neither.
  Pending(unsigned its_reply, std::span<std::uint64_t> its_room)
      : reply(its_reply), room(its_room) {}

  bool has_number() const { return number != kNoNumber; }
  bool wants_reply() const { return !room.empty(); }

  SPRAT_INLINE Result<void> take(const urpc::Message<kLineWords>& line) {
    const LineHeader header(line.header);
    if (header.get<line_header::message>() != reply) [[unlikely]]
      return take_failure(line);
    if (!is_whole(header)) {
      const auto added = assembly.add(line, room);
      words = assembly.words();
      return added ? Result<void>() : added.error();
    }
    copy_words<kLineWords>(line.words.data(), room.data());
    words = kLineWords;
    return {};
  }

  [[gnu::noinline]] Result<void> take_failure(const urpc::Message<kLineWords>& line) {
    const LineHeader header(line.header);
    if (header.get<line_header::message>() != kFailedNumber || !is_whole(header))
      return Error::malformed;
    const auto failure = decode<failed, kLineWords>(line.words);
    if (!failure) return failure.error();
    outcome = failure.value().error;
    return {};
  }

  Waiter waiter;
  unsigned reply;
  Result<void> outcome;
  bool is_over = false;
  std::size_t number = kNoNumber;
  std::span<std::uint64_t> room;
  std::size_t words = 0;  // of the reply
  Assembly assembly;      // if it has several lines
  Task<> transmission;    // if the call cannot be sent at once
};

template <Link AnyLink>
class Calls {
 public:
  static constexpr std::size_t kLineWords = AnyLink::kLineWords;
  using PendingCall = Pending<kLineWords>;

  // At most `at_once` on their way at once.
  Calls(AnyLink& link, std::size_t at_once) : link_(link), numbers_(link, at_once) {}

  // ---- for senders

  // The error that ended the conversation, if it has ended.
  Result<void> outcome() const { return outcome_; }

  AnyLink& link() { return link_; }

  // Sends the line that `make_line(number)` makes, all of `call`. False: not now.
  template <class MakeLine>
  SPRAT_INLINE bool send_at_once(PendingCall& call, MakeLine make_line) {
    if (!numbers_.any_free()) return false;
    const std::size_t number = numbers_.next_free();
    if (!try_send(link_, make_line(number)).ok()) return false;
    numbers_.take(number);
    begin(call, number);
    answerable_ |= bit(number);
    return true;
  }

  // Sends `out`, the lines of `call`, when there is a number and room.
  //   out_of_memory
  Result<void> send_in_turn(PendingCall& call, Outgoing<kLineWords> out) {
    call.transmission = transmit(call, out);
    Waiter* const starter = call.transmission.starter();
    if (starter == nullptr) return Error::out_of_memory;
    link_.make_ready(*starter);
    return {};
  }

  // Abandons `call`: its caller no longer waits.
  void give_up(PendingCall& call) {
    //@ lab urpc.5j:
    if (!call.has_number()) return;
    call.transmission = Task<>();
    pending_[call.number] = nullptr;
    if ((answerable_ & bit(call.number)) == 0) numbers_.give_back(call.number);
    //@ end
  }

  // ---- for receivers

  // Takes a line of a reply.
  //   malformed   there is no such call, or it is not a reply to it
  SPRAT_INLINE Result<void> take(const urpc::Message<kLineWords>& line) {
    //@ lab urpc.5k: return Error::not_implemented;
    const LineHeader header{line.header};
    const std::size_t number = header.get<line_header::call>();
    if (number >= kMostCalls || (answerable_ & bit(number)) == 0) return Error::malformed;
    PendingCall* const call = pending_[number];
    if (call != nullptr) {
      if (const auto taken = call->take(line); !taken) return taken;
    }
    if (header.get<line_header::last>() == 0) return {};
    answerable_ &= ~bit(number);
    if (call != nullptr) end(*call, call->outcome);
    numbers_.give_back(number);
    return {};
    //@ end
  }

  // The conversation has ended: all that is pending ends the same way.
  void end_all(Error error) {
    outcome_ = error;
    for (PendingCall* const call : pending_)
      if (call != nullptr) end(*call, error);
    numbers_.end();
  }

 private:
  static constexpr std::uint64_t bit(std::size_t number) { return std::uint64_t{1} << number; }

  SPRAT_INLINE void begin(PendingCall& call, std::size_t number) {
    call.number = number;
    pending_[number] = &call;
  }

  SPRAT_INLINE void end(PendingCall& call, Result<void> outcome) {
    if (call.has_number()) pending_[call.number] = nullptr;
    call.number = PendingCall::kNoNumber;
    call.outcome = outcome;
    call.is_over = true;
    link_.make_ready(call.waiter);
  }

  Task<> transmit(PendingCall& call, Outgoing<kLineWords> out) {
    //@ lab urpc.5l: end(call, Error::not_implemented); co_return {};
    const auto number = co_await numbers_.taken();
    if (outcome_ && number) begin(call, number.value());
    Result<void> sent = outcome_;
    for (std::size_t index = 0; sent && index < out.lines; ++index) {
      const auto line = out.line(index, call.number);
      sent = co_await link_.send(line);
      if (call.is_over) co_return sent;
    }
    if (sent && call.wants_reply()) {
      answerable_ |= bit(call.number);
    } else {
      if (number) numbers_.give_back(number.value());
      end(call, sent);
    }
    co_return sent;
    //@ end
  }

  AnyLink& link_;
  Numbers<AnyLink> numbers_;
  std::uint64_t answerable_ = 0;                    // numbers whose reply may come
  std::array<PendingCall*, kMostCalls> pending_{};  // by number
  Result<void> outcome_;
};

// The value that co_await gives: for an rpc its reply, for a notice nothing.
template <const auto& kMessage>
struct AnswerTo {
  static constexpr unsigned kNumber = kFailedNumber;
  using Body = void;
};
template <const auto& kMessage>
  requires(kKindOf<kMessage> == Kind::rpc)
struct AnswerTo<kMessage> {
  static constexpr const auto& kReply = kMessage.reply;
  static constexpr unsigned kNumber = kNumberOf<kReply>;
  using Body = BodyOf<kReply>;
};

// A call or a notice. Nothing happens before it is waited for with co_await, which may be done once.
template <const auto& kMessage, Link AnyLink>
class [[nodiscard]] Saying {
 public:
  static constexpr std::size_t kLineWords = AnyLink::kLineWords;
  static constexpr bool kIsCall = kKindOf<kMessage> == Kind::rpc;
  using Answer = AnswerTo<kMessage>;

  SPRAT_INLINE Saying(Calls<AnyLink>& calls, const BodyOf<kMessage>& body)
      : calls_(calls), pending_(Answer::kNumber, room_) {
    pending_.outcome = fragments_.encode(body);
  }
  Saying(const Saying&) = delete;
  Saying& operator=(const Saying&) = delete;
  ~Saying() { calls_.give_up(pending_); }

  SPRAT_INLINE bool await_ready() {
    if (pending_.outcome) pending_.outcome = calls_.outcome();
    if (!pending_.outcome) return true;
    if (fragments_.lines() != 1) return false;
    if constexpr (kIsCall) {
      calls_.send_at_once(pending_,
                          [this](std::size_t number) { return fragments_.only_line(number); });
      return false;
    } else {
      return try_send(calls_.link(), fragments_.only_line(0)).ok();
    }
  }

  // False: there is no memory to wait.
  SPRAT_INLINE bool await_suspend(std::coroutine_handle<> waiting) {
    pending_.waiter.coroutine = waiting;
    if (pending_.has_number()) return true;
    pending_.outcome = calls_.send_in_turn(pending_, fragments_.outgoing());
    return pending_.outcome.ok();
  }

  SPRAT_INLINE Result<typename Answer::Body> await_resume() {
    if constexpr (kIsCall) {
      if (!pending_.outcome) return pending_.outcome.error();
      return decode<Answer::kReply, kLineWords>(pending_.room.first(pending_.words));
    } else {
      return pending_.outcome;
    }
  }

 private:
  static consteval std::size_t room_for_reply() {
    if constexpr (kIsCall) {
      return lines_of<Answer::kReply, kLineWords>() * kLineWords;
    } else {
      return 0;
    }
  }

  Calls<AnyLink>& calls_;
  Pending<kLineWords> pending_;
  Fragments<kMessage, kLineWords> fragments_;
  std::array<std::uint64_t, room_for_reply()> room_;
};

}  // namespace sprat
