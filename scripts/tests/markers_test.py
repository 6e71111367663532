"""Markers in the source tree: every way to get them wrong has a message with its place."""

import unittest

from fixture import StagingTest

MAIN = "kernel/main.cc"


class MarkersAreRefused(StagingTest):
    def refuse(self, text, *messages, path=MAIN):
        """A file with this text must be refused by staging and by --check, with each message."""
        self.write(path, text)
        self.assert_stage_refused(*(f"{path}:{message}" for message in messages))
        return self.assert_check_refused(*(f"{path}:{message}" for message in messages))

    def test_with_an_unknown_word(self):
        self.refuse(
            "a\n//@ labb boot.1c: x\n//@ end\n",
            "2: error: unknown marker '//@ labb'",
            "3: error: 'end' without a begin",
        )
        self.refuse("//@ exercise boot.1c\n//@ end\n", "1: error: unknown marker '//@ exercise'")

    def test_without_blank_or_word(self):
        self.refuse("//@lab boot.1c: x\n", "1: error: unknown marker '//@lab boot.1c: x'")
        self.refuse("//@\n", "1: error: unknown marker '//@'")

    def test_that_end_without_a_begin(self):
        self.refuse("a\nb\n//@ end\n", "3: error: 'end' without a begin")

    def test_that_begin_without_an_end(self):
        self.refuse("a\n//@ since monitor\nb\n", "2: error: begin without an end")
        self.refuse("a\n//@ lab boot.1c: x\nb\n", "2: error: begin without an end")

    def test_with_text_after_end(self):
        self.refuse("//@ since monitor\n//@ end of monitor\n", "2: error: text after 'end'")

    def test_without_a_region_name_or_colon(self):
        for text in (
            "lab",
            "lab :",
            "lab boot.1c",
            "lab boot: x",
            "lab boot.1cc: x",
            "lab boot.0: x",
            "lab Boot.1: x",
        ):
            self.refuse(f"//@ {text}\nbody\n//@ end\n", "1: error: malformed region")

    def test_behind_code(self):
        self.refuse("int x;  //@ lab boot.1c: y\n", "1: error: a marker behind code is not seen")

    def test_of_a_since_without_lab_or_of_an_unknown_lab(self):
        self.refuse("//@ since\n//@ end\n", "1: error: 'since' without a lab")
        self.refuse(
            "//@ since moniter\nx\n//@ end\n",
            "1: error: 'since' names no lab; the labs are: boot, monitor",
        )

    def test_of_a_region_in_a_region(self):
        self.refuse(
            "//@ lab boot.4: a\n//@ lab boot.5: b\n//@ end\n//@ end\n",
            "2: error: 'lab' inside region boot.4",
        )

    def test_of_a_block_in_a_region(self):
        self.refuse(
            "//@ lab boot.4: a\n//@ since monitor\n//@ end\n//@ end\n",
            "2: error: 'since' inside region boot.4",
        )

    def test_of_a_block_in_a_block(self):
        self.refuse(
            "//@ since boot\n//@ since monitor\n//@ end\n//@ end\n",
            "2: error: 'since' inside a 'since' block",
        )

    def test_of_a_region_of_an_earlier_lab_in_a_later_block(self):
        self.refuse(
            "//@ since monitor\n//@ lab boot.4: a\n//@ end\n//@ end\n",
            "2: error: region boot.4 stands in a block that comes later",
        )

    def test_of_a_region_that_appears_twice(self):
        self.refuse(
            "//@ lab boot.2: a\n//@ end\n",
            "1: error: region boot.2 appears a second time (first in kernel/boot/entry.S:3)",
        )

    def test_of_a_region_that_no_manifest_names(self):
        self.refuse("//@ lab boot.4: a\n//@ end\n", "1: error: region boot.4 is in no lab.toml")

    def test_of_a_region_in_a_file_that_no_lab_stages(self):
        self.refuse(
            "//@ lab boot.4: a\n//@ end\n",
            "1: error: region boot.4 is in no lab.toml",
            path="user/x.cc",
        )

    def test_in_linker_scripts_without_closing(self):
        self.refuse("/*@ since monitor\n", "1: error: unknown marker", path="kernel/kernel.ld")

    def test_all_at_once(self):
        err = self.refuse(
            "//@ end\n//@ nothing\n//@ lab boot.1\n//@ end\n", "1: error:", "2: error:", "3: error:"
        )
        self.write("Makefile", "#@ end\n")
        self.assertIn(
            "Makefile:1: error: 'end' without a begin",
            self.assert_check_refused("kernel/main.cc:2:"),
        )
        self.assertEqual(len(err.splitlines()), len(set(err.splitlines())))

    def test_in_files_that_are_no_text(self):
        self.write(MAIN, b"// one\n// \xff\n")
        self.assert_stage_refused(f"{MAIN}:2: error: not UTF-8 text")


class MarkersAreTaken(StagingTest):
    def staged(self, text, path="kernel/some.cc", lab="boot"):
        """What a file with this text is in a stage."""
        self.write(path, text)
        self.stage("--force", lab=lab)
        return self.read(path)

    def test_inside_quotes_as_text(self):
        text = 'auto marker = "//@ lab boot.1: x";\n'
        self.assertEqual(self.staged(text), text)

    def test_in_other_kinds_of_file_as_text(self):
        text = "//@ lab boot.1: x\n#@ end\n"
        self.assertEqual(self.staged(text, path="kernel/notes.md"), text)

    def test_only_with_the_leader_of_the_file(self):
        self.assertEqual(self.staged("#@ end\n/*@ end */\n"), "#@ end\n/*@ end */\n")
        self.assertEqual(self.staged("//@ end\n", path="kernel/build.mk"), "//@ end\n")

    def test_in_linker_scripts_with_either_leader(self):
        text = "//@ since monitor\nx\n//@ end\n/*@ since monitor */\ny\n/*@ end */\nz\n"
        self.assertEqual(self.staged(text, path="kernel/other.ld"), "z\n")

    def test_as_a_region_inside_a_block_of_its_own_lab(self):
        text = "//@ since boot\nx\n//@ end\n"
        self.assertEqual(self.staged(text), "x\n")
        self.assertIn("//@ exercise monitor.1\n", self.staged("", lab="monitor") + self.read(MAIN))

    def test_as_a_region_of_a_later_lab_inside_a_block(self):
        self.edit(MAIN, "//@ since monitor", "//@ since boot")
        self.stage()
        self.assertIn("  start_monitor();\n  join_the_mesh(core, all_cores);\n", self.read(MAIN))
        self.stage("--force", lab="monitor")
        self.assertIn(
            "  start_monitor();\n  //@ exercise monitor.1\n  return 1;\n", self.read(MAIN)
        )

    def test_of_a_later_block_without_the_blank_line_that_separates_what_is_left(self):
        self.assertEqual(self.staged("a\n//@ since monitor\nb\n//@ end\n\nc\n"), "a\n\nc\n")

    def test_with_a_file_that_is_only_a_later_block(self):
        self.assertEqual(self.staged("//@ since monitor\nx\n//@ end\n"), "")


if __name__ == "__main__":
    unittest.main()
