// link_hostile_test.cc — an end that sends arbitrary lines ends its own conversation and harms no other.

#include <criterion/criterion.h>

#include "tests/network/echo_service.hh"
#include "tests/seed.hh"
#include "user/tests/fake_process.hh"

using namespace sprat;
using namespace sprat::network;
using namespace sprat::test;

namespace {

using Line = urpc::Message<>;

Line line_of(std::uint32_t header, std::array<std::uint64_t, 7> words = {}) {
  return {header, words};
}

// The first lines of echo("100 bytes").
Line part_of_echo(std::size_t call, std::size_t fragment, bool is_last = false) {
  return line_of(header_of(echo::echo.number, call, fragment, is_last), {100});
}
Line add_line(std::size_t call) {
  return line_of(header_of(echo::add.number, call, 0, true), {1, 2});
}

Task<> send_all(Cable& cable, int side, std::vector<Line> lines) {
  End end(cable, side);
  for (const Line& line : lines)
    if (const auto sent = co_await end.send(line); !sent) co_return sent;
  for (;;)
    if (const auto line = co_await end.receive(); !line) co_return line.error();
}

// How a service ends to which all that is sent.
Error end_of_service(std::vector<Line> lines, std::size_t most_turns = 0) {
  Network network(1);
  const std::size_t one = network.add_core(), other = network.add_core();
  Cable& cable = network.connect(one, other);
  EchoService service(network, other, most_turns);
  network.start(one, send_all(cable, 0, lines));
  network.start(other, service.run<echo::interface>(cable, 1));
  // A peer that only sends and listens never ends by itself.
  const auto outcome = network.run();
  return outcome == Network::Outcome::all_ended ? service.ended.error() : Error::again;
}

Task<> call_add(Cable& cable, Result<echo::Sum>& sum) {
  End end(cable, 0);
  Peer<echo::interface, End<>> peer(end);
  sum = co_await peer.call<echo::add>({1, 2});
  co_return {};
}

// Returns the result of a call of add that is answered by `lines`.
Result<echo::Sum> sum_from(std::vector<Line> lines) {
  Network network(1);
  const std::size_t one = network.add_core(), other = network.add_core();
  Cable& cable = network.connect(one, other);
  Result<echo::Sum> sum = Error::again;
  network.start(one, call_add(cable, sum));
  network.start(other, send_all(cable, 1, lines));
  network.run();
  return sum;
}

Line sum_line(std::size_t call) { return line_of(header_of(echo::sum.number, call, 0, true), {3}); }

}  // namespace

Test(link_hostile, service_continues_while_rules_are_kept) {
  cr_expect(end_of_service({}) == Error::again);
  cr_expect(end_of_service({add_line(0), add_line(7), part_of_echo(3, 0), part_of_echo(3, 1)}) ==
            Error::again);
  cr_expect(end_of_service({part_of_echo(3, 0), part_of_echo(3, 1, true), add_line(4)}) ==
            Error::again);
}

Test(link_hostile, a_service_ends_when_a_rule_is_broken) {
  const std::vector<std::vector<Line>> wrong = {
      {line_of(header_of(77, 0, 0, true))},                                // no such message
      {line_of(header_of(kFailedNumber, 0, 0, true))},                     // nothing was asked
      {sum_line(0)},                                                       // nor this
      {add_line(8)},                                                       // no such number
      {add_line(0xffff)},                                                  //
      {line_of(header_of(echo::add.number, 0, 0, false))},                 // it has one line only
      {line_of(header_of(echo::add.number, 0, 1, true))},                  //
      {part_of_echo(8, 0)},                                                // no such number
      {part_of_echo(0, 1)},                                                // the first is missing
      {part_of_echo(0, 0), part_of_echo(0, 2)},                            // the second is missing
      {part_of_echo(0, 0), part_of_echo(0, 1), part_of_echo(0, 2, true)},  // more than 100 bytes
      {part_of_echo(0, 0, true)},                                          // fewer
      {line_of(header_of(echo::note.number, 0, 0, true), {201})},   // more than a note may have
      {line_of(header_of(echo::note.number, 8, 0, false), {100})},  // no such number
  };
  for (std::size_t i = 0; i < wrong.size(); ++i)
    cr_expect(end_of_service(wrong[i]) == Error::malformed, "number %zu", i);
}

Test(link_hostile, service_ends_when_a_call_number_is_reused_too_early) {
  const std::vector<Line> twice = {part_of_echo(1, 0), part_of_echo(1, 1, true), add_line(1)};
  std::size_t ended = 0;
  for (std::size_t turns = 1; turns < 100; ++turns)
    ended += end_of_service(twice, turns) == Error::malformed;
  cr_expect(ended > 50, "%zu", ended);
}

Test(link_hostile, a_call_is_answered_by_its_reply_only) {
  cr_expect(sum_from({sum_line(0)}).value().sum == 3);
  const std::vector<std::vector<Line>> wrong = {
      {sum_line(1)},                                           // there is no such call
      {sum_line(63)},                                          //
      {sum_line(64)},                                          //
      {sum_line(0xffff)},                                      //
      {line_of(header_of(echo::echoed.number, 0, 0, true))},   // no reply to add
      {add_line(0)},                                           // no reply
      {line_of(header_of(echo::sum.number, 0, 0, false)),      // it has one line only
       line_of(header_of(echo::sum.number, 0, 1, true))},      //
      {line_of(header_of(echo::sum.number, 0, 1, true))},      //
      {line_of(header_of(kFailedNumber, 0, 0, false))},        // so has this
      {line_of(header_of(kFailedNumber, 0, 0, true), {100})},  // no such Error
  };
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    std::vector<Line> lines = wrong[i];
    lines.push_back(sum_line(0));
    const auto sum = sum_from(lines);
    cr_expect(!sum && sum.error() == Error::malformed, "number %zu", i);
  }
}

Test(link_hostile, an_error_may_be_the_answer) {
  const auto error = static_cast<std::uint64_t>(Error::busy);
  cr_expect(sum_from({line_of(header_of(kFailedNumber, 0, 0, true), {error})}).error() ==
            Error::busy);
}

namespace {

// Lines that are nearly right.
Line any_line(Random& random) {
  Line line;
  const auto message = static_cast<unsigned>(random.below(8));
  line.header =
      header_of(message == 7 ? kFailedNumber : message, random.below(random.below(4) == 0 ? 70 : 3),
                random.below(3), random.below(2) == 0);
  if (random.below(100) == 0) line.header ^= static_cast<std::uint32_t>(random.next());
  for (std::uint64_t& word : line.words) word = random.next();
  line.words[0] = random.below(201);
  return line;
}

std::vector<Line> any_lines(Random& random) {
  std::vector<Line> lines(random.below(30));
  for (Line& line : lines) line = any_line(random);
  return lines;
}

Task<> call_all(Cable& cable) {
  End end(cable, 0);
  Peer<echo::interface, End<>> peer(end);
  for (std::size_t i = 0; i < 5; ++i) {
    const auto sum = co_await peer.call<echo::add>({1, 2});
    const auto back = co_await peer.call<echo::echo>(text_of(100, i));
    if (!sum && !back) co_return {};
  }
  co_return {};
}

}  // namespace

Test(link_hostile, arbitrary_lines_harm_no_other_link) {
  const std::uint64_t seed = any_seed();
  Random random(seed);
  for (int round = 0; round < 3'000; ++round) {
    Network network(random.next());
    const std::size_t hostile = network.add_core(), service_core = network.add_core(),
                      client = network.add_core();
    EchoService service(network, service_core, 3);
    Cable &to_service = network.connect(hostile, service_core),
          &from_client = network.connect(client, hostile);
    network.start(hostile, send_all(to_service, 0, any_lines(random)));
    network.start(hostile, send_all(from_client, 1, any_lines(random)));
    network.start(service_core, service.run<echo::interface>(to_service, 1));
    network.start(client, call_all(from_client));
    cr_assert(network.run() != Network::Outcome::no_end, "SPRAT_SEED=%lu", seed);
  }
  cr_expect(fake::allocations() == 0);
}
