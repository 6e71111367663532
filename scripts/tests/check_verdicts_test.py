"""scripts/check-verdicts: wrong words on its command line end with an error that says what to write."""

import os
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class WrongUse(unittest.TestCase):
    def run_with(self, *arguments, folder=ROOT, **environment):
        clean = {key: value for key, value in os.environ.items() if key != "B"}
        return subprocess.run([ROOT / "scripts/check-verdicts", *arguments], cwd=folder, env={**clean, **environment}, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def refused(self, message, *arguments, **options):
        done = self.run_with(*arguments, **options)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertIn("check-verdicts: error: " + message, done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def names(self, lab):
        done = self.run_with("--lab", lab, "--list")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.split()

    def test_b_is_missing(self):
        for environment in ({}, {"B": ""}):
            self.refused("B is not set; build with make all, and say B=build/g++", "--lab", "boot", **environment)

    def test_b_is_a_folder_without_a_grader(self):
        self.refused("there is no /nowhere/host/grade; build", "--lab", "boot", B="/nowhere")

    def test_an_unknown_name_is_answered_with_the_names_there_are(self):
        names = self.names("boot")
        self.assertGreater(len(names), 5)
        for name in ("no-such-one", f"{names[0]},no-such-one", "no-such-one," + names[0]):
            self.refused(f"lab boot has no submission 'no-such-one'; there are: {', '.join(names)}", "--lab", "boot", "--only", name,
                         B="/nowhere")
        self.refused("lab boot has no submission ''; there are: ", "--lab", "boot", "--only", names[0] + ",", B="/nowhere")

    def test_an_unknown_lab_is_answered_with_the_labs_there_are(self):
        for lab in ("boots", "*", "", "../labs/1-boot"):
            self.refused(f"there is no lab '{lab}' with verdicts here; there are: boot, ", f"--lab={lab}", B="/nowhere")
        self.refused("there is no lab 'boot' with verdicts here; there are: none", "--lab", "boot", folder="/", B="/nowhere")


if __name__ == "__main__":
    unittest.main()
