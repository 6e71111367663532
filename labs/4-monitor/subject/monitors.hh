// monitors.hh — the monitors under test.

#pragma once

#include <string>

#include "question.hh"

namespace subject {

// Answers a question to them; monitors.cc lists the questions.
void answer_by_monitors(const std::string& kind, Question& question);

}  // namespace subject
