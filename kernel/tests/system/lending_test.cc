// lending_test.cc — memory servers that lend each other RAM (user/monitor/lending.hh), for processes that need more than their core has
// (user/tests/programs/lodger.cc). After each step, no piece is lost: what a core owns, has lent and has not given back is as much as in
// the beginning.

#include <criterion/criterion.h>

#include <array>
#include <map>
#include <numeric>
#include <random>
#include <sstream>

#include "kernel/tests/system/session.hh"

using namespace sprat::grading;

namespace {

constexpr unsigned long kPieceKib = 2048;
constexpr auto kMachines = {Emulator::qemu, Emulator::qemu_icount, Emulator::bochs};

// A row of the table that `mem` prints.
struct Row {
  unsigned long owned = 0, free = 0;
  std::array<unsigned long, 10> blocks{};  // of 4 KiB, 8 KiB, …
  unsigned long lent = 0, borrowed = 0;

  bool operator==(const Row&) const = default;
};
using Rows = std::map<unsigned, Row>;  // by core

// The rows of the n-th such table, from 1. None: there are fewer.
Rows rows_of(const std::string& console, int n) {
  std::size_t begin = 0;
  while (n-- != 0) {
    begin = console.find("KiB of memory servers", begin + 1);
    if (begin == std::string::npos) return {};
  }
  std::istringstream text(console.substr(begin));
  Rows rows;
  bool is_table = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("KiB in use")) break;
    unsigned core = 0;
    Row row;
    std::istringstream words(line);
    if (is_table && words >> core >> row.owned >> row.free) {
      for (unsigned long& count : row.blocks) words >> count;
      words >> row.lent >> row.borrowed;
      cr_assert(words, "%s", line.c_str());
      rows[core] = row;
    }
    is_table |= line.starts_with("core      owned");
  }
  return rows;
}

unsigned long sum(const Rows& rows, unsigned long Row::*member) {
  return std::accumulate(rows.begin(), rows.end(), 0ul, [&](unsigned long sum, const auto& row) {
    return sum + row.second.*member;
  });
}

// Its free blocks are its free bytes; and all that each core owns, has lent, and has not borrowed is as in the first table.
void expect_nothing_lost(const std::string& console) {
  const Rows first = rows_of(console, 1);
  cr_assert(!first.empty(), "%s", console.c_str());
  for (int n = 1;; ++n) {
    const Rows rows = rows_of(console, n);
    if (rows.empty()) break;
    for (const auto& [core, row] : rows) {
      unsigned long free = 0;
      for (std::size_t i = 0; i < row.blocks.size(); ++i) free += row.blocks[i] * (4ul << i);
      cr_expect_eq(row.free, free, "core %u in table %d:\n%s", core, n, console.c_str());
      cr_expect_eq(row.owned + kPieceKib * row.lent - kPieceKib * row.borrowed,
                   first.at(core).owned, "core %u in table %d:\n%s", core, n, console.c_str());
    }
    cr_expect_geq(sum(rows, &Row::lent), sum(rows, &Row::borrowed), "table %d:\n%s", n,
                  console.c_str());
  }
}

// The m-th table is as the n-th: all that was lent has come back.
void expect_same(const std::string& console, int n, int m) {
  const Rows before = rows_of(console, n), after = rows_of(console, m);
  cr_expect(!before.empty() && before == after, "tables %d and %d:\n%s", n, m, console.c_str());
}

// In the n-th table none is in flight, and no core has more than `most` from others: one from which its monitor had to take memory stays.
void expect_all_back(const std::string& console, int n, unsigned long most = 0) {
  const Rows rows = rows_of(console, n);
  cr_expect(!rows.empty() && sum(rows, &Row::lent) == sum(rows, &Row::borrowed), "table %d:\n%s", n,
            console.c_str());
  for (const auto& [core, row] : rows)
    cr_expect_leq(row.borrowed, most, "core %u in table %d:\n%s", core, n, console.c_str());
}

// With lodgers on all cores; core 0 has about 90 MiB, and of two others each has 13.
RunResult lodge(Emulator emulator, const std::string& typed, unsigned cores = 3) {
  return session({.emulator = emulator,
                  .typed = typed + "exit\n",
                  .cores = cores,
                  .more = {"lodger", "hog", "lender serve core=0", "lender serve core=1"},
                  .wall_seconds = 120});
}

// So long pieces are on their way home; and the tables of monitors become as large as they will be.
const std::string kPause = "run hello\nrun 1 hello\nrun hello\n";
const std::string kWarmUp = "run 1 lodger 19 go\nrun 2 lodger 19 go\n" + kPause;

}  // namespace

Test(lending, process_gets_more_than_its_core_has_and_all_comes_back) {
  for (const Emulator emulator : kMachines) {
    const RunResult result =
        lodge(emulator, kWarmUp + "mem\nrun 1 lodger 20 &\n@20 of 20 pieces: all\nmem\nkill 1.4\n" +
                            kPause + "mem\nrun 1 hog 40\n" + kPause + "mem\n");
    expect_session(result, {"lodger: 19 of 19 pieces: all; 0 given back, 0 wrong pages",
                            "lodger: 19 of 19 pieces: all; 0 given back, 0 wrong pages",
                            "lodger: 20 of 20 pieces: all; 0 given back, 0 wrong pages",
                            "hog: 40 MiB in ", ", 0 pages not zero", "Good bye."});
    expect_nothing_lost(result.console);
    expect_same(result.console, 1, 3);
    const Rows rows = rows_of(result.console, 2);
    cr_expect_geq(rows.at(1).borrowed, 13, "%s", result.console.c_str());
    cr_expect_eq(rows.at(0).lent, rows.at(1).borrowed);
  }
}

static unsigned long lines_of(const RunResult& result, int n) {
  std::size_t at = 0;
  while (n-- != 0) at = result.console.find(" borrowed after ", at + 1);
  cr_assert_neq(at, std::string::npos, "%s", result.console.c_str());
  return std::strtoul(result.console.c_str() + at + sizeof(" borrowed after ") - 1, nullptr, 10);
}

// Four pieces are asked for at once: 1 + 4 messages.
Test(lending, local_memory_takes_no_message_and_a_piece_of_core_0_two_at_most) {
  for (const Emulator emulator : kMachines) {
    const std::string count = "run lender 0 count\nrun lender 1 count\n";
    const RunResult result =
        lodge(emulator, kWarmUp + "mem\n" + count + "run 1 lodger 4 go\n" + count +
                            "run 1 lodger 20 &\n@20 of 20 pieces: all\n" + count +
                            "mem\nkill 1.5\n" + kPause + count);
    expect_session(result, {"Good bye."});
    std::array<unsigned long, 8> lines{};  // core 0's and core 1's, in turn
    for (int n = 0; n < 8; ++n) lines[static_cast<std::size_t>(n)] = lines_of(result, n + 1);
    cr_expect_eq(lines[2], lines[0], "%s", result.console.c_str());
    cr_expect_eq(lines[3], lines[1], "%s", result.console.c_str());
    const unsigned long pieces = rows_of(result.console, 2).at(1).borrowed;
    cr_expect_geq(pieces, 13);
    cr_expect_eq(lines[4] - lines[2], pieces, "loans:\n%s", result.console.c_str());
    cr_expect_eq(lines[5] - lines[3], (pieces + 3) / 4, "questions:\n%s", result.console.c_str());
    cr_expect_eq(lines[6], lines[4], "%s", result.console.c_str());
    cr_expect_eq(lines[7] - lines[5], pieces, "returns:\n%s", result.console.c_str());
  }
}

// Each has its own memory, and a part of core 0's.
Test(lending, cores_that_want_all_at_once_end_with_an_error) {
  for (const Emulator emulator : kMachines) {
    const RunResult result =
        lodge(emulator, kWarmUp + "mem\n@KiB in use\nrun 1 lodger 22 &\nrun 2 lodger 22 &\n" +
                            "run 1 lodger 21 &\nrun 2 lodger 21 &\n" +
                            "@ pieces: \n@ pieces: \n@ pieces: \n@ pieces: \nmem\n" +
                            "kill 1.4\nkill 1.5\nkill 2.2\nkill 2.3\n" + kPause +
                            "mem\nrun 1 lodger 20 go\n");
    expect_session(result, {"pieces: out_of_memory; 0 given back, 0 wrong pages",
                            "pieces: out_of_memory; 0 given back, 0 wrong pages",
                            "20 of 20 pieces: all", "Good bye."});
    expect_nothing_lost(result.console);
    expect_all_back(result.console, 3, 1);
    const Rows rows = rows_of(result.console, 2);
    cr_expect_leq(rows.at(0).blocks[9], 1, "%s", result.console.c_str());
    cr_expect_gt(rows.at(1).borrowed, 5, "%s", result.console.c_str());
    cr_expect_gt(rows.at(2).borrowed, 5, "%s", result.console.c_str());
  }
}

// A question for more brings no pieces to a core that has some: else one process could have them all come there, and the others none.
Test(lending, process_that_asks_and_takes_none_gets_no_pieces_to_its_core) {
  for (const Emulator emulator : kMachines) {
    const RunResult result = lodge(
        emulator,
        kWarmUp + "mem\nrun 1 lodger 0 asks &\n@0 of 0 pieces: all\nmem\nrun 2 lodger 20 go\n");
    expect_session(result, {"lodger: asked 50 times, 0 times in vain",
                            "lodger: 20 of 20 pieces: all", "Good bye."});
    const Rows rows = rows_of(result.console, 2);
    cr_assert(rows.contains(1), "%s", result.console.c_str());
    cr_expect_eq(rows.at(1).borrowed, 0, "%s", result.console.c_str());
  }
}

Test(lending, pieces_of_a_core_that_stops_come_to_their_lender) {
  for (const Emulator emulator : kMachines) {
    const RunResult result =
        lodge(emulator, kWarmUp + "mem\nrun 2 lodger 20 &\n@20 of 20 pieces: all\nmem\nstop 2\n" +
                            "mem\nstart 2\nrun 2 lodger 20 go\n" + kPause + "mem\n");
    expect_session(
        result, {"20 of 20 pieces: all", "monitor of core 2", "20 of 20 pieces: all", "Good bye."});
    expect_nothing_lost(result.console);
    expect_same(result.console, 1, 4);
    const Rows before = rows_of(result.console, 1), stopped = rows_of(result.console, 3);
    cr_expect(stopped.at(0) == before.at(0), "%s", result.console.c_str());
  }
}

// Core 2 has pieces of core 0, which has no more, and lends two of them to core 1. That core keeps them when core 2 stops, and they are core
// 0's in the end.
Test(lending, core_that_stops_leaves_its_loans_to_the_borrower) {
  for (const Emulator emulator : kMachines) {
    const RunResult result = lodge(
        emulator,
        kWarmUp + "run lodger 21 go\n" + kPause + "mem\nrun lodger 21 &\nrun lodger 22 14 &\n" +
            "@14 given back\nrun 2 lodger 20 3 &\n@3 given back\n" +
            "run 1 lodger 20 &\n@20 pieces: out_of_memory; 0\nmem\nstop 2\nmem\nkill 1.5\n" +
            kPause + "mem\nstart 2\nkill 8\nkill 9\nrun 2 lodger 19 go\n" + kPause + "mem\n");
    expect_session(result, {"14 given back", "3 given back, 0 wrong pages",
                            "20 pieces: out_of_memory; 0 given back, 0 wrong pages",
                            "monitor of core 2", "19 of 19 pieces: all", "Good bye."});
    expect_nothing_lost(result.console);
    expect_all_back(result.console, 5);
    const Rows lent = rows_of(result.console, 2), stopped = rows_of(result.console, 3);
    const Rows back = rows_of(result.console, 4);
    cr_expect_eq(lent.at(2).lent, 2, "%s", result.console.c_str());
    cr_expect_eq(lent.at(1).borrowed, 2, "%s", result.console.c_str());
    cr_expect_eq(stopped.at(1).borrowed, 2, "%s", result.console.c_str());
    cr_expect_eq(stopped.at(0).lent, 2, "%s", result.console.c_str());
    cr_expect_eq(back.at(0).lent, 0, "%s", result.console.c_str());
  }
}

// A core that wants pieces, one that gives them, and one that gets them back.
Test(lending, cores_stop_in_the_middle_of_a_loan) {
  std::string typed = kWarmUp + "mem\n";
  for (int round = 0; round < 4; ++round)
    typed += "run 1 lodger 20 &\nrun 2 lodger 20 &\n" +
             std::string(round % 2 == 0 ? "" : "run hello\n") +
             "stop 2\nstart 2\nrun 2 lodger 20 go\nstop 1\nstart 1\n";
  typed += kWarmUp + "mem\n";
  for (const Emulator emulator : kMachines) {
    const RunResult result = lodge(emulator, typed);
    expect_session(result, {"monitor of core 2", "monitor of core 1", "Good bye."});
    expect_nothing_lost(result.console);
    expect_same(result.console, 1, 2);
  }
}

// KILLS says how many are killed on each core, KILLS_SEED begins otherwise than at a fresh seed.
Test(lending, processes_killed_while_pieces_come_and_go_leave_nothing) {
  const std::uint64_t kills = from_environment("KILLS", 40);
  const std::uint64_t seed = from_environment("KILLS_SEED", std::random_device{}() % 1'000'000);
  const std::string words = std::to_string(kills) + " " + std::to_string(seed) + "\n";
  for (const Emulator emulator : kMachines) {
    const RunResult result =
        lodge(emulator, kWarmUp + "run 1 lodger 0 reap 10 1\nrun 2 lodger 0 reap 10 1\n" + kPause +
                            "mem\ncensus\nrun 2 lodger 0 reap " +
                            words.substr(0, words.size() - 1) + " &\nrun 1 lodger 0 reap " + words +
                            "@reap: all came back\n" + kPause + "mem\ncensus\n");
    expect_session(result, {"reap: all came back", "reap: all came back", "reap: all came back",
                            "reap: all came back", "Good bye."});
    cr_expect_eq(result.console.find("wrong pages in a trade"), std::string::npos, "%s",
                 result.console.c_str());
    expect_nothing_lost(result.console);
    expect_all_back(result.console, 2);
    const std::string before = census(result.console, 1), after = census(result.console, 2);
    cr_expect_eq(before, after, "KILLS_SEED=%lu: before\n%s\nand after\n%s\n%s", seed,
                 before.c_str(), after.c_str(), result.console.c_str());
  }
}
