// pages.hh — the shared pages of a process as code under test.

#pragma once

#include "question.hh"

namespace subject {

// A question that begins with `pages` (pages.cc).
void answer_by_pages(Question& question);

}  // namespace subject
