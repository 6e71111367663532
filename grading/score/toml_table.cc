// toml_table.cc — the only file that sees toml++.

#include "score/toml_table.hh"

#define TOML_HEADER_ONLY \
  0  // the library's code comes from libtomlplusplus; it compiles in a fifth of the time
#include <toml++/toml.h>

#include <set>

#include "score/setup_error.hh"

namespace sprat::grading {

struct TomlTable::State {
  std::shared_ptr<const toml::table> document;  // keeps `table` alive
  const toml::table* table;
  std::string file;
  std::set<std::string, std::less<>> asked;

  const toml::node* find(const std::string& key) {
    asked.insert(key);
    return table->get(key);
  }
};

TomlTable TomlTable::parse(const std::filesystem::path& file) {
  try {
    auto document = std::make_shared<const toml::table>(toml::parse_file(file.string()));
    return TomlTable(std::make_shared<State>(State{document, document.get(), file.string(), {}}));
  } catch (const toml::parse_error& error) {
    throw SetupError(file.string() + ":" + std::to_string(error.source().begin.line) + ": " +
                     std::string(error.description()));
  }
}

void TomlTable::fail(const std::string& key, const std::string& message) const {
  const toml::node* node = key.empty() ? nullptr : state_->table->get(key);
  const auto line = (node ? node->source() : state_->table->source()).begin.line;
  throw SetupError(state_->file + ":" + std::to_string(line) + ": " + message);
}

bool TomlTable::has(const std::string& key) const { return state_->table->contains(key); }

void TomlTable::ignore(const std::string& key) { state_->asked.insert(key); }

std::string TomlTable::text(const std::string& key) {
  const toml::node* node = state_->find(key);
  if (!node) fail(key, "`" + key + "` is missing; write " + key + " = \"…\"");
  const auto value = node->value_exact<std::string>();
  if (!value) fail(key, "`" + key + "` must be a string in quotes");
  return *value;
}

std::int64_t TomlTable::integer(const std::string& key, std::int64_t least, std::int64_t most) {
  const toml::node* node = state_->find(key);
  if (!node) fail(key, "`" + key + "` is missing; write " + key + " = a whole number");
  const auto value = node->value_exact<std::int64_t>();
  if (!value || *value < least || *value > most)
    fail(key, "`" + key + "` must be a whole number from " + std::to_string(least) + " to " +
                  std::to_string(most));
  return *value;
}

double TomlTable::number(const std::string& key) {
  const toml::node* node = state_->find(key);
  if (!node) fail(key, "`" + key + "` is missing; write " + key + " = a number");
  const auto value = node->is_number() ? node->value<double>() : std::nullopt;
  if (!value || !(*value >= 0) || *value > 1e15)
    fail(key, "`" + key + "` must be a number from 0 to 1e15");
  return *value;
}

std::vector<std::string> TomlTable::texts(const std::string& key) {
  std::vector<std::string> values;
  const toml::node* node = state_->find(key);
  if (!node) return values;
  if (!node->is_array()) fail(key, "`" + key + "` must be a list of strings");
  for (const toml::node& element : *node->as_array()) {
    const auto value = element.value_exact<std::string>();
    if (!value) fail(key, "`" + key + "` must hold nothing but strings");
    values.push_back(*value);
  }
  return values;
}

std::vector<std::pair<std::string, std::string>> TomlTable::pairs(const std::string& key) {
  std::vector<std::pair<std::string, std::string>> values;
  const toml::node* node = state_->find(key);
  if (!node) return values;
  if (!node->is_table()) fail(key, "`" + key + "` must be a table, { \"name\" = \"text\", … }");
  for (const auto& [name, element] : *node->as_table()) {
    const auto value = element.value_exact<std::string>();
    if (!value) fail(key, "`" + key + "` must map names to strings");
    values.emplace_back(std::string(name.str()), *value);
  }
  return values;
}

TomlTable TomlTable::table(const std::string& key) {
  const toml::node* node = state_->find(key);
  if (!node) fail("", "the table [" + key + "] is missing");
  if (!node->is_table()) fail(key, "`" + key + "` must be a table");
  return TomlTable(
      std::make_shared<State>(State{state_->document, node->as_table(), state_->file, {}}));
}

std::vector<TomlTable> TomlTable::tables(const std::string& key) {
  std::vector<TomlTable> values;
  const toml::node* node = state_->find(key);
  if (!node) return values;
  if (!node->is_array()) fail(key, "`" + key + "` must be a list of tables");
  for (const toml::node& element : *node->as_array()) {
    if (!element.is_table()) fail(key, "`" + key + "` must hold nothing but tables");
    values.push_back(TomlTable(
        std::make_shared<State>(State{state_->document, element.as_table(), state_->file, {}})));
  }
  return values;
}

void TomlTable::finish() const {
  for (const auto& [name, node] : *state_->table) {
    const std::string key(name.str());
    if (!state_->asked.contains(key))
      fail(key, "`" + key + "` is no key known here; is it misspelt?");
  }
}

}  // namespace sprat::grading
