// urpc_hostile_test.cc — a peer that writes any words at any time spoils its own conversation and nothing else.

#include <criterion/criterion.h>

#include "tests/urpc_pair.hh"

using namespace sprat;
using namespace sprat::urpc;
using namespace sprat::test;

namespace {

constexpr std::uint64_t kSlots = 8;

// Writes the line number `number`, counted from 0, of the peer: it acknowledges `lines` lines.
void write_line(Frame& frame, std::uint64_t number, std::uint64_t lines) {
  const View view = frame.view(Side::second);
  const std::uint64_t slots = view.out.size();
  view.out[number % slots].control.store(Control()
                                             .with<control::lap>((number / slots + 1) * slots)
                                             .with<control::acknowledged>(slots + lines)
                                             .raw());
}

// The peer's status line says that it has read `lines` lines.
void write_report(Frame& frame, std::uint64_t lines) {
  const View view = frame.view(Side::second);
  view.own_status->words[0].store(view.out.size() + lines);
}

Error error_of(Result<void> result) {
  cr_assert(!result.ok());
  return result.error();
}

std::uint64_t fill_up(Epoch& end) {
  std::uint64_t sent = 0;
  while (end.send(message(sent)).ok()) ++sent;
  return sent;
}

// `end` knows it, even if the peer makes everything look right again.
void expect_broken(Frame& frame, Epoch& end) {
  Message<> got;
  for (std::uint64_t line = 0; line < kSlots; ++line) write_line(frame, line, kSlots);
  write_report(frame, kSlots);
  for (int i = 0; i < 3; ++i) {
    cr_expect(error_of(end.receive(got)) == Error::malformed);
    cr_expect(error_of(end.send(message(0))) == Error::malformed);
    cr_expect(end.has_line() && end.has_room(), "no caller must wait for a peer like this");
  }
}

}  // namespace

Test(urpc_hostile, line_that_acknowledges_unwritten_lines_ends_the_conversation) {
  for (const std::uint64_t lines : {9, 10, 16, 17, 0x7fff, 0x8000, 0x10000 - 9}) {
    Pair<Epoch> pair(kSlots);
    write_line(pair.frame, 0, lines);
    Message<> got;
    cr_expect(pair.a.receive(got).ok());
    for (std::uint64_t i = 0; i < kSlots; ++i) cr_expect(pair.a.send(message(i)).ok());
    cr_expect(error_of(pair.a.send(message(0))) == Error::malformed, "%lu lines", lines);
    expect_broken(pair.frame, pair.a);
  }
}

Test(urpc_hostile, report_of_unwritten_lines_ends_the_conversation) {
  for (const std::uint64_t lines : {std::uint64_t{9}, std::uint64_t{16}, std::uint64_t{0xffff},
                                    std::uint64_t{0x10000} + 8, ~std::uint64_t{0} - kSlots}) {
    Pair<Epoch> pair(kSlots);
    write_report(pair.frame, lines);
    for (std::uint64_t i = 0; i < kSlots; ++i) cr_expect(pair.a.send(message(i)).ok());
    cr_expect(error_of(pair.a.send(message(0))) == Error::malformed, "%lu lines", lines);
    expect_broken(pair.frame, pair.a);
  }
}

Test(urpc_hostile, lines_may_be_acknowledged_in_any_steps) {
  for (std::uint64_t lines = 1; lines <= kSlots; ++lines) {
    for (const bool by_report : {false, true}) {
      Pair<Epoch> pair(kSlots);
      cr_assert(fill_up(pair.a) == kSlots);
      by_report ? write_report(pair.frame, lines) : write_line(pair.frame, 0, lines);
      Message<> got;
      cr_expect(pair.a.receive(got).ok() == !by_report);
      cr_expect(fill_up(pair.a) == lines);
    }
  }
}

// Any report of fewer lines than are known may be one that was made before, however long ago.
Test(urpc_hostile, old_acknowledgements_make_no_room_and_no_trouble) {
  Pair<Epoch> pair(kSlots);
  cr_assert(fill_up(pair.a) == kSlots);
  write_report(pair.frame, kSlots);
  cr_assert(fill_up(pair.a) == kSlots);
  Message<> got;
  for (std::uint64_t lines = 0; lines <= kSlots; ++lines) {
    write_line(pair.frame, lines, lines);
    write_report(pair.frame, lines);
    cr_assert(pair.a.receive(got).ok());
    cr_expect(!pair.a.has_room());
    cr_expect(error_of(pair.a.send(message(0))) == Error::again);
  }
  write_report(pair.frame, kSlots + 1);
  cr_expect(fill_up(pair.a) == 1);
}

Test(urpc_hostile, acknowledgement_of_more_than_a_ring_less_ends_the_conversation) {
  Pair<Epoch> pair(kSlots);
  cr_assert(fill_up(pair.a) == kSlots);
  write_report(pair.frame, kSlots);
  cr_assert(fill_up(pair.a) == kSlots);
  write_report(pair.frame, 2 * kSlots);
  cr_assert(fill_up(pair.a) == kSlots);
  write_line(pair.frame, 0, kSlots - 1);
  Message<> got;
  cr_expect(pair.a.receive(got).ok());
  cr_expect(error_of(pair.a.send(message(0))) == Error::malformed);
  expect_broken(pair.frame, pair.a);
}

// A word that the peer writes into its status line between two looks does not count for both.
Test(urpc_hostile, messages_without_end_cost_their_sender_nothing_but_time) {
  Pair<Epoch> pair(kSlots);
  cr_assert(fill_up(pair.a) == kSlots);
  Message<> got;
  for (std::uint64_t line = 0; line < 100 * kSlots; ++line) {
    write_line(pair.frame, line, 0);
    cr_assert(pair.a.receive(got).ok());
    cr_assert(error_of(pair.a.send(message(0))) == Error::again);
  }
  write_report(pair.frame, kSlots);
  cr_expect(fill_up(pair.a) == kSlots);
}

Test(urpc_hostile, line_of_another_lap_is_not_there_yet) {
  for (const std::uint64_t lap : {0, 1, 7, 9, 16, 0xfff8}) {
    Pair<Epoch> pair(kSlots);
    pair.frame.view(Side::second).out[0].control.store(lap | std::uint64_t{5} << 32);
    Message<> got;
    cr_expect(error_of(pair.a.receive(got)) == Error::again);
    cr_expect(pair.a.send(message(1)).ok(), "nothing is wrong yet");
  }
}

// Laps are compared modulo 2^16, and 0 is one of them.
Test(urpc_hostile, line_of_zeros_is_no_message_after_the_end_of_a_conversation) {
  Pair<Epoch> pair(kSlots);
  Message<> got;
  for (std::uint64_t line = 0; line < 0x10000 - kSlots; ++line) {
    write_line(pair.frame, line, 0);
    cr_assert(pair.a.receive(got).ok());
  }
  write_report(pair.frame, 9);
  while (pair.a.send(message(0)).ok()) continue;
  cr_expect(error_of(pair.a.send(message(0))) == Error::malformed);
  cr_expect(error_of(pair.a.receive(got)) == Error::malformed);
}

namespace {

// One end of ours talks to a peer that scribbles over all lines the two share, and to an honest peer beside it. Both frames
// lie between lines that no end may touch.
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
    const std::uint64_t word = random() % 2 == 0 ? random() : slots * (random() % 8);
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

Test(urpc_hostile, scribbling_over_an_epoch_ring_harms_no_other_memory) {
  beside_many_scribblers<Epoch>();
}

Test(urpc_hostile, scribbling_over_a_used_bit_ring_harms_no_other_memory) {
  beside_many_scribblers<UsedBit>();
}
