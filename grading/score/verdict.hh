// verdict.hh — every way a test can end, with a name for files and a sentence for people.

#pragma once

#include <optional>
#include <string_view>

namespace sprat::grading {

enum class Verdict {
  ok,
  wrong_answer,
  build_failed,
  link_failed,
  triple_fault,
  reboot_loop,
  hang_silent,
  hang_printing,
  flood,
  forged,
  panic,
  early_exit,
  crashed,
  out_of_memory,
  limit,
  not_run,
  broken_submission,
};

// Returns the name used in records and results, as `triple_fault`.
std::string_view name_of(Verdict verdict);

// Returns the verdict of that name; nothing if no verdict is called so.
std::optional<Verdict> verdict_named(std::string_view name);

// One or two sentences: what happened, and the next thing to try.
std::string_view meaning_of(Verdict verdict);

}  // namespace sprat::grading
