// link_calls_test.cc — calls, replies and notices over a link, step by step.
//
// Coroutines stand outside of the tests: these are functions of C, and g++ 12 gives all parts of a coroutine in them one name.

#include <criterion/criterion.h>

#include "tests/network/echo_service.hh"
#include "user/tests/fake_process.hh"

using namespace sprat;
using namespace sprat::network;

namespace {

using EchoPeer = Peer<echo::interface, End<>>;
using NarrowPeer = Peer<narrow, End<>>;

template <class Client, class AnyEnd, class AnyPeer>
Task<> call(Client client, Cable& cable, EchoService& service) {
  AnyEnd end(cable, 0);
  AnyPeer peer(end);
  co_return co_await client(peer, service);
}

// Runs `client`, a coroutine that is called with a Peer, on one core, and the service on another, until both have ended.
template <const auto& kInterface = echo::interface, std::size_t kWords = urpc::kPayloadWords,
          class Client>
void converse(Client client, Settings settings = {}, std::size_t most_turns = 0) {
  using AnyEnd = End<kWords>;
  {
    Network network(1);
    const std::size_t one = network.add_core(), other = network.add_core();
    Cable& cable = network.connect(one, other, settings);
    EchoService service(network, other, most_turns);
    network.start(one, call<Client, AnyEnd, Peer<kInterface, AnyEnd>>(client, cable, service));
    network.start(other, service.run<kInterface, kWords>(cable, 1));
    cr_assert(network.run() == Network::Outcome::all_ended);
    cr_expect(!service.ended && service.ended.error() == Error::peer_gone, "%s",
              name_of(service.ended.error()));
  }
  cr_expect(fake::allocations() == 0);
}

Task<> add_and_echo(EchoPeer& peer, EchoService&) {
  const auto sum = co_await peer.call<echo::add>({40, 2});
  cr_expect(sum.ok() && sum.value().sum == 42);
  const auto text = co_await peer.call<echo::echo>({"hello"});
  cr_expect(text.ok() && text.value().text == "hello");
  co_return {};
}

}  // namespace

Test(link_calls, each_call_gives_its_answer) { converse(add_and_echo); }

namespace {

struct EchoAllLengths {
  template <class AnyPeer>
  Task<> operator()(AnyPeer& peer, EchoService&) const {
    for (std::size_t size = 0; size <= 200; ++size) {
      const echo::Text text = text_of(size, size);
      const auto back = co_await peer.template call<echo::echo>(text);
      cr_assert(back.ok() && back.value() == text, "%zu bytes", size);
    }
    co_return {};
  }
};

}  // namespace

Test(link_calls, a_text_of_any_length_comes_back_whatever_the_lines_of_the_link) {
  for (const std::size_t room : {1, 2, 100}) {
    converse(EchoAllLengths(), {room});
    converse<echo::interface, 4>(EchoAllLengths(), {room});
    converse<echo::interface, 1>(EchoAllLengths(), {room});
  }
}

namespace {

Task<> note_all_lengths(EchoPeer& peer, EchoService& service) {
  for (std::size_t size = 0; size <= 200; ++size) {
    const echo::Text text = text_of(size, size);
    const auto sent = co_await peer.send<echo::note>(text);
    cr_assert(sent.ok());
  }
  const auto sum = co_await peer.call<echo::add>({1, 1});
  cr_expect(sum.ok());
  cr_assert(service.notes.size() == 201);
  for (std::size_t size = 0; size <= 200; ++size)
    cr_expect(service.notes[size] == text_of(size, size).text.text());
  co_return {};
}

}  // namespace

Test(link_calls, a_notice_of_any_length_arrives_once) {
  for (const std::size_t room : {1, 2, 100}) converse(note_all_lengths, {room});
}

namespace {

Task<> overflow(EchoPeer& peer, EchoService&) {
  const auto wrong = co_await peer.call<echo::add>({~std::uint64_t{0}, 1});
  cr_expect(!wrong && wrong.error() == Error::invalid_argument);
  const auto right = co_await peer.call<echo::add>({1, 2});
  cr_expect(right.ok());
  co_return {};
}

}  // namespace

Test(link_calls, error_of_the_callee_reaches_the_caller) { converse(overflow); }

namespace {

Task<> say_and_not_wait(EchoPeer& peer, EchoService& service) {
  { const auto never = peer.send<echo::note>({"never"}); }
  const auto sum = co_await peer.call<echo::add>({1, 2});
  cr_expect(sum.ok() && service.notes.empty());
  co_return {};
}

}  // namespace

Test(link_calls, call_does_nothing_until_it_is_awaited) { converse(say_and_not_wait); }

namespace {

// Adds a letter to `order` when its text has come back.
template <class AnyPeer>
Task<> echo_once(AnyPeer& peer, std::size_t size, std::uint64_t number, std::string& order) {
  const echo::Text text = text_of(size, number);
  const auto back = co_await peer.template call<echo::echo>(text);
  cr_expect(back.ok() && back.value() == text);
  order += static_cast<char>('a' + number);
  co_return {};
}

struct EchoAtOnce {
  std::size_t expected_at_once;

  template <class AnyPeer>
  Task<> operator()(AnyPeer& peer, EchoService& service) const {
    std::string order;
    std::vector<Task<>> tasks;
    for (std::size_t i = 0; i < 20; ++i) tasks.push_back(echo_once(peer, i * 10, i, order));
    for (Task<>& task : tasks) service.network.begin(0, task);
    while (order.size() < tasks.size()) co_await service.network.turn(0);
    cr_expect(service.most_at_once == expected_at_once, "%zu", service.most_at_once);
    cr_expect(order != "abcdefghijklmnopqrst");
    co_return {};
  }
};

}  // namespace

Test(link_calls, calls_up_to_the_limit_are_in_flight_and_answered_in_any_order) {
  converse(EchoAtOnce{echo::interface.calls}, {}, 100);
  converse<narrow>(EchoAtOnce{narrow.calls}, {}, 100);
}

namespace {

Task<> call_without_memory(EchoPeer& peer, EchoService& service) {
  cr_expect((co_await peer.call<echo::add>({0, 0})).ok());
  fake::allow_allocations(0);
  for (std::uint64_t i = 0; i < 100; ++i) {
    const auto sum = co_await peer.call<echo::add>({i, i});
    cr_expect(sum.ok() && sum.value().sum == 2 * i);
    const auto sent = co_await peer.send<echo::note>({"short"});
    cr_expect(sent.ok());
    co_await service.network.turn(0);
  }
  fake::allow_allocations(~std::size_t{0});
  co_return {};
}

}  // namespace

Test(link_calls, a_call_of_one_line_that_is_answered_at_once_allocates_nothing) {
  converse(call_without_memory, {100});
}

namespace {

Task<> run_out_of_memory(EchoPeer& peer, EchoService&) {
  const echo::Text text = text_of(200, 1);
  const auto first = co_await peer.call<echo::echo>(text);  // now the service is there
  cr_expect(first.ok());
  // Memory for none; for the caller, but not for the callee; for both, but not for the callee's own call.
  for (const std::size_t enough_for : {0, 1, 2}) {
    fake::allow_allocations(enough_for);
    const auto back = co_await peer.call<echo::echo>(text);
    cr_expect(!back && back.error() == Error::out_of_memory, "%zu: %s", enough_for,
              back ? "" : name_of(back.error()));
  }
  fake::allow_allocations(3);
  const auto back = co_await peer.call<echo::echo>(text);
  fake::allow_allocations(~std::size_t{0});
  cr_expect(back.ok() && back.value() == text);
  co_return {};
}

}  // namespace

Test(link_calls, without_memory_a_call_is_an_error_and_the_next_is_not) {
  converse(run_out_of_memory);
}

namespace {

Task<> begin_without_memory(Cable& cable) {
  End end(cable, 0);
  fake::allow_allocations(0);
  EchoPeer peer(end);
  fake::allow_allocations(~std::size_t{0});
  const auto sum = co_await peer.call<echo::add>({1, 2});
  cr_expect(sum.ok() && sum.value().sum == 3);
  co_return {};
}

}  // namespace

Test(link_calls, peer_needs_no_memory_to_begin) {
  Network network(1);
  const std::size_t one = network.add_core(), other = network.add_core();
  Cable& cable = network.connect(one, other);
  EchoService service(network, other, 0);
  network.start(one, begin_without_memory(cable));
  network.start(other, service.run<echo::interface>(cable, 1));
  cr_expect(network.run() == Network::Outcome::all_ended);
}

namespace {

Task<> abandon(NarrowPeer& peer, EchoService& service) {
  std::string order;
  for (std::size_t turns = 0; turns < 60; ++turns) {
    Task<> given_up[] = {echo_once(peer, 200, 1, order), echo_once(peer, 0, 2, order),
                         echo_once(peer, 100, 3, order)};
    for (Task<>& task : given_up) service.network.begin(0, task);
    for (std::size_t turn = 0; turn < turns; ++turn) co_await service.network.turn(0);
  }
  order.clear();
  for (std::size_t i = 0; i < 4; ++i) {
    const auto done = co_await echo_once(peer, i * 50, i, order);
    cr_expect(done.ok());
  }
  cr_expect(order == "abcd");
  co_return {};
}

}  // namespace

Test(link_calls, abandoned_call_does_not_take_anothers_reply) {
  for (const std::size_t room : {1, 2, 100}) converse<narrow>(abandon, {room}, 3);
}

namespace {

Result<echo::Text> echo_at_once(const echo::Text& text) { return text; }
void forget(const echo::Text&) {}

Task<> call_and_be_called(Network& network, Cable& cable, int side, int& done) {
  End end(cable, side);
  auto peer = make_peer<echo::interface>(end, on<echo::add>(EchoService::add),
                                         on<echo::echo>(echo_at_once), on<echo::note>(forget));
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto sum = co_await peer.template call<echo::add>({i, i});
    cr_expect(sum.ok() && sum.value().sum == 2 * i);
    const echo::Text text = text_of(10 * i, i);
    const auto back = co_await peer.template call<echo::echo>(text);
    cr_expect(back.ok() && back.value() == text);
  }
  ++done;
  while (done < 2) co_await network.turn(static_cast<std::size_t>(side));
  co_return {};
}

}  // namespace

Test(link_calls, both_ends_call_each_other) {
  for (const std::size_t room : {1, 2, 100}) {
    Network network(1);
    const std::size_t a = network.add_core(), b = network.add_core();
    Cable& cable = network.connect(a, b, {room});
    int done = 0;
    network.start(a, call_and_be_called(network, cable, 0, done));
    network.start(b, call_and_be_called(network, cable, 1, done));
    cr_expect(network.run() == Network::Outcome::all_ended);
  }
}

namespace {

// Holds its waiters until it is open.
struct Gate {
  bool is_open = false;
  bool await_ready() const { return is_open; }
  void await_suspend(std::coroutine_handle<>) {}
  void await_resume() const { cr_expect(is_open, "a waiter was resumed before the gate was open"); }
};

// Is told, and then waits for something else, while the call is still there.
Task<> expect_peer_gone(EchoPeer& peer, std::size_t size, std::size_t& told, Gate& gate) {
  auto call = peer.call<echo::echo>(text_of(size, 1));
  const auto back = co_await call;
  cr_expect(!back && back.error() == Error::peer_gone);
  ++told;
  co_await gate;
  co_return {};
}

Task<> call_one_that_goes_away(Network& network, std::size_t core, Cable& cable) {
  End end(cable, 0);
  EchoPeer peer(end);
  std::size_t told = 0;
  Gate gate;
  std::vector<Task<>> tasks;
  for (std::size_t i = 0; i < 20; ++i) tasks.push_back(expect_peer_gone(peer, 10 * i, told, gate));
  for (Task<>& task : tasks) network.begin(core, task);
  cr_expect(co_await peer.ended() == Error::peer_gone);
  while (told < tasks.size()) co_await network.turn(core);
  for (int turn = 0; turn < 100; ++turn) co_await network.turn(core);
  const auto sent = co_await peer.send<echo::note>({"too late"});
  cr_expect(!sent && sent.error() == Error::peer_gone);
  co_return {};
}

Task<> go_away(Network& network, std::size_t core, Cable& cable) {
  End end(cable, 1);
  for (int turn = 0; turn < 5; ++turn) co_await network.turn(core);
  co_return {};
}

}  // namespace

Test(link_calls, each_waiter_gets_peer_gone_once) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Network network(seed);
    const std::size_t a = network.add_core(), b = network.add_core();
    Cable& cable = network.connect(a, b, {1 + seed % 4});
    network.start(a, call_one_that_goes_away(network, a, cable));
    network.start(b, go_away(network, b, cable));
    cr_expect(network.run() == Network::Outcome::all_ended);
  }
}
