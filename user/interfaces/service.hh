// service.hh — handlers for the calls and notices of the other end.
//
//   on<echo::add>([](const echo::Summands& s) -> Result<echo::Sum> { return echo::Sum{s.a + s.b}; })
//   on<echo::echo>([&](const echo::Text& text) -> Task<echo::Text> { … co_await … co_return text; })
//   on<echo::note>([](const echo::Text& text) { … })
//
// A handler returns a Result at once, or is a coroutine that may wait; many such may wait at once. A Result that is
// returned at once is sent without any allocation, if there is room. An Error is sent to the caller as its own. The
// arguments of a coroutine live until it ends.

#pragma once

#include "interfaces/fragments.hh"
#include "lib/link.hh"

namespace sprat {

template <const auto& kMessageType, class FunctionType>
struct Handler {
  [[no_unique_address]] FunctionType function;
};

template <const auto& kMessage, class Function>
Handler<kMessage, Function> on(Function function) {
  return {std::move(function)};
}

template <class Type>
inline constexpr bool kIsTask = false;
template <class Type>
inline constexpr bool kIsTask<Task<Type>> = true;

// Words of the longest message that comes in several lines, if there is one.
template <const auto& kInterface, std::size_t kLineWords>
inline constexpr std::size_t kAssemblyWords = [] {
  std::size_t most = 0;
  kInterface.any([&]<const auto & kMessage>() {
    constexpr std::size_t kLines = lines_of<kMessage, kLineWords>();
    if (kKindOf<kMessage> != Kind::reply && kLines > 1) most = std::max(most, kLines * kLineWords);
    return false;
  });
  return most;
}();

template <const auto& kInterface, Link AnyLink, class... Handlers>
class Service : private Handlers... {
 public:
  static constexpr std::size_t kLineWords = AnyLink::kLineWords;

  explicit Service(AnyLink& link, Handlers... handlers)
      : Handlers(std::move(handlers))..., link_(link) {}

  // Takes a line of a message, and deals with the message if it is complete.
  //   malformed       it is against the rules
  //   out_of_memory   the answer has to wait for room, and there is no memory for that
  template <const auto& kMessage>
  [[gnu::noinline]] Result<void> take(const urpc::Message<kLineWords>& line) {
    const LineHeader header(line.header);
    const std::size_t call = header.get<line_header::call>();
    if (is_whole(header) && kKindOf<kMessage> == Kind::notice)
      return deal<kMessage>(call, line.words);
    if (call >= kInterface.calls || slots_[call].is_busy) return Error::malformed;
    if (is_whole(header)) return deal<kMessage>(call, line.words);
    return take_fragment<kMessage>(call, line);
  }

 private:
  // One for each number of a call.
  struct Slot {
    bool is_busy = false;  // the call is not answered yet
    Assembly assembly;
    std::array<std::uint64_t, kAssemblyWords<kInterface, kLineWords>> room;
    Task<> answer;
  };

  template <const auto& kMessage>
  Result<void> take_fragment(std::size_t call, const urpc::Message<kLineWords>& line) {
    if constexpr (lines_of<kMessage, kLineWords>() == 1) return Error::malformed;
    Slot& slot = slots_[call];
    const auto is_complete = slot.assembly.add(line, slot.room);
    if (!is_complete) return is_complete.error();
    if (!is_complete.value()) return {};
    return deal<kMessage>(call, std::span(slot.room).first(slot.assembly.words()));
  }

  template <const auto& kMessage>
  SPRAT_INLINE Result<void> deal(std::size_t call, std::span<const std::uint64_t> words) {
    const auto body = decode<kMessage, kLineWords>(words);
    if (!body) return body.error();
    auto& handle = function<kMessage>(*this);
    if constexpr (kKindOf<kMessage> == Kind::notice) {
      handle(body.value());
      return {};
    } else if constexpr (kIsTask<decltype(handle(body.value()))>) {
      return start<kMessage>(call, body.value(),
                             [&handle](const auto& kept) { return handle(kept); });
    } else {
      return answer<kMessage>(call, handle(body.value()));
    }
  }

  template <const auto& kMessage, class Function>
  static Function& function(Handler<kMessage, Function>& handler) {
    return handler.function;
  }

  template <const auto& kRpc>
  SPRAT_INLINE Result<void> answer(std::size_t call, const Result<BodyOf<kRpc.reply>>& result) {
    const auto sent = result ? send_at_once<kRpc.reply>(call, result.value())
                             : send_at_once<failed>(call, {result.error()});
    if (sent || sent.error() != Error::again) return {};  // the link tells its sink of other errors
    return start<kRpc>(call, {}, [result](const auto&) { return Known{result}; });
  }

  // A result that need not be waited for.
  template <class Type>
  struct Known {
    Result<Type> result;
    bool await_ready() const { return true; }
    void await_suspend(std::coroutine_handle<>) const {}
    Result<Type> await_resume() const { return result; }
  };
  template <class Type>
  Known(Result<Type>) -> Known<Type>;

  //   again   there is no room, it takes several lines, or a number is too large
  template <const auto& kReply>
  SPRAT_INLINE Result<void> send_at_once(std::size_t call, const BodyOf<kReply>& body) {
    Fragments<kReply, kLineWords> lines;
    if (!lines.encode(body) || lines.lines() != 1) return Error::again;
    return link_.try_send(lines.only_line(call));
  }

  template <const auto& kRpc, class Handle>
  [[gnu::noinline]] Result<void> start(std::size_t call, const BodyOf<kRpc>& body, Handle handle) {
    Slot& slot = slots_[call];
    slot.answer = answer_later<kRpc>(call, body, handle);
    Waiter* const starter = slot.answer.starter();
    if (starter == nullptr) {
      const auto sent = send_at_once<failed>(call, {Error::out_of_memory});
      if (!sent && sent.error() == Error::again) return Error::out_of_memory;
      return {};
    }
    slot.is_busy = true;
    link_.make_ready(*starter);
    return {};
  }

  // The number of the call can be used again when its last line is sent.
  template <const auto& kRpc, class Handle>
  Task<> answer_later(std::size_t call, BodyOf<kRpc> body, Handle handle) {
    const auto result = co_await handle(body);
    Fragments<kRpc.reply, kLineWords> lines;
    Fragments<failed, kLineWords> failure;
    auto encoded = result ? lines.encode(result.value()) : Result<void>(result.error());
    const bool is_answer = encoded.ok();
    if (!is_answer) encoded = failure.encode({encoded.error()});
    const auto out = is_answer ? lines.outgoing() : failure.outgoing();
    for (std::size_t index = 0; index < out.lines; ++index) {
      const auto line = out.line(index, call);
      if (const auto sent = co_await link_.send(line); !sent) co_return sent;
    }
    slots_[call].is_busy = false;
    co_return {};
  }

  AnyLink& link_;
  std::array<Slot, sizeof...(Handlers) == 0 ? 0 : kInterface.calls> slots_;
};

}  // namespace sprat
