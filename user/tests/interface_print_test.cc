// interface_print_test.cc — messages as traces and the handout show them.

#include <criterion/criterion.h>

#include <string>

#include "interfaces/echo.hh"
#include "interfaces/print.hh"
#include "tests/interface_messages.hh"

using namespace sprat;
using namespace sprat::test;

namespace {

std::string shown;
void show(std::string_view text) { shown += text; }

void expect(std::string_view text) {
  cr_expect(shown == text, "shown: %s", shown.c_str());
  shown.clear();
}

}  // namespace

Test(interface_print, a_message_is_shown_with_the_names_and_values_of_its_fields) {
  print_message<echo::add>(show, {1, ~std::uint64_t{0}});
  expect("add(a=1, b=18446744073709551615)");
  print_message<nothing>(show, {});
  expect("nothing()");
  print_message<tiny>(show, {true, Colour::blue, 31, Size::big});
  expect("tiny(is-new=true, colour=blue, slot=31, size=1)");
  print_message<numbers>(show, {0, 0, 0, 0, CoreId(7), 0, VirtualAddress(0x1234)});
  expect(
      "numbers(whole=0, half=0, other-half=0, wide=0, core=7, quarter=0, "
      "address=0x0000000000001234)");
}

Test(interface_print, bytes_are_shown_as_in_the_text_of_a_program) {
  print_message<echo::note>(show, {"say \"no\" \\ \n\x7f\xff~"});
  expect(R"(note(text="say \x22no\x22 \x5c \x0a\x7f\xff~"))");
  Strings body{};
  body.code = {1, 'a', 255};
  print_message<strings>(show, body);
  cr_expect(shown.starts_with(R"(strings(flags=0, code="\x01a\xff", digest="\x00\x00)"));
}

Test(interface_print, a_line_is_shown_with_the_number_of_its_call) {
  Fragments<echo::add, 7> add;
  cr_assert(add.encode({1, 2}).ok());
  print_line<echo::interface>(show, add.outgoing().line(0, 3));
  expect("#3 add(a=1, b=2)");
  Fragments<failed, 7> failure;
  cr_assert(failure.encode({Error::busy}).ok());
  print_line<echo::interface>(show, failure.outgoing().line(0, 12));
  expect("#12 failed(error=busy)");
}

Test(interface_print, of_a_message_of_several_lines_each_is_shown_with_its_index) {
  Fragments<echo::echo, 7> fragments;
  echo::Text text;
  cr_assert(text.text.assign(std::string(150, 'x')).ok());
  cr_assert(fragments.encode(text).ok() && fragments.lines() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    print_line<echo::interface>(show, fragments.outgoing().line(i, 0));
    show(" ");
  }
  expect("#0 echo[0] #0 echo[1] #0 echo[2]. ");
}

Test(interface_print, malformed_message_is_shown_with_a_question_mark) {
  print_line<echo::interface>(show, urpc::Message<>{header_of(77, 1, 0, true), {}});
  expect("#1 ?");
  print_line<echo::interface>(show,
                              urpc::Message<>{header_of(echo::note.number, 1, 0, true), {9999}});
  expect("#1 note ?");
}

Test(interface_print, the_table_has_a_row_for_each_message) {
  print_table<echo::interface>(show);
  expect(
      "| echo | message | carries | lines | answered by |\n"
      "|---|---|---|---|---|\n"
      "| 1 | `echoed` | `text` bytes, at most 200 | 1 to 4 |  |\n"
      "| 2 | `echo` | `text` bytes, at most 200 | 1 to 4 | `echoed` |\n"
      "| 3 | `sum` | `sum` 64 bits | 1 |  |\n"
      "| 4 | `add` | `a` 64 bits, `b` 64 bits | 1 | `sum` |\n"
      "| 5 | `note` | `text` bytes, at most 200 | 1 to 4 | — |\n");
  print_table<messages>(show);
  cr_expect(shown.find("| 3 | `strings` | `flags` 4 bits, `code` 3 bytes, `digest` 16 bytes, "
                       "`text` bytes, at most 60 | 1 to 2 | — |\n") != shown.npos);
  cr_expect(shown.find("| 4 | `nothing` | nothing | 1 | — |\n") != shown.npos);
}
