// format_test.cc — text with values in it.

#include <criterion/criterion.h>

#include <string>

#include "sprat/address.hh"
#include "sprat/text.hh"

namespace {

std::string written;

void collect(std::string_view text) { written += text; }

template <class... Arguments>
std::string formatted(sprat::FormatText<std::type_identity_t<Arguments>...> text,
                      const Arguments&... arguments) {
  written.clear();
  sprat::format(collect, text, arguments...);
  return written;
}

void expect_equal(const std::string& expected, const std::string& came) {
  cr_expect(expected == came, "expected \"%s\", came \"%s\"", expected.c_str(), came.c_str());
}

}  // namespace

Test(format, numbers_are_written_in_decimal_and_hexadecimal) {
  expect_equal("0 7 18446744073709551615", formatted("{} {} {}", 0u, 7, ~std::uint64_t{0}));
  expect_equal("-1 -9223372036854775808", formatted("{} {}", -1, std::int64_t{1} << 63));
  expect_equal("0x0 0xff 0xffffffffffffffff", formatted("{x} {x} {x}", 0, 255, -1));
}

Test(format, widths_align_right_and_left) {
  expect_equal("[    42][42    ]", formatted("[{6}][{-6}]", 42, 42));
  expect_equal("[1234567]", formatted("[{3}]", 1234567));
  expect_equal("[  ab][ab  ]", formatted("[{4}][{-4}]", "ab", "ab"));
  expect_equal(std::string(40, ' ') + "x", formatted("{41}", "x"));
}

Test(format, addresses_have_sixteen_digits) {
  expect_equal("0x0000000000001000", formatted("{}", sprat::PhysicalAddress(4096)));
  expect_equal("0xffffffff80000000", formatted("{}", sprat::VirtualAddress(0xffffffff80000000)));
}

Test(format, text_and_truth) {
  expect_equal("a b true false",
               formatted("{} {} {} {}", "a", std::string_view("bc", 1), true, false));
  expect_equal("", formatted(""));
}

Test(format, malformed_texts_are_recognised) {
  const auto well_formed = [](std::string_view text) {
    return sprat::parse_format(
        text, [](std::string_view) {}, [](sprat::Placeholder) {});
  };
  cr_expect(well_formed("{} {x} {-20}"));
  cr_expect(!well_formed("{"));
  cr_expect(!well_formed("{{}"));
  cr_expect(!well_formed("{y}"));
  cr_expect(!well_formed("text {8"));
}
