// link_schedules_test.cc — calls and notices on a simulated network in thousands of orders: each reply reaches its
// call, nothing is lost, no coroutine waits for ever. SCHEDULES=N tries N; SPRAT_SEED=N repeats one that failed.

#include <algorithm>

#include "tests/network/echo_service.hh"
#include "tests/schedules.hh"
#include "user/tests/fake_process.hh"

using namespace sprat;
using namespace sprat::network;
using namespace sprat::test;

namespace {

// A client of the service, with its record of calls.
struct Client {
  Network& network;
  std::size_t core;
  Cable& cable;
  EchoService service;
  std::size_t callers, to_do;      // how many, and how much each of them
  std::vector<std::string> noted;  // notices that were sent
  std::size_t ended = 0;           // callers
  Waiter all_have_ended{};
  bool is_wrong = false;     // an answer is another's
  bool was_cut_off = false;  // a call got peer_gone

  Random& random() { return network.random(); }

  void judge(Result<void> outcome, bool is_right) {
    is_wrong |= outcome ? !is_right : outcome.error() != Error::peer_gone;
    was_cut_off |= !outcome;
  }

  template <class AnyPeer>
  Task<> add(AnyPeer& peer) {
    const echo::Summands summands{random().next() >> 1, random().next() >> 1};
    const auto sum = co_await peer.template call<echo::add>(summands);
    judge(sum ? Result<void>() : sum.error(), sum && sum.value().sum == summands.a + summands.b);
    co_return {};
  }

  template <class AnyPeer>
  Task<> echo(AnyPeer& peer) {
    const echo::Text text = text_of(random().below(201), random().next());
    const auto back = co_await peer.template call<echo::echo>(text);
    judge(back ? Result<void>() : back.error(), back && back.value() == text);
    co_return {};
  }

  template <class AnyPeer>
  Task<> note(AnyPeer& peer) {
    const echo::Text text = text_of(8 + random().below(193), random().next());
    const auto sent = co_await peer.template send<echo::note>(text);
    judge(sent, true);
    if (sent) noted.emplace_back(text.text.text());
    co_return {};
  }

  template <class AnyPeer>
  Task<> any(AnyPeer& peer) {
    switch (random().below(3)) {
      case 0: return add(peer);
      case 1: return echo(peer);
      default: return note(peer);
    }
  }

  // Does one thing after the other; gives some of them up in the middle.
  template <class AnyPeer>
  Task<> call(AnyPeer& peer) {
    for (std::size_t i = 0; i < to_do; ++i) {
      Task<> task = any(peer);
      if (random().below(4) != 0) {
        const auto done = co_await task;
        is_wrong |= !done;
        continue;
      }
      network.begin(core, task);
      for (std::size_t turns = random().below(20); turns > 0; --turns) co_await network.turn(core);
    }
    if (++ended == callers) network.wake(core, all_have_ended);
    co_return {};
  }

  struct AllEnded {
    Client& client;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      client.all_have_ended.coroutine = waiting;
    }
    void await_resume() const {}
  };

  template <const auto& kInterface, std::size_t kWords>
  Task<> run() {
    End<kWords> end(cable, 0);
    Peer<kInterface, End<kWords>> peer(end);
    std::vector<Task<>> tasks;
    for (std::size_t i = 0; i < callers; ++i) tasks.push_back(call(peer));
    for (Task<>& task : tasks) network.begin(core, task);
    co_await AllEnded{*this};
    co_return {};
  }

  // Of the abandoned notes, some have arrived and some have not.
  bool all_notes_arrived() const {
    return std::ranges::all_of(noted, [this](const std::string& note) {
      return std::ranges::count(service.notes, note) == 1;
    });
  }
};

Task<> stop_later(Network& network, std::size_t own_core, std::size_t core) {
  for (std::size_t turns = network.random().below(60); turns > 0; --turns)
    co_await network.turn(own_core);
  network.stop(core);
  co_return {};
}

template <const auto& kInterface, std::size_t kWords>
const char* conversation(std::uint64_t seed) {
  std::vector<std::unique_ptr<Client>> clients;
  Network network(seed);
  Random& random = network.random();
  const std::size_t server = network.add_core(), fate = network.add_core();
  for (std::size_t i = 1 + random.below(3); i > 0; --i) {
    const std::size_t core = network.add_core();
    Cable& cable = network.connect(core, server, {1 + random.below(4)});
    const EchoService service(network, server, random.below(8));
    clients.emplace_back(
        new Client{network, core, cable, service, 1 + random.below(4), 1 + random.below(4), {}});
    Client& client = *clients.back();
    network.start(core, client.run<kInterface, kWords>());
    network.start(server, client.service.run<kInterface, kWords>(cable, 1));
  }
  const std::size_t stopped =
      random.below(6);  // the server, fate which does not matter, some client, or none
  const bool somebody_stops = stopped < 2 + clients.size() && stopped != fate;
  if (somebody_stops) network.start(fate, stop_later(network, fate, stopped));

  if (network.run() != Network::Outcome::all_ended) return "a coroutine waits for ever";
  for (const auto& client : clients) {
    if (client->is_wrong) return "an answer is wrong";
    if (somebody_stops) continue;
    if (client->was_cut_off) return "a call got peer_gone, but the service runs";
    if (!client->all_notes_arrived()) return "a notice is lost or came twice";
    if (client->service.ended.error() != Error::peer_gone) return "the service ended before";
  }
  return nullptr;
}

}  // namespace

Test(link_schedules, calls_are_answered_in_any_schedule) {
  try_schedules(kSchedules, conversation<echo::interface, 7>);
  cr_expect(fake::allocations() == 0);
}

Test(link_schedules, calls_wait_for_numbers_in_any_schedule) {
  try_schedules(kSchedules, conversation<narrow, 7>);
  cr_expect(fake::allocations() == 0);
}

Test(link_schedules, shorter_lines_make_no_difference) {
  try_schedules(kSchedules, conversation<narrow, 4>);
  cr_expect(fake::allocations() == 0);
}
