// line_editor_test.cc — keys, the line that they make, and the terminal's output.

#include "shell/line_editor.hh"

#include <criterion/criterion.h>

#include <string>

using sprat::shell::LineEditor;

namespace {

// Types `keys`; gives what the terminal shows.
std::string type(LineEditor& editor, std::string_view keys) {
  std::string shown;
  for (const char key : keys) {
    editor.take(key);
    shown += editor.echo();
  }
  return shown;
}

}  // namespace

Test(line_editor, characters_are_shown_and_return_ends_the_line) {
  LineEditor editor;
  cr_expect(type(editor, "help") == "help");
  cr_expect(editor.take('\r') == LineEditor::Event::line);
  cr_expect(editor.echo() == "\n");
  cr_expect(editor.text() == "help");
  cr_expect(type(editor, "ps") == "ps");
  cr_expect(editor.text() == "ps", "the next line begins empty");
}

Test(line_editor, backspace_and_delete_remove_one_character) {
  LineEditor editor;
  cr_expect(type(editor, "ab\b\x7f\bc") == "ab\b \b\b \bc");
  cr_expect(editor.text() == "c");
}

Test(line_editor, control_u_deletes_the_whole_line) {
  LineEditor editor;
  cr_expect(type(editor, "abc\x15") == "abc\b \b\b \b\b \b");
  cr_expect(editor.text().empty());
}

Test(line_editor, control_c_gives_the_line_up) {
  LineEditor editor;
  type(editor, "abc");
  cr_expect(editor.take('\x03') == LineEditor::Event::interrupt);
  cr_expect(editor.echo() == "^C\n");
  cr_expect(editor.text().empty());
}

Test(line_editor, control_d_ends_the_input_where_a_line_would_begin) {
  LineEditor editor;
  type(editor, "ab");
  cr_expect(editor.take('\x04') == LineEditor::Event::none);
  cr_expect(editor.echo().empty() && editor.text() == "ab");
  type(editor, "\r");
  cr_expect(editor.take('\x04') == LineEditor::Event::end);
  cr_expect(editor.echo() == "^D\n");
}

Test(line_editor, excess_and_unprintable_characters_are_ignored) {
  LineEditor editor;
  cr_expect(type(editor, "\x1b\t\x80").empty());
  type(editor, std::string(1000, 'x'));
  cr_expect(editor.text().size() == LineEditor::kMaxLength);
  type(editor, "\x15");
  cr_expect(editor.text().empty());
}
