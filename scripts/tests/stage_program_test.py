"""How a staged tree gets to disk, and the answers of the program `stage`."""

import os
import subprocess
import sys
import unittest
from unittest import mock

from fixture import StagingTest
from staging import tree

_STAGE_PROGRAM = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "stage")


class Output(StagingTest):
    def git(self, *arguments):
        return subprocess.run(
            ["git", "-C", self.out, *arguments], check=True, capture_output=True, text=True
        ).stdout

    def test_is_a_repository_with_one_clean_commit(self):
        self.assertEqual(self.run_stage("--lab", "boot", "--out", self.out)[0], 0)
        self.assertEqual(
            self.git("log", "--format=%an <%ae> %cn %s"),
            "Sprat <sprat@localhost> Sprat Lab 1, boot: starter\n",
        )
        self.assertEqual(self.git("status", "--porcelain"), "")
        self.assertEqual(self.git("ls-files").split(), sorted([*self.tree_of(self.out), ".stage"]))

    def test_has_the_same_commit_every_time(self):
        self.run_stage("--lab", "boot", "--out", self.out)
        first = self.git("rev-parse", "HEAD")
        self.run_stage("--lab", "boot", "--out", self.out, "--force")
        self.assertEqual(self.git("rev-parse", "HEAD"), first)

    def test_commits_files_that_the_tree_itself_ignores(self):
        self.write("kernel/.gitignore", "*.cc\n")
        subprocess.run(["git", "-C", self.tree, "add", "-f", "."], check=True)
        self.run_stage("--lab", "boot", "--out", self.out)
        self.assertIn("kernel/main.cc", self.git("ls-files").split())

    def test_may_be_without_repository(self):
        self.stage()
        self.assertFalse(os.path.exists(os.path.join(self.out, ".git")))

    def test_may_go_into_an_empty_folder_and_into_a_new_one_below_new_ones(self):
        os.mkdir(self.out)
        self.stage()
        self.stage(out=os.path.join(self.room, "a/b/c"))
        self.assertTrue(os.path.exists(os.path.join(self.room, "a/b/c/Makefile")))

    def test_does_not_replace_a_staged_tree_unasked(self):
        self.stage()
        self.write("Makefile", "my work\n", root=self.out)
        self.assert_stage_refused("out:1: error: a staged tree is there already; use --force")
        self.assertEqual(self.read("Makefile"), "my work\n")

    def test_keeps_the_times_of_files_that_stay_the_same(self):
        self.stage()
        for path in ("kernel/main.cc", "kernel/x86/uart.cc"):
            os.utime(os.path.join(self.out, path), (1, 1))
        self.stage("--force", "--solution")
        self.assertEqual(os.stat(os.path.join(self.out, "kernel/main.cc")).st_mtime, 1)
        self.assertGreater(os.stat(os.path.join(self.out, "kernel/x86/uart.cc")).st_mtime, 1)

    def test_replaces_a_staged_tree_when_forced(self):
        self.stage()
        self.write("rest", "of before\n", root=self.out)
        self.stage("--force", "--solution")
        self.assertIn('kind = "solution"', self.read(".stage"))
        self.assertFalse(os.path.exists(os.path.join(self.out, "rest")))

    def test_never_replaces_anything_else(self):
        self.write("precious", "file\n", root=self.out)
        self.assert_stage_refused("out:1: error: exists and is no staged tree", extra=["--force"])
        file = self.write("file", "file\n", root=self.room)
        self.assert_refused(
            ["--lab", "boot", "--out", file, "--force"], "file:1: error: exists and is no folder"
        )
        link = os.path.join(self.room, "link")
        os.symlink(self.out, link)
        self.assert_refused(
            ["--lab", "boot", "--out", link, "--force"], "link:1: error: exists and is no folder"
        )

    def test_of_a_refused_run_leaves_the_old_tree_alone(self):
        self.stage()
        before = self.tree_of(self.out)
        self.assert_stage_refused("no exercise", extra=["--force", "--solve", "boot.7"])
        self.assertEqual(self.tree_of(self.out), before)

    def test_that_cannot_be_written_is_an_error_without_traceback(self):
        file = self.write("file", "file\n", root=self.room)
        self.assert_refused(["--lab", "boot", "--out", f"{file}/below"], f"{file}", with_status=3)


class CommandLine(StagingTest):
    def test_lists_names_one_a_line(self):
        for what, names in (
            ("exercises", "boot.1\nboot.2\nboot.3\n"),
            ("mutants", "uart-no-wait\nentry-forgets\n"),
            ("alternatives", "patient\n"),
        ):
            self.assertEqual(self.run_stage("--list", what, "--lab", "boot"), (0, names, ""))

    def test_lists_nothing_where_there_is_nothing(self):
        self.assertEqual(self.run_stage("--list", "mutants", "--lab", "monitor"), (0, "", ""))

    def test_checks_a_tree_that_is_in_order(self):
        self.assertEqual(self.run_stage("--check"), (0, "2 labs, 6 regions: all in order\n", ""))

    def test_refuses_an_unknown_lab_and_names_those_there_are(self):
        self.assert_refused(
            ["--lab", "boat", "--out", self.out],
            "there is no lab 'boat'; the labs are: boot (1), monitor (4)",
        )

    def test_refuses_contradictions(self):
        for arguments in (
            ["--solution", "--solve", "boot.1"],
            ["--mutant", "x", "--solution"],
            ["--alternative", "x", "--mutant", "y"],
            ["--mutant", "x", "--answers", "y"],
        ):
            status, _, err = self.run_stage("--lab", "boot", "--out", self.out, *arguments)
            self.assertEqual(status, 2)
            self.assertIn("use one of them", err)

    def test_refuses_a_missing_lab_or_folder(self):
        self.assertIn("--lab is missing", self.run_stage("--out", self.out)[2])
        self.assertIn("--out is missing", self.run_stage("--lab", "boot")[2])

    def test_refuses_to_stage_from_a_staged_tree(self):
        self.stage()
        status, _, err = self.run_stage("--check", tree=self.out)
        self.assertEqual(status, 2)
        self.assertIn(".stage:1: error: this is a staged tree", err)

    def test_refuses_a_tree_that_is_no_repository_or_has_no_labs(self):
        plain = os.path.join(self.room, "plain")
        os.mkdir(plain)
        status, _, err = self.run_stage("--check", tree=plain)
        self.assertEqual(status, 3)
        self.assertIn("plain:1: error: git cannot list its files", err)
        subprocess.run(["git", "init", "-q", "--template=", plain], check=True)
        status, _, err = self.run_stage("--check", tree=plain)
        self.assertEqual(status, 2)
        self.assertIn("no labs/*/lab.toml here", err)

    def test_works_whoever_owns_the_tree(self):
        # Git itself can be told to take the tree for another user's; root need not be there for that.
        with mock.patch.dict(os.environ, {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}):
            refused = subprocess.run(["git", "-C", self.tree, "status"], capture_output=True)
            self.assertIn(b"dubious ownership", refused.stderr)
        real = tree._git

        def as_stranger(root, *arguments, **environment):
            return real(root, *arguments, GIT_TEST_ASSUME_DIFFERENT_OWNER="1", **environment)

        with mock.patch.object(tree, "_git", as_stranger):
            self.stage()

    def test_executes_nothing_that_the_settings_of_a_tree_name(self):
        trap = self.write("trap", "#!/bin/sh\ntouch " + self.room + "/SPRUNG\n", root=self.room)
        os.chmod(trap, 0o755)
        for name, value in (
            ("core.fsmonitor", trap),
            ("core.hooksPath", self.room),
            ("core.pager", trap),
        ):
            subprocess.run(["git", "-C", self.tree, "config", name, value], check=True)
        self.stage()
        self.assertFalse(os.path.exists(self.room + "/SPRUNG"))

    def test_reads_nobodys_settings(self):
        home = os.path.join(self.room, "home")
        self.write(".gitconfig", "[core]\n\texcludesFile = ~/everything\n", root=home)
        self.write("everything", "*\n", root=home)
        with mock.patch.dict(os.environ, {"HOME": home}):
            self.stage()
        self.assertTrue(os.path.exists(os.path.join(self.out, "kernel/main.cc")))

    def test_speaks_utf_8_in_every_locale(self):
        for locale in ("C", "POSIX", "de_DE.ISO-8859-1", "tr_TR.UTF-8"):
            done = subprocess.run(
                [sys.executable, _STAGE_PROGRAM, "--lab", "größe", "--out", "x", "--tree", self.tree],
                env={**os.environ, "LC_ALL": locale, "PYTHONIOENCODING": "latin-1:strict"},
                capture_output=True,
            )
            self.assertEqual(2, done.returncode)
            self.assertIn("there is no lab 'größe'", done.stderr.decode("utf-8"))

    def test_works_as_a_program(self):
        script = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "stage")
        result = subprocess.run(
            [sys.executable, script, "--lab", "1", "--out", self.out, "--tree", self.tree],
            capture_output=True,
            text=True,
        )
        self.assertEqual(
            (result.returncode, result.stdout, result.stderr),
            (0, f"{self.out}: starter of lab 1, boot\n", ""),
        )
        result = subprocess.run(
            [script, "--lab", "1", "--out", self.out, "--tree", self.tree],
            capture_output=True,
            text=True,
        )
        self.assertEqual((result.returncode, result.stdout), (2, ""))


if __name__ == "__main__":
    unittest.main()
