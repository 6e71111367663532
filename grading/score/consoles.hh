// consoles.hh — beside what came, the last lines that the machine wrote on its console.

#pragma once

#include <filesystem>

#include "score/result.hh"

namespace sprat::grading {

// Adds them to each test of `result` that ran and failed, from the log that the test left below `out`. A test without a
// console has none.
void add_consoles(Result& result, const std::filesystem::path& out);

}  // namespace sprat::grading
