// console_requests.hh — the request by which a process prints, by its own endpoint, as in processes.hh. Only core 0 has a console: the
// monitors of the others send it their processes' lines (monitor/console.hh).
//
//              words: request, then                       answer: status, then
//   print      bytes, in bits 8 to 15 of the request;     the number of bytes that were taken; `again`: none, for the line before has
//              whether text without a line end is to be   not gone yet
//              seen now, in bit 16; the bytes, 32 at most

#pragma once

#include <algorithm>
#include <cstring>

#include "lib/processes.hh"

namespace sprat {

enum class ConsoleRequest : std::uint8_t { print = first_request::console };
static_assert(is_before(ConsoleRequest::print, first_request::remote_processes));

struct TextPiece {
  static constexpr std::size_t kMostBytes = sizeof(Words) - sizeof(Words::value_type);

  std::array<char, kMostBytes> text{};
  std::size_t bytes = 0;
  bool is_shown = false;

  static TextPiece of(std::string_view text, bool is_shown) {
    TextPiece piece{.bytes = std::min(text.size(), kMostBytes), .is_shown = is_shown};
    std::copy_n(text.data(), piece.bytes, piece.text.data());
    return piece;
  }
  static TextPiece from(const Words& words) {
    TextPiece piece{.bytes = std::min<std::size_t>(words[0] >> 8 & 0xff, kMostBytes),
                    .is_shown = (words[0] >> 16 & 1) != 0};
    std::memcpy(piece.text.data(), &words[1], kMostBytes);
    return piece;
  }
  Words words() const {
    Words words{static_cast<std::uint64_t>(ConsoleRequest::print) | bytes << 8 |
                std::uint64_t{is_shown} << 16};
    std::memcpy(&words[1], text.data(), kMostBytes);
    return words;
  }
};

}  // namespace sprat
