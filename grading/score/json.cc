// json.cc — JSON, read by recursive descent and written again.

#include "score/json.hh"

#include <charconv>
#include <cmath>
#include <cstdint>

namespace sprat::grading {
namespace {

constexpr unsigned kDeepest = 64;
constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

void append_utf8(std::string& out, std::uint32_t point) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80 | ((point >> shift) & 0x3f));
  };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | (point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | (point >> 12));
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xf0 | (point >> 18));
    tail(12), tail(6), tail(0);
  }
}

// The length of the character that `text` begins with, or 0 if that is no UTF-8 (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first < 0xc2   ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const bool too_long = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool surrogate = first == 0xed && byte(1) >= 0xa0;
  const bool too_large = first == 0xf4 && byte(1) >= 0x90;
  return too_long || surrogate || too_large ? 0 : length;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Json whole() {
    Json value = this->value(0);
    skip_blanks();
    if (at_ != text_.size()) fail("something after the value");
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw JsonError("no JSON at byte " + std::to_string(at_) + ": " + what);
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool skip(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  void expect(std::string_view word) {
    if (!skip(word)) fail("`" + std::string(word) + "` is missing");
  }
  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }

  Json value(unsigned depth) {
    if (depth > kDeepest) fail("nested too deep");
    skip_blanks();
    if (peek() == '{') return object(depth);
    if (peek() == '[') return list(depth);
    if (peek() == '"') return Json(string());
    if (skip("null")) return Json();
    if (skip("true")) return Json(true);
    if (skip("false")) return Json(false);
    return Json(number());
  }

  Json object(unsigned depth) {
    Json::Object members;
    expect("{");
    skip_blanks();
    if (skip("}")) return Json(std::move(members));
    do {
      skip_blanks();
      std::string key = string();
      skip_blanks();
      expect(":");
      members.emplace_back(std::move(key), value(depth + 1));
      skip_blanks();
    } while (skip(","));
    expect("}");
    return Json(std::move(members));
  }

  Json list(unsigned depth) {
    Json::List values;
    expect("[");
    skip_blanks();
    if (skip("]")) return Json(std::move(values));
    do {
      values.push_back(value(depth + 1));
      skip_blanks();
    } while (skip(","));
    expect("]");
    return Json(std::move(values));
  }

  double number() {
    const bool begins_well = peek() == '-' || (peek() >= '0' && peek() <= '9');
    double number = 0;
    const char* const end = text_.data() + text_.size();
    const auto [rest, error] = std::from_chars(text_.data() + at_, end, number);
    if (!begins_well || error != std::errc{} || !std::isfinite(number)) fail("no value");
    at_ = static_cast<std::size_t>(rest - text_.data());
    return number;
  }

  std::string string() {
    expect("\"");
    std::string out;
    while (peek() != '"') {
      if (at_ == text_.size()) fail("a string has no end");
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) fail("a control character in a string");
      ++at_;
      if (c == '\\') {
        escaped(out);
      } else {
        out += c;
      }
    }
    ++at_;
    return out;
  }

  void escaped(std::string& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    const char letter = peek();
    ++at_;
    if (const std::size_t i = kLetters.find(letter); i != kLetters.npos) {
      out += kMeanings[i];
    } else if (letter == 'u') {
      std::uint32_t point = four_digits();
      if (point >= 0xd800 && point < 0xdc00 && skip("\\u")) {
        const std::uint32_t low = four_digits();
        if (low < 0xdc00 || low > 0xdfff) fail("half of a surrogate pair");
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
      }
      if (point >= 0xd800 && point < 0xe000) fail("half of a surrogate pair");
      append_utf8(out, point);
    } else {
      fail("an unknown escape in a string");
    }
  }

  std::uint32_t four_digits() {
    const std::string_view digits = text_.substr(std::min(at_, text_.size()), 4);
    std::uint32_t number = 0;
    const auto [rest, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    if (error != std::errc{} || rest != digits.data() + 4) fail("four digits are missing");
    at_ += 4;
    return number;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Json Json::parse(std::string_view text) { return Reader(text).whole(); }

const Json* Json::find(std::string_view key) const {
  for (const auto& [name, value] : object())
    if (name == key) return &value;
  return nullptr;
}

const Json& Json::at(std::string_view key) const {
  if (const Json* value = find(key)) return *value;
  throw JsonError("`" + std::string(key) + "` is missing");
}

void Json::add(std::string key, Json value) {
  if (is_null()) value_ = Object();
  std::get<Object>(value_).emplace_back(std::move(key), std::move(value));
}

std::string Json::dump() const {
  std::string out;
  dump(out, 0);
  return out;
}

void Json::dump(std::string& out, std::size_t indent) const {
  const auto line = [&](std::size_t depth) { out += "\n" + std::string(2 * depth, ' '); };
  if (const auto* flag = std::get_if<bool>(&value_)) {
    out += *flag ? "true" : "false";
  } else if (const auto* number = std::get_if<double>(&value_)) {
    char digits[32];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, *number).ptr);
  } else if (const auto* text = std::get_if<std::string>(&value_)) {
    out += json_string(*text);
  } else if (const auto* values = std::get_if<List>(&value_)) {
    out += '[';
    for (const Json& value : *values) {
      if (&value != &values->front()) out += ',';
      line(indent + 1);
      value.dump(out, indent + 1);
    }
    if (!values->empty()) line(indent);
    out += ']';
  } else if (const auto* members = std::get_if<Object>(&value_)) {
    out += '{';
    for (const auto& member : *members) {
      if (&member != &members->front()) out += ',';
      line(indent + 1);
      out += json_string(member.first) + ": ";
      member.second.dump(out, indent + 1);
    }
    if (!members->empty()) line(indent);
    out += '}';
  } else {
    out += "null";
  }
}

std::string json_string(std::string_view text) {
  constexpr std::string_view kPlain = "\"\\\b\f\n\r\t", kLetters = "\"\\bfnrt";
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto c = static_cast<unsigned char>(text.front());
    if (length == 0) {
      out += kReplacement;
    } else if (const std::size_t i = kPlain.find(text.front()); i != kPlain.npos) {
      out += {'\\', kLetters[i]};
    } else if (c < 0x20) {
      out += std::string("\\u00") + kDigits[c >> 4] + kDigits[c & 15];
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out + '"';
}

}  // namespace sprat::grading
