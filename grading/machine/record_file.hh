// record_file.hh — leaves a test's record and its raw logs where the scorer looks for them.

#pragma once

#include <filesystem>
#include <string_view>

#include "score/record.hh"

namespace sprat::grading {

// Writes `results`/SUITE.TEST.json; a reader never sees half of it. Bytes that are no UTF-8 become
// U+FFFD. Throws MachineError when the folder cannot be written.
void write_record(const std::filesystem::path& results, const Record& record);

// Writes `results`/logs/`name` and returns "logs/`name`", for Record::log. Throws MachineError.
std::string write_log(const std::filesystem::path& results, std::string_view name,
                      std::string_view text);

}  // namespace sprat::grading
