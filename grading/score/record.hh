// record.hh — the report of a lab's trusted test beyond pass and fail: one JSON file per
// test.

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "score/verdict.hh"

namespace sprat::grading {

// Criterion's report of a test that the grader could not run begins with this; the record says the same in `trouble`,
// if it could be written.
inline constexpr const char* kCannotRun = "the grader cannot run this test: ";

struct Record {
  std::string test;  // "suite.test"
  Verdict verdict = Verdict::not_run;
  std::string expected;
  std::string came;
  std::string log;  // relative to the folder of results: "logs/…"
  int line = 0;     // in that log, from 1; 0 when it has no place there
  std::string
      questions;  // what the subject was asked until it ended: "logs/…"; empty when it did not
  std::string machine;
  std::string seed;
  std::string explain;
  std::string trouble;  // the grader could not run this test, and why; then no grade can be given
  std::map<std::string, double> values;  // measurements for checkpoints, finite and not negative
};

struct Records {
  std::map<std::string, Record> by_test;
  std::vector<std::string> notes;  // files that could not be read, and why
};

// Returns the record as text, indented, ending in a newline. Bytes that are no UTF-8 become U+FFFD.
std::string to_json(const Record& record);

// Returns the record in `text`; nothing, with the reason in `why`, when it is no JSON or breaks the schema.
std::optional<Record> parse_record(std::string_view text, std::string& why);

// Returns the files SUITE.TEST.json of a folder, in the order of their names.
std::vector<std::filesystem::path> record_files(const std::filesystem::path& folder);

// Returns the record in this file; nothing, with the reason in `why`, when it is no record of the test it is named after.
std::optional<Record> read_record(const std::filesystem::path& file, std::string& why);

// Returns all records of a folder. A file that is no record of the test it is named after is
// skipped with a note. Never throws for the files' contents.
Records read_records(const std::filesystem::path& folder);

}  // namespace sprat::grading
