"""The files that are packed are the files that are taken, and the rehearsal sees no other change."""

import io
import os
import subprocess
import tarfile
import unittest

from fixture import StagingTest
from staging import hand_in, rehearsal
from staging.problems import Problems, Refused


class Rehearsal(StagingTest):
    def setUp(self):
        super().setUp()
        self.mine = os.path.join(self.room, "mine")
        status, _, err = self.run_stage("--lab", "boot", "--out", self.mine)
        self.assertEqual((status, err), (0, ""))
        self.edit("kernel/x86/uart.cc", "(void)byte;", "out8(0, byte);", self.mine)
        self.edit("kernel/boot/entry.S", "hlt", "nop", self.mine)

    def packed(self):
        lab = hand_in.check(self.mine, Problems())
        files = rehearsal.taken(self.mine, lab)
        return files, rehearsal.pristine(self.mine, files, lab)

    def test_packs_the_parts_that_are_taken_and_nothing_else(self):
        self.write("kernel/x86/mine.hh", "int x;\n", self.mine)
        data = rehearsal.pack(self.packed()[0])
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            self.assertEqual(
                archive.getnames(),
                ["Makefile", "kernel/boot/entry.S", "kernel/kernel.ld", "kernel/x86/uart.cc"],
            )
        self.assertEqual(data, rehearsal.pack(self.packed()[0]), "the same work, other bytes")

    def test_is_graded_alike_once_it_is_unpacked(self):
        theirs = os.path.join(self.room, "theirs")
        with tarfile.open(fileobj=io.BytesIO(rehearsal.pack(self.packed()[0]))) as archive:
            archive.extractall(theirs)
        self.stage("--answers", theirs)
        first = self.tree_of(self.out)
        self.stage("--answers", self.mine, "--force")
        self.assertEqual(first, self.tree_of(self.out))

    def test_tree_is_the_one_that_will_be_graded(self):
        self.stage("--answers", self.mine)
        self.edit("kernel/main.cc", "main()", "main(int)", self.mine)
        os.remove(os.path.join(self.mine, "labs/1-boot/tests/uart.cc"))
        self.write("kernel/x86/mine.hh", "int x;\n", self.mine)
        self.edit("kernel/boot/entry.S", "entry.S", "my entry", self.mine)
        folder = os.path.join(self.room, "rehearsal")
        self.write("kernel/old.cc", "of an earlier one", folder)
        rehearsal.write_tree(folder, self.packed()[1])
        self.assertEqual(
            {path: data for path, (data, _) in self.tree_of(folder).items()},
            {path: data for path, (data, _) in self.tree_of(self.out).items()},
        )

    def test_is_refused_where_the_starters_file_is_nowhere(self):
        self.edit("kernel/main.cc", "main()", "main(int)", self.mine)
        subprocess.run(["rm", "-r", os.path.join(self.mine, ".git")], check=True)
        with self.assertRaises(Refused) as refused:
            self.packed()
        self.assertIn("kernel/main.cc:1: error: changed", refused.exception.messages[0])

    def test_is_refused_without_markers(self):
        self.edit("kernel/boot/entry.S", "//@ exercise boot.2\n", "", self.mine)
        problems = Problems()
        hand_in.check(self.mine, problems)
        self.assertIn("the markers of boot.2 are missing", "".join(problems))


if __name__ == "__main__":
    unittest.main()
