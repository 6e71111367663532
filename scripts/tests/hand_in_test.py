"""A student's tree is checked before it is handed in with the result that it has then."""

import os
import unittest

from fixture import StagingTest
from staging import hand_in
from staging.problems import Problems, Refused


class HandInCheck(StagingTest):
    def setUp(self):
        super().setUp()
        self.mine = self.submission()

    def said_at_home(self):
        problems = Problems()
        try:
            hand_in.check(self.mine, problems)
        except Refused as refused:
            return refused.messages
        return list(problems)

    def said_when_handed_in(self):
        status, _, err = self.run_stage(
            "--lab", "boot", "--out", self.out, "--no-git", "--force", "--answers", self.mine
        )
        self.assertIn(status, (0, 2))
        return err.splitlines()

    def assert_alike(self, expected):
        home = self.said_at_home()
        self.assertEqual(self.said_when_handed_in(), home)
        self.assertEqual(len(home), expected, home)

    def test_has_nothing_to_say_of_a_good_tree(self):
        self.assert_alike(0)

    def test_accepts_any_encoding(self):
        self.write("kernel/x86/uart.cc", "// 注释\r\n\0".encode("gbk") + b"\xef\xbb", root=self.mine)
        self.assert_alike(0)

    def test_tells_of_markers_that_are_gone_or_spoiled(self):
        path = "kernel/boot/entry.S"
        text = self.read(path, root=self.mine)
        self.write(path, text.replace("//@ exercise boot.2", "// here"), root=self.mine)
        self.assertNotEqual([], self.said_at_home())
        self.assertEqual(self.said_when_handed_in(), self.said_at_home())
        self.write(path, text.replace("//@ end", "//@ ende"), root=self.mine)
        self.assertNotEqual([], self.said_at_home())
        self.assertEqual(self.said_when_handed_in(), self.said_at_home())

    def test_tells_of_links_folders_large_and_missing_files(self):
        uart = os.path.join(self.mine, "kernel/x86/uart.cc")
        os.rename(uart, uart + ".mine")
        self.assert_alike(1)
        os.symlink("uart.cc.mine", uart)
        self.assert_alike(1)
        os.remove(uart)
        os.mkdir(uart)
        self.assert_alike(1)
        os.rmdir(uart)
        self.write("kernel/x86/uart.cc", b"\n" * ((1 << 20) + 1), root=self.mine)
        self.assert_alike(1)


class NotTaken(StagingTest):
    def setUp(self):
        super().setUp()
        self.mine = self.submission()

    def assert_left(self, *expected):
        self.assertEqual(list(expected), hand_in.not_taken(self.mine, ["kernel/x86/uart.cc"]))

    def test_is_nothing_of_a_solution(self):
        self.assert_left()

    def test_is_no_code_between_markers_and_no_file_that_is_handed_in(self):
        text = self.read("kernel/boot/entry.S", root=self.mine)
        at = text.index("boot.2\n") + len("boot.2\n")
        self.write("kernel/boot/entry.S", text[:at] + "  nop\n" + text[at:], root=self.mine)
        self.write("kernel/x86/uart.cc", "// all mine\n", root=self.mine)
        self.assert_left()

    def test_is_a_change_outside_of_markers(self):
        text = self.read("kernel/boot/entry.S", root=self.mine)
        self.write("kernel/boot/entry.S", "// mine\n" + text, root=self.mine)
        os.remove(os.path.join(self.mine, "kernel/main.cc"))
        self.assert_left(
            "kernel/boot/entry.S:1: warning: changed outside of the exercises; the course's own file is used instead",
            "kernel/main.cc:1: warning: gone; the course's own file is used instead",
        )

    def test_is_a_new_source(self):
        self.write("kernel/x86/mine.hh", "int x;\n", root=self.mine)
        self.write("notes.hh", "not compiled\n", root=self.mine)
        self.assert_left("kernel/x86/mine.hh:1: warning: a new file; it is not taken along")


if __name__ == "__main__":
    unittest.main()
