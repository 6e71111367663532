// peer.hh — one end of a conversation in the words of an interface.
//
//   Peer<echo::interface, Channel> peer(channel);
//   const auto sum = co_await peer.call<echo::add>({1, 2});                 Result<echo::Sum>
//   const auto sent = co_await peer.send<echo::note>({"hello"});            Result<void>
//
// and the other end:
//
//   co_await handle_calls<echo::interface>(channel, on<echo::add>(…), on<echo::echo>(…), on<echo::note>(…));
//
// An end that calls and is called is make_peer<echo::interface>(channel, on<…>(…), …).

#pragma once

#include "interfaces/calls.hh"
#include "interfaces/service.hh"

namespace sprat {

// The sink of its link (lib/sink.hh) from its beginning to its end. It must outlive the coroutines that wait for its calls. It
// stays where it is. Handlers: one for each call and notice, or none if nothing is to come but replies.
template <const auto& kInterface, Link AnyLink, class... Handlers>
class Peer final : private Sink<AnyLink::kLineWords> {
 public:
  static constexpr std::size_t kLineWords = AnyLink::kLineWords;

  explicit Peer(AnyLink& link, Handlers... handlers)
      : calls_(link, kInterface.calls), service_(link, std::move(handlers)...) {
    link.set_sink(this);
  }
  ~Peer() {
    if (calls_.outcome()) calls_.link().set_sink(nullptr);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // co_await peer.call<rpc>(body): the Result of its reply's body. A coroutine that is destroyed while it waits
  // abandons its call.
  //   invalid_argument   a number is larger than its field; then nothing is sent
  //   malformed          the reply was not such a reply, or the other end broke the rules before
  //   peer_gone          the conversation ended before the reply came
  //   out_of_memory      it has to wait for room, or has several lines, and there is no memory for that
  //   any other          the callee's answer
  template <const auto& kRpc>
  SPRAT_INLINE Exchange<kRpc, AnyLink> call(const BodyOf<kRpc>& body) {
    static_assert(kInterface.template has<kRpc>(), "this interface has no such message");
    static_assert(kKindOf<kRpc> == Kind::rpc, "only an Rpc can be called");
    return {calls_, body};
  }

  // co_await peer.send<notice>(body): Result<void>, when its last line was sent. Errors as above.
  template <const auto& kNotice>
  SPRAT_INLINE Exchange<kNotice, AnyLink> send(const BodyOf<kNotice>& body) {
    static_assert(kInterface.template has<kNotice>(), "this interface has no such message");
    static_assert(kKindOf<kNotice> == Kind::notice, "only a Notice is sent without an answer");
    return {calls_, body};
  }

  //@ since monitor
  // For several calls at once (together.hh).
  Calls<AnyLink>& calls() { return calls_; }

  //@ end
  class Ended {
   public:
    explicit Ended(Peer& peer) : peer_(peer) {}
    bool await_ready() const { return !peer_.calls_.outcome().ok(); }
    void await_suspend(std::coroutine_handle<> waiting) {
      waiter_.coroutine = waiting;
      peer_.waiting_for_end_.push_back(waiter_);
    }
    Error await_resume() const { return peer_.calls_.outcome().error(); }

   private:
    Peer& peer_;
    Waiter waiter_;
  };

  // co_await peer.ended(): the Error with which the conversation ended: peer_gone, malformed, out_of_memory.
  Ended ended() { return Ended(*this); }

 private:
  static consteval bool has_one_handler_each() {
    return !kInterface.any([]<const auto & kMessage>() {
      return kKindOf<kMessage> != Kind::reply &&
             (0 + ... + handles<kMessage>(static_cast<Handlers*>(nullptr))) != 1;
    });
  }
  template <const auto& kMessage, class Function>
  static consteval int handles(Handler<kMessage, Function>*) {
    return 1;
  }
  template <const auto& kMessage>
  static consteval int handles(void*) {
    return 0;
  }
  static_assert(
      sizeof...(Handlers) == 0 || has_one_handler_each(),
      "each Rpc and each Notice of the interface needs one handler: on<message>(function)");

  // ---- for the link

  void take(const urpc::Message<kLineWords>& line) override {
    // After a line that was taken, `this` may be gone.
    if (const auto taken = dispatch(line); !taken) break_off(taken.error());
  }

  // The other end broke the rules, or there is no memory.
  [[gnu::noinline]] void break_off(Error error) {
    calls_.link().set_sink(nullptr);
    end(error);
  }

  void end(Error error) override {
    calls_.end_all(error);
    while (!waiting_for_end_.empty()) calls_.link().make_ready(waiting_for_end_.front());
  }

  SPRAT_INLINE Result<void> dispatch(const urpc::Message<kLineWords>& line) {
    if constexpr (sizeof...(Handlers) == 0) {
      return calls_.take(line);
    } else {
      Result<void> taken;
      const unsigned number = LineHeader(line.header).template get<line_header::message>();
      const bool is_for_service = kInterface.any([&]<const auto & kMessage>() {
        if constexpr (kKindOf<kMessage> != Kind::reply) {
          if (number != kNumberOf<kMessage>) return false;
          taken = service_.template take<kMessage>(line);
          return true;
        }
        return false;
      });
      return is_for_service ? taken : take_reply(line);
    }
  }
  [[gnu::noinline]] Result<void> take_reply(const urpc::Message<kLineWords>& line) {
    return calls_.take(line);
  }

  Calls<AnyLink> calls_;
  Service<kInterface, AnyLink, Handlers...> service_;
  WaiterList waiting_for_end_;
};

template <const auto& kInterface, Link AnyLink, class... Handlers>
Peer<kInterface, AnyLink, Handlers...> make_peer(AnyLink& link, Handlers... handlers) {
  return Peer<kInterface, AnyLink, Handlers...>(link, std::move(handlers)...);
}

// Answers until the conversation ends; gives the Error with which it did, as Peer::ended.
template <const auto& kInterface, Link AnyLink, class... Handlers>
Task<> handle_calls(AnyLink& link, Handlers... handlers) {
  Peer<kInterface, AnyLink, Handlers...> peer(link, std::move(handlers)...);
  co_return co_await peer.ended();
}

}  // namespace sprat
