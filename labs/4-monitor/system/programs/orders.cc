// orders.cc — a coroutine for each client.

#include "orders.hh"

#include <algorithm>
#include <memory>
#include <new>

#include "lib/program.hh"
#include "lib/runtime.hh"
#include "programs.hh"

namespace sprat::probe {
namespace {

constinit Caller* kept = nullptr;
constinit std::size_t clients = 0;

template <Link AnyLink>
Task<std::uint64_t> call(AnyLink& link, const Order& wanted) {
  Peer<orders, AnyLink> peer(link);
  const auto called = co_await peer.template call<order>(wanted);
  if (!called) co_return called.error();
  co_return called.value().number;
}

Task<std::uint64_t> reach(Caller& caller, std::uint64_t core, std::uint64_t number) {
  const auto connected = co_await caller.connect(core, "answerer");
  if (!connected) co_return connected.error();
  co_return co_await caller.order({Deed::mix, number, 0});
}

Task<std::uint64_t> carry_out_order(Order wanted) {
  const auto& [what, a, b] = wanted;
  switch (what) {
    case Deed::mix: co_return mix(startup().core_id, a);
    case Deed::reach: {
      Caller caller;
      co_return co_await reach(caller, a, b);
    }
    case Deed::hold: {
      if (kept == nullptr) kept = new (std::nothrow_t{}) Caller();
      co_return co_await reach(*kept, a, b);
    }
    case Deed::held: co_return co_await kept->order({Deed::mix, a, 0});
    case Deed::clients: co_return clients;
    case Deed::lines: co_return lines_posted();
    case Deed::leave: exit_process(0);
    default: co_return Error::invalid_argument;
  }
}

struct Client {
  Connection connection;
  Task<> serving;
};

template <Link AnyLink>
Task<> handle(AnyLink& link) {
  return handle_calls<orders>(link, on<order>([](const Order& wanted) -> Task<Done> {
                                const auto number = co_await carry_out_order(wanted);
                                if (!number) co_return number.error();
                                co_return Done{number.value()};
                              }));
}

Task<> serve(Client& client) {
  ++clients;
  static_cast<void>(co_await client.connection.use([](auto& link) { return handle(link); }));
  client.connection.close();
  --clients;
  co_return {};
}

Task<> accept_all() {
  if (const auto listens = listen(); !listens) co_return listens;
  std::array<std::unique_ptr<Client>, 24> all;
  while (true) {
    const auto place = std::ranges::find_if(all, [](const std::unique_ptr<Client>& client) {
      return client == nullptr || client->serving.done();
    });
    if (place == all.end()) co_return Error::out_of_memory;
    place->reset(new (std::nothrow_t{}) Client());
    const auto accepted = co_await (*place)->connection.accept();
    if (!accepted) continue;
    (*place)->serving = serve(**place);
    runtime().loop.start((*place)->serving);
  }
}

}  // namespace

Task<std::uint64_t> Caller::order(Order wanted) {
  co_return co_await connection_.use([&](auto& link) { return call(link, wanted); });
}

void take_orders() { static_cast<void>(runtime().loop.run(accept_all())); }

}  // namespace sprat::probe

PROGRAM(answerer) { sprat::probe::take_orders(); }
