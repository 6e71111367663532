// courier_server.hh — the server: it has a page that it gives to all clients, and a place for one that it is given (courier.hh).

#pragma once

#include "tests/programs/courier_client.hh"

namespace sprat {

struct CourierServer {
  Cap<Type::frame> page;    // its own
  Cap<Type::frame> theirs;  // that it was given
  std::array<Cap<Type::frame>, 64> kept;
  std::size_t count = 0;  // of those
};

template <Link AnyLink>
Task<> serve_client(AnyLink& link, CourierServer& server, const Connection& client) {
  ExpectedFrame expected;
  const auto lend = [&](const courier::Wanted& wanted) -> Result<courier::Sent> {
    const auto sent = TRY(send_frame(client, server.page, wanted.ticket, Rights(wanted.rights)));
    return courier::Sent{sent};
  };
  const auto await = [&](const Nothing&) -> Result<courier::Ticket> {
    return courier::Ticket{TRY(expected.expect(client))};
  };
  const auto take = [&](const courier::Sent& sent) -> Task<Nothing> {
    if (const auto received = co_await expected.receive(sent.frame); !received)
      co_return received.error();
    server.theirs = expected.take();
    if (const auto mapped = map(kTheirPage, server.theirs); !mapped) co_return mapped.error();
    co_return Nothing();
  };
  const auto drop = [&](const Nothing&) -> Result<Nothing> {
    server.theirs = {};
    while (server.count != 0) server.kept[--server.count] = {};
    return Nothing();
  };
  const auto keep = [&](const Nothing&) -> Result<Nothing> {
    if (server.count == server.kept.size()) return Error::out_of_memory;
    TRY(runtime().space.unmap(kTheirPage));
    server.kept[server.count++] = std::move(server.theirs);
    return Nothing();
  };
  const auto look = [&](const Nothing&) -> Result<courier::Word> {
    return courier::Word{words_at(kOwnPage)[1]};
  };
  const auto write = [&](const courier::Word& word) -> Result<Nothing> {
    words_at(kTheirPage)[1] = word.value;
    return Nothing();
  };
  const auto revoke_all = [&](const Nothing&) -> Result<Nothing> {
    TRY(revoke(server.page.address()));
    return Nothing();
  };
  const auto count = [](const Nothing&) -> Result<courier::Counts> { return counts(); };
  const auto exit = [](const Nothing&) -> Result<Nothing> { exit_process(0); };
  co_return co_await handle_calls<courier::interface>(
      link, on<courier::lend>(lend), on<courier::await>(await), on<courier::take>(take),
      on<courier::drop>(drop), on<courier::look>(look), on<courier::write>(write),
      on<courier::revoke>(revoke_all), on<courier::count>(count), on<courier::exit>(exit),
      on<courier::keep>(keep));
}

inline Task<> serve_clients(CourierServer& server) {
  for (;;) {
    Connection client;
    if (const auto accepted = co_await client.accept(); !accepted) continue;
    static_cast<void>(
        co_await client.use([&](auto& link) { return serve_client(link, server, client); }));
  }
}

inline Task<> serve() {
  CourierServer server;
  auto made = runtime().ram.make<Type::frame>(12);
  if (!made) co_return made.error();
  server.page = std::move(made.value());
  if (const auto mapped = map(kOwnPage, server.page); !mapped) co_return mapped;
  words_at(kOwnPage)[0] = kMagic;
  if (const auto listens = listen(); !listens) co_return listens;
  std::array<Task<>, 4> sessions;
  for (Task<>& session : sessions) {
    session = serve_clients(server);
    runtime().loop.start(session);
  }
  co_return co_await serve_clients(server);
}

}  // namespace sprat
