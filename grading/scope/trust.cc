// trust.cc — lines of words and hexadecimal numbers.
#include "scope/trust.hh"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sprat::scope {
namespace {

constexpr int kHexadecimal = 16;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped_at, failure] = std::from_chars(text.data(), end, value, kHexadecimal);
  if (failure != std::errc{} || stopped_at != end) return std::nullopt;
  return value;
}

std::optional<std::vector<std::uint8_t>> bytes_of(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  if (text.empty() || text.size() % 2 != 0) return std::nullopt;
  bytes.reserve(text.size() / 2);
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const auto byte = number(text.substr(at, 2));
    if (!byte) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(*byte));
  }
  return bytes;
}

std::string_view take_word(std::string_view& rest) {
  const std::size_t end = rest.find(' ');
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  return word;
}

}  // namespace

std::optional<Trust> Trust::parse(std::string_view text) {
  Trust trust;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!trust.take(line)) return std::nullopt;
  }
  if (trust.text_.empty()) return std::nullopt;
  return trust;
}

bool Trust::take(std::string_view line) {
  const std::string_view what = take_word(line);
  const auto first = number(take_word(line));
  if (!first) return false;
  if (what == "entry") {
    entries_.insert(*first);
    return line.empty();
  }
  if (what == "text") {
    auto bytes = bytes_of(line);
    if (bytes) text_[*first] = std::move(*bytes);
    return bytes.has_value();
  }
  const auto end = number(line);
  if (!end || *end <= *first) return false;
  for (const auto& [name, range] :
       {std::pair("speech", &speech_), {"words", &words_}, {"line", &line_}}) {
    if (what != name) continue;
    *range = {*first, *end};
    return true;
  }
  return false;
}

bool Trust::holds(std::uint64_t address, std::span<const std::uint8_t> bytes) const {
  const auto behind = text_.upper_bound(address);
  if (behind == text_.begin()) return false;
  const auto& [begin, text] = *std::prev(behind);
  const std::uint64_t at = address - begin;
  return at < text.size() && bytes.size() <= text.size() - at &&
         std::equal(bytes.begin(), bytes.end(), text.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace sprat::scope
