// printable.cc — see printable.hh.

#include "score/printable.hh"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace sprat::grading {
namespace {

constexpr std::string_view kDots = "...";

// How many bytes the character at the beginning of `text` has in UTF-8; 0 when the bytes there are no character.
std::size_t character_bytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = lead < 0x80                   ? 1
                            : lead >= 0xc2 && lead < 0xe0 ? 2
                            : lead >= 0xe0 && lead < 0xf0 ? 3
                            : lead >= 0xf0 && lead < 0xf5 ? 4
                                                          : 0;
  if (bytes == 0 || bytes > text.size()) return 0;
  for (const char character : text.substr(1, bytes - 1))
    if ((static_cast<unsigned char>(character) & 0xc0) != 0x80) return 0;
  return bytes;
}

// A line as its characters in columns. Spelled out are characters that a terminal would obey instead of show (ASCII
// control characters, U+0080 to U+009F), and bytes of other encodings.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  const auto spell = [&](unsigned char byte) {
    for (const char character : fmt::format("\\x{:02x}", byte)) cells.emplace_back(1, character);
  };
  while (!line.empty()) {
    const auto byte = static_cast<unsigned char>(line[0]);
    const std::size_t bytes = character_bytes(line);
    if (byte == '\t') {
      cells.emplace_back(" ");
    } else if (bytes == 0 || byte < 0x20 || byte == 0x7f) {
      spell(byte);
    } else if (byte == 0xc2 && static_cast<unsigned char>(line[1]) < 0xa0) {
      spell(static_cast<unsigned char>(line[1]));
    } else {
      cells.emplace_back(line.substr(0, bytes));
    }
    line.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return cells;
}

}  // namespace

std::string printable(std::string_view text, std::size_t most_columns, std::size_t most_lines) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  std::string out;
  std::size_t lines = 0;
  while (!text.empty() && lines < most_lines) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::vector<std::string> cells = cells_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (cells.size() > most_columns) {
      cells.resize(most_columns - kDots.size());
      cells.emplace_back(kDots);
    }
    if (lines++ > 0) out += '\n';
    for (const std::string& cell : cells) out += cell;
  }
  return text.empty() ? out : out + " " + std::string(kDots);
}

}  // namespace sprat::grading
