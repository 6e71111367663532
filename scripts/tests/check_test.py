"""What --check finds beyond staging: functions, handouts, mutants.toml and alternatives."""

import unittest

from fixture import MUTANTS, StagingTest, line_of

BOOT = "labs/1-boot/lab.toml"


class CheckRefuses(StagingTest):
    """What does not keep anyone from staging, but must not reach main."""

    def refuse(self, path, old, new, message):
        self.edit(path, old, new)
        self.assert_check_refused(
            f"{path}:{line_of(self.read(path, self.tree), new)}: error: {message}"
        )
        self.stage()

    def test_a_function_that_does_not_exist(self):
        self.refuse(
            BOOT, '"Uart::send"', '"Uart::sent"', "no function Uart::sent in kernel/x86/uart.cc"
        )

    def test_a_function_in_another_scope(self):
        self.refuse(
            BOOT, '"Uart::send"', '"Port::send"', "no function Port::send in kernel/x86/uart.cc"
        )

    def test_a_handout_that_does_not_exist(self):
        self.refuse(
            BOOT,
            "handouts/1-boot.md#exercise-2",
            "handouts/2.md#x",
            "handout handouts/2.md#x does not exist",
        )

    def test_an_omits_glob_that_matches_nothing(self):
        self.refuse(
            BOOT,
            '"labs/1-boot/mutants.toml"',
            '"labs/1-boot/mutants.toml", "kernel/monitor.c"',
            "'kernel/monitor.c' in 'omits' matches no file",
        )

    def test_an_alternative_that_says_nothing_or_answers_nothing(self):
        self.write("labs/1-boot/alternatives/empty.cc", "// nothing\n")
        self.assert_check_refused(
            "labs/1-boot/alternatives/empty.cc:1: error: no 'says SENTENCE'",
            "labs/1-boot/alternatives/empty.cc:1: error: answers no region",
        )

    def test_an_alternative_of_an_unknown_region(self):
        self.write("labs/1-boot/alternatives/odd.cc", "//@ says odd\n//@ answer boot.9\n//@ end\n")
        self.assert_check_refused(
            "labs/1-boot/alternatives/odd.cc:2: error: lab boot has no region 'boot.9'"
        )


class MutantsAreRefused(StagingTest):
    def refuse(self, old, new, message, at=None):
        self.assertEqual(MUTANTS.count(old), 1, old)
        text = MUTANTS.replace(old, new)
        self.write("labs/1-boot/mutants.toml", text)
        self.assert_check_refused(
            f"labs/1-boot/mutants.toml:{line_of(text, at or new)}: error: {message}"
        )

    def test_with_unknown_keys(self):
        for key in ("catched_by", "fails", "loses", "may_fail"):
            self.refuse('says = "does nothing"', f'says = "does nothing"\n{key} = []', f"unknown key '{key}'", at=key)
        self.refuse(
            'body = "    nop"',
            'bodi = "    nop"',
            "unknown key 'bodi' in an edit of mutant 'entry-forgets'",
        )

    def test_with_a_text_that_does_not_occur_once(self):
        self.refuse(
            'replace = "while',
            'replace = "until',
            "'until (!(in8(port_ + kStatus) & kEmpty)) pause();' occurs 0 times in region boot.1b",
        )
        self.refuse(
            '"while (!(in8(port_ + kStatus) & kEmpty)) pause();"',
            '"port_"',
            "'port_' occurs 2 times in region boot.1b",
        )
        self.refuse(
            '"while (!(in8(port_ + kStatus) & kEmpty)) pause();"', '""', "'' occurs 0 times"
        )

    def test_with_an_unknown_region_or_test(self):
        self.refuse(
            'region = "boot.2"',
            'region = "boot.22"',
            "an edit of mutant 'entry-forgets' names an unknown region 'boot.22'",
        )
        self.refuse(
            '"entry.arrives"',
            '"entry.arrive"',
            "mutant 'entry-forgets' names an unknown test 'entry.arrive'",
        )

    def test_in_the_line_of_the_wrong_edit(self):
        self.refuse(
            'edits = [ { region = "boot.2", body = "    nop" } ]',
            (
                'edits = [\n  { region = "boot.2", body = "nop" },\n  { region = "boot.77", body ='
                ' "" } ]'
            ),
            "an edit of mutant 'entry-forgets' names an unknown region 'boot.77'",
            at="boot.77",
        )

    def test_with_both_kinds_of_edit_or_none(self):
        self.refuse(
            'body = "    nop"',
            'body = "    nop", with = ""',
            "an edit of mutant 'entry-forgets' needs either",
        )
        self.refuse(
            'region = "boot.2", body = "    nop"',
            'region = "boot.2"',
            "an edit of mutant 'entry-forgets' needs either",
        )

    def test_with_no_edit_or_one_that_changes_nothing(self):
        self.refuse(
            '[ { region = "boot.2", body = "    nop" } ]',
            "[]",
            "mutant 'entry-forgets' has no edits",
        )
        self.refuse(
            '"    nop"',
            '"    mov $page_tables, %eax\\n    mov %eax, %cr3"',
            "mutant 'entry-forgets' leaves region boot.2 as it is",
        )

    def test_with_a_name_or_a_test_twice(self):
        self.write("labs/1-boot/mutants.toml", MUTANTS.replace("entry-forgets", "uart-no-wait"))
        self.assert_check_refused(
            "labs/1-boot/mutants.toml:9: error: mutant 'uart-no-wait' appears a second time"
        )
        self.refuse(
            '["uart.every_byte_arrives"]',
            '["uart.every_byte_arrives", "uart.every_byte_arrives"]',
            "mutant 'uart-no-wait' names test 'uart.every_byte_arrives' twice",
        )

    def test_that_no_test_catches_or_too_many(self):
        for tests in ("", '"uart.every_byte_arrives", "uart.is_set_up", "entry.arrives", "uart.is_set_up"'):
            self.refuse(
                '["uart.every_byte_arrives"]',
                f"[{tests}]",
                f"mutant 'uart-no-wait' names {tests.count('.')} tests that catch it; name one to 3",
                at=f"caught_by = [{tests}]",
            )

    def test_that_are_caught_by_a_test_of_another_exercise(self):
        self.refuse(
            '["uart.every_byte_arrives"]',
            '["entry.arrives"]  # here',
            "mutant 'uart-no-wait' edits boot.1, and 'entry.arrives' is a test of boot.2",
            at="# here",
        )


if __name__ == "__main__":
    unittest.main()
