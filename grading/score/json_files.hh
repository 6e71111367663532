// json_files.hh — results and the facts of a run as JSON files; the schema is in RESULT.md.
// Records: record.hh.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "score/result.hh"

namespace sprat::grading {

// Returns the result as text, indented, ending in a newline. Bytes that are no UTF-8 become U+FFFD.
std::string to_json(const Result& result);

// Returns the facts of a run, as kept in run.json beside the result so that it can be judged again.
std::string to_json(const RunFacts& facts);

// Returns the inverse of to_json. Throws SetupError when `file` does not hold them.
Result read_result(const std::filesystem::path& file);
RunFacts read_facts(const std::filesystem::path& file);

// Returns the text as a JSON string, quotes included. Bytes that are no UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace sprat::grading
