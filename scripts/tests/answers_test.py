"""Submissions, answers files, mutants, alternatives: the parts that are taken, and the parts that are refused."""

import os
import unittest
from unittest import mock

from fixture import StagingTest


class Submission(StagingTest):
    def setUp(self):
        super().setUp()
        self.mine = self.submission()

    def take(self):
        self.stage("--answers", self.mine)

    def refuse(self, *messages):
        return self.assert_stage_refused(
            *(f"{self.mine}/{message}" for message in messages), extra=["--answers", self.mine]
        )

    def test_of_a_solution_gives_the_solution(self):
        self.take()
        self.assertEqual(self.tree_of(self.out), self.tree_of(self.mine))
        self.assertIn('kind = "answers"', self.read(".stage"))

    def test_gives_listed_files_whole(self):
        self.write("kernel/x86/uart.cc", "// all mine, without markers\n", root=self.mine)
        self.take()
        self.assertEqual(self.read("kernel/x86/uart.cc"), "// all mine, without markers\n")

    def test_gives_only_the_regions_of_other_files(self):
        self.edit("kernel/boot/entry.S", "    ret", "    jmp cheat", root=self.mine)
        self.edit("kernel/boot/entry.S", "%eax, %cr3", "%eax, %cr3 // mine", root=self.mine)
        self.take()
        self.assertIn(
            "%eax, %cr3 // mine\n    //@ end\n    ret\n", self.read("kernel/boot/entry.S")
        )

    def test_gives_nothing_else(self):
        self.write("labs/1-boot/tests/uart.cc", "cheat\n", root=self.mine)
        self.write("kernel/extra.cc", "cheat\n", root=self.mine)
        self.write("scripts/tool", "cheat\n", root=self.mine)
        self.write(".stage", "cheat\n", root=self.mine)
        self.take()
        reference = os.path.join(self.room, "reference")
        self.stage("--solution", out=reference)
        self.assertEqual(self.tree_of(self.out), self.tree_of(reference))

    def test_may_have_windows_line_ends_and_a_byte_order_mark(self):
        for path in ("kernel/x86/uart.cc", "kernel/boot/entry.S"):
            text = self.read(path, self.mine)
            self.write(path, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(), root=self.mine)
        self.take()
        reference = os.path.join(self.room, "reference")
        self.stage("--solution", out=reference)
        self.assertEqual(self.tree_of(self.out), self.tree_of(reference))

    def test_goes_on_top_of_solved_exercises(self):
        self.edit("kernel/boot/entry.S", "mov %eax, %cr3", "mine", root=self.mine)
        self.stage("--solve", "boot.3", "--answers", self.mine)
        self.assertIn("    mine\n", self.read("kernel/boot/entry.S"))

    def test_without_a_file_is_refused(self):
        os.remove(os.path.join(self.mine, "kernel/x86/uart.cc"))
        os.remove(os.path.join(self.mine, "kernel/boot/entry.S"))
        self.refuse(
            "kernel/x86/uart.cc:1: error: the file is missing",
            "kernel/boot/entry.S:1: error: the file is missing",
        )

    def test_that_is_empty_or_not_there_is_refused(self):
        empty = os.path.join(self.room, "empty")
        os.mkdir(empty)
        self.assert_stage_refused(
            f"{empty}/Makefile:1: error: the file is missing", extra=["--answers", empty]
        )
        self.assert_stage_refused(
            f"{empty}/no:1: error: the file is missing", extra=["--answers", f"{empty}/no"]
        )

    def test_without_a_marker_is_refused(self):
        self.edit("kernel/boot/entry.S", "    //@ exercise boot.2\n", "", root=self.mine)
        self.refuse(
            "kernel/boot/entry.S:5: error: 'end' without an 'exercise' above",
            "kernel/boot/entry.S:1: error: the markers of boot.2 are missing",
        )

    def test_without_an_end_is_refused(self):
        self.edit("kernel/kernel.ld", "  /*@ end */\n", "", root=self.mine)
        self.refuse("kernel/kernel.ld:2: error: boot.3 has no 'end'")

    def test_with_a_region_twice_is_refused(self):
        self.edit(
            "kernel/boot/entry.S",
            "    ret\n",
            "    //@ exercise boot.2\n    //@ end\n",
            root=self.mine,
        )
        self.refuse("kernel/boot/entry.S:7: error: boot.2 appears a second time (first on line 3)")

    def test_with_a_region_in_a_region_is_refused(self):
        self.edit("Makefile", "#@ end\n", "#@ exercise boot.3\n#@ end\n", root=self.mine)
        self.refuse("Makefile:4: error: 'exercise' inside boot.3a")

    def test_with_an_unknown_region_is_refused(self):
        self.edit("Makefile", "exercise boot.3a", "exercise boot.3b", root=self.mine)
        self.refuse(
            "Makefile:2: error: there is no exercise boot.3b",
            "Makefile:1: error: the markers of boot.3a are",
        )

    def test_with_other_markers_is_refused(self):
        for text in ("lab boot.2: x", "since boot", "todo", "", "end of it", "exercise"):
            self.write("kernel/boot/entry.S", f"//@ {text}\n", root=self.mine)
            self.refuse("kernel/boot/entry.S:1: error: ")

    def test_with_symbolic_links_is_refused(self):
        secret = self.write("secret", "secret\n", root=self.room)
        for path in ("kernel/x86/uart.cc", "kernel/boot/entry.S"):
            os.remove(os.path.join(self.mine, path))
            os.symlink(secret, os.path.join(self.mine, path))
        os.rename(os.path.join(self.mine, "kernel"), os.path.join(self.mine, "elsewhere"))
        self.assertEqual(
            self.refuse("kernel/x86/uart.cc:1: error: the file is missing").count("symbolic"), 0
        )
        os.symlink("elsewhere", os.path.join(self.mine, "kernel"))
        self.refuse("kernel/kernel.ld:1: error: symbolic link")
        os.remove(os.path.join(self.mine, "kernel"))
        os.rename(os.path.join(self.mine, "elsewhere"), os.path.join(self.mine, "kernel"))
        self.refuse(
            "kernel/x86/uart.cc:1: error: symbolic link",
            "kernel/boot/entry.S:1: error: symbolic link",
        )

    def test_with_folders_pipes_or_files_in_the_way_is_refused(self):
        os.remove(os.path.join(self.mine, "kernel/x86/uart.cc"))
        os.mkfifo(os.path.join(self.mine, "kernel/x86/uart.cc"))
        os.remove(os.path.join(self.mine, "kernel/kernel.ld"))
        os.mkdir(os.path.join(self.mine, "kernel/kernel.ld"))
        os.remove(os.path.join(self.mine, "kernel/boot/entry.S"))
        os.rmdir(os.path.join(self.mine, "kernel/boot"))
        self.write("kernel/boot", "no folder\n", root=self.mine)
        self.refuse(
            "kernel/x86/uart.cc:1: error: not a regular file",
            "kernel/kernel.ld:1: error: not a regular file",
            "kernel/boot/entry.S:1: error: the file is missing",
        )

    def test_with_files_over_a_mebibyte_is_refused(self):
        self.write("kernel/x86/uart.cc", b"\n" * (1 << 20), root=self.mine)
        self.take()
        self.write("kernel/x86/uart.cc", b"\n" * ((1 << 20) + 1), root=self.mine)
        self.assert_stage_refused(
            "kernel/x86/uart.cc:1: error: larger than 1 MiB",
            extra=["--force", "--answers", self.mine],
        )

    def test_in_any_encoding_keeps_its_bytes(self):
        odd = [
            "// 注释: 编码".encode("gbk"),
            "// Größe".encode("latin-1"),
            "// コメント".encode("shift_jis"),
            b"// \0 and \xff\xfe",
            "// one\u2028two\x0cthree\rfour".encode(),
            b"// no end of line",
        ]
        self.write("kernel/x86/uart.cc", b"\n".join(odd), root=self.mine)
        entry = self.read("kernel/boot/entry.S", root=self.mine).encode()
        begin = entry.index(b"boot.2\n") + len(b"boot.2\n")
        mixed = b"".join(line + b"\r\n" for line in odd)
        self.write("kernel/boot/entry.S", entry[:begin] + mixed + entry[begin:], root=self.mine)
        self.take()
        with open(os.path.join(self.out, "kernel/x86/uart.cc"), "rb") as file:
            self.assertEqual(b"\n".join(odd), file.read())
        with open(os.path.join(self.out, "kernel/boot/entry.S"), "rb") as file:
            self.assertIn(b"\n".join(odd), file.read())

    def test_that_begins_with_a_byte_order_mark_is_taken_without_it(self):
        self.write("kernel/x86/uart.cc", b"\xef\xbb\xbfint x;\n", root=self.mine)
        self.take()
        self.assertEqual("int x;\n", self.read("kernel/x86/uart.cc"))

    def test_that_cannot_be_read_is_not_at_fault(self):
        really_open = os.open

        def open_others(path, *arguments, **options):
            if str(path).startswith(self.mine):
                raise PermissionError(13, "Permission denied")
            return really_open(path, *arguments, **options)

        with mock.patch("os.open", open_others):
            status, _, err = self.run_stage(
                "--lab", "boot", "--out", self.out, "--answers", self.mine
            )
        self.assertEqual(3, status)
        self.assertIn("cannot be read: Permission denied", err)

    def test_cannot_put_control_characters_into_messages(self):
        self.write("kernel/boot/entry.S", "//@ \x1b[31m" + "x" * 500 + "\n", root=self.mine)
        err = self.refuse("kernel/boot/entry.S:1: error: unknown marker '//@ ?[31m")
        self.assertNotIn("\x1b", err)
        self.assertNotIn("x" * 100, err)

    def test_cannot_read_outside_of_its_folder_even_when_the_lab_says_so(self):
        self.edit("labs/1-boot/lab.toml", 'files = ["kernel/x86/uart.cc"]', 'files = ["../secret"]')
        self.assert_stage_refused(
            "'../secret' in 'files' is not in the stage", extra=["--answers", self.mine]
        )


class AnswersFile(StagingTest):
    def answers(self, text, name="answers.cc"):
        return self.write(name, text, root=self.room)

    def refuse(self, text, message):
        path = self.answers(text)
        self.assert_stage_refused(f"{path}:{message}", extra=["--answers", path])

    def test_fills_the_regions_it_answers(self):
        self.stage("--answers", self.answers("// mine\n//@ answer boot.2\n    nop\n\n//@ end\n"))
        self.assertIn(
            "//@ exercise boot.2\n    nop\n\n    //@ end", self.read("kernel/boot/entry.S")
        )
        self.assertIn("(void)byte;", self.read("kernel/x86/uart.cc"))

    def test_may_empty_a_region(self):
        self.stage("--solution", "--answers", self.answers("//@ answer boot.2\n//@ end\n"))
        self.assertIn("//@ exercise boot.2\n    //@ end", self.read("kernel/boot/entry.S"))

    def test_of_several_the_last_wins(self):
        one = self.answers(
            "//@ answer boot.2\none\n//@ end\n//@ answer boot.1a\nkept\n//@ end\n", "one"
        )
        two = self.answers("//@ answer boot.2\ntwo\n//@ end\n", "two")
        self.stage("--answers", one, two)
        self.assertIn("exercise boot.2\ntwo\n", self.read("kernel/boot/entry.S"))
        self.assertIn("exercise boot.1a\nkept\n", self.read("kernel/x86/uart.cc"))

    def test_fills_regions_of_a_file_that_a_submission_brought_whole(self):
        mine = self.submission()
        self.edit("kernel/x86/uart.cc", "a byte to the wire", "mine", root=mine)
        self.stage("--answers", mine, self.answers("//@ answer boot.1a\nmore\n//@ end\n"))
        self.assertIn("mine", self.read("kernel/x86/uart.cc"))
        self.assertIn("//@ exercise boot.1a\nmore\n  //@ end", self.read("kernel/x86/uart.cc"))

    def test_for_a_whole_file_without_markers_is_refused(self):
        mine = self.submission()
        self.write("kernel/x86/uart.cc", "no markers\n", root=mine)
        answers = self.answers("//@ answer boot.1a\nmore\n//@ end\n")
        self.assert_stage_refused(
            "kernel/x86/uart.cc:1: error: the markers of boot.1a are missing",
            extra=["--answers", mine, answers],
        )

    def test_with_an_unknown_region_is_refused(self):
        self.refuse("//@ answer boot.9\n//@ end\n", "1: error: lab boot has no region 'boot.9'")
        self.refuse(
            "//@ answer monitor.1\n//@ end\n", "1: error: lab boot has no region 'monitor.1'"
        )
        self.refuse("//@ answer\n//@ end\n", "1: error: lab boot has no region ''")

    def test_with_an_answer_twice_is_refused(self):
        self.refuse(
            "//@ answer boot.2\n//@ end\n" * 2, "3: error: boot.2 is answered a second time"
        )

    def test_with_unbalanced_markers_is_refused(self):
        self.refuse("//@ answer boot.2\nx\n", "1: error: answer boot.2 has no 'end'")
        self.refuse("//@ end\n", "1: error: 'end' without an 'answer'")
        self.refuse(
            "//@ answer boot.2\n//@ answer boot.3\n//@ end\n",
            "2: error: 'answer' inside answer boot.2",
        )

    def test_with_code_outside_or_unknown_words_is_refused(self):
        self.refuse("int x;\n", "1: error: code outside of an answer")
        self.refuse("//@ anser boot.2\n", "1: error: unknown marker '//@ anser'")
        self.refuse(
            "//@ answer boot.2\n//@ says x\n//@ end\n", "2: error: unknown marker '//@ says'"
        )


class Mutant(StagingTest):
    def test_is_the_solution_with_its_edits(self):
        self.stage("--mutant", "uart-no-wait")
        self.assertIn(
            "//@ exercise boot.1b\n  \n\n  out8(port_, byte);\n", self.read("kernel/x86/uart.cc")
        )
        self.assertIn("kDivisorLatch", self.read("kernel/x86/uart.cc"))
        self.assertIn("%cr3", self.read("kernel/boot/entry.S"))
        self.assertIn('kind = "answers"', self.read(".stage"))

    def test_may_replace_a_whole_body(self):
        self.stage("--mutant", "entry-forgets")
        self.assertIn("//@ exercise boot.2\n    nop\n    //@ end", self.read("kernel/boot/entry.S"))

    def test_may_edit_one_region_several_times(self):
        self.edit(
            "labs/1-boot/mutants.toml",
            '{ region = "boot.2", body = "    nop" }',
            (
                '{ region = "boot.2", replace = "$page_tables", with = "$0" },'
                ' { region = "boot.2", replace = "$0", with = "$1" }'
            ),
        )
        self.stage("--mutant", "entry-forgets")
        self.assertIn("mov $1, %eax\n    mov %eax, %cr3", self.read("kernel/boot/entry.S"))

    def test_that_is_unknown_is_refused(self):
        self.assert_stage_refused(
            (
                "labs/1-boot/mutants.toml:1: error: lab boot has no mutant 'x'; there are: "
                "uart-no-wait, entry-forgets"
            ),
            extra=["--mutant", "x"],
        )


class Alternative(StagingTest):
    def test_is_the_solution_with_other_bodies(self):
        self.stage("--alternative", "patient")
        self.assertIn(
            "    pause();\n  }\n  out8(port_, byte);\n  //@ end", self.read("kernel/x86/uart.cc")
        )
        self.assertIn("%cr3", self.read("kernel/boot/entry.S"))

    def test_that_is_unknown_is_refused(self):
        self.assert_stage_refused(
            "lab boot has no alternative '../mutants'; there are: patient",
            extra=["--alternative", "../mutants"],
        )


if __name__ == "__main__":
    unittest.main()
