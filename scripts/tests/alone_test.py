"""One exercise of a submission with the reference's code in all others, and exercises that are still the starter's."""

import os
import unittest

from fixture import LAB_BOOT, StagingTest, UART
from staging.unanswered import STARTERS, unanswered


class Alone(StagingTest):
    def setUp(self):
        super().setUp()
        self.mine = self.submission()
        self.edit("kernel/x86/uart.cc", "out8(port_, byte);", "out8(port_, 'x');", self.mine)
        self.edit("kernel/boot/entry.S", "mov $page_tables", "mov $mine", self.mine)

    def alone(self, exercise):
        self.stage("--force", "--answers", self.mine, "--alone", exercise)

    def test_has_the_references_code_in_all_other_exercises(self):
        self.alone("boot.1")
        self.assertIn("'x'", self.read("kernel/x86/uart.cc"))
        self.assertIn("page_tables", self.read("kernel/boot/entry.S"))
        self.alone("boot.2")
        self.assertNotIn("'x'", self.read("kernel/x86/uart.cc"))
        self.assertIn("$mine", self.read("kernel/boot/entry.S"))

    def test_takes_a_whole_file_only_along_with_its_own_exercise(self):
        self.edit("kernel/x86/uart.cc", '#include "uart.hh"', '#include "mine.hh"', self.mine)
        self.alone("boot.2")
        self.assertIn("uart.hh", self.read("kernel/x86/uart.cc"))
        self.alone("boot.1")
        self.assertIn("mine.hh", self.read("kernel/x86/uart.cc"))

    def test_is_the_solution_when_the_exercise_is_the_references(self):
        self.alone("boot.3")
        solution = os.path.join(self.room, "solution")
        self.stage("--solution", out=solution)
        self.assertEqual(self.tree_of(solution), self.tree_of(self.out))

    def test_writes_nothing_when_nothing_else_was_handed_in(self):
        mine = os.path.join(self.room, "only")
        self.stage("--solution", out=mine)
        self.edit("kernel/boot/entry.S", "mov $page_tables", "mov $mine", mine)
        status, out, _ = self.run_stage(
            "--lab", "boot", "--out", self.out, "--no-git", "--answers", mine, "--alone", "boot.2"
        )
        self.assertEqual((status, out), (4, ""))
        self.assertFalse(os.path.exists(self.out))

    def test_wants_an_exercise_of_the_lab_and_one_submission(self):
        options = ["--lab", "boot", "--out", self.out, "--no-git"]
        self.assert_refused([*options, "--answers", self.mine, "--alone", "boot.9"], "no exercise 'boot.9'")
        self.assertEqual(self.run_stage(*options, "--alone", "boot.1")[0], 2)
        self.assertEqual(
            self.run_stage(*options, "--answers", self.mine, "--alone", "boot.1", "--solution")[0], 2
        )


class AloneInOneFile(StagingTest):
    """Two exercises in one file that is handed in as a whole."""

    files = {
        **StagingTest.files,
        "kernel/x86/uart.cc": UART.replace("boot.1b", "boot.2b"),
        "labs/1-boot/lab.toml": LAB_BOOT.replace(', "boot.1b" = "kernel/x86/uart.cc"', "").replace(
            '{ "boot.2" =', '{ "boot.2b" = "kernel/x86/uart.cc", "boot.2" ='
        ),
        "labs/1-boot/mutants.toml": "",
        "labs/1-boot/alternatives/patient.cc": "//@ says nothing\n",
    }

    def test_keeps_all_of_it_but_the_others_regions(self):
        mine = self.submission()
        self.edit("kernel/x86/uart.cc", "out8(port_, byte);", "out8(port_, 'x');", mine)
        self.edit("kernel/x86/uart.cc", "kDivisorLatch", "mine()", mine)
        self.edit("kernel/x86/uart.cc", '#include "uart.hh"', '#include "mine.hh"', mine)
        self.edit("kernel/kernel.ld", "*(.data*)", "*(.mine)", mine)
        self.stage("--force", "--answers", mine, "--alone", "boot.1")
        text = self.read("kernel/x86/uart.cc")
        self.assertEqual(("mine()" in text, "'x'" in text, "mine.hh" in text), (True, False, True))
        self.stage("--force", "--answers", mine, "--alone", "boot.2")
        text = self.read("kernel/x86/uart.cc")
        self.assertEqual(("mine()" in text, "'x'" in text, "mine.hh" in text), (False, True, True))


class Unanswered(StagingTest):
    def setUp(self):
        super().setUp()
        self.stage()

    def test_are_all_exercises_of_a_starter_and_none_of_a_solution(self):
        self.assertEqual(unanswered(self.out), ["boot.1", "boot.2", "boot.3"])
        self.assertEqual(unanswered(self.submission()), [])

    def test_are_not_those_with_one_region_that_has_changed(self):
        self.edit("kernel/x86/uart.cc", "(void)byte;", "out8(0, byte);", self.out)
        self.edit("Makefile", "#@ exercise boot.3a", "#@ exercise boot.3a\n\ttouch $@", self.out)
        self.assertEqual(unanswered(self.out), ["boot.2"])

    def test_are_not_those_whose_whole_file_has_changed_elsewhere(self):
        self.edit("kernel/x86/uart.cc", '#include "uart.hh"', "static int helper();", self.out)
        self.edit("kernel/main.cc", "main()", "main(int)", self.out)
        self.assertEqual(unanswered(self.out), ["boot.2", "boot.3"])

    def test_do_not_depend_on_blanks(self):
        self.edit("kernel/x86/uart.cc", "(void)byte;", "\n\t(void)byte;  \n", self.out)
        self.assertEqual(unanswered(self.out), ["boot.1", "boot.2", "boot.3"])

    def test_are_not_those_whose_markers_are_gone(self):
        self.edit("kernel/boot/entry.S", "//@ exercise boot.2\n", "", self.out)
        self.assertEqual(unanswered(self.out), ["boot.1", "boot.3"])

    def test_are_those_of_the_new_lab_in_a_tree_that_goes_on(self):
        later = os.path.join(self.room, "later")
        self.stage("--from", self.out, lab="monitor", out=later)
        self.assertEqual(unanswered(later), ["monitor.1"])

    def test_are_known_of_trees_with_answers(self):
        self.edit("kernel/x86/uart.cc", "(void)byte;", "out8(0, byte);", self.out)
        tree = os.path.join(self.room, "graded")
        self.stage("--answers", self.out, out=tree)
        self.assertEqual(unanswered(tree), ["boot.2", "boot.3"])

    def test_are_none_where_the_starter_is_not_known(self):
        os.remove(os.path.join(self.out, STARTERS))
        self.assertEqual(unanswered(self.out), [])


if __name__ == "__main__":
    unittest.main()
