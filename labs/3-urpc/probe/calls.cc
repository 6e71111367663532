// calls.cc — exercise 5: coroutines on two cores call each other in the words of an interface.

#include "interfaces/echo.hh"
#include "interfaces/peer.hh"
#include "lib/channel.hh"
#include "pair.hh"
#include "sprat/region.hh"

namespace sprat::probe {
namespace {

constexpr std::size_t kSlots = 16;
constexpr std::uint64_t kMeasuredCalls = 256;
constexpr unsigned kCallers = 12;  // more than there are calls at once

using EchoPeer = Peer<echo::interface, Channel>;

// The number that the other core adds to each sum, so that no other program can reply in its place.
std::uint64_t secret() {
  static const std::uint64_t seed = evidence::hex(words(), "seed");
  return seed;
}

void open(Channel& channel, Pair& pair) {
  channel.open(runtime().loop, pair.view(kSlots), {pair.signal().irq, 0});
}

Task<> answer_calls(Channel& channel) {
  co_return co_await handle_calls<echo::interface>(
      channel, on<echo::add>([](const echo::Summands& s) -> Result<echo::Sum> {
        return echo::Sum{s.a + s.b + secret()};
      }),
      on<echo::echo>([](const echo::Text& text) -> Task<echo::Text> {
        for (std::size_t turns = text.text.text().size() % 7; turns != 0; --turns)
          co_await runtime().loop.turn();
        co_return text;
      }),
      on<echo::note>([](const echo::Text&) {}));
}

echo::Text text_of(evidence::Sequence& sequence) {
  std::array<char, 200> bytes;
  const std::size_t size = sequence.next() % (bytes.size() + 1);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(sequence.next());
  echo::Text text;
  must(text.text.assign({bytes.data(), size}), "a text");
  return text;
}

// Calls, and adds up the sums that come in replies. Texts must come back as they were.
Task<> call_often(EchoPeer& peer, std::uint64_t caller, std::uint64_t calls, std::uint64_t& sum) {
  evidence::Sequence sequence(~secret() + caller);
  for (std::uint64_t call = 0; call < calls; ++call) {
    const auto added = co_await peer.call<echo::add>({caller, call});
    if (!added) co_return added.error();
    sum += added.value().sum;
    if (sequence.next() % 4 != 0) continue;
    const echo::Text text = text_of(sequence);
    const auto back = co_await peer.call<echo::echo>(text);
    if (!back) co_return back.error();
    if (back.value() != text) co_return Error::malformed;
  }
  co_return {};
}

Task<> measure(EchoPeer& peer) {
  region_begin<Region::urpc_call>();
  for (std::uint64_t call = 0; call < kMeasuredCalls; ++call) {
    const auto added = co_await peer.call<echo::add>({call, 1});
    if (!added) co_return added.error();
    if (added.value().sum != call + 1 + secret()) co_return Error::malformed;
  }
  region_end<Region::urpc_call>();
  co_return {};
}

// One call, so that other coroutines can be resumed while this one waits.
Task<> call_once(EchoPeer& peer) {
  const auto added = co_await peer.call<echo::add>({0, 0});
  co_return added ? Result<void>() : added.error();
}

void answer_first_core() {
  Pairs pairs;
  Channel channel;
  open(channel, pairs[0]);
  static_cast<void>(runtime().loop.run(answer_calls(channel)));
}

}  // namespace
}  // namespace sprat::probe

using namespace sprat;
using namespace sprat::probe;

// Twelve coroutines call the other core, each as often as arg= says. The answer is the sum of all replies, and `ok` or the
// error of a coroutine.
PROBE(calls) {
  Pairs pairs;
  Channel channel;
  open(channel, pairs[0]);
  EchoPeer peer(channel);
  std::array<std::uint64_t, kCallers> sums{};
  std::array<Task<>, kCallers> callers;
  for (std::size_t i = 0; i < kCallers; ++i) {
    callers[i] = call_often(peer, i, evidence::hex(words(), "arg"), sums[i]);
    runtime().loop.start(callers[i]);
  }
  const char* outcome = "ok";
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kCallers; ++i) {
    while (!callers[i].done())
      if (const auto called = runtime().loop.run(call_once(peer)); !called) break;
    const Result<void> result = callers[i].done() ? callers[i].result() : Error::again;
    if (!result) outcome = name_of(result.error());
    sum += sums[i];
  }
  session.answer("sum", VirtualAddress(sum), outcome);
}
PROBE_ON_OTHER_CORES(calls) { answer_first_core(); }

// Makes one call after the other.
PROBE(measured_calls) {
  Pairs pairs;
  Channel channel;
  open(channel, pairs[0]);
  EchoPeer peer(channel);
  for (int i = 0; i < 16; ++i) static_cast<void>(runtime().loop.run(call_once(peer)));
  const auto measured = runtime().loop.run(measure(peer));
  session.answer("measured", measured ? "ok" : name_of(measured.error()));
}
PROBE_ON_OTHER_CORES(measured_calls) { answer_first_core(); }
