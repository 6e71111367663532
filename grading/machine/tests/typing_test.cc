// typing_test.cc — which letters on the console are the echo of a key that was typed.

#include "machine/typing.hh"

#include <criterion/criterion.h>

using namespace sprat::grading;

namespace {

bool echoes(std::string_view text, char key) { return has_echo(text, 0, key, ">"); }

}  // namespace

Test(typing, echo_is_the_next_letter) {
  cr_expect(echoes("r", 'r'));
  cr_expect(echoes("\r\n", '\n') && echoes("\n", '\n') && echoes(" ", ' '));
  cr_expect(!echoes("", 'r') && !echoes("u", 'r'));
  cr_expect(has_echo("run", 2, 'n', ">") && !has_echo("run", 2, 'u', ">"));
  cr_expect(!has_echo("run", 3, 'n', ">"));
}

// A key that is typed while another program prints was taken for read, and the keys behind it were lost.
Test(typing, letter_in_a_line_of_another_program_is_no_echo) {
  cr_expect(!echoes("lender: has it back; line 0\r\n", 'n'));
  cr_expect(!echoes("lender: has it back", ' '));
  cr_expect(!echoes("counter: 1 s on core 0\r\n", '\n'));
}

Test(typing, echo_comes_behind_lines_of_others_and_behind_the_prompt) {
  cr_expect(echoes("lender: has it back\r\nn", 'n'));
  cr_expect(echoes("> stop 2", 's') && echoes("Good.\r\n> stop 2", 's'));
  cr_expect(!echoes("> ", 's') && !echoes(">", 's') && !echoes("> \r\n", 's'));
  cr_expect(has_echo("stop", 0, 's', "") && !has_echo("> stop", 0, 's', ""));
}
