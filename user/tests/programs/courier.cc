// courier.cc — frames that travel: `courier serve` has a page that it gives to all that want it (courier.hh). As a client, on any core,
// it tries what frames promise, and prints what was otherwise:
//
//   courier CORE share          a copy, a write on each side, a copy of the copy, the last delete, a revoke, all with their messages
//   courier CORE OTHER pass     a page of CORE's goes on to OTHER's; CORE revokes it
//   courier CORE OTHER die      the same, but CORE's process ends
//   courier CORE hold           a copy, mapped; keeps it until it is killed or the core of one of the two stops
//   courier CORE flood          as many tickets and copies as there are, then ends with all of it half made
//   courier CORE OTHER fill     as many frames as one process may share with CORE, then another process shares one with OTHER
//   courier CORE steal          more than it was given
//   courier CORE fuzz           requests of random words
//   courier CORE trade SEED     all of this at random, until it is killed
//   courier CORE reap KILLS SEED   starts such, and kills them
//   courier CORE count          nothing; prints the numbers of the monitor there

#include "lib/words.hh"
#include "tests/programs/courier_server.hh"

namespace sprat {
namespace {

constexpr Quota kQuota{.processes = 1, .memory = 2 << 20, .channels = 2, .slots = 40};

// Waits until the server's monitor has `own` frames that others have, and this one `foreign` of others.
Task<> settled(Client& server, std::uint64_t own, std::uint64_t foreign) {
  for (int turn = 0; turn < kMostTurns; ++turn) {
    const auto there = co_await server.call<courier::count>({});
    const auto here = counts();
    if (!there || !here) co_return there ? here.error() : there.error();
    if (there.value().own == own && here.value().foreign == foreign) co_return {};
    yield(Yield::stay);
  }
  co_return Error::again;
}

// `k`: 1 if the server is on another core, else 0: so many other cores hold copies of its page.
Task<> share(Client& server, std::uint64_t k) {
  static_cast<void>(co_await server.counts());
  own_lines();

  Cap<Type::frame> frame;
  EXPECT_OK(co_await server.fetch(frame));
  EXPECT_EQ(k, (co_await server.counts()).value().lines);  // a copy from the owner: one message
  EXPECT_EQ(0, own_lines());
  EXPECT_OK(map(kTheirPage, frame));
  EXPECT_EQ(kMagic, words_at(kTheirPage)[0]);
  words_at(kTheirPage)[1] = 4711;
  EXPECT_EQ(4711, (co_await server.call<courier::look>({})).value().value);

  const std::uint64_t owner = server.connection().peer().core;
  EXPECT_EQ(k * (owner + 1), identify(frame.address()).value().badge);

  auto copy = mint(frame, {kRead | kGrant, 0, 0});  // the library asks the monitor
  EXPECT_OK(copy);
  EXPECT_ERROR(no_rights, map(kTheirPage + kPageSize, copy.value()));
  EXPECT_EQ(0, own_lines());
  EXPECT_ERROR(no_rights, revoke(frame.address()));

  frame = {};
  copy.value() = {};
  EXPECT_OK(co_await settled(server, 0, 0));
  EXPECT_EQ(k, own_lines());  // the last delete of a holder: one message
  EXPECT_EQ(0, (co_await server.counts()).value().lines);

  EXPECT_OK(co_await server.fetch(frame, kRead | kGrant));
  EXPECT_ERROR(no_rights, map(kTheirPage, frame));
  EXPECT_OK(map(kTheirPage, frame, Rights()));
  static_cast<void>(co_await server.counts());
  const auto revoked = co_await server.call<courier::revoke>({});
  EXPECT_OK(revoked);
  EXPECT_ERROR(no_capability, identify(frame.address()));
  const std::uint64_t theirs = (co_await server.counts()).value().lines;
  EXPECT_EQ(2 * k, theirs + own_lines());  // a revoke: two messages for each holder
  EXPECT_OK(co_await settled(server, 0, 0));

  EXPECT_OK(co_await server.fetch(frame));  // and it can be shared again
  EXPECT_OK(map(kTheirPage + 2 * kPageSize, frame));
  EXPECT_EQ(4711, words_at(kTheirPage + 2 * kPageSize)[1]);
  frame = {};
  EXPECT_OK(co_await settled(server, 0, 0));
  co_return {};
}

// Waits until no process of the server's core has a frame of another core.
Task<> swept(Client& server) {
  for (int turn = 0; turn < kMostTurns; ++turn) {
    const auto there = co_await server.counts();
    if (!there) co_return there.error();
    if (there.value().foreign == 0) co_return {};
    yield(Yield::stay);
  }
  co_return Error::again;
}

// A page of `owner`'s goes on to `other`; all are on different cores.
Task<> pass(Client& owner, Client& other, bool owner_dies) {
  static_cast<void>(co_await owner.counts());
  static_cast<void>(co_await other.counts());
  own_lines();
  Cap<Type::frame> frame;
  EXPECT_OK(co_await owner.fetch(frame));
  EXPECT_OK(co_await other.give(frame));
  EXPECT_EQ(1, own_lines());  // a copy from a holder: two messages, this and one of the owner's
  EXPECT_EQ(2, (co_await owner.counts()).value().lines);
  EXPECT_EQ(0, (co_await other.counts()).value().lines);
  EXPECT_OK(map(kTheirPage, frame));
  EXPECT_OK(co_await other.call<courier::write>({42}));
  EXPECT_EQ(42, words_at(kTheirPage)[1]);
  EXPECT_EQ(42, (co_await owner.call<courier::look>({})).value().value);

  if (owner_dies) {
    EXPECT_ERROR(peer_gone, co_await owner.call<courier::exit>({}));
    for (int turn = 0; turn < kMostTurns && identify(frame.address()); ++turn) yield(Yield::stay);
    EXPECT_ERROR(no_capability, identify(frame.address()));
    EXPECT_OK(co_await swept(other));  // perhaps later than here
  } else {
    EXPECT_OK(co_await owner.call<courier::revoke>({}));
    EXPECT_ERROR(no_capability, identify(frame.address()));
    const std::uint64_t owners = (co_await owner.counts()).value().lines;
    EXPECT_EQ(4, owners + own_lines() + (co_await other.counts()).value().lines);
  }
  EXPECT_EQ(0, (co_await other.counts()).value().foreign);
  EXPECT_OK(co_await other.call<courier::drop>({}));
  co_return {};
}

// A place where a debugger can look (kernel/tests/properties/watch.py).
extern "C" [[gnu::noinline]] void courier_holds_a_frame() { asm volatile(""); }

Task<> hold(Client& server) {
  Cap<Type::frame> frame;
  EXPECT_OK(co_await server.fetch(frame));
  EXPECT_OK(map(kTheirPage, frame));
  print("courier: holds {x}\n", std::uint64_t{words_at(kTheirPage)[0]});
  for (int turn = 0; identify(frame.address()); ++turn) {
    courier_holds_a_frame();
    yield(Yield::stay);
    if (turn % 64 == 0) co_await runtime().loop.turn();
  }
  print("courier: holds nothing any more\n");
  co_return {};
}

// Sends copies for which there are no tickets, as fast as it goes: each goes back, and the other core's monitor answers all others
// meanwhile.
Task<> send_in_vain(Client& server) {
  auto frame = runtime().ram.make<Type::frame>(12);
  const auto awaited = co_await server.call<courier::await>({});
  if (!frame || !awaited) co_return frame ? awaited.error() : frame.error();
  const FrameTicket none(awaited.value().ticket.value() + 64);  // of the same channel
  for (int times = 0; times < 5'000; ++times) {
    const auto sent = send_frame(server.connection(), frame.value(), none);
    // On one core the monitor knows at once.
    if (!sent && sent.error() != Error::busy) EXPECT_ERROR(no_capability, sent);
  }
  EXPECT_OK(co_await server.call<courier::count>({}));
  for (int turn = 0; turn < kMostTurns; ++turn) {
    const auto now = counts();
    if (now && now.value().own == 0) co_return {};
    yield(Yield::stay);
  }
  co_return Error::again;
}

// Takes all tickets there are, has a frame sent for each, and receives none.
Task<> flood(Client& server) {
  EXPECT_OK(co_await send_in_vain(server));
  std::array<ExpectedFrame, 64> expected;
  std::size_t tickets = 0;
  Result<FrameTicket> ticket = FrameTicket();
  while (tickets < expected.size() && (ticket = expected[tickets].expect(server.connection()))) {
    ++tickets;
    EXPECT_OK(co_await server.call<courier::lend>({ticket.value(), kAllRights.bits()}));
  }
  EXPECT_ERROR(busy, ticket);
  print("courier: {} tickets, then {}; line {}\n", tickets, name_of(ticket.error()), failure.line);
  exit_process(0);
}

// More frames than one process may share; another process of this core can share some nevertheless, with core `other_core`.
Task<> fill(Client& server, std::uint64_t other_core) {
  std::array<Cap<Type::frame>, 64> frames;
  std::size_t count = 0;
  Result<void> given;
  for (; count < frames.size(); ++count) {
    auto made = runtime().ram.make<Type::frame>(12);
    EXPECT_OK(made);
    frames[count] = std::move(made.value());
    given = co_await server.give(frames[count]);
    if (!given) break;
    EXPECT_OK(co_await server.call<courier::keep>({}));
  }
  print("courier: {} frames, then {}; line {}\n", count, name_of(given.error()), failure.line);
  const auto left = quota_left();
  EXPECT_OK(run_program(command_line("courier {} share", other_core), kQuota));
  while (quota_left().value() != left.value()) yield(Yield::stay);
  EXPECT_OK(co_await server.call<courier::drop>({}));
  co_return {};
}

// More than it was given. `second` is a channel of its own to the same server.
Task<> steal(Client& server, Client& second) {
  ExpectedFrame expected;
  const auto ticket = expected.expect(server.connection());
  EXPECT_OK(ticket);
  // A ticket is for the peer of one channel, so no other process that guesses its number can send anything.
  EXPECT_ERROR(no_capability,
               co_await second.call<courier::lend>({ticket.value(), kAllRights.bits()}));

  Cap<Type::frame> frame, seen;
  EXPECT_OK(co_await server.fetch(frame, kRead | kGrant));
  EXPECT_ERROR(no_rights, co_await server.give(frame));  // the receiver would write to it
  EXPECT_OK(co_await server.fetch(seen, kRead));
  EXPECT_ERROR(no_rights, co_await server.give(seen));
  EXPECT_ERROR(no_rights, mint(seen));
  EXPECT_OK(co_await server.call<courier::drop>({}));

  // Frames of others are not revoked, and pages of channels do not travel.
  const auto request = [](std::uint64_t base, std::uint64_t bytes) {
    return ask(kMonitor, {static_cast<std::uint64_t>(FrameRequest::revoke), base, bytes});
  };
  EXPECT_ERROR(no_rights, request(identify(frame.address()).value().base, kPageSize));
  EXPECT_ERROR(no_rights, request(0, ~std::uint64_t{0}));
  EXPECT_ERROR(no_rights, request(~std::uint64_t{0} << 12, kPageSize));
  auto page = ask_for<Type::frame>(kMonitor, {static_cast<std::uint64_t>(ChannelRequest::channel),
                                              server.connection().number()});
  EXPECT_OK(page);
  EXPECT_ERROR(no_rights, co_await server.give(page.value().capability));
  auto large = runtime().ram.make<Type::frame>(19);
  if (large) EXPECT_ERROR(invalid_argument, co_await server.give(large.value()));

  frame = {};
  seen = {};
  EXPECT_OK(co_await settled(server, 0, 0));
  co_return {};
}

// Random words in each request, tickets of others among them.
Task<> fuzz(Client& server, std::uint64_t seed) {
  std::uint64_t random = seed * 2 + 1;
  const auto next = [&](std::uint64_t below) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return (random >> 33) % below;
  };
  Cap<Type::frame> frame;
  EXPECT_OK(co_await server.fetch(frame));
  const auto any_word = [&]() -> std::uint64_t {
    switch (next(6)) {
      case 0: return next(4);
      case 1: return next(64 * 40);
      case 2: return server.connection().number();
      case 3: return frame.address().raw();
      case 4: return std::uint64_t{1} << next(64);
      default: return ~next(16);
    }
  };
  unsigned answered = 0;
  for (int step = 0; step < 3'000; ++step) {
    const std::uint64_t request = static_cast<std::uint64_t>(FrameRequest::expect) + next(8);
    if (ask(kMonitor, {request, any_word(), any_word(), any_word(), any_word()})) ++answered;
    if (step % 64 == 0) co_await runtime().loop.turn();
  }
  print("courier: {} requests were answered\n", answered != 0 ? "some" : "no");
  exit_process(0);
}

// Random ones of all operations, until it is killed, or the server is gone.
Task<> trade(Client& server, std::uint64_t seed) {
  bench::Dice dice(seed);
  std::array<Cap<Type::frame>, 4> frames;  // the first is its own
  for (;;) {
    auto& frame = frames[dice.roll() % frames.size()];
    switch (dice.roll() % 8) {
      case 0:
      case 1: {
        const auto fetched = co_await server.fetch(frame);
        if (!fetched && fetched.error() == Error::peer_gone) co_return {};
        break;
      }
      case 2:
      case 3:
        if (!frames[0]) {
          auto made = runtime().ram.make<Type::frame>(12);
          if (made) frames[0] = std::move(made.value());
        }
        static_cast<void>(co_await server.give(frame));
        break;
      case 4: frame = {}; break;
      case 5: {
        auto copy = mint(frame);
        if (copy) frames[1] = std::move(copy.value());
        break;
      }
      case 6: static_cast<void>(revoke(frames[0].address())); break;
      default: static_cast<void>(co_await server.call<courier::revoke>({}));
    }
  }
}

// Prints what is left of all that others have done there.
Task<> count_there(Client& server) {
  const auto there = co_await server.counts();
  if (!there) co_return there.error();
  const courier::Counts& now = there.value();
  print("courier: {} own, {} foreign, {} awaited after {} lines\n", now.own, now.foreign,
        now.tickets, now.lines);
  co_return {};
}

Task<> try_out(std::string_view words) {
  std::uint64_t core = 0, other_core = 0, seed = 0, kills = 0;
  if (!parse_number(next_word(words), core)) co_return Error::invalid_argument;
  std::string_view what = next_word(words);
  const bool has_other = parse_number(what, other_core);
  if (has_other) what = next_word(words);
  if (what == "trade" && !parse_number(next_word(words), seed)) co_return Error::invalid_argument;
  if (what == "reap") {
    if (!parse_number(next_word(words), kills) || !parse_number(next_word(words), seed))
      co_return Error::invalid_argument;
    const auto reaped = reap("courier", core, kills, seed, kQuota);
    print("courier: reap: {}\n", reaped ? "all came back" : name_of(reaped.error()));
    co_return reaped;
  }
  Client server, other;
  if (const auto connected = co_await server.connect(core); !connected) co_return connected;
  if (has_other) {
    if (const auto connected = co_await other.connect(other_core); !connected) co_return connected;
  }
  Result<void> tried = Error::invalid_argument;
  if (what == "share") tried = co_await share(server, core != own_core ? 1 : 0);
  if (what == "pass" || what == "die") tried = co_await pass(server, other, what == "die");
  if (what == "hold") tried = co_await hold(server);
  if (what == "flood") tried = co_await flood(server);
  if (what == "fill") tried = co_await fill(server, other_core);
  if (what == "trade") tried = co_await trade(server, seed);
  if (what == "count") tried = co_await count_there(server);
  if (what == "steal") {
    if (const auto connected = co_await other.connect(core); !connected) co_return connected;
    tried = co_await steal(server, other);
  }
  if (what == "fuzz") tried = co_await fuzz(server, 1);
  if (!tried) co_return tried;
  print_findings("courier", what);
  co_return {};
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) { return run_trial(startup, "courier", &serve, &try_out); }
