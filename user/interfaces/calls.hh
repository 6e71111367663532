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
//
// The last line of a reply resumes the caller from within the poll that found it, with the line still on the stack of the event
// loop: a reply of one line is decoded from there.

#pragma once

#include "interfaces/fragments.hh"
#include "interfaces/numbers.hh"

namespace sprat {

//@ since monitor
// Calls for which one coroutine waits (together.hh): the last of them resumes it.
struct CallGroup {
  std::size_t missing = 0;  // calls that are not over
  bool has_failure = false;
  std::coroutine_handle<> coroutine;
};

//@ end
// A call or a notice in progress; it lies in the stack or coroutine frame of its caller.
template <std::size_t kLineWords>
class Pending {
 public:
  using Line = urpc::Message<kLineWords>;
  // Takes a line of the reply, and sets `outcome` with the last one.  malformed: it is no line of this reply
  using TakeLine = Result<void> (*)(Pending& call, const Line& line);

  // `its_take_line`: null for a notice, which has no reply.
  explicit Pending(TakeLine its_take_line) : take_line_(its_take_line) {}

  static constexpr std::size_t kNoNumber = kMostCalls;
  bool has_number() const { return number != kNoNumber; }
  bool wants_reply() const { return take_line_ != nullptr; }

  SPRAT_INLINE Result<void> take(const Line& line) { return take_line_(*this, line); }

  Waiter waiter;
  Result<void> outcome;
  bool is_over = false;
  std::size_t number = kNoNumber;
  Task<> transmission;  // if the call cannot be sent at once
  //@ since monitor
  CallGroup* group = nullptr;  // that it is one of
  //@ end

  // It is over: whether its coroutine continues.
  SPRAT_INLINE bool is_last() {
    //@ since monitor
    if (group != nullptr) [[unlikely]] {
      if (!outcome) group->has_failure = true;
      waiter.coroutine = group->coroutine;
      return --group->missing == 0;
    }
    //@ end
    return true;
  }

 private:
  TakeLine take_line_;
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

  //@ since monitor
  // Takes a number for good: for calls whose lines the caller sends and receives itself (span/home_while_blocked.hh). Before any call.
  std::size_t reserve_number() {
    const std::size_t number = numbers_.next_free();
    numbers_.take(number);
    return number;
  }
  //@ end

  // Sends the line that `make_line(number)` makes, all of `call`. False: not now.
  template <class MakeLine>
  SPRAT_INLINE bool send_at_once(PendingCall& call, MakeLine make_line) {
    if (!numbers_.any_free()) return false;
    const std::size_t number = numbers_.next_free();
    if (!link_.try_send(make_line(number))) return false;
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
  void abandon(PendingCall& call) {
    //@ lab urpc.5j:
    if (!call.has_number()) return;
    call.transmission = Task<>();
    pending_[call.number] = nullptr;
    if ((answerable_ & bit(call.number)) == 0) numbers_.give_back(call.number);
    //@ end
  }

  // ---- for receivers

  // Takes a line of a reply. The last one resumes the caller, which may destroy `this`.
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
    numbers_.give_back(number);
    if (call != nullptr) resume(*call);
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

  // Forgets `call`, whose result is known.
  SPRAT_INLINE void finish(PendingCall& call) {
    if (call.has_number()) [[likely]]
      pending_[call.number] = nullptr;
    call.number = PendingCall::kNoNumber;
    call.is_over = true;
  }

  // The reply to `call` is complete: its caller continues at once. That may destroy `this`.
  SPRAT_INLINE void resume(PendingCall& call) {
    finish(call);
    if (call.is_last()) [[likely]]
      call.waiter.coroutine.resume();
  }

  // Ends `call`; its caller continues when its turn comes.
  void end(PendingCall& call, Result<void> outcome) {
    finish(call);
    call.outcome = outcome;
    if (call.is_last()) link_.make_ready(call.waiter);
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

// A notice in progress, which has no reply.
template <const auto& kMessage, std::size_t kLineWords>
class PendingMessage : public Pending<kLineWords> {
 public:
  SPRAT_INLINE PendingMessage() : Pending<kLineWords>(nullptr) {}
  Result<void> result() const { return this->outcome; }
};

// A call in progress: decodes the lines of its reply.
template <const auto& kRpc, std::size_t kLineWords>
  requires(kKindOf<kRpc> == Kind::rpc)
class PendingMessage<kRpc, kLineWords> : public Pending<kLineWords> {
 public:
  using Base = Pending<kLineWords>;
  using Line = typename Base::Line;
  using Body = BodyOf<kRpc.reply>;

  SPRAT_INLINE PendingMessage() : Base(take_line) {}

  SPRAT_INLINE Result<Body> result() const {
    if (!this->outcome) return this->outcome.error();
    return body_;
  }

 private:
  static constexpr const auto& kReply = kRpc.reply;
  static constexpr std::size_t kLines = lines_of<kReply, kLineWords>();

  static Result<void> take_line(Base& call, const Line& line) {
    auto& reply = static_cast<PendingMessage&>(call);
    const LineHeader header(line.header);
    if (header.get<line_header::message>() != kNumberOf<kReply>) [[unlikely]]
      return reply.take_failure(line);
    if (!is_whole(header)) return reply.take_fragment(line);
    reply.decode_from(line.words);
    return {};
  }

  [[gnu::noinline]] Result<void> take_failure(const Line& line) {
    const LineHeader header(line.header);
    if (header.get<line_header::message>() != kFailedNumber || !is_whole(header))
      return Error::malformed;
    const auto failure = decode<failed, kLineWords>(line.words);
    if (!failure) return failure.error();
    this->outcome = failure.value().error;
    return {};
  }

  Result<void> take_fragment(const Line& line) {
    if constexpr (kLines == 1) {
      return Error::malformed;
    } else {
      const auto is_last = fragments_.assembly.add(line, fragments_.room);
      if (!is_last) return is_last.error();
      if (is_last.value())
        decode_from(std::span(fragments_.room).first(fragments_.assembly.words()));
      return {};
    }
  }

  SPRAT_INLINE void decode_from(std::span<const std::uint64_t> words) {
    const auto decoded = decode<kReply, kLineWords>(words);
    if (!decoded) {
      this->outcome = decoded.error();
    } else {
      body_ = decoded.value();
    }
  }

  struct Room {
    Assembly assembly;
    std::array<std::uint64_t, kLines * kLineWords> room;
  };
  struct NoRoom {};

  Body body_{};
  [[no_unique_address]] std::conditional_t<kLines == 1, NoRoom, Room> fragments_;
};

// A call and its reply, or a notice. Nothing happens before it is awaited with co_await, which may be done once.
template <const auto& kMessage, Link AnyLink>
class [[nodiscard]] Exchange {
 public:
  static constexpr std::size_t kLineWords = AnyLink::kLineWords;
  static constexpr bool kIsCall = kKindOf<kMessage> == Kind::rpc;

  SPRAT_INLINE Exchange(Calls<AnyLink>& calls, const BodyOf<kMessage>& body) : calls_(calls) {
    pending_.outcome = fragments_.encode(body);
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() { calls_.abandon(pending_); }

  SPRAT_INLINE bool await_ready() {
    if (pending_.outcome) pending_.outcome = calls_.outcome();
    if (!pending_.outcome) return true;
    if (fragments_.lines() != 1) return false;
    if constexpr (kIsCall) {
      calls_.send_at_once(pending_,
                          [this](std::size_t number) { return fragments_.only_line(number); });
      return false;
    } else {
      return calls_.link().try_send(fragments_.only_line(0)).ok();
    }
  }

  // Returns false if there is no memory to wait.
  SPRAT_INLINE bool await_suspend(std::coroutine_handle<> waiting) {
    pending_.waiter.coroutine = waiting;
    if (pending_.has_number()) return true;
    pending_.outcome = calls_.send_in_turn(pending_, fragments_.outgoing());
    return pending_.outcome.ok();
  }

  SPRAT_INLINE auto await_resume() { return pending_.result(); }

  //@ since monitor
  // ---- as one of several calls (together.hh): begin, and await_resume when all are over, in the place of co_await

  // Sends it, at once or when there is room.
  SPRAT_INLINE void begin(CallGroup& group) {
    const bool has_failed = await_ready();
    if (has_failed || (!pending_.has_number() && !await_suspend({}))) {
      group.has_failure = true;
      return;
    }
    ++group.missing;
    pending_.group = &group;
  }

  //@ end
 private:
  Calls<AnyLink>& calls_;
  Fragments<kMessage, kLineWords> fragments_;
  PendingMessage<kMessage, kLineWords> pending_;
};

}  // namespace sprat
