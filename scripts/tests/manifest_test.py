"""lab.toml: each wrong entry is found where it is written."""

import os
import unittest

from fixture import LAB_BOOT, StagingTest, line_of

BOOT = "labs/1-boot/lab.toml"


class ManifestIsRefused(StagingTest):
    def refuse(self, old, new, message, at=None):
        """With `new` for `old`, staging must complain in the line of `at` (default: `new`)."""
        self.assertEqual(LAB_BOOT.count(old), 1, old)
        text = LAB_BOOT.replace(old, new)
        self.write(BOOT, text)
        expected = f"{BOOT}:{line_of(text, at or new)}: error: {message}"
        self.assert_stage_refused(expected)
        return self.assert_check_refused(expected)

    def test_when_it_is_no_toml(self):
        self.refuse("number = 1", "number = = 1", "not TOML")
        self.write(BOOT, LAB_BOOT + "bands = [")
        self.assert_check_refused(f"{BOOT}:{len(LAB_BOOT.splitlines()) + 1}: error: not TOML")

    def test_with_an_unknown_key_and_says_which_was_meant(self):
        self.refuse(
            "hours = 2.5", "huors = 2.5", "unknown key 'huors' in [exercise]; did you mean 'hours'?"
        )
        self.refuse(
            'hint = "cr3"',
            'hint = "cr3"\nseconds = 3',
            "unknown key 'seconds' in [test]",
            at="seconds",
        )
        self.refuse("{ within = 2,", "{ within = 2, upto = 3,", "unknown key 'upto' in a band")

    def test_with_an_unknown_table(self):
        self.refuse(
            '[[exercise]]\nid = "boot.2"',
            '[[excercise]]\nid = "boot.2"',
            "unknown key 'excercise'; did you mean 'exercise'?",
            at="[[excercise]]",
        )

    def test_with_a_table_of_the_wrong_kind(self):
        self.refuse(
            "[[checkpoint]]", "[checkpoint]", "'checkpoint' is no table; write it as [[checkpoint]]"
        )

    def test_with_a_missing_key(self):
        text = LAB_BOOT.replace('title = "Entry"\n', "")
        self.write(BOOT, text)
        line = line_of(text, 'id = "boot.2"') - 1
        self.assert_check_refused(f"{BOOT}:{line}: error: [exercise] has no 'title'")

    def test_with_a_value_of_the_wrong_type(self):
        self.refuse("points = 20", 'points = "20"', "'points' in [exercise] is no whole number")
        self.refuse("points = 20", "points = -20", "'points' in [exercise] is no whole number")
        self.refuse(
            'functions = ["entry"]',
            'functions = "entry"',
            "'functions' in [exercise] is no list of texts",
        )
        self.refuse("points = 20", "points = true", "'points' in [exercise] is no whole number")

    def test_without_lab_table(self):
        self.write(BOOT, "[submission]\nfiles = []\n")
        self.assert_check_refused(f"{BOOT}:1: error: no [lab] table")

    def test_in_a_folder_of_another_name(self):
        self.refuse("number = 1", "number = 2", "folder labs/1-boot is not labs/2-boot", at="[lab]")

    def test_with_the_number_of_another_lab(self):
        self.write("labs/1-late/lab.toml", LAB_BOOT.replace('name = "boot"', 'name = "late"'))
        self.assert_check_refused(
            "labs/1-late/lab.toml:1: error: '1' is also the lab of labs/1-boot/lab.toml"
        )

    def test_with_a_region_that_is_not_in_its_file(self):
        self.refuse(
            '"boot.2" = "kernel/boot/entry.S"',
            '"boot.2" = "kernel/main.cc"',
            "kernel/main.cc has no region boot.2 (it is in kernel/boot/entry.S:3)",
        )
        self.refuse(
            '"boot.2" = "kernel/boot/entry.S"',
            '"boot.2b" = "kernel/boot/entry.S"',
            "kernel/boot/entry.S has no region boot.2b",
        )

    def test_with_a_region_in_a_file_that_does_not_exist(self):
        self.refuse(
            '"boot.2" = "kernel/boot/entry.S"',
            '"boot.2" = "kernel/boot/no.S"',
            "kernel/boot/no.S does not exist",
        )
        self.refuse(
            '"boot.2" = "kernel/boot/entry.S"',
            '"boot.2" = "../entry.S"',
            "../entry.S does not exist",
        )

    def test_with_a_region_in_a_file_that_is_not_staged(self):
        self.refuse(
            'omits = ["labs/1-boot/mutants.toml"',
            'omits = ["kernel/boot/*", "labs/1-boot/mutants.toml"',
            "kernel/boot/entry.S is not in the stage of boot",
            at='"boot.2" = ',
        )

    def test_with_a_region_of_another_exercise(self):
        self.refuse(
            '"boot.2" = "kernel/boot/entry.S"',
            '"boot.3b" = "kernel/boot/entry.S"',
            "region 'boot.3b' is not boot.2 with an optional letter",
        )

    def test_with_a_region_twice(self):
        text = LAB_BOOT.replace('id = "boot.2"', 'id = "boot.1"').replace(
            '"boot.2" = "kernel', '"boot.1a" = "kernel'
        )
        self.write(BOOT, text)
        self.assert_check_refused(
            f"{BOOT}:{line_of(text, 'entry.S')}: error: region 'boot.1a' appears a second time",
            "error: exercise 'boot.1' appears a second time",
        )

    def test_with_an_exercise_without_region(self):
        self.refuse(
            'regions = { "boot.2" = "kernel/boot/entry.S" }',
            "regions = {}",
            "exercise boot.2 has no region",
        )

    def test_with_an_exercise_of_another_lab(self):
        self.refuse('id = "boot.2"', 'id = "root.2"', "exercise id 'root.2' is not boot.NUMBER")

    def test_with_a_submission_file_that_is_not_there(self):
        self.refuse(
            'files = ["kernel/x86/uart.cc"]',
            'files = ["kernel/uart.cc"]',
            "'kernel/uart.cc' in 'files' is not in the stage of boot",
        )

    def test_with_a_glob_that_matches_nothing(self):
        self.refuse('"scripts/*"]', '"scripts/*.rb"]', "'scripts/*.rb' in 'adds' matches no file")
        self.refuse(
            '"kernel/**"', '"kernel/*"', "'kernel/x86/uart.cc' in 'files' is not", at="files ="
        )

    def test_with_mutants_or_alternatives_in_a_students_tree(self):
        self.refuse(
            '"labs/1-boot/mutants.toml", "labs/1-boot/alternatives/**"]',
            "]",
            "labs/1-boot/mutants.toml would be in a student's tree",
            at="omits",
        )
        self.refuse(
            ', "labs/1-boot/alternatives/**"]',
            "]",
            "labs/1-boot/alternatives/patient.cc would be in a student's tree",
            at="omits",
        )

    def test_without_readme(self):
        os.remove(os.path.join(self.tree, "labs/1-boot/README.md"))
        self.assert_check_refused(f"{BOOT}:1: error: labs/1-boot/README.md is missing")

    def test_with_points_that_are_not_the_sum_of_tests_and_best_bands(self):
        self.refuse(
            "points = 20",
            "points = 15",
            "exercise boot.2 has 15 points but its tests and best bands sum to 20",
        )
        self.refuse(
            "{ within = 2, points = 5 }",
            "{ within = 2, points = 11 }",
            "exercise boot.2 has 20 points but its tests and best bands sum to 21",
            at="points = 20",
        )

    def test_with_a_total_that_is_not_100(self):
        text = LAB_BOOT.replace("points = 30", "points = 31")
        self.write(BOOT, text)
        self.assert_check_refused(
            f"{BOOT}:1: error: the points of lab boot sum to 101; make them 100"
        )

    def test_with_a_test_or_checkpoint_of_an_unknown_exercise(self):
        self.refuse(
            'name = "entry.arrives"\nexercise = "boot.2"',
            'name = "entry.arrives"\nexercise = "boot.7"',
            "test 'entry.arrives' names an unknown exercise 'boot.7'",
            at='"boot.7"',
        )
        self.refuse(
            'name = "instructions_to_banner"\nexercise = "boot.2"',
            'name = "instructions_to_banner"\nexercise = "boot.8"',
            "checkpoint 'instructions_to_banner' names an unknown exercise 'boot.8'",
            at='"boot.8"',
        )

    def test_with_needs_that_are_unknown_or_its_own(self):
        self.refuse(
            'needs = ["boot.3"]',
            'needs = ["boot.33"]',
            "test 'entry.arrives' names an unknown exercise 'boot.33'",
        )
        self.refuse(
            'needs = ["boot.3"]',
            'needs = ["boot.2"]',
            "test 'entry.arrives' needs its own exercise",
        )

    def test_with_uses_that_are_unknown_or_needed_anyway(self):
        for uses, message in (
            ("boot.33", "test 'entry.arrives' names an unknown exercise 'boot.33'"),
            ("boot.2", "test 'entry.arrives' depends on boot.2 anyway"),
            ("boot.3", "test 'entry.arrives' depends on boot.3 anyway"),
        ):
            self.refuse(
                'needs = ["boot.3"]',
                f'needs = ["boot.3"]\nuses = ["{uses}"]',
                message,
                at="uses",
            )

    def test_with_a_test_name_that_is_none_or_appears_twice(self):
        self.refuse('name = "uart.is_set_up"', 'name = "uart"', "test 'uart' is not SUITE.TEST")
        text = LAB_BOOT.replace('"uart.is_set_up"', '"uart.every_byte_arrives"')
        self.write(BOOT, text)
        first = line_of(text, '"uart.every_byte_arrives"') - 1
        self.assert_check_refused(
            f"{BOOT}:{first + 8}: error: test 'uart.every_byte_arrives' appears a second time "
            f"(first on line {first})"
        )

    def test_with_an_unknown_machine_or_direction(self):
        self.refuse('machine = "bochs"', 'machine = "box"', "unknown machine 'box'")
        self.refuse(
            'better = "lower"',
            'better = "less"',
            "'better' of checkpoint 'instructions_to_banner' is neither",
        )

    def test_with_bands_that_say_nothing(self):
        self.refuse(
            "{ within = 2, points",
            "{ points",
            "a band of checkpoint 'instructions_to_banner' needs exactly",
        )
        self.refuse(
            "{ within = 2, points",
            "{ within = 2, at_most = 3, points",
            "a band of checkpoint 'instructions_to_banner' needs exactly",
        )
        self.refuse(
            "reference = 1000\n", "", "[checkpoint] has no 'reference'", at="[[checkpoint]]"
        )
        self.refuse(
            "within = 1.10", "within = 0.9", "a band of checkpoint 'instructions_to_banner' is within 0.9"
        )
        self.refuse(
            "within = 2, points = 5", "within = 2, points = 0",
            "a band of checkpoint 'instructions_to_banner' has no points",
        )

    def test_with_bands_that_are_out_of_order(self):
        message = "the bands of checkpoint 'instructions_to_banner' do not go from narrow to wide"
        self.refuse("within = 2,", "within = 1.05,", message)
        self.refuse("within = 2,", "within = 1.10,", message, at="bands")
        self.refuse("within = 2, points = 5", "within = 2, points = 10", message)
        self.refuse("within = 2,", "at_most = 1001,", message)

    def test_with_an_absolute_band_where_more_is_better(self):
        text = LAB_BOOT.replace('better = "lower"', 'better = "higher"').replace("within = 2,", "at_most = 2,")
        self.write(BOOT, text)
        self.assert_check_refused(
            f"{BOOT}:{line_of(text, 'at_most')}: error: a band of checkpoint 'instructions_to_banner'"
            " has 'at_most', but higher is better"
        )

    def test_with_a_number_that_is_none(self):
        for number in ("inf", "nan", "1e300", "-1.0"):
            self.refuse("hours = 2.5", f"hours = {number}", "'hours' in [exercise] is no number")

    def test_with_everything_at_once(self):
        text = LAB_BOOT.replace("hours = 2.5", "huors = 2.5\nhours = 2.5").replace(
            'machine = "bochs"', 'machine = "b"'
        )
        self.write(BOOT, text.replace("points = 30\nhours", "points = 29\nhours"))
        self.write("kernel/main.cc", "//@ end\n")
        self.assert_check_refused(
            "'huors'",
            "machine 'b'",
            "boot.3 has 29",
            "kernel/main.cc:1",
            "kernel/main.cc has no region monitor.1",
        )


if __name__ == "__main__":
    unittest.main()
