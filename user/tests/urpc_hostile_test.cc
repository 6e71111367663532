// urpc_hostile_test.cc — a peer that writes whatever it likes spoils its own conversation and nothing else.

#include <criterion/criterion.h>

#include "tests/urpc_pair.hh"

using namespace sprat;
using namespace sprat::urpc;
using namespace sprat::test;

namespace {

// The next control word that `peer`'s lines should have, with what `change` makes of it.
template <class Change>
void forge(Frame& frame, std::size_t slot, Change change) {
  Line& line = frame.view(Side::second).out[slot];
  line.control.store(change(Control().with<control::epoch>()).raw());
}

Error error_of(Result<void> result) {
  cr_assert(!result.ok());
  return result.error();
}

// `end` knows it, even if the peer makes everything look unused again.
void expect_broken(Frame& frame, Epoch& end) {
  Message<> got;
  for (Line& line : frame.view(Side::second).out) line.control.store(0);
  for (int i = 0; i < 3; ++i) {
    cr_expect(error_of(end.receive(got)) == Error::malformed);
    cr_expect(error_of(end.send(message(0))) == Error::malformed);
    cr_expect(end.has_line(), "nobody must wait for a peer like this");
  }
}

}  // namespace

Test(urpc_hostile, acknowledging_what_was_not_sent_ends_the_conversation) {
  for (const std::uint64_t lines : {4, 5, 8, 9, 0x7fff, 0x8000, 0xffff}) {
    Pair<Epoch> pair(8);
    for (std::uint64_t i = 0; i < 3; ++i) cr_assert(pair.a.send(message(i)).ok());
    forge(pair.frame, 0, [&](Control word) { return word.with<control::acknowledged>(lines); });
    Message<> got;
    cr_expect(error_of(pair.a.receive(got)) == Error::malformed, "%lu lines", lines);
    expect_broken(pair.frame, pair.a);
  }
}

Test(urpc_hostile, what_was_sent_may_be_acknowledged_in_any_steps) {
  for (const std::uint64_t lines : {1, 2, 3}) {
    Pair<Epoch> pair(8);
    for (std::uint64_t i = 0; i < 3; ++i) cr_assert(pair.a.send(message(i)).ok());
    forge(pair.frame, 0, [&](Control word) { return word.with<control::acknowledged>(lines); });
    forge(pair.frame, 1, [&](Control word) { return word.with<control::acknowledged>(3); });
    Message<> got;
    cr_expect(pair.a.receive(got).ok() && pair.a.receive(got).ok());
  }
}

Test(urpc_hostile, an_acknowledgement_that_goes_back_ends_the_conversation) {
  Pair<Epoch> pair(8);
  for (std::uint64_t i = 0; i < 5; ++i) cr_assert(pair.a.send(message(i)).ok());
  forge(pair.frame, 0, [](Control word) { return word.with<control::acknowledged>(4); });
  forge(pair.frame, 1, [](Control word) { return word.with<control::acknowledged>(3); });
  Message<> got;
  cr_expect(pair.a.receive(got).ok());
  cr_expect(error_of(pair.a.receive(got)) == Error::malformed);
  expect_broken(pair.frame, pair.a);
}

Test(urpc_hostile, endless_acknowledgements_of_nothing_end_the_conversation) {
  Pair<Epoch> pair(8);
  for (std::size_t slot = 0; slot < 8; ++slot)
    forge(pair.frame, slot,
          [](Control word) { return word.with<control::acknowledgement_only>(); });
  Message<> got;
  cr_expect(error_of(pair.a.receive(got)) == Error::malformed);
  expect_broken(pair.frame, pair.a);
}

Test(urpc_hostile, a_peer_that_leaves_no_room_to_acknowledge_ends_the_conversation) {
  Pair<Epoch> pair(4);
  while (pair.a.send(message(0)).ok()) {
  }
  // More messages than an honest peer can send without having read ours.
  Line* const lines = pair.frame.view(Side::second).out.data();
  Message<> got;
  Error last = Error::again;
  for (std::uint64_t i = 0; i < 100 && last == Error::again; ++i) {
    lines[i % 4].control.store(i / 4 % 2 == 0 ? Control().with<control::epoch>().raw() : 0);
    const auto received = pair.a.receive(got);
    if (!received) last = received.error();
  }
  cr_expect(last == Error::malformed);
  expect_broken(pair.frame, pair.a);
}

Test(urpc_hostile, an_old_epoch_is_a_line_that_is_not_there_yet) {
  Pair<Epoch> pair(8);
  forge(pair.frame, 0,
        [](Control word) { return word.with<control::epoch>(0).with<control::header>(5); });
  Message<> got;
  cr_expect(error_of(pair.a.receive(got)) == Error::again);
  cr_expect(pair.a.send(message(1)).ok(), "nothing is wrong yet");
}

namespace {

// One end of ours talks to somebody who scribbles over all lines the two share, and to an honest peer beside it. Both frames
// lie between lines that nobody may touch.
template <class Ring>
std::string beside_a_scribbler(std::uint64_t seed, std::size_t slots) {
  std::mt19937_64 random(seed);
  const std::size_t lines = frame_lines(slots);
  std::vector<Line> memory(2 * lines + 3);
  const std::size_t fences[] = {0, lines + 1, 2 * lines + 2};
  for (const std::size_t fence : fences) memory[fence].control.store(0x5afe);
  const std::span<Line> spoilt = std::span(memory).subspan(1, lines);
  const std::span<Line> sound = std::span(memory).subspan(lines + 2, lines);
  Ring victim(view_of(spoilt, Side::first).value());
  Ring ours(view_of(sound, Side::first).value()), honest(view_of(sound, Side::second).value());
  std::uint64_t sent = 0, received = 0;
  for (int step = 0; step < 20'000; ++step) {
    Line& line = spoilt[random() % lines];
    const std::uint64_t word = random() % 2 == 0 ? random() : (random() & 7) << 46;
    if (random() % 2 == 0) line.control.store(word);
    line.words[random() % kPayloadWords].store(random());
    Message<> got;
    if (random() % 2 == 0) static_cast<void>(victim.send(message(random())).ok());
    if (random() % 2 == 0) static_cast<void>(victim.receive(got).ok());
    static_cast<void>(victim.has_line() && victim.has_room());
    static_cast<void>(victim.peer_would_find(static_cast<std::uint16_t>(random()), true));
    if (ours.send(message(sent)).ok()) ++sent;
    if (random() % 2 == 0 && honest.receive(got).ok() && got != message(received++))
      return "the other conversation suffers";
    static_cast<void>(ours.receive(got).ok());
  }
  if (received < 1000) return "the other conversation stands still";
  for (const std::size_t fence : fences) {
    if (memory[fence].control.load() != 0x5afe) return "it wrote outside of its lines";
  }
  return {};
}

template <class Ring>
void beside_many_scribblers() {
  const std::uint64_t seed = any_seed();
  for (std::uint64_t round = 0; round < 30; ++round) {
    const std::string wrong = beside_a_scribbler<Ring>(seed + round, std::size_t{4} << round % 4);
    cr_assert(wrong.empty(), "SPRAT_SEED=%lu: %s", seed + round, wrong.c_str());
  }
}

}  // namespace

Test(urpc_hostile, scribbling_over_an_epoch_ring_harms_nobody_else) {
  beside_many_scribblers<Epoch>();
}

Test(urpc_hostile, scribbling_over_a_used_bit_ring_harms_nobody_else) {
  beside_many_scribblers<UsedBit>();
}
