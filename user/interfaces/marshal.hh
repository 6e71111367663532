// marshal.hh — from a message's body to its words, and back. decode checks its input: each body that it gives has one
// encoding, and was given in it.

#pragma once

#include <cstring>
#include <span>

#include "interfaces/interface.hh"
#include "urpc/message.hh"

namespace sprat {

static_assert(std::endian::native == std::endian::little, "bytes lie in words as in memory");

// How many words bytes take, and how many lines of `line_words` words. A message without words takes a line, too.
constexpr std::size_t words_for(std::size_t bytes) { return (bytes + 7) / 8; }
constexpr std::size_t lines_for(std::size_t words, std::size_t line_words = urpc::kPayloadWords) {
  return words == 0 ? 1 : (words + line_words - 1) / line_words;
}

template <const auto& kMessage, std::size_t kIndex>
using FieldType = typename std::remove_cvref_t<decltype(nth<kIndex>(kMessage.fields))>::Type;

// Calls visit.operator()<0>() and so on for each field, until one returns false. Returns whether none did.
template <const auto& kMessage, class Visit>
SPRAT_INLINE constexpr bool all_fields(Visit visit) {
  return [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
    return (visit.template operator()<kIndex>() && ...);
  }(std::make_index_sequence<std::remove_cvref_t<decltype(kMessage)>::kFields>());
}

// Which bits of the words before the bytes of any length belong to some field; the others are zero.
template <const auto& kMessage>
consteval auto known_bits() {
  std::array<std::uint64_t, kFixedWords<kMessage>> known{};
  all_fields<kMessage>([&]<std::size_t kIndex>() {
    const FieldPlace place = kMessage.places[kIndex];
    unsigned left = nth<kIndex>(kMessage.fields).width;
    for (std::size_t word = place.word; left > kWordBits; left -= kWordBits)
      known[word++] = ~std::uint64_t{0};
    const std::size_t last = place.word + (nth<kIndex>(kMessage.fields).width - left) / kWordBits;
    known[last] |= largest_of(left) << place.shift;
    return true;
  });
  return known;
}

// Writes `body` into `words`. Gives how many it takes.
//   invalid_argument   a number is larger than its field
template <const auto& kMessage>
SPRAT_INLINE Result<std::size_t> encode(const BodyOf<kMessage>& body,
                                        std::span<std::uint64_t, kMostWords<kMessage>> words) {
  std::size_t used = kFixedWords<kMessage>;
  for (std::size_t word = 0; word < kFixedWords<kMessage>; ++word) words[word] = 0;
  const bool fits = all_fields<kMessage>([&]<std::size_t kIndex>() {
    constexpr auto kField = nth<kIndex>(kMessage.fields);
    constexpr FieldPlace kPlace = kMessage.places[kIndex];
    const auto& value = body.*kField.member;
    if constexpr (kIsByteArray<FieldType<kMessage, kIndex>>) {
      std::memcpy(&words[kPlace.word], value.data(), value.size());
    } else if constexpr (kIsBytes<FieldType<kMessage, kIndex>>) {
      const std::string_view text = value.text();
      words[kPlace.word] |= text.size() << kPlace.shift;
      used += words_for(text.size());
      if (!text.empty()) {
        words[used - 1] = 0;
        std::memcpy(&words[kFixedWords<kMessage>], text.data(), text.size());
      }
    } else {
      const std::uint64_t number = number_of(value);
      if (number > kField.largest) return false;
      words[kPlace.word] |= number << kPlace.shift;
    }
    return true;
  });
  if (!fits) return Error::invalid_argument;
  return used;
}

// Reads a body from `words`, of which the message may use fewer. They came in lines of kLineWords
// words, whole ones.
//   malformed   no body is written like this, or not in so many lines
template <const auto& kMessage, std::size_t kLineWords = urpc::kPayloadWords>
SPRAT_INLINE Result<BodyOf<kMessage>> decode(std::span<const std::uint64_t> words) {
  constexpr auto kKnown = known_bits<kMessage>();
  if (words.size() < kFixedWords<kMessage>) return Error::malformed;
  for (std::size_t word = 0; word < kFixedWords<kMessage>; ++word)
    if ((words[word] & ~kKnown[word]) != 0) return Error::malformed;
  BodyOf<kMessage> body{};
  std::size_t used = kFixedWords<kMessage>;
  const bool is_right = all_fields<kMessage>([&]<std::size_t kIndex>() {
    using Value = FieldType<kMessage, kIndex>;
    constexpr auto kField = nth<kIndex>(kMessage.fields);
    constexpr FieldPlace kPlace = kMessage.places[kIndex];
    auto& value = body.*kField.member;
    if constexpr (kIsByteArray<Value>) {
      std::memcpy(value.data(), &words[kPlace.word], value.size());
    } else {
      const std::uint64_t number = words[kPlace.word] >> kPlace.shift & largest_of(kField.width);
      if (number > kField.largest) return false;
      if constexpr (kIsBytes<Value>) {
        used += words_for(number);
        if (used > words.size()) return false;
        if (number % 8 != 0 && words[used - 1] >> 8 * (number % 8) != 0) return false;
        const auto* const bytes =
            reinterpret_cast<const char*>(words.data() + kFixedWords<kMessage>);
        return value.assign({bytes, number}).ok();
      } else {
        value = from_number<Value>(number);
      }
    }
    return true;
  });
  if (!is_right || lines_for(used, kLineWords) * kLineWords != words.size())
    return Error::malformed;
  return body;
}

}  // namespace sprat
