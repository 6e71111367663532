// lender.cc — RAM that travels: `lender serve` lends pieces of 2 MiB and receives some (lender.hh). As a client, on any core, it tries
// what loans promise, and prints what was otherwise:
//
//   lender CORE share           a loan, its return, a take-back, all with their messages
//   lender CORE OTHER pass      a piece goes to CORE's, which gives it to OTHER's; then it is taken back
//   lender CORE die             a borrower whose process ends
//   lender CORE keep            lends a piece, and waits until it comes back
//   lender CORE leave           lends a piece, and ends
//   lender CORE hold            borrows a piece, until it is revoked
//   lender CORE look, drop, count   what that server has; has it give its piece back; the numbers of the monitor there
//   lender CORE flood           as many pieces and tickets as there are, then ends with all of it half made
//   lender CORE fuzz            requests of random words
//   lender CORE trade SEED      all of this at random, until it is killed
//   lender CORE reap KILLS SEED    starts such, and kills them

#include "lib/words.hh"
#include "tests/programs/borrower.hh"

namespace sprat {
namespace {

constexpr Quota kQuota{.processes = 1, .memory = 8 << 20, .channels = 2, .slots = 40};
constexpr std::uint64_t kMagic = 4711;

// ---- the server

struct Server : Holding {
  std::uint64_t owned = 0;  // the piece that it took from the system, which it may have lent
};

// It has a piece: its own, from whichever process has it.
Task<> fill(Server& own) {
  own.clear();
  if (own.piece) co_return {};
  Task<Cap<Type::ram>> coming = own.owned != 0 ? take_back_ram(own.owned) : take_ram();
  auto piece = co_await coming;
  if (!piece && piece.error() == Error::no_rights) own.owned = 0;  // it went to core 0
  if (!piece) co_return piece.error();
  const std::uint64_t base = base_of(piece.value()).value();
  if (own.piece || (own.owned != 0 && own.owned != base)) {  // one has come for another client
    if (own.owned == base) own.owned = 0;
    co_return give_back_ram(piece.value());
  }
  own.piece = std::move(piece.value());
  own.owned = base;
  co_return {};
}

template <Link AnyLink>
Task<> serve_client(AnyLink& link, Server& own, const Connection& client) {
  ExpectedRam expected;
  const auto lend = [&](const lender::Wanted& wanted) -> Task<lender::Sent> {
    const auto filled = co_await fill(own);
    if (!filled) co_return filled.error();
    const auto sent = send_ram(client, own.piece, wanted.ticket);
    if (!sent) co_return sent.error();
    co_return lender::Sent{sent.value()};
  };
  const auto await = [&](const Nothing&) -> Result<lender::Wanted> {
    return lender::Wanted{TRY(expected.expect(client))};
  };
  const auto take = [&](const lender::Sent& sent) -> Task<Nothing> {
    const auto received = co_await expected.receive(sent.piece);
    if (!received) co_return received.error();
    own.clear();
    if (own.piece) static_cast<void>(give_back_ram(own.piece));
    own.piece = expected.take();
    if (const auto used = own.use(); !used) co_return used.error();
    word_at(kPage) = kMagic;
    co_return Nothing();
  };
  const auto drop = [&](const Nothing&) -> Task<Nothing> {
    for (;;) {  // its own may be on its way to another session of this server
      own.clear();
      const auto base = base_of(own.piece);
      if (base && give_back_ram(own.piece) && own.owned == base.value()) own.owned = 0;
      if (own.owned == 0 && !own.piece) co_return Nothing();
      static_cast<void>(co_await fill(own));
      co_await runtime().loop.turn();
    }
  };
  const auto pass = [&](const lender::Core& core) -> Task<Nothing> {
    own.clear();
    Client other;
    if (const auto connected = co_await other.connect(core.number); !connected)
      co_return connected.error();
    const auto given = co_await other.give(own.piece);
    if (!given) co_return given.error();
    co_return Nothing();
  };
  const auto look = [&](const Nothing&) -> Result<lender::State> {
    const auto base = base_of(own.piece);
    return lender::State{base ? base.value() : 0, own.has() ? std::uint64_t{word_at(kPage)} : 0};
  };
  const auto count = [](const Nothing&) -> Result<lender::Counts> { return counts(); };
  const auto exit = [](const Nothing&) -> Result<Nothing> { exit_process(0); };
  co_return co_await handle_calls<lender::interface>(
      link, on<lender::lend>(lend), on<lender::await>(await), on<lender::take>(take),
      on<lender::drop>(drop), on<lender::pass>(pass), on<lender::look>(look),
      on<lender::count>(count), on<lender::exit>(exit));
}

Task<> serve_clients(Server& own) {
  for (;;) {
    Connection client;
    if (const auto accepted = co_await client.accept(); !accepted) continue;
    static_cast<void>(
        co_await client.use([&](auto& link) { return serve_client(link, own, client); }));
  }
}

Task<> serve() {
  Server own;
  if (const auto listens = listen(); !listens) co_return listens;
  std::array<Task<>, 4> sessions;
  for (Task<>& session : sessions) {
    session = serve_clients(own);
    runtime().loop.start(session);
  }
  co_return co_await serve_clients(own);
}

// ---- the client

// One that this process owns.
Task<> take_one(Holding& own, std::uint64_t& base) {
  auto taken = co_await take_ram();
  if (!taken) co_return taken.error();
  own.piece = std::move(taken.value());
  EXPECT_OK(base_of(own.piece));
  base = base_of(own.piece).value();
  co_return {};
}

Task<> back(Holding& own, std::uint64_t base) {
  auto piece = co_await take_back_ram(base);
  if (!piece) co_return piece.error();
  own.piece = std::move(piece.value());
  co_return {};
}

// `k`: 1 if the server is on another core, else 0.
Task<> share(Client& server, std::uint64_t k) {
  Holding own;
  std::uint64_t base = 0;
  const std::uint64_t pieces = counts().value().here;
  EXPECT_OK(co_await take_one(own, base));
  static_cast<void>(co_await server.lines());
  own_lines();

  EXPECT_OK(own.use());
  EXPECT_EQ(0, word_at(kPage));
  word_at(kPage) = 1;
  EXPECT_ERROR(in_use, co_await server.give(own.piece));
  EXPECT_ERROR(in_use, give_back_ram(own.piece));
  own.clear();
  auto part = retype<Type::ram>(own.piece, 20);
  EXPECT_OK(part);
  EXPECT_ERROR(no_rights, co_await server.give(part.value()));
  part.value() = {};
  EXPECT_EQ(0, own_lines());

  EXPECT_OK(co_await server.give(own.piece));
  EXPECT_EQ(k, own_lines());  // a loan: one message
  EXPECT_EQ(0, (co_await server.lines()).value());
  EXPECT_EQ(base, (co_await server.call<lender::look>({})).value().base);
  EXPECT_EQ(kMagic, (co_await server.call<lender::look>({})).value().word);
  EXPECT_EQ(k, counts().value().lent);
  EXPECT_OK(co_await server.call<lender::drop>({}));
  EXPECT_EQ(k, (co_await server.lines()).value());  // a return: one message
  EXPECT_OK(co_await back(own, base));
  EXPECT_EQ(true, own_lines() <= k);  // none, but it may have been asked for too early
  EXPECT_OK(own.use());
  EXPECT_EQ(0, word_at(kPage));
  own.clear();

  EXPECT_OK(co_await server.give(own.piece));
  own_lines();
  static_cast<void>(co_await server.lines());
  EXPECT_OK(co_await back(own, base));
  EXPECT_EQ(2 * k, own_lines() + (co_await server.lines()).value());  // a take-back: two
  EXPECT_EQ(0, (co_await server.call<lender::look>({})).value().base);
  EXPECT_ERROR(in_use, co_await take_back_ram(base));

  EXPECT_OK(give_back_ram(own.piece));
  EXPECT_ERROR(no_rights, co_await take_back_ram(base));
  EXPECT_EQ(0, counts().value().lent);
  EXPECT_EQ(true, counts().value().here <= pieces + 1);  // core 0 keeps it for the next one
  co_return {};
}

// All are on different cores. A piece of core 0's has the core of `first` as its home, one of another core this one.
Task<> pass(Client& first, Client& second, std::uint64_t second_core) {
  const bool is_home = own_core != 0;
  Holding own;
  std::uint64_t base = 0;
  EXPECT_OK(co_await take_one(own, base));
  EXPECT_OK(co_await first.give(own.piece));
  static_cast<void>(co_await first.lines());
  static_cast<void>(co_await second.lines());
  own_lines();
  EXPECT_OK(co_await first.call<lender::pass>({static_cast<std::uint8_t>(second_core)}));
  EXPECT_EQ(1, (co_await first.lines()).value());
  EXPECT_EQ(is_home ? 1 : 0, own_lines());  // the home lends it anew
  EXPECT_EQ(0, (co_await second.lines()).value());
  EXPECT_EQ(base, (co_await second.call<lender::look>({})).value().base);
  EXPECT_EQ(0, (co_await first.call<lender::look>({})).value().base);
  EXPECT_OK(co_await back(own, base));
  const std::uint64_t of_borrowers =
      (co_await first.lines()).value() + (co_await second.lines()).value();
  EXPECT_EQ(is_home ? 2 : 4, own_lines() + of_borrowers);
  EXPECT_OK(give_back_ram(own.piece));
  co_return {};
}

// A place where a debugger can look (kernel/tests/properties/watch.py).
extern "C" [[gnu::noinline]] void lender_has_lent() { asm volatile(""); }

// Lends a piece; `stay`: and waits until it comes back.
Task<> keep(Client& server, bool stay) {
  Holding own;
  std::uint64_t base = 0;
  EXPECT_OK(co_await take_one(own, base));
  EXPECT_OK(co_await server.give(own.piece));
  print("lender: has lent a piece; line {}\n", failure.line);
  while (stay && counts().value().lent != 0) {
    lender_has_lent();
    yield(Yield::stay);
    co_await runtime().loop.turn();
  }
  if (!stay) exit_process(0);
  EXPECT_OK(co_await back(own, base));
  EXPECT_OK(own.use());
  EXPECT_EQ(0, word_at(kPage));
  print("lender: has it back; line {}\n", failure.line);
  co_return {};
}

Task<> hold(Client& server) {
  Holding own;
  EXPECT_OK(co_await server.fetch(own.piece));
  EXPECT_OK(own.use());
  print("lender: holds a piece; line {}\n", failure.line);
  while (own.has()) {
    yield(Yield::stay);
    co_await runtime().loop.turn();
  }
  print("lender: holds nothing any more\n");
  co_return {};
}

// A borrower that ends.
Task<> die(Client& server) {
  Holding own;
  std::uint64_t base = 0;
  EXPECT_OK(co_await take_one(own, base));
  EXPECT_OK(co_await server.give(own.piece));
  EXPECT_ERROR(peer_gone, co_await server.call<lender::exit>({}));
  EXPECT_OK(co_await back(own, base));
  EXPECT_OK(give_back_ram(own.piece));
  co_return {};
}

Task<> flood(Client& server) {
  std::array<Cap<Type::ram>, 64> pieces;
  std::size_t count = 0;
  for (;;) {
    auto taken = co_await take_ram();
    const bool is_refused =
        !taken && (taken.error() == Error::out_of_memory || taken.error() == Error::quota_exceeded);
    if (!taken) EXPECT_EQ(true, is_refused);
    if (!taken || count == pieces.size()) break;
    pieces[count++] = std::move(taken.value());
  }
  std::array<ExpectedRam, 16> expected;
  std::size_t tickets = 0;
  while (tickets < expected.size() && expected[tickets].expect(server.connection())) ++tickets;
  for (std::size_t i = 0; i < count; i += 2) static_cast<void>(co_await server.give(pieces[i]));
  print("lender: {} pieces, {} tickets; line {}\n", count != 0 ? "some" : "no", tickets,
        failure.line);
  exit_process(0);
}

Task<> fuzz(Client& server, std::uint64_t seed) {
  bench::Dice dice(seed);
  Holding own;
  std::uint64_t base = 0;
  EXPECT_OK(co_await take_one(own, base));
  const std::uint64_t slot = own.piece.address().raw();
  const auto any_word = [&]() -> std::uint64_t {
    switch (dice.roll() % 7) {
      case 0: return dice.roll() % 4;
      case 1: return dice.roll() % (64 * 40);
      case 2: return server.connection().number();
      case 3: return slot;
      case 4: return std::uint64_t{1} << dice.roll() % 64;
      case 5: return base;
      default: return ~(dice.roll() % 16);
    }
  };
  unsigned answered = 0;
  for (int step = 0; step < 2'000; ++step) {
    const auto request =
        static_cast<RamRequest>(static_cast<std::uint64_t>(RamRequest::take) + dice.roll() % 5);
    if (ask_monitor(request, any_word(), any_word(), any_word())) ++answered;
    if (step % 64 == 0) co_await runtime().loop.turn();
  }
  print("lender: {} requests were answered\n", answered != 0 ? "some" : "no");
  exit_process(0);
}

Task<> trade(Client& server, std::uint64_t seed) {
  bench::Dice dice(seed);
  std::array<Holding, 2> own;  // the first is its own
  std::uint64_t base = 0;
  for (;;) {
    Holding& one = own[dice.roll() % own.size()];
    Result<void> done;
    switch (dice.roll() % 6) {
      case 0:
        if (!own[0].piece && base == 0) done = co_await take_one(own[0], base);
        break;
      case 1:
        one.clear();
        done = co_await server.give(one.piece);
        if (done) lender_has_lent();
        break;
      case 2:
        own[1].clear();
        if (!own[1].piece) done = co_await server.fetch(own[1].piece);
        break;
      case 3:
        own[0].clear();
        if (base != 0 && !own[0].piece) done = co_await back(own[0], base);
        break;
      case 4: static_cast<void>(one.use()); break;
      default:
        one.clear();
        if (give_back_ram(one.piece) && &one == &own[0]) base = 0;
    }
    if (!done && done.error() == Error::peer_gone) co_return {};
  }
}

Task<> say(Client& server, std::string_view what) {
  if (what == "drop") static_cast<void>(co_await server.call<lender::drop>({}));
  const auto state = co_await server.call<lender::look>({});
  const auto there = co_await server.call<lender::count>({});
  if (!state || !there) co_return state ? there.error() : state.error();
  const auto& [here, lent, borrowed, lines] = there.value();
  print("lender: the server has {}; {} here, {} lent, {} borrowed after {} lines\n",
        state.value().word == kMagic ? "a piece" : "none", here, lent, borrowed, lines);
  co_return {};
}

Task<> try_out(std::string_view words) {
  std::uint64_t core = 0, other_core = 0, seed = 0, kills = 0;
  if (!parse_number(next_word(words), core)) co_return Error::invalid_argument;
  std::string_view what = next_word(words);
  const bool has_other = parse_number(what, other_core);
  if (has_other) what = next_word(words);
  if (what == "reap" && !parse_number(next_word(words), kills)) co_return Error::invalid_argument;
  static_cast<void>(parse_number(next_word(words), seed));
  if (what == "reap") {
    const auto reaped = reap("lender", core, kills, seed, kQuota);
    print("lender: reap: {}\n", reaped ? "all came back" : name_of(reaped.error()));
    co_return reaped;
  }
  const auto before = quota_left();
  if (!before) co_return before.error();
  Client server, other;
  if (const auto connected = co_await server.connect(core); !connected) co_return connected;
  if (has_other)
    if (const auto connected = co_await other.connect(other_core); !connected) co_return connected;
  Result<void> tried = Error::invalid_argument;
  if (what == "look" || what == "drop" || what == "count") {
    tried = co_await say(server, what);
    server.close();
    co_return tried ? wait_until_left(before.value()) : tried;
  }
  if (what == "share") tried = co_await share(server, core != own_core ? 1 : 0);
  if (what == "pass") tried = co_await pass(server, other, other_core);
  if (what == "die") tried = co_await die(server);
  if (what == "keep" || what == "leave") tried = co_await keep(server, what == "keep");
  if (what == "hold") tried = co_await hold(server);
  if (what == "flood") tried = co_await flood(server);
  if (what == "fuzz") tried = co_await fuzz(server, 1);
  if (what == "trade") tried = co_await trade(server, seed);
  if (!tried) co_return tried;
  print_findings("lender", what);
  co_return {};
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) { return run_trial(startup, "lender", &serve, &try_out); }
