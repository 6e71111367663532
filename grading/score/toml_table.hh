// toml_table.hh — strict reading of TOML: every key is known and of its type, errors name file and
// line.

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sprat::grading {

// A table whose keys are asked for one by one. Each getter throws SetupError, as "FILE:LINE: what
// is wrong", when the key is missing or has another type. finish() throws at the first key that was never read.
class TomlTable {
 public:
  // Reads and parses `file`.
  static TomlTable parse(const std::filesystem::path& file);

  std::string text(const std::string& key);
  std::int64_t integer(const std::string& key, std::int64_t least, std::int64_t most);
  double number(const std::string& key);

  // Returns a list of strings; the empty list when the key is absent.
  std::vector<std::string> texts(const std::string& key);

  // Returns the string-valued entries of an inline table, in file order; none when the key is absent.
  std::vector<std::pair<std::string, std::string>> pairs(const std::string& key);

  TomlTable table(const std::string& key);

  // Returns an array of tables; empty when the key is absent.
  std::vector<TomlTable> tables(const std::string& key);

  bool has(const std::string& key) const;

  // Marks a key as known without looking at it: other tools read it.
  void ignore(const std::string& key);

  void finish() const;

  // Throws SetupError with the line of `key`, or of the table when the key is absent or empty.
  [[noreturn]] void fail(const std::string& key, const std::string& message) const;

 private:
  struct State;
  explicit TomlTable(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;
};

}  // namespace sprat::grading
