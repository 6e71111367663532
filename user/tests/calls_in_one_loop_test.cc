// calls_in_one_loop_test.cc — calls in the words of an interface, by URPC and by LRPC.

#include <criterion/criterion.h>

#include <optional>
#include <string>
#include <vector>

#include "interfaces/echo.hh"
#include "interfaces/peer.hh"
#include "user/tests/fake_process.hh"
#include "user/tests/link_pairs.hh"

using namespace sprat;

static_assert(Link<Channel>);
static_assert(Link<LrpcLink>);

namespace {

template <class AnyLink>
using Client = Peer<echo::interface, AnyLink>;

echo::Text text_of(std::uint64_t number) {
  echo::Text text;
  cr_assert(text.text.assign({std::string(number % 201, static_cast<char>('a' + number % 26))}));
  return text;
}

// Answers after a turn for each fourth call, so that answers overtake each other.
template <class AnyLink>
Task<> serve_echo(EventLoop& loop, AnyLink& link) {
  const auto echo_later = [&loop](const echo::Text& text) -> Task<echo::Text> {
    if (text.text.text().size() % 4 == 0) co_await loop.turn();
    co_return text;
  };
  const auto add = [](const echo::Summands& summands) -> Result<echo::Sum> {
    if (summands.a == ~std::uint64_t{0}) return Error::invalid_argument;
    return echo::Sum{summands.a + summands.b};
  };
  co_return co_await handle_calls<echo::interface>(link, on<echo::echo>(echo_later),
                                                   on<echo::add>(add),
                                                   on<echo::note>([](const echo::Text&) {}));
}

// Calls in turn; gives how many answers were right before one was wrong.
template <class AnyLink>
Task<std::uint64_t> call_both(Client<AnyLink>& client, std::uint64_t begin, std::uint64_t count) {
  for (std::uint64_t i = begin; i < begin + count; ++i) {
    const auto sum = co_await client.template call<echo::add>({i, 2});
    if (!sum) co_return sum.error();
    const auto text = co_await client.template call<echo::echo>(text_of(i));
    if (!text) co_return text.error();
    if (sum.value().sum != i + 2 || text.value() != text_of(i)) co_return i - begin;
  }
  co_return count;
}

template <class AnyLink>
Task<> refused(Client<AnyLink>& client) {
  const auto sum = co_await client.template call<echo::add>({~std::uint64_t{0}, 0});
  co_return sum ? Result<void>() : sum.error();
}

Task<> empty() { co_return {}; }

// ---- for each kind of link

template <class Pair>
void get_their_own_answers() {
  EventLoop loop;
  Pair pair(loop);
  Task<> server = serve_echo(loop, pair.second);
  loop.start(server);
  Client<decltype(pair.first)> client(pair.first);
  std::vector<Task<std::uint64_t>> callers;
  for (std::uint64_t i = 0; i < 20; ++i) callers.push_back(call_both(client, 31 * i, 40));
  for (auto& caller : callers) loop.start(caller);
  for (auto& caller : callers)
    while (!caller.done()) static_cast<void>(loop.run(refused(client)));
  for (auto& caller : callers) cr_expect(caller.result() && caller.result().value() == 40);
}

template <class Pair>
void refuse() {
  EventLoop loop;
  Pair pair(loop);
  Task<> server = serve_echo(loop, pair.second);
  loop.start(server);
  Client<decltype(pair.first)> client(pair.first);
  cr_expect(loop.run(refused(client)).error() == Error::invalid_argument);
}

template <class Pair>
void tell_callers_that_nobody_is_there() {
  EventLoop loop;
  Pair pair(loop);
  Client<decltype(pair.first)> client(pair.first);
  Task<std::uint64_t> waits = call_both(client, 0, 1);
  loop.start(waits);
  for (int i = 0; i < 100; ++i) static_cast<void>(loop.run(empty()));
  cr_expect(!waits.done());
  pair.let_second_go();
  for (int i = 0; i < 100; ++i) static_cast<void>(loop.run(empty()));
  cr_assert(waits.done());
  cr_expect(waits.result().error() == Error::peer_gone);
}

template <class Pair>
void end_calls_on_a_closed_link() {
  EventLoop loop;
  Pair pair(loop);
  pair.first.close();
  Client<decltype(pair.first)> client(pair.first);
  cr_expect(loop.run(refused(client)).error() == Error::peer_gone);
}

// More calls than there are numbers, and then the link closes.
template <class Pair>
void end_calls_that_wait_for_a_number() {
  EventLoop loop;
  Pair pair(loop);
  Client<decltype(pair.first)> client(pair.first);
  std::vector<Task<std::uint64_t>> callers;
  for (std::uint64_t i = 0; i < 20; ++i) callers.push_back(call_both(client, i, 1));
  for (auto& caller : callers) loop.start(caller);
  for (int i = 0; i < 100; ++i) static_cast<void>(loop.run(empty()));
  pair.first.close();
  for (int i = 0; i < 100; ++i) static_cast<void>(loop.run(empty()));
  for (auto& caller : callers)
    cr_expect(caller.done() && caller.result().error() == Error::peer_gone);
}

// When the reply resumes it, the caller ends the conversation that the reply came by, and all that belongs to it.
template <class Pair>
struct Conversation {
  explicit Conversation(EventLoop& loop) : pair(loop), client(pair.first) {}
  Pair pair;
  Client<decltype(Pair::first)> client;
};

template <class Pair>
Task<> call_and_end(std::optional<Conversation<Pair>>& conversation, Task<>& server) {
  const auto sum = co_await conversation->client.template call<echo::add>({40, 2});
  server = Task<>();
  conversation.reset();
  co_return sum&& sum.value().sum == 42 ? Result<void>() : Error::malformed;
}

template <class Pair>
void let_a_caller_end_its_own_conversation() {
  EventLoop loop;
  std::optional<Conversation<Pair>> conversation;
  conversation.emplace(loop);
  Task<> server = serve_echo(loop, conversation->pair.second);
  loop.start(server);
  cr_expect(loop.run(call_and_end(conversation, server)));
}

}  // namespace

Test(calls_in_one_loop, calls_on_a_closed_link_get_peer_gone) {
  end_calls_on_a_closed_link<ChannelPair>();
  end_calls_on_a_closed_link<LrpcPair>();
}

Test(calls_in_one_loop, calls_that_wait_for_a_number_get_peer_gone_when_the_link_closes) {
  end_calls_that_wait_for_a_number<ChannelPair>();
  end_calls_that_wait_for_a_number<LrpcPair>();
}

Test(calls_in_one_loop, caller_may_end_its_conversation_when_the_reply_resumes_it) {
  let_a_caller_end_its_own_conversation<ChannelPair>();
  let_a_caller_end_its_own_conversation<LrpcPair>();
}

Test(calls_in_one_loop, each_of_many_calls_gets_its_own_reply) {
  get_their_own_answers<ChannelPair>();
  get_their_own_answers<LrpcPair>();
}

Test(calls_in_one_loop, error_of_a_service_reaches_its_caller) {
  refuse<ChannelPair>();
  refuse<LrpcPair>();
}

Test(calls_in_one_loop, callers_get_peer_gone_when_the_other_end_has_closed) {
  tell_callers_that_nobody_is_there<ChannelPair>();
  tell_callers_that_nobody_is_there<LrpcPair>();
}
