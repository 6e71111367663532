// json.hh — JSON as a tree of values. Small, because every other way costs more seconds of each clean build than it saves
// lines.

#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sprat::grading {

// The text is no JSON, or a value is not what it is taken for. what() says where and how.
class JsonError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Json {
 public:
  using List = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;  // in the order written

  Json() = default;  // null
  template <class T>
  explicit Json(T value) : value_(std::move(value)) {}

  // Throws JsonError. Strict, but for strings: their bytes may be no UTF-8. Lists and objects may be nested 64 deep.
  static Json parse(std::string_view text);

  // Indented by two blanks a level, without a newline at the end. Bytes that are no UTF-8 become U+FFFD.
  std::string dump() const;

  bool is_null() const { return value_.index() == 0; }

  // What it holds. Each throws JsonError when it holds another kind of value.
  bool boolean() const { return as<bool>("true or false"); }
  double number() const { return as<double>("a number"); }
  const std::string& text() const { return as<std::string>("a string"); }
  const List& list() const { return as<List>("a list"); }
  const Object& object() const { return as<Object>("an object"); }

  // A member of an object: null when there is none, or a JsonError in the case of at().
  const Json* find(std::string_view key) const;
  const Json& at(std::string_view key) const;

  // Adds a member to an object, or makes null an object with it.
  void add(std::string key, Json value);

 private:
  template <class T>
  const T& as(const char* kind) const {
    if (const T* value = std::get_if<T>(&value_)) return *value;
    throw JsonError(std::string("a value is not ") + kind);
  }
  void dump(std::string& out, std::size_t indent) const;

  std::variant<std::monostate, bool, double, std::string, List, Object> value_;
};

// The text as a JSON string, quotes included.
std::string json_string(std::string_view text);

}  // namespace sprat::grading
