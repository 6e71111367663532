// json_files.hh — results and the facts of a run as JSON files; the schema is in RESULT.md.
// Records: record.hh.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "score/result.hh"

namespace sprat::grading {

// The result as text, indented, ending in a newline. Bytes that are no UTF-8 become U+FFFD.
std::string to_json(const Result& result);

// The facts of a run, as kept in run.json beside the result so that it can be judged again.
std::string to_json(const RunFacts& facts);

// The inverse of to_json. Throws SetupError when `file` does not hold them.
Result read_result(const std::filesystem::path& file);
RunFacts read_facts(const std::filesystem::path& file);

// What the scope counted between the markers of one region, all processors together.
struct RegionCount {
  std::uint64_t entries = 0;
  std::uint64_t ends = 0;
  std::uint64_t instructions = 0;
};

// The counts of region `id` in a report of the scope (grading/scope/README.md), zero when no processor entered it.
// Nothing when `text` is no such report.
std::optional<RegionCount> region_in_scope_report(std::string_view text, std::uint64_t id);

}  // namespace sprat::grading
