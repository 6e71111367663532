// words_test.cc — command lines.

#include "lib/words.hh"

#include <criterion/criterion.h>

using namespace sprat;

Test(words, are_separated_by_any_number_of_blanks) {
  std::string_view text = "  hello  core=2 x ";
  cr_expect(next_word(text) == "hello");
  cr_expect(next_word(text) == "core=2");
  cr_expect(next_word(text) == "x");
  cr_expect(next_word(text).empty());
  cr_expect(next_word(text).empty());
}

Test(words, numbers_are_decimal_digits_only) {
  std::uint64_t number = 0;
  cr_expect(parse_number("0", number) && number == 0);
  cr_expect(parse_number("999999999999999999", number) && number == 999'999'999'999'999'999);
  for (const char* wrong : {"", "-1", "0x1", "1a", " 1", "1000000000000000000"})
    cr_expect(!parse_number(wrong, number), "%s is a number", wrong);
}
