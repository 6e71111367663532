// verdict.cc — the names and meanings of verdicts, one row each.

#include "score/verdict.hh"

#include <array>

namespace sprat::grading {
namespace {

struct Row {
  Verdict verdict;
  std::string_view name;
  std::string_view meaning;
};

constexpr std::array kRows{
    Row{Verdict::ok, "ok", "Passed."},
    Row{Verdict::wrong_answer, "wrong_answer",
        "The run ended in order, but an answer differs from the expected one. Compare the two "
        "lines."},
    Row{Verdict::build_failed, "build_failed",
        "The code does not compile. Begin with the first error; later ones often follow from it."},
    Row{Verdict::link_failed, "link_failed",
        "The code compiles but does not link. A function is declared and used but not defined, "
        "or defined twice; the name is in the message."},
    Row{Verdict::triple_fault, "triple_fault",
        "The processor gave up: an exception struck where no handler could run. Find the last "
        "instruction in the log; suspect page tables, the stack and the descriptor tables."},
    Row{Verdict::reboot_loop, "reboot_loop",
        "The machine started again and again. Something resets it on the way up; run it once "
        "with GDB=1 and step to where it happens."},
    Row{Verdict::hang_silent, "hang_silent",
        "The run made no progress any more and printed nothing. Look for a loop that waits for "
        "something that never comes; GDB=1 shows where."},
    Row{Verdict::hang_printing, "hang_printing",
        "The run never ended but kept printing. The end of the log shows what repeats."},
    Row{Verdict::flood, "flood",
        "More output than a run may print. The beginning of the log shows what repeats."},
    Row{Verdict::forged, "forged",
        "Evidence came that the test's own code did not give, so nothing of this run counts. Do "
        "not write "
        "to port 0xe9, execute markers or enter the test's code yourself."},
    Row{Verdict::panic, "panic",
        "The kernel panicked. The message and the backtrace in the log name the place."},
    Row{Verdict::early_exit, "early_exit",
        "The run ended before the test did. Look for the code that ends the run too soon."},
    Row{Verdict::crashed, "crashed",
        "The program crashed. The log holds the sanitizer's report: first the kind of error, "
        "then the line it happened in."},
    Row{Verdict::out_of_memory, "out_of_memory",
        "The run used more memory than it may. Look for growth inside a loop."},
    Row{Verdict::limit, "limit",
        "Still running when its instructions were used up: right so far, but too slow. Look for "
        "work that is done again and again."},
    Row{Verdict::not_run, "not_run", "The test did not run to its end, so nothing is known."},
    Row{Verdict::broken_submission, "broken_submission",
        "The submission could not be put into a clean tree. Its exercise markers must be as they "
        "were in the starter."},
};

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (kRows[i].verdict != static_cast<Verdict>(i)) return false;
  return kRows.size() == static_cast<std::size_t>(Verdict::broken_submission) + 1;
}
static_assert(rows_are_in_order(), "kRows has one row for each verdict, in the order of the enum");

}  // namespace

std::string_view name_of(Verdict verdict) { return kRows[static_cast<std::size_t>(verdict)].name; }

std::string_view meaning_of(Verdict verdict) {
  return kRows[static_cast<std::size_t>(verdict)].meaning;
}

std::optional<Verdict> verdict_named(std::string_view name) {
  for (const Row& row : kRows)
    if (row.name == name) return row.verdict;
  return std::nullopt;
}

}  // namespace sprat::grading
