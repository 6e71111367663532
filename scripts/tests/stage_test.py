"""What is in a staged tree."""

import os
import subprocess
import unittest

from fixture import MAIN, UART, StagingTest


class Starter(StagingTest):
    def test_has_the_files_of_its_lab_and_no_others(self):
        self.stage()
        self.assertEqual(
            sorted(self.tree_of(self.out)),
            [
                ".stage-starters",
                ".stage-sums",
                "Makefile",
                "README.md",
                "kernel/boot/entry.S",
                "kernel/kernel.ld",
                "kernel/main.cc",
                "kernel/x86/uart.cc",
                "labs/1-boot/lab.toml",
                "labs/1-boot/tests/uart.cc",
                "scripts/tool",
            ],
        )

    def test_has_starter_lines_between_exercise_markers(self):
        self.stage()
        text = self.read("kernel/x86/uart.cc")
        self.assertIn("{\n  //@ exercise boot.1a\n  (void)this;\n  //@ end\n}", text)
        self.assertIn("{\n  //@ exercise boot.1b\n  (void)byte;\n  //@ end\n}", text)

    def test_has_an_empty_region_where_the_starter_line_is_empty(self):
        self.stage()
        self.assertIn("all:\n#@ exercise boot.3a\n#@ end\n", self.read("Makefile"))

    def test_writes_markers_in_the_comments_of_the_file(self):
        self.stage()
        self.assertIn(
            "    //@ exercise boot.2\n    hlt\n    //@ end\n", self.read("kernel/boot/entry.S")
        )
        self.assertIn(
            "  /*@ exercise boot.3 */\n  .all : { *(*) }\n  /*@ end */\n",
            self.read("kernel/kernel.ld"),
        )

    def test_has_no_blocks_of_later_labs_and_one_blank_line_where_they_were(self):
        self.stage()
        self.assertEqual(
            self.read("kernel/main.cc"),
            (
                "// main.cc — a table of contents.\nint main() {\n  uart.initialise();\n  return"
                " 0;\n}\n"
            ),
        )
        self.assertTrue(self.read("Makefile").endswith("#@ end\n\nclean:\n\trm -rf build\n"))

    def test_has_regions_of_later_labs_outside_of_blocks_as_they_are_solved(self):
        self.edit(
            "kernel/main.cc",
            MAIN[MAIN.index("  //@ since") : MAIN.index("  return 0")],
            "  //@ lab monitor.1: return 1;\n  join_the_mesh(core);\n  //@ end\n",
        )
        self.stage()
        self.assertNotIn("monitor", self.read("kernel/main.cc"))
        self.assertIn("  join_the_mesh(core);\n", self.read("kernel/main.cc"))

    def test_has_the_readme_of_its_lab_at_the_top(self):
        self.stage()
        self.assertEqual(self.read("README.md"), "lab 1\n")
        self.assertFalse(os.path.exists(os.path.join(self.out, "labs/1-boot/README.md")))

    def test_keeps_executables_executable_and_pictures_as_they_are(self):
        self.write("kernel/picture.png", b"\x89PNG\0\xff//@ lab\r\n")
        self.stage()
        tree = self.tree_of(self.out)
        self.assertTrue(tree["scripts/tool"][1])
        self.assertFalse(tree["Makefile"][1])
        self.assertEqual(tree["kernel/picture.png"][0], b"\x89PNG\0\xff//@ lab\r\n")

    def test_has_untracked_files_but_no_ignored_and_no_deleted_ones(self):
        self.write("kernel/x86/gone.cc", "gone\n")
        subprocess.run(["git", "-C", self.tree, "add", "kernel/x86/gone.cc"], check=True)
        os.remove(os.path.join(self.tree, "kernel/x86/gone.cc"))
        self.write("kernel/x86/new.cc", "new\n")
        self.write("kernel/x86/run.log", "ignored\n")
        self.stage()
        self.assertEqual(
            sorted(os.listdir(os.path.join(self.out, "kernel/x86"))), ["new.cc", "uart.cc"]
        )

    def test_can_be_asked_for_by_number(self):
        self.stage(lab="1")
        self.assertIn('lab = "boot"\nnumber = 1\nkind = "starter"\n', self.read(".stage"))

    def test_keeps_a_last_line_without_line_feed(self):
        self.write("kernel/x86/last.cc", "no line feed at the end")
        self.stage()
        self.assertEqual(self.read("kernel/x86/last.cc"), "no line feed at the end")


class Solution(StagingTest):
    def test_has_reference_bodies_in_all_regions(self):
        self.stage("--solution")
        self.assertEqual(
            self.read("kernel/x86/uart.cc"),
            UART.replace("lab boot.1a: (void)this;", "exercise boot.1a").replace(
                "lab boot.1b: (void)byte;", "exercise boot.1b"
            ),
        )
        self.assertIn("  .data : { *(.data*) }\n  /*@ end */\n", self.read("kernel/kernel.ld"))
        self.assertIn('kind = "solution"', self.read(".stage"))

    def test_of_one_exercise_fills_all_its_regions_and_no_others(self):
        self.stage("--solve", "boot.3")
        self.assertIn(".text : { *(.text*) }", self.read("kernel/kernel.ld"))
        self.assertIn("separate-code", self.read("Makefile"))
        self.assertIn("hlt", self.read("kernel/boot/entry.S"))
        self.assertIn("(void)byte;", self.read("kernel/x86/uart.cc"))

    def test_of_several_exercises_fills_these(self):
        self.stage("--solve", "boot.1,boot.2")
        self.assertIn("%cr3", self.read("kernel/boot/entry.S"))
        self.assertIn("kEmpty", self.read("kernel/x86/uart.cc"))
        self.assertNotIn("separate-code", self.read("Makefile"))

    def test_of_an_unknown_exercise_is_refused(self):
        self.assert_stage_refused(
            "labs/1-boot/lab.toml:1: error: lab boot has no exercise 'boot.9'",
            extra=["--solve", "boot.9"],
        )


class LaterLab(StagingTest):
    def test_has_earlier_solutions_as_plain_code(self):
        self.stage(lab="monitor")
        plain = "".join(line for line in UART.splitlines(True) if "//@" not in line)
        self.assertEqual(self.read("kernel/x86/uart.cc"), plain)

    def test_has_its_blocks_its_regions_and_its_files(self):
        self.stage(lab="monitor")
        self.assertIn(
            (
                "  start_monitor();\n  //@ exercise monitor.1\n  return 1;\n  //@ end\n "
                " wait_for_monitor();\n"
            ),
            self.read("kernel/main.cc"),
        )
        self.assertIn("\nmonitor: kernel/monitor.cc\n\nclean:", self.read("Makefile"))
        self.assertEqual(self.read("README.md"), "lab 4\n")
        self.assertTrue(os.path.exists(os.path.join(self.out, "kernel/monitor.cc")))

    def test_omits_what_an_earlier_lab_omits_too(self):
        self.stage(lab="monitor")
        self.assertFalse(os.path.exists(os.path.join(self.out, "labs/1-boot/mutants.toml")))


class FromAnEarlierTree(StagingTest):
    def setUp(self):
        super().setUp()
        self.mine = os.path.join(self.room, "mine")
        self.stage("--solution", out=self.mine)

    def test_takes_bodies_and_keeps_their_markers(self):
        self.edit("kernel/boot/entry.S", "mov %eax, %cr3", "mov %eax, %cr3 # mine", root=self.mine)
        self.stage("--from", self.mine, lab="monitor")
        self.assertIn(
            (
                "//@ exercise boot.2\n    mov $page_tables, %eax\n    mov %eax, %cr3 # mine\n   "
                " //@ end"
            ),
            self.read("kernel/boot/entry.S"),
        )

    def test_takes_files_of_a_submission_whole(self):
        self.write("kernel/x86/uart.cc", "all mine\n", root=self.mine)
        self.stage("--from", self.mine, lab="monitor")
        self.assertEqual(self.read("kernel/x86/uart.cc"), "all mine\n")

    def test_takes_only_bodies_of_files_that_the_later_lab_changes_and_says_so(self):
        self.write("kernel/x86/uart.cc", UART + "//@ since monitor\nvoid later();\n//@ end\n")
        self.edit("kernel/x86/uart.cc", "out8(port_, byte);", "out8(port_, mine);", root=self.mine)
        status, _, err = self.run_stage("--lab", "4", "--out", self.out, "--from", self.mine)
        self.assertEqual(status, 0)
        self.assertIn("kernel/x86/uart.cc: this lab changes the file", err)
        self.assertIn("out8(port_, mine);", self.read("kernel/x86/uart.cc"))
        self.assertIn("void later();", self.read("kernel/x86/uart.cc"))

    def test_says_which_labs_are_the_students_own(self):
        self.stage("--from", self.mine, lab="monitor")
        self.assertIn('own = ["boot", "monitor"]', self.read(".stage"))

    def test_keeps_the_later_labs_exercises_as_asked(self):
        self.stage("--from", self.mine, "--solution", lab="monitor")
        self.assertIn("join_the_mesh", self.read("kernel/main.cc"))

    def test_is_refused_without_stage_file(self):
        os.remove(os.path.join(self.mine, ".stage"))
        self.assert_refused(
            ["--lab", "4", "--out", self.out, "--from", self.mine],
            f"{self.mine}/.stage:1: error: the file is missing",
        )

    def test_is_refused_with_a_spoiled_stage_file(self):
        for text in (
            "lab = 1 2",
            'lab = "boot"\n',
            'lab = "boot"\nown = 3\n',
            'lab = "x"\nown = []\n',
            'lab = "boot"\nown = ["x"]\n',
            "lab = []\nown = []\n",
        ):
            self.write(".stage", text, root=self.mine)
            self.assert_refused(
                ["--lab", "4", "--out", self.out, "--from", self.mine],
                f"{self.mine}/.stage:1: error",
            )

    def test_is_refused_for_a_tree_of_the_same_lab(self):
        self.assert_stage_refused("which is not before boot", extra=["--from", self.mine])

    def test_is_refused_when_a_marker_is_gone(self):
        self.edit("kernel/boot/entry.S", "//@ exercise boot.2", "", root=self.mine)
        self.assert_refused(
            ["--lab", "4", "--out", self.out, "--from", self.mine],
            f"{self.mine}/kernel/boot/entry.S:6: error: 'end' without",
            f"{self.mine}/kernel/boot/entry.S:1: error: the markers of boot.2 are missing",
        )


if __name__ == "__main__":
    unittest.main()
