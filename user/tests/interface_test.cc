// interface_test.cc — messages in words and lines: what is written is read again, and nothing else is.

#include <criterion/criterion.h>

#include <vector>

#include "interfaces/fragments.hh"
#include "tests/interface_messages.hh"
#include "tests/seed.hh"
#include "urpc/simulation/random.hh"

using namespace sprat;
using namespace sprat::test;
using simulation::Random;

namespace {

template <const auto& kMessage>
using Words = std::array<std::uint64_t, std::max<std::size_t>(7, lines_of<kMessage>() * 7)>;

// The encoded words, in whole lines, with garbage behind them.
template <const auto& kMessage>
Result<std::vector<std::uint64_t>> written(const BodyOf<kMessage>& body) {
  Words<kMessage> words;
  words.fill(0x5555'5555'5555'5555);
  const auto used = encode<kMessage>(body, std::span(words).template first<kMostWords<kMessage>>());
  if (!used) return used.error();
  return std::vector(words.begin(), words.begin() + 7 * lines_for(used.value()));
}

template <const auto& kMessage>
void expect_back(const BodyOf<kMessage>& body, std::uint64_t seed = 0) {
  const auto words = written<kMessage>(body);
  cr_assert(words.ok(), "SPRAT_SEED=%lu: not encoded", seed);
  const auto back = decode<kMessage>(words.value());
  cr_assert(back.ok() && back.value() == body, "SPRAT_SEED=%lu: another came back", seed);
}

std::string random_text(Random& random, std::size_t size) {
  std::string text;
  while (text.size() < size) text.push_back(static_cast<char>(random.next()));
  return text;
}

Numbers random_numbers(Random& random) {
  const auto bits = [&](unsigned width) {
    return random.next() >> random.below(64) & largest_of(width);
  };
  return {bits(64),
          static_cast<std::uint32_t>(bits(32)),
          static_cast<std::uint32_t>(bits(32)),
          bits(33),
          CoreId(static_cast<std::uint32_t>(bits(10))),
          static_cast<std::uint16_t>(bits(16)),
          VirtualAddress(bits(64))};
}

Strings random_strings(Random& random, std::size_t size) {
  Strings strings{};
  for (auto& byte : strings.code) byte = static_cast<std::uint8_t>(random.next());
  for (auto& byte : strings.digest) byte = static_cast<std::uint8_t>(random.next());
  strings.flags = static_cast<std::uint8_t>(random.below(16));
  cr_assert(strings.text.assign(random_text(random, size)).ok());
  return strings;
}

}  // namespace

Test(interface, fields_lie_where_the_picture_says) {
  static_assert(tiny.fixed_words == 1 && kMostWords<tiny> == 1);
  static_assert(tiny.places[3].word == 0 && tiny.places[3].shift == 8);
  // whole | half, other half | wide, core, quarter | address
  static_assert(numbers.fixed_words == 4);
  static_assert(numbers.places[1].word == 1 && numbers.places[2].word == 1);
  static_assert(numbers.places[3].word == 2 && numbers.places[4].word == 2);
  static_assert(numbers.places[4].shift == 33 && numbers.places[5].shift == 43);
  static_assert(numbers.places[6].word == 3);
  // flags | code | digest | digest | length | text
  static_assert(strings.places[1].word == 1 && strings.places[2].word == 2);
  static_assert(strings.fixed_words == 5 && kMostWords<strings> == 5 + 8);
  const auto words = written<numbers>({1, 2, 3, 4, CoreId(5), 6, VirtualAddress(7)});
  cr_assert(words.ok());
  cr_expect(words.value()[0] == 1 && words.value()[3] == 7);
  cr_expect(words.value()[1] == (2 | std::uint64_t{3} << 32));
  cr_expect(words.value()[2] == (4 | std::uint64_t{5} << 33 | std::uint64_t{6} << 43));
}

Test(interface, lines_are_counted_when_it_is_compiled) {
  static_assert(lines_of<nothing>() == 1 && lines_of<tiny>() == 1 && lines_of<numbers>() == 1);
  static_assert(lines_of<strings>() == 2 && lines_of<strings, 4>() == 4);
  static_assert(lines_of<numbers, 4>() == 1 && lines_of<numbers, 3>() == 2);
  static_assert(lines_of<longest>() == 128);
}

Test(interface, all_values_of_small_messages_come_back_and_no_two_are_the_same) {
  std::array<bool, 1 << 9> seen{};
  for (const bool is_new : {false, true})
    for (const Colour colour : {Colour::red, Colour::green, Colour::blue})
      for (std::uint8_t slot = 0; slot < 32; ++slot)
        for (const Size size : {Size::small, Size::big}) {
          const Tiny body{is_new, colour, slot, size};
          expect_back<tiny>(body);
          const std::uint64_t word = written<tiny>(body).value()[0];
          cr_assert(word < seen.size() && !seen[word]);
          seen[word] = true;
        }
}

Test(interface, all_words_of_small_messages_are_a_message_or_malformed) {
  std::array<std::uint64_t, 7> words{};
  for (std::uint64_t word = 0; word < 1 << 16; ++word) {
    words[0] = word;
    const auto body = decode<tiny>(words);
    const bool is_right = word < 1 << 9 && (word >> 1 & 3) <= 2;
    cr_assert(body.ok() == is_right, "%lx", word);
    if (body) cr_assert(written<tiny>(body.value()).value()[0] == word);
  }
}

Test(interface, numbers_come_back) {
  const std::uint64_t seed = any_seed();
  Random random(seed);
  for (int round = 0; round < 50'000; ++round) expect_back<numbers>(random_numbers(random), seed);
  expect_back<numbers>({~std::uint64_t{0}, ~std::uint32_t{0}, ~std::uint32_t{0}, largest_of(33),
                        CoreId(1023), 0xffff, VirtualAddress(~std::uint64_t{0})});
}

Test(interface, strings_of_all_lengths_come_back) {
  const std::uint64_t seed = any_seed();
  Random random(seed);
  for (int round = 0; round < 100; ++round)
    for (std::size_t size = 0; size <= 60; ++size)
      expect_back<strings>(random_strings(random, size), seed);
}

Test(interface, the_longest_message_comes_back) {
  const std::uint64_t seed = any_seed();
  Random random(seed);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{48}, std::size_t{49}, decltype(Longest::text)::kMaxSize}) {
    Longest body;
    cr_assert(body.text.assign(random_text(random, size)).ok());
    expect_back<longest>(body, seed);
  }
}

Test(interface, a_message_without_fields_is_a_line_of_garbage) {
  cr_expect(written<nothing>({}).value().size() == 7);
  expect_back<nothing>({});
}

Test(interface, a_number_larger_than_its_field_is_not_encoded) {
  cr_expect(written<tiny>({false, Colour::red, 32, Size::small}).error() ==
            Error::invalid_argument);
  cr_expect(written<tiny>({false, Colour{3}, 31, Size::small}).error() == Error::invalid_argument);
  Numbers body{};
  body.wide = largest_of(33) + 1;
  cr_expect(written<numbers>(body).error() == Error::invalid_argument);
  body.wide = 0;
  body.core = CoreId(1024);
  cr_expect(written<numbers>(body).error() == Error::invalid_argument);
}

Test(interface, more_bytes_than_there_is_room_for_are_refused) {
  Bytes<3> bytes{"abc"};
  cr_expect(bytes.assign("abcd").error() == Error::invalid_argument && bytes.text() == "abc");
}

Test(interface, bits_of_no_field_make_a_message_malformed) {
  const auto right = written<numbers>({1, 2, 3, 4, CoreId(5), 6, VirtualAddress(7)}).value();
  for (std::size_t bit = 0; bit < 4 * 64; ++bit) {
    auto words = right;
    words[bit / 64] ^= std::uint64_t{1} << bit % 64;
    const bool is_known = bit / 64 != 2 || bit % 64 < 59;
    cr_expect(decode<numbers>(words).ok() == is_known, "bit %zu", bit);
  }
}

Test(interface, a_length_that_does_not_fit_its_lines_makes_a_message_malformed) {
  Random random(1);
  for (std::size_t size = 0; size <= 60; ++size) {
    auto words = written<strings>(random_strings(random, size)).value();
    for (std::uint64_t length = 0; length < 256; ++length) {
      words[4] = length;
      const auto body = decode<strings>(words);
      const bool has_lines = length <= 60 && lines_for(5 + words_for(length)) == words.size() / 7;
      cr_assert(!body || (has_lines && body.value().text.text().size() == length));
      cr_assert(length != size || body.ok());
    }
  }
}

Test(interface, bytes_behind_the_end_make_a_message_malformed) {
  Random random(1);
  auto words = written<strings>(random_strings(random, 9)).value();
  cr_assert(decode<strings>(words).ok());
  words[6] |= 0x100;
  cr_expect(decode<strings>(words).error() == Error::malformed);
}

Test(interface, fewer_or_more_lines_than_it_takes_make_a_message_malformed) {
  Random random(1);
  const auto words = written<strings>(random_strings(random, 60)).value();
  cr_assert(words.size() == 14);
  auto more = words;
  more.resize(21);
  cr_expect(decode<strings>(std::span(words).first(7)).error() == Error::malformed);
  cr_expect(decode<strings>(std::span(words).first(0)).error() == Error::malformed);
  cr_expect(decode<strings>(more).error() == Error::malformed);
}

Test(interface, any_words_are_malformed_or_encode_to_themselves) {
  const std::uint64_t seed = any_seed();
  Random random(seed);
  std::size_t right = 0;
  for (int round = 0; round < 200'000; ++round) {
    auto words = written<strings>(random_strings(random, random.below(61))).value();
    for (std::size_t flips = random.below(4); flips > 0; --flips) {
      const std::size_t bit = random.below(64 * words.size());
      words[bit / 64] ^= std::uint64_t{1} << bit % 64;
    }
    const auto body = decode<strings>(words);
    if (!body) continue;
    ++right;
    const auto again = written<strings>(body.value()).value();
    const std::size_t used = 5 + words_for(body.value().text.text().size());
    cr_assert(again.size() == words.size() &&
                  std::equal(words.begin(), words.begin() + used, again.begin()),
              "SPRAT_SEED=%lu", seed);
  }
  cr_expect(right > 50'000);
}
