"""scripts/manifest: a lab as the programs `grade` and `mutants` take it."""

import json
import os
import shutil
import subprocess
import tomllib
import unittest

from fixture import LAB_BOOT, LAB_MONITOR, MUTANTS, StagingTest

SCRIPTS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
BOOT = "labs/1-boot/lab.toml"
ODD_NAMES = ("boot2", "../1-boot", "-n", "--variants", "", "$(touch PWNED)", "labs/1-boot", "1-boot/lab.toml", "*")


class ManifestProgram(StagingTest):
    def ask(self, *arguments, lab="boot", program=os.path.join(SCRIPTS, "manifest")):
        command = [program, "--tree", self.tree, f"--lab={lab}", *arguments]
        return subprocess.run(command, cwd=self.tree, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def answer(self, *arguments, lab="boot"):
        done = self.ask(*arguments, lab=lab)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def test_a_lab_has_its_exercises_tests_and_checkpoints(self):
        lab = self.answer()
        self.assertEqual((lab["lab"], lab["number"], lab["title"]), ("boot", 1, "Boot"))
        self.assertEqual(
            lab["exercises"][1],
            {"id": "boot.2", "title": "Entry", "points": 20, "handout": "handouts/1-boot.md#exercise-2"},
        )
        self.assertEqual(len(lab["tests"]), LAB_BOOT.count("[[test]]"))
        entry = next(test for test in lab["tests"] if test["name"] == "entry.arrives")
        self.assertEqual((entry["needs"], entry["uses"], entry["hint"]), (["boot.3"], [], "cr3"))

    def test_bands_have_limits(self):
        (checkpoint,) = self.answer()["checkpoints"]
        self.assertEqual([band["limit"] for band in checkpoint["bands"]], [1000 * 1.10, 2000])
        self.assertEqual([band["says"] for band in checkpoint["bands"]], ["within 1.10x", "within 2.00x"])
        self.write(BOOT, LAB_BOOT.replace("within = 2,", "at_most = 4000.5,"))
        self.assertEqual(self.answer()["checkpoints"][0]["bands"][1], {"limit": 4000.5, "points": 5, "says": "at most 4000.5"})
        self.write(BOOT, LAB_BOOT.replace('better = "lower"', 'better = "higher"'))
        (checkpoint,) = self.answer()["checkpoints"]
        self.assertEqual([band["limit"] for band in checkpoint["bands"]], [1000 / 1.10, 500])

    def test_a_lab_is_found_by_name_number_and_folder(self):
        for name in ("monitor", "4", "4-monitor"):
            self.assertEqual(self.answer(lab=name)["number"], 4)
        for name in ODD_NAMES:
            done = self.ask(lab=name)
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"error: there is no lab '{name}'; the labs are: 1-boot, 4-monitor", done.stderr)

    def test_mistakes_are_refused_with_their_lines_and_nothing_is_printed(self):
        self.write(BOOT, LAB_BOOT.replace("points = 30\nhours", "points = 29\nhours").replace("bochs", "box"))
        done = self.ask()
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        for message in ("exercise boot.3 has 29 points", "unknown machine 'box'"):
            self.assertRegex(done.stderr, rf"(?m)^{BOOT}:\d+: error: {message}")
        self.assertEqual(self.answer(lab="monitor")["lab"], "monitor")

    def test_variants_are_mutants_and_then_alternatives(self):
        self.assertNotIn("variants", self.answer())
        variants = self.answer("--variants")["variants"]
        self.assertEqual([one["name"] for one in variants], ["uart-no-wait", "entry-forgets", "patient"])
        self.assertEqual([one["kind"] for one in variants], ["mutant", "mutant", "alternative"])
        self.assertEqual(variants[0]["exercises"], ["boot.1"])
        self.assertEqual(variants[0]["caught_by"], ["uart.every_byte_arrives"])
        self.assertEqual(variants[2]["says"], "waits after sending as well")
        self.assertEqual(self.answer("--variants", lab="monitor")["variants"], [])

    def test_mistakes_in_mutants_and_alternatives_are_refused(self):
        self.write("labs/1-boot/mutants.toml", MUTANTS.replace('region = "boot.2"', 'region = "boot.22"'))
        self.write("labs/1-boot/alternatives/odd.cc", "//@ answer boot.9\n//@ end\n")
        self.assertEqual(self.answer()["lab"], "boot")
        done = self.ask("--variants")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        for message in (
            "labs/1-boot/mutants.toml:12: error: an edit of mutant 'entry-forgets' names an unknown region 'boot.22'",
            "labs/1-boot/alternatives/odd.cc:1: error: lab boot has no region 'boot.9'",
            "labs/1-boot/alternatives/odd.cc:1: error: no 'says SENTENCE' marker",
        ):
            self.assertIn(message, done.stderr)

    def test_a_students_tree_has_all_the_program_needs(self):
        """With the files that lab 1 gives to students, and no others."""
        with open(os.path.join(SCRIPTS, "../labs/1-boot/lab.toml"), "rb") as file:
            given = tomllib.load(file)["lab"]["adds"]
        place = os.path.join(self.tree, "scripts")
        for path in given:
            if path.startswith("scripts/") and os.path.isfile(os.path.join(SCRIPTS, "..", path)):
                os.makedirs(os.path.dirname(os.path.join(self.tree, path)), exist_ok=True)
                shutil.copy(os.path.join(SCRIPTS, "..", path), os.path.join(self.tree, path))
        done = self.ask(program=os.path.join(place, "manifest"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_link_in_the_place_of_a_manifest_is_not_followed(self):
        self.write("elsewhere.toml", LAB_MONITOR)
        os.remove(os.path.join(self.tree, "labs/4-monitor/lab.toml"))
        os.symlink("../../elsewhere.toml", os.path.join(self.tree, "labs/4-monitor/lab.toml"))
        done = self.ask(lab="monitor")
        self.assertEqual(done.returncode, 2)
        self.assertIn("labs/4-monitor/lab.toml:1: error: symbolic link", done.stderr)


if __name__ == "__main__":
    unittest.main()
