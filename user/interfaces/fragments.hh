// fragments.hh — a message in lines: the header of a line, a message cut into lines, lines put together.
//
//            31      30         24 23                8 7         0
//           ┌──────┬──────────────┬───────────────────┬───────────┐
//   header  │ last │ fragment     │ call              │ message   │
//           └──────┴──────────────┴───────────────────┴───────────┘
//
//   echo("a text of 90 bytes"), the call number 3, in two lines
//
//   line 0: message 2, call 3, fragment 0          line 1: message 2, call 3, fragment 1, last
//
// Lines of different calls may come between each other; those of one call, in each direction, come in their order. A first
// line begins anew, and lines before it are forgotten: a sender that stopped in the middle may use the number again.

#pragma once

#include <algorithm>

#include "interfaces/marshal.hh"

namespace sprat {

namespace line_header {
inline constexpr Field message{"message", 0, 8};
inline constexpr Field call{"call", 8,
                            16};  // which one it belongs to, or 0 for a notice of one line
inline constexpr Field fragment{"fragment", 24, 7};
inline constexpr Field last{"last", 31, 1};
inline constexpr Layout<std::uint32_t, 4> layout{"line header", {message, call, fragment, last}};
}  // namespace line_header
using LineHeader = Bits<line_header::layout>;

constexpr std::uint32_t header_of(unsigned message, std::size_t call, std::size_t fragment,
                                  bool is_last) {
  //@ lab urpc.6a: return 0;
  return LineHeader()
      .with<line_header::message>(message)
      .with<line_header::call>(call)
      .with<line_header::fragment>(fragment)
      .with<line_header::last>(is_last)
      .raw();
  //@ end
}

inline constexpr std::size_t kMostLines = line_header::fragment.ones() + 1;

// Whether this line is all of its message.
constexpr bool is_whole(LineHeader header) {
  return header.get<line_header::last>() != 0 && header.get<line_header::fragment>() == 0;
}

// How many lines of `kLineWords` words a message takes at most.
template <const auto& kMessage, std::size_t kLineWords = urpc::kPayloadWords>
consteval std::size_t lines_of() {
  constexpr std::size_t kLines = lines_for(kMostWords<kMessage>, kLineWords);
  static_assert(kLines <= kMostLines, "this message is too long: send bulk data as frames");
  return kLines;
}

template <std::size_t kWords>
SPRAT_INLINE void copy_words(const std::uint64_t* from, std::uint64_t* to) {
  [&]<std::size_t... kWord>(std::index_sequence<kWord...>) {
    ((to[kWord] = from[kWord]), ...);
  }(std::make_index_sequence<kWords>());
}

// A message to send. The memory of `words` must live as long.
template <std::size_t kLineWords>
struct Outgoing {
  std::uint8_t message;
  const std::uint64_t* words;
  std::size_t lines;

  urpc::Message<kLineWords> line(std::size_t index, std::size_t call) const {
    urpc::Message<kLineWords> result;
    //@ lab urpc.6b:
    result.header = header_of(message, call, index, index + 1 == lines);
    copy_words<kLineWords>(words + index * kLineWords, result.words.data());
    //@ end
    return result;
  }
};

// A message that is to be sent, encoded.
template <const auto& kMessage, std::size_t kLineWords>
class Fragments {
 public:
  static constexpr std::size_t kLines = lines_of<kMessage, kLineWords>();

  // The number of words that a message of one line uses.
  static constexpr std::size_t kWordsInOneLine = std::min(kMostWords<kMessage>, kLineWords);

  //   invalid_argument   a number is larger than its field
  SPRAT_INLINE Result<void> encode(const BodyOf<kMessage>& body) {
    const auto used =
        sprat::encode<kMessage>(body, std::span(words_).template first<kMostWords<kMessage>>());
    if (!used) return used.error();
    used_ = used.value();
    if constexpr (kMostWords<kMessage> != kFixedWords<kMessage>) fill_up();
    return {};
  }

  SPRAT_INLINE std::size_t lines() const { return kLines == 1 ? 1 : lines_for(used_, kLineWords); }

  // If there is but one line: that one, with no more words than it needs.
  SPRAT_INLINE urpc::Message<kWordsInOneLine> only_line(std::size_t call) const {
    urpc::Message<kWordsInOneLine> line;
    line.header = header_of(kNumberOf<kMessage>, call, 0, true);
    copy_words<kWordsInOneLine>(words_.data(), line.words.data());
    return line;
  }

  // All of its lines.
  Outgoing<kLineWords> outgoing() {
    fill_up();
    return {kNumberOf<kMessage>, words_.data(), lines()};
  }

 private:
  // Sets the words of the lines behind the message to zero.
  void fill_up() {
    //@ lab urpc.6c:
    std::fill(words_.begin() + used_, words_.begin() + lines() * kLineWords, 0);
    //@ end
  }

  std::array<std::uint64_t, kLines * kLineWords> words_;
  std::size_t used_ = 0;
};

// Puts the lines of one message together. The sender may break every rule.
class Assembly {
 public:
  // Copies the next line into `room`. True: it was the last, and `words()` of `room` are the message.
  //   malformed   it is not the next line, or more than there is room for; from then on, only a first line is right
  template <std::size_t kLineWords>
  SPRAT_INLINE Result<bool> add(const urpc::Message<kLineWords>& line,
                                std::span<std::uint64_t> room) {
    //@ lab urpc.6d: return Error::not_implemented;
    const LineHeader header{line.header};
    if (header.get<line_header::fragment>() == 0) {
      words_ = 0;
      expected_ = header;
    }
    const auto counted = header.with<line_header::last>(0);
    if (counted != expected_.with<line_header::last>(0) || room.size() - words_ < kLineWords) {
      expected_ = kNothing;
      return Error::malformed;
    }
    copy_words<kLineWords>(line.words.data(), room.data() + words_);
    words_ += kLineWords;
    const bool is_last = header.get<line_header::last>() != 0;
    expected_ = is_last
                    ? kNothing
                    : header.with<line_header::fragment>(header.get<line_header::fragment>() + 1);
    return is_last;
    //@ end
  }

  std::size_t words() const { return words_; }

 private:
  //@ lab urpc.6e: std::size_t words_ = 0;
  // No line has this header but a first one, which is always right.
  static constexpr LineHeader kNothing{};

  LineHeader expected_ = kNothing;
  std::size_t words_ = 0;
  //@ end
};

}  // namespace sprat
