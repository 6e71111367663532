// main.cc — the cost of a message between cores: `urpc-bench core=1` answers, `urpc-bench` measures against each core
// that answers, `urpc-bench rounds=N` with as many rounds.
//
// Time is the time-stamp counter's: under `-icount` it counts the instructions of all processors together, in Bochs ticks.

#include "bench-urpc/calls.hh"
#include "lib/connection.hh"
#include "lib/console.hh"
#include "lib/processes.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "lib/words.hh"
#include "sprat/text.hh"

namespace sprat {
namespace {

using OneWord = urpc::Message<1>;

// The next task of the measured side, by the header of a message; its word says how often.
enum class Part : std::uint32_t {
  answer_at_once,  // receives and sends, in a loop that does nothing else
  receive,         // receives, and sends one message at the end
  answer_awaited,  // as coroutines
  answer_asleep,   // as coroutines that never poll
  say_when_awake,  // the same, and the answer's word is the time at which the message was there
  calls,           // from now on, in the words of an interface
  calls_asleep,    // the same, and never polls
};

constinit std::uint64_t rounds_of_each = 512;
constexpr std::uint64_t kUsualPoll = 2'000;
constexpr std::uint64_t kSilence = 20'000;  // enough to fall asleep

std::uint64_t now() { return __builtin_ia32_rdtsc(); }

// ---- without the event loop

SPRAT_INLINE Result<void> receive_now(Channel& channel, OneWord& message) {
  for (;;) {
    const auto received = channel.try_receive(message);
    if (received || received.error() != Error::again) return received;
    __builtin_ia32_pause();
  }
}

SPRAT_INLINE Result<void> send_now(Channel& channel, const OneWord& message) {
  for (;;) {
    const auto sent = channel.try_send(message);
    if (sent || sent.error() != Error::again) return sent;
    OneWord none;  // room may stand behind a line
    static_cast<void>(channel.try_receive(none));
    __builtin_ia32_pause();
  }
}

Result<void> answer_at_once(Channel& channel, std::uint64_t rounds) {
  OneWord message;
  for (; rounds != 0; --rounds) {
    if (const auto received = receive_now(channel, message); !received) return received;
    if (const auto sent = send_now(channel, message); !sent) return sent;
  }
  return {};
}

Result<void> receive_all(Channel& channel, std::uint64_t rounds) {
  OneWord message;
  for (; rounds != 0; --rounds)
    if (const auto received = receive_now(channel, message); !received) return received;
  return send_now(channel, message);
}

// ---- with it

Task<> answer_awaited(Channel& channel, std::uint64_t rounds, std::uint64_t poll_cycles) {
  runtime().loop.sources().set_poll_cycles(poll_cycles);
  for (; rounds != 0; --rounds) {
    const auto message = co_await channel.receive();
    if (!message) co_return message.error();
    const OneWord answer{message.value().header, {message.value().words[0]}};
    if (const auto sent = co_await channel.send(answer); !sent) co_return sent;
  }
  runtime().loop.sources().set_poll_cycles(kUsualPoll);
  co_return {};
}

Task<> say_when_awake(Channel& channel, std::uint64_t rounds) {
  runtime().loop.sources().set_poll_cycles(0);
  for (; rounds != 0; --rounds) {
    const auto message = co_await channel.receive();
    if (!message) co_return message.error();
    const OneWord answer{message.value().header, {now()}};
    if (const auto sent = co_await channel.send(answer); !sent) co_return sent;
  }
  runtime().loop.sources().set_poll_cycles(kUsualPoll);
  co_return {};
}

Task<> answer_all(Channel& channel) {
  for (;;) {
    const auto asked = co_await channel.receive();
    if (!asked) co_return asked.error();
    const std::uint64_t rounds = asked.value().words[0];
    Result<void> done;
    switch (static_cast<Part>(asked.value().header)) {
      case Part::answer_at_once: done = answer_at_once(channel, rounds); break;
      case Part::receive: done = receive_all(channel, rounds); break;
      case Part::answer_awaited: done = co_await answer_awaited(channel, rounds, kUsualPoll); break;
      case Part::answer_asleep: done = co_await answer_awaited(channel, rounds, 0); break;
      case Part::say_when_awake: done = co_await say_when_awake(channel, rounds); break;
      case Part::calls: done = co_await answer_calls(channel, kUsualPoll); break;
      case Part::calls_asleep: done = co_await answer_calls(channel, 0); break;
    }
    if (!done) co_return done;
  }
}

Task<> answer_all(LrpcLink& link) { return answer_calls(link, kUsualPoll); }

Task<> listen_for_ever() {
  if (const auto listens = listen(); !listens) co_return listens;
  for (;;) {
    Connection client;
    if (const auto accepted = co_await client.accept(); !accepted) co_return accepted;
    static_cast<void>(co_await client.use([](auto& link) { return answer_all(link); }));
  }
}

// ---- measuring

Task<> ask(Channel& channel, Part part) {
  const OneWord message{static_cast<std::uint32_t>(part), {rounds_of_each}};
  co_return co_await channel.send(message);
}

Result<std::uint64_t> round_trips_at_once(Channel& channel) {
  OneWord message;
  const std::uint64_t begin = now();
  for (std::uint64_t i = 0; i < rounds_of_each; ++i) {
    message.words[0] = i;
    if (const auto sent = send_now(channel, message); !sent) return sent.error();
    if (const auto received = receive_now(channel, message); !received) return received.error();
    if (message.words[0] != i) return Error::malformed;
  }
  return (now() - begin) / rounds_of_each;
}

Result<std::uint64_t> stream(Channel& channel) {
  OneWord message;
  const std::uint64_t begin = now();
  for (std::uint64_t i = 0; i < rounds_of_each; ++i)
    if (const auto sent = send_now(channel, message); !sent) return sent.error();
  if (const auto received = receive_now(channel, message); !received) return received.error();
  return (now() - begin) / rounds_of_each;
}

// Before each round, both have been silent for `silence` cycles.
Task<std::uint64_t> round_trips_awaited(Channel& channel, std::uint64_t silence) {
  runtime().loop.sources().set_poll_cycles(silence == 0 ? kUsualPoll : 0);
  std::uint64_t spent = 0;
  for (std::uint64_t i = 0; i < rounds_of_each; ++i) {
    for (const std::uint64_t begin = now(); now() - begin < silence;) __builtin_ia32_pause();
    const std::uint64_t begin = now();
    const OneWord message{0, {i}};
    if (const auto sent = co_await channel.send(message); !sent) co_return sent.error();
    const auto answer = co_await channel.receive();
    if (!answer) co_return answer.error();
    if (answer.value().words[0] != i) co_return Error::malformed;
    spent += now() - begin;
  }
  runtime().loop.sources().set_poll_cycles(kUsualPoll);
  co_return spent / rounds_of_each;
}

// From just before a message is sent until the receiver, which was asleep, has it.
Task<std::uint64_t> ways_to_wake(Channel& channel, std::uint64_t silence) {
  runtime().loop.sources().set_poll_cycles(0);
  std::uint64_t spent = 0;
  for (std::uint64_t i = 0; i < rounds_of_each; ++i) {
    for (const std::uint64_t begin = now(); now() - begin < silence;) __builtin_ia32_pause();
    const std::uint64_t begin = now();
    if (const auto sent = co_await channel.send(OneWord{0, {i}}); !sent) co_return sent.error();
    const auto answer = co_await channel.receive();
    if (!answer) co_return answer.error();
    spent += answer.value().words[0] - begin;
  }
  runtime().loop.sources().set_poll_cycles(kUsualPoll);
  co_return spent / rounds_of_each;
}

void print_row(const char* name, const Result<std::uint64_t>& count) {
  if (count) {
    print("{-48}{8}\n", name, count.value());
  } else {
    print("{-48}{}\n", name, name_of(count.error()));
  }
}

// A conversation in the words of an interface stays one: each row has its own.
Task<> measure_calls(std::uint64_t core, const char* name, Part part, std::uint64_t silence) {
  Connection server;
  if (const auto connected = co_await server.connect(core, process_name()); !connected)
    co_return connected;
  if (server.channel().is_open()) {
    if (const auto asked = co_await ask(server.channel(), part); !asked) co_return asked;
  }
  runtime().loop.sources().set_poll_cycles(silence == 0 ? kUsualPoll : 0);
  print_row(name, co_await server.use([silence](auto& link) {
    return ticks_of_calls(link, rounds_of_each, silence);
  }));
  runtime().loop.sources().set_poll_cycles(kUsualPoll);
  co_return {};
}

Task<> measure_lines(std::uint64_t core) {
  Connection server;
  if (const auto connected = co_await server.connect(core, process_name()); !connected)
    co_return connected;
  Channel& channel = server.channel();
  print("to core {} and back\n", core);
  if (const auto asked = co_await ask(channel, Part::answer_at_once); !asked) co_return asked;
  print_row("  one word, both poll the ring", round_trips_at_once(channel));
  if (const auto asked = co_await ask(channel, Part::receive); !asked) co_return asked;
  print_row("  one way, a message of a stream", stream(channel));
  if (const auto asked = co_await ask(channel, Part::answer_awaited); !asked) co_return asked;
  print_row("  coroutines that poll", co_await round_trips_awaited(channel, 0));
  if (const auto asked = co_await ask(channel, Part::answer_asleep); !asked) co_return asked;
  print_row("  coroutines that sleep", co_await round_trips_awaited(channel, kSilence));
  if (const auto asked = co_await ask(channel, Part::say_when_awake); !asked) co_return asked;
  print_row("  from send to the receiver's wake-up", co_await ways_to_wake(channel, kSilence));
  co_return {};
}

Task<> measure(std::uint64_t core) {
  if (const auto measured = co_await measure_lines(core); !measured) co_return measured;
  const auto polling = co_await measure_calls(core, "  calls that poll", Part::calls, 0);
  if (!polling) co_return polling;
  co_return co_await measure_calls(core, "  calls that sleep", Part::calls_asleep, kSilence);
}

Task<> measure_all() {
  static_cast<void>(co_await measure_calls(0, "  calls on this core, by LRPC", Part::calls, 0));
  for (std::uint64_t core = 1;; ++core)
    if (const auto measured = co_await measure(core); !measured) co_return measured;
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  const std::string_view word = next_word(words);
  if (word.starts_with("rounds=")) static_cast<void>(parse_number(slice(word, 7), rounds_of_each));
  const auto done =
      runtime().loop.run(word.starts_with("core=") ? listen_for_ever() : measure_all());
  print("{}: {}\n", process_name(), name_of(done.error()));
  return done.error() == Error::not_found ? 0 : 1;
}
