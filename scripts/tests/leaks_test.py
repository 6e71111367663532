"""Solutions in a starter are found wherever they stand; common lines are not taken for them."""

import unittest

from fixture import StagingTest

LINE = "out8(port_ + kLineControl, kDivisorLatch);"
NEXT = "out8(port_ + kDivisor, 1);"


class Leaks(StagingTest):
    def refuse(self, path, line):
        self.assert_refused(
            ["--leaks", "--lab", "boot"], f"{path}:{line}: error: '", "is in the solution of boot."
        )

    def accept(self):
        self.assertEqual(
            self.run_stage("--leaks", "--lab", "boot"),
            (0, "the starter of boot shows no line of a solution\n", ""),
        )

    def test_are_not_there_in_a_tree_that_is_in_order(self):
        self.accept()

    def test_are_found_in_tests_and_in_other_code(self):
        self.write("labs/1-boot/tests/uart.cc", f"TEST(uart)\n\t{LINE}\n")
        self.refuse("labs/1-boot/tests/uart.cc", 2)

    def test_are_found_whatever_their_blanks(self):
        self.write("kernel/other.cc", "\n\nout8(port_  +\tkLineControl, kDivisorLatch);\n")
        self.refuse("kernel/other.cc", 3)

    def test_are_found_in_the_middle_of_a_line_of_prose(self):
        self.write("kernel/README.md", f"Write `{LINE}` to\nset it up.\n")
        self.refuse("kernel/README.md", 1)

    def test_are_found_in_the_readme_that_goes_to_the_top(self):
        self.write("labs/1-boot/README.md", f"Hint:\n\n    {LINE}\n")
        self.refuse("README.md", 3)

    def test_are_found_for_later_labs_too(self):
        self.write("kernel/other.cc", "join_the_mesh(core, all_cores);\n")
        self.assert_refused(
            ["--leaks", "--lab", "boot"],
            (
                "kernel/other.cc:1: error: 'join_the_mesh(core, all_cores);'"
                " is in the solution of monitor.1 (kernel/main.cc:6)"
            ),
        )

    def test_are_not_the_solutions_that_a_later_lab_takes_out_of_a_file(self):
        text = self.read("kernel/main.cc", self.tree)
        self.write("kernel/main.cc", text.replace("  //@ since monitor\n", "", 1).replace("  //@ end\n  return", "  return"))
        self.stage("--leaks")

    def test_are_found_in_a_students_file_when_two_lines_stand_in_a_row(self):
        self.write(
            "kernel/x86/uart.cc", self.read("kernel/x86/uart.cc", self.tree) + f"{LINE}\n\n{NEXT}\n"
        )
        self.refuse("kernel/x86/uart.cc", 15)
        self.refuse("kernel/x86/uart.cc", 17)

    def test_are_not_single_lines_that_a_students_file_shows_anyway(self):
        self.write(
            "kernel/x86/uart.cc",
            self.read("kernel/x86/uart.cc", self.tree) + f"{LINE}\nvoid f();\n",
        )
        self.accept()

    def test_are_not_lines_out_of_order_in_a_students_file(self):
        self.write(
            "kernel/x86/uart.cc", self.read("kernel/x86/uart.cc", self.tree) + f"{NEXT}\n{LINE}\n"
        )
        self.accept()

    def test_are_not_lines_that_say_too_little(self):
        trivial = [
            "return false;",
            "return kNotImplemented;",
            "return Error::kOutOfRange;",
            "} // -----------------",
            "for (std::size_t i = 0; i < count; ++i) {",
            "for (const auto& region : regions) {",
            "return {};",
            "++count;",
            'return "a text of some length";',
            "while (true) {",
            "std::uint64_t end;",
            "}  // namespace sprat::boot",
            "for (const LoaderRange& range : loader) {",
            "const struct {",
        ]
        body = "\n".join(f"  {line}" for line in trivial)
        self.edit("kernel/x86/uart.cc", "  out8(port_, byte);", body)
        self.write("kernel/other.cc", body)
        self.accept()

    def test_are_not_in_files_that_a_student_never_sees(self):
        self.write("handouts/1-boot.md", LINE)
        self.write("labs/1-boot/alternatives/more.cc", LINE)
        self.accept()


if __name__ == "__main__":
    unittest.main()
