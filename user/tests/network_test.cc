// network_test.cc — the simulated network does what it says, and a protocol for lines that get lost survives on it.

#include "tests/network/network.hh"

#include <algorithm>
#include <string>

#include "tests/schedules.hh"

using namespace sprat;
using namespace sprat::network;
using namespace sprat::test;

namespace {

Task<> send_numbers(Cable& cable, std::uint64_t count) {
  End end(cable, 0);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto sent = co_await end.send(urpc::Message<1>{0, {i}});
    if (!sent) co_return sent;
  }
  co_return {};
}

Task<> receive_numbers(Cable& cable, std::vector<std::uint64_t>& numbers) {
  End end(cable, 1);
  for (;;) {
    const auto line = co_await end.receive();
    if (!line) co_return {};
    numbers.push_back(line.value().words[0]);
  }
}

// Two wires into one core; what comes, in which order.
std::vector<std::uint64_t> two_streams(std::uint64_t seed, Settings settings = {}) {
  Network network(seed);
  const std::size_t a = network.add_core(), b = network.add_core(), c = network.add_core();
  std::vector<std::uint64_t> numbers;
  for (const std::size_t from : {a, b}) {
    Cable& cable = network.connect(from, c, settings);
    network.start(from, send_numbers(cable, 10));
    network.start(c, receive_numbers(cable, numbers));
  }
  cr_assert(network.run() == Network::Outcome::all_ended);
  return numbers;
}

}  // namespace

Test(network, a_wire_keeps_its_order) {
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    Network network(seed);
    const std::size_t a = network.add_core(), b = network.add_core();
    Cable& cable = network.connect(a, b, {1 + seed % 5});
    std::vector<std::uint64_t> numbers;
    network.start(a, send_numbers(cable, 20));
    network.start(b, receive_numbers(cable, numbers));
    cr_assert(network.run() == Network::Outcome::all_ended);
    cr_assert(numbers.size() == 20 && std::ranges::is_sorted(numbers));
  }
}

Test(network, wires_overtake_each_other) {
  std::size_t whole_streams_first = 0, alternating = 0;
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    const auto numbers = two_streams(seed);
    cr_assert(numbers.size() == 20);
    whole_streams_first +=
        std::ranges::is_sorted(numbers.begin(), numbers.begin() + 10, std::less_equal());
    alternating += std::ranges::is_sorted(numbers.begin(), numbers.begin() + 6);
  }
  cr_expect(whole_streams_first > 10 && alternating > 10, "%zu and %zu", whole_streams_first,
            alternating);
}

Test(network, a_seed_repeats_its_schedule) {
  cr_expect(two_streams(7) == two_streams(7));
  cr_expect(two_streams(7) != two_streams(8));
}

Test(network, a_wire_that_loses_lines_keeps_the_order_of_the_others) {
  std::size_t arrived = 0;
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    Network network(seed);
    const std::size_t a = network.add_core(), b = network.add_core();
    Cable& cable = network.connect(a, b, {.lost_percent = 30});
    std::vector<std::uint64_t> numbers;
    network.start(a, send_numbers(cable, 20));
    network.start(b, receive_numbers(cable, numbers));
    cr_assert(network.run() == Network::Outcome::all_ended);
    cr_assert(std::ranges::is_sorted(numbers));
    arrived += numbers.size();
  }
  cr_expect(arrived > 13'000 && arrived < 15'000, "%zu of 20000", arrived);
}

namespace {

Task<> wait_for_ever(Cable& cable) {
  End end(cable, 0);
  const auto line = co_await end.receive();
  co_return line ? Result<void>() : line.error();
}

Task<> take_turns_for_ever(Network& network, std::size_t core) {
  for (;;) co_await network.turn(core);
}

Task<> stop(Network& network, std::size_t core) {
  network.stop(core);
  co_return {};
}

}  // namespace

Test(network, a_run_says_how_it_ended) {
  Network waits(1);
  const std::size_t core = waits.add_core();
  waits.start(core, wait_for_ever(waits.connect(core, core)));
  cr_expect(waits.run() == Network::Outcome::all_wait);

  Network runs(1);
  runs.start(runs.add_core(), take_turns_for_ever(runs, 0));
  cr_expect(runs.run() == Network::Outcome::no_end);
}

Test(network, stopped_core_does_nothing_and_its_peers_get_peer_gone) {
  Network network(1);
  const std::size_t a = network.add_core(), b = network.add_core();
  network.start(a, take_turns_for_ever(network, a));
  network.start(b, wait_for_ever(network.connect(b, a)));
  network.start(b, stop(network, a));
  cr_expect(network.run() == Network::Outcome::all_ended);
}

// ---- a protocol that survives lost lines: the alternating bit (Bartlett and others, CACM 1969)

namespace {

constexpr std::uint64_t kNumbers = 5;

// Stores each received value in `last`.
Task<> listen(End<>& end, std::uint64_t& last) {
  for (;;) {
    const auto line = co_await end.receive();
    if (!line) co_return line.error();
    last = line.value().words[0];
  }
}

// Sends each number again and again until its bit is acknowledged.
Task<> send_surely(Network& network, Cable& cable) {
  End end(cable, 0);
  std::uint64_t acknowledged = 1;
  Task<> listener = listen(end, acknowledged);
  network.begin(0, listener);
  for (std::uint64_t number = 0; number < kNumbers; ++number) {
    while (acknowledged != number % 2) {
      const auto sent = co_await end.send(urpc::Message<2>{0, {number % 2, number}});
      if (!sent) co_return sent;
      co_await network.turn(0);
    }
  }
  co_return {};
}

Task<> receive_surely(Cable& cable, std::vector<std::uint64_t>& numbers) {
  End end(cable, 1);
  for (std::uint64_t expected = 0;;) {
    const auto line = co_await end.receive();
    if (!line) co_return {};
    const std::uint64_t bit = line.value().words[0];
    if (bit == expected) {
      numbers.push_back(line.value().words[1]);
      expected = 1 - expected;
    }
    const auto sent = co_await end.send(urpc::Message<1>{0, {bit}});
    if (!sent) co_return {};
  }
}

const char* transfer(std::uint64_t seed) {
  std::vector<std::uint64_t> numbers;
  Network network(seed);
  const std::size_t a = network.add_core(), b = network.add_core();
  Cable& cable = network.connect(a, b, {1 + network.random().below(3), 20});
  network.start(a, send_surely(network, cable));
  network.start(b, receive_surely(cable, numbers));
  if (network.run() != Network::Outcome::all_ended) return "it never ends";
  if (numbers.size() != kNumbers) return "a number is lost or came twice";
  return std::ranges::is_sorted(numbers) ? nullptr : "the order is another";
}

}  // namespace

Test(network, the_alternating_bit_survives_lost_lines) { try_schedules(kSchedules, transfer); }
