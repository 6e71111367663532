"""Clones as git makes them on Windows: with core.autocrlf, each line of a text would end in CR LF."""

import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


class LineEndings(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def texts_with_cr_in_clone_of(self, source):
        """The files of a clone for Windows that have a CR and no NUL byte."""
        clone = self.folder / "clone"
        run("git", "clone", "--quiet", "--depth=1", "-c", "core.autocrlf=true", f"file://{source}", clone)
        files = [file for file in clone.rglob("*") if file.is_file() and ".git" not in file.parts]
        self.assertGreater(len(files), 100)
        contents = {str(file.relative_to(clone)): file.read_bytes() for file in files}
        return [name for name, content in contents.items() if b"\r" in content and b"\0" not in content]

    def test_clone_of_the_source_tree_has_no_cr(self):
        self.assertEqual(self.texts_with_cr_in_clone_of(ROOT), [])

    def test_clone_of_a_students_tree_has_no_cr(self):
        tree = self.folder / "tree"
        run(ROOT / "scripts/stage", "--lab", "boot", "--out", tree)
        self.assertEqual(self.texts_with_cr_in_clone_of(tree), [])


if __name__ == "__main__":
    unittest.main()
