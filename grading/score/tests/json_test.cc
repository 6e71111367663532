// json_test.cc — JSON that comes from programs we did not write, and goes to others.

#include "score/json.hh"

#include <criterion/criterion.h>

#include <string>

using namespace sprat::grading;

namespace {

bool is_refused(const std::string& text) {
  try {
    Json::parse(text);
    return false;
  } catch (const JsonError&) {
    return true;
  }
}

}  // namespace

Test(json, is_what_was_written) {
  const std::string text = R"({
  "list": [
    1,
    -0.25,
    1e+300,
    true,
    false,
    null
  ],
  "empty": [],
  "none": {},
  "z before a": "\"\\\n\u0001ü"
})";
  cr_expect_eq(Json::parse(text).dump(), text, "%s", Json::parse(text).dump().c_str());
}

Test(json, escapes_are_characters) {
  cr_expect_eq(Json::parse(R"("\u0041\u00fc\u20ac\ud83d\ude00\/\b")").text(), "Aü€😀/\b");
}

Test(json, bytes_that_are_no_utf8_are_replaced) {
  cr_expect_eq(
      json_string("a\xff z\xc0\xaf\xed\xa0\x80"), "\"a\xef\xbf\xbd z" + [] {
        std::string five;
        for (int i = 0; i < 5; ++i) five += "\xef\xbf\xbd";
        return five;
      }() + "\"");
}

Test(json, what_is_no_json_is_refused) {
  for (const char* text : {"",       "{",       "[1,]",      "{\"a\":}",    "{\"a\" 1}",
                           "{a: 1}", "[1 2]",   "1 1",       "nul",         "+1",
                           ".5",     "inf",     "nan",       "1e999",       "\"",
                           "\"\\",   "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
                           "\"\n\""})
    cr_expect(is_refused(text), "%s", text);
  cr_expect(is_refused(std::string(100'000, '[')));
}

Test(json, other_kinds_and_missing_members_are_errors) {
  const Json value = Json::parse(R"({"a": 1})");
  cr_expect_throw(value.at("b"), JsonError);
  cr_expect_throw(value.at("a").text(), JsonError);
  cr_expect_throw(value.list(), JsonError);
  cr_expect(value.find("b") == nullptr);
}
