// calls.hh — calls of an interface, over either kind of link: the side that answers them, and the side that measures.

#pragma once

#include "interfaces/echo.hh"
#include "interfaces/peer.hh"
#include "lib/runtime.hh"

namespace sprat {

// Answers until the conversation ends, and polls for `poll_cycles` before it sleeps.
template <Link AnyLink>
Task<> answer_calls(AnyLink& link, std::uint64_t poll_cycles) {
  runtime().loop.sources().set_poll_cycles(poll_cycles);
  co_return co_await handle_calls<echo::interface>(
      link, on<echo::echo>([](const echo::Text& text) -> Result<echo::Text> { return text; }),
      on<echo::add>(
          [](const echo::Summands& s) -> Result<echo::Sum> { return echo::Sum{s.a + s.b}; }),
      on<echo::note>([](const echo::Text&) {}));
}

// Returns the cost of a call and its reply, in ticks of the time-stamp counter: the mean of `rounds`, each after
// `silence` ticks.
template <Link AnyLink>
Task<std::uint64_t> ticks_of_calls(AnyLink& link, std::uint64_t rounds, std::uint64_t silence) {
  Peer<echo::interface, AnyLink> peer(link);
  std::uint64_t spent = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    for (const std::uint64_t begin = __builtin_ia32_rdtsc();
         __builtin_ia32_rdtsc() - begin < silence;)
      __builtin_ia32_pause();
    const std::uint64_t begin = __builtin_ia32_rdtsc();
    const auto sum = co_await peer.template call<echo::add>({i, 2});
    spent += __builtin_ia32_rdtsc() - begin;
    if (!sum) co_return sum.error();
    if (sum.value().sum != i + 2) co_return Error::malformed;
  }
  co_return spent / rounds;
}

}  // namespace sprat
