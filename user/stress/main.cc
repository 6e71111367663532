// main.cc — channels under stress: `stress core=K` says again what it hears; `stress MESSAGES SEED` talks to all of those at
// once, with stalls and with more or less patience before it sleeps, and checks every message.

#include <algorithm>
#include <array>
#include <span>

#include "lib/connection.hh"
#include "lib/console.hh"
#include "lib/processes.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "lib/upcalls.hh"
#include "lib/words.hh"
#include "stress/checked_messages.hh"

namespace sprat {
namespace {

using bench::checked_message;
using bench::Dice;

constexpr std::size_t kMostPeers = 7;

// Now and then, from now on it polls for another while, or not at all.
void dawdle(Dice& dice) {
  bench::stall(dice);
  if (dice.roll() % 64 == 0) runtime().loop.sources().set_poll_cycles(dice.roll() % 4 * 700);
}

Task<> answer(Channel& channel) {
  Dice dice(__builtin_ia32_rdtsc());
  for (;;) {
    const auto message = co_await channel.receive();
    if (!message) co_return message.error();
    dawdle(dice);
    if (const auto sent = co_await channel.send(message.value()); !sent) co_return sent;
  }
}

Task<> answer_all() {
  if (const auto listens = listen(); !listens) co_return listens;
  for (;;) {
    Connection client;
    if (const auto accepted = co_await client.accept(); !accepted) co_return accepted;
    static_cast<void>(co_await answer(client.channel()));
  }
}

Task<> send_all(Channel& channel, std::uint64_t count, std::uint64_t seed) {
  Dice dice(seed);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (const auto sent = co_await channel.send(checked_message(seed, i)); !sent) co_return sent;
    dawdle(dice);
  }
  co_return {};
}

Task<> receive_all(Channel& channel, std::uint64_t count, std::uint64_t seed) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto message = co_await channel.receive();
    if (!message) co_return message.error();
    if (message.value() != checked_message(seed, i)) co_return Error::malformed;
  }
  co_return {};
}

constexpr std::uint64_t kEnded = 1;  // the notification by which tasks say that they have

Task<> say_when_it_ends(Task<> task) {
  const auto done = co_await task;
  notify_myself(kEnded);
  co_return done;
}

// To the peer and back, both at once.
struct Conversation {
  Connection connection;
  Task<> sending, receiving;

  void begin(std::uint64_t count, std::uint64_t seed) {
    sending = say_when_it_ends(send_all(connection.channel(), count, seed));
    receiving = say_when_it_ends(receive_all(connection.channel(), count, seed));
    runtime().loop.start(sending);
    runtime().loop.start(receiving);
  }

  bool done() const { return sending.done() && receiving.done(); }
};

// Connects to the listeners on the cores from 1 on.
Task<std::uint64_t> connect(std::span<Conversation> conversations) {
  std::uint64_t peers = 0;
  for (Conversation& conversation : conversations) {
    const auto connected = co_await conversation.connection.connect(peers + 1, process_name());
    if (!connected && (connected.error() != Error::not_found || peers == 0))
      co_return connected.error();
    if (!connected) break;
    ++peers;
  }
  co_return peers;
}

Task<> talk(std::uint64_t messages, std::uint64_t seed) {
  std::array<Conversation, kMostPeers> all;
  const auto peers = co_await connect(all);
  if (!peers) co_return peers.error();
  const std::span conversations = std::span(all).first(peers.value());
  const std::uint64_t count = messages / 2 / conversations.size();
  for (Conversation& conversation : conversations) conversation.begin(count, ++seed);
  while (!std::ranges::all_of(conversations, &Conversation::done))
    co_await runtime().loop.notified(kEnded);
  for (const Conversation& conversation : conversations) {
    if (const auto sent = conversation.sending.result(); !sent) co_return sent;
    if (const auto received = conversation.receiving.result(); !received) co_return received;
  }
  print("{} messages with {} peers: all as they were sent\n", 2 * count * conversations.size(),
        conversations.size());
  co_return {};
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  std::uint64_t messages = 0, seed = 0;
  const bool is_client = parse_number(next_word(words), messages);
  static_cast<void>(parse_number(next_word(words), seed));
  const auto done = runtime().loop.run(is_client ? talk(messages, seed) : answer_all());
  if (done) return 0;
  print("stress: {}\n", name_of(done.error()));
  return 1;
}
