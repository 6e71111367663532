// memory_test.cc — exercises 2 to 5 in the booted system: what a process can touch, and when it no longer can.

#include <algorithm>
#include <sstream>

#include "lab/probe.hh"

using namespace sprat::grading;
using lab::expect_answers, lab::probe, lab::Sequence, lab::sixteen;

LAB_TEST(memory, what_is_mapped_can_be_touched_and_what_is_unmapped_cannot, "qemu-icount") {
  const Booted booted = trial.boot(probe("mapping"));
  Sequence sequence(booted.seed);
  sequence.next();
  // Page faults' errors: 1 present, 2 write, 4 user, 16 fetch.
  expect_answers(trial, booted,
                 {{"before", "4"},
                  {"by_copy", sixteen(sequence.next())},
                  {"rights", "0 21 7 21 7 0"},
                  {"unmapped", "4 4 0"},
                  {"revoked", "4 20"},
                  {"another", "0"}});
}

LAB_TEST(memory, who_uses_memory_that_is_revoked_faults, "qemu-icount") {
  const Booted booted = trial.boot(probe("revoked_from_another", lab::kShortTurns));
  expect_answers(trial, booted, {{"before", "runs"}, {"after", "5 14 " + sixteen(0)}});
}

LAB_TEST(memory, objects_never_overlap_and_all_memory_comes_back, "qemu-icount") {
  constexpr std::uint64_t kPiece = 1 << 19;
  const Booted booted = trial.boot(probe("retyping"));
  Sequence sequence(booted.seed);
  std::uint64_t begin = 0, round = 0;
  for (unsigned number = 0; number < 72; ++number) {
    if (number % 24 == 0) begin = 0;
    round = number / 24;
    const std::uint64_t bytes = std::uint64_t{4096} << sequence.next() % 6;
    const std::uint64_t at = (begin + bytes - 1) / bytes * bytes;
    std::ostringstream expected;
    if (at + bytes > kPiece) {
      expected << "refused " << round << " out_of_memory";
    } else {
      expected << "frame " << round << " " << at << " " << bytes;
      begin = at + bytes;
    }
    expect_answers(trial, booted, {{std::to_string(number), expected.str()}});
  }
  expect_answers(trial, booted, {{"all", "back"}});
}
