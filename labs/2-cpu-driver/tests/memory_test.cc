// memory_test.cc — exercises 1 to 4 in the booted system: the memory that a process can touch, and until when.

#include <algorithm>
#include <sstream>

#include "events.hh"
#include "lab/probe.hh"

using namespace sprat::grading;
using lab::Event, lab::expect_answers, lab::probe, lab::Sequence, lab::sixteen;
using sprat::probe::mixed;

LAB_TEST(memory, mapped_pages_can_be_touched_and_unmapped_ones_cannot, "qemu-icount") {
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

LAB_TEST(memory, use_of_revoked_memory_faults, "qemu-icount") {
  const Booted booted = trial.boot(probe("revoked_from_another", lab::kShortTurns));
  constexpr std::uint64_t kUsers = 3, kFirstPage = 0xc040000000;
  Sequence sequence(booted.seed);
  struct {
    std::uint64_t address, content, copies = 1, read = 0;
    bool has_lost = false, is_stopped = false;
  } users[kUsers];
  std::vector<lab::Happened> events;
  for (std::uint64_t number = 0; number < kUsers; ++number) {
    auto& user = users[number];
    user.address = sequence.next() % 4096 / 8 * 8 + kFirstPage + number * 0x10000;
    user.address += sequence.next() % 16 * 4096;
    user.content = sequence.next();
    user.copies += sequence.next() % 12;
    user.copies += sequence.next() % 12;
  }
  const auto ask_all = [&] {
    for (unsigned number = 0; number < kUsers; ++number) {
      auto& user = users[number];
      const std::uint64_t word = sequence.next();
      if (user.is_stopped) continue;
      events.insert(events.end(), {{Event::tells}, {Event::told, number}});
      user.is_stopped = user.has_lost;
      if (user.has_lost) continue;
      events.push_back({Event::returns, number});
      user.read = mixed(user.read, mixed(word, user.content));
    }
  };
  ask_all();
  const std::uint64_t first = sequence.next() % 3, second = (first + 1 + sequence.next() % 2) % 3;
  for (const std::uint64_t victim : {first, second}) {
    events.push_back({Event::ends, static_cast<unsigned>(victim)});
    users[victim].has_lost = true;
    ask_all();
  }
  for (unsigned number = 0; number < kUsers; ++number) {
    const auto& user = users[number];
    std::ostringstream right;
    right << "user "
          << (user.has_lost ? "5 14 " + sixteen(user.address) + " 0 "
                            : "2 0 " + sixteen(0) + " " + std::to_string(user.copies) + " ")
          << sixteen(user.read);
    expect_answers(trial, booted, {{std::to_string(number), right.str()}});
  }
  lab::expect_events(trial, booted, {Event::tells, Event::told, Event::returns, Event::ends},
                     events);
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
