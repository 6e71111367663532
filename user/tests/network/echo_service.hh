// echo_service.hh — for tests: a service of the echo interface that keeps a diary, and delays its answers on request.

#pragma once

#include <string>
#include <vector>

#include "interfaces/echo.hh"
#include "interfaces/peer.hh"
#include "tests/network/network.hh"

namespace sprat::network {

// The same messages, but only two calls at once.
inline constexpr Interface<echo::echoed, echo::echo, echo::sum, echo::add, echo::note> narrow{
    "narrow", 2};

struct EchoService {
  // `turns`: at most so many go by before a text comes back.
  EchoService(Network& its_network, std::size_t its_core, std::size_t turns)
      : network(its_network), core(its_core), most_turns(turns) {}

  Network& network;
  std::size_t core, most_turns;

  std::vector<std::string> notes;
  std::size_t at_once = 0, most_at_once = 0;  // calls that take their time
  Result<void> ended;

  // Sums that would overflow cannot be done.
  static Result<echo::Sum> add(const echo::Summands& summands) {
    if (summands.a + summands.b < summands.a) return Error::invalid_argument;
    return echo::Sum{summands.a + summands.b};
  }

  Task<echo::Text> echo(const echo::Text& text) {
    most_at_once = std::max(most_at_once, ++at_once);
    for (std::size_t turns = network.random().below(most_turns + 1); turns > 0; --turns)
      co_await network.turn(core);
    --at_once;
    co_return text;
  }

  // Of any interface with these messages, until the conversation ends.
  template <const auto& kInterface, std::size_t kWords = urpc::kPayloadWords>
  Task<> run(Cable& cable, int side) {
    End<kWords> end(cable, side);
    ended = co_await handle_calls<kInterface>(
        end, on<echo::add>(add),
        on<echo::echo>([this](const echo::Text& text) { return echo(text); }),
        on<echo::note>([this](const echo::Text& text) { notes.emplace_back(text.text.text()); }));
    co_return {};
  }
};

// A text of `size` bytes that differs from others in each of its words.
inline echo::Text text_of(std::size_t size, std::uint64_t number) {
  std::string bytes;
  simulation::Random random(number);
  for (std::uint64_t word = random.next(); bytes.size() < size; word = random.next())
    bytes.append(reinterpret_cast<const char*>(&word), std::min(sizeof word, size - bytes.size()));
  echo::Text text;
  if (!text.text.assign(bytes)) __builtin_trap();
  return text;
}

}  // namespace sprat::network
