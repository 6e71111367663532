"""The glossary's own check: each term once, one sentence, and a file of the tree that contains the term."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "handouts/tools"))
import check  # noqa: E402

ROW = "| [run queue]{#run-queue} | The list of the runnable dispatchers. | `kernel/queue.hh` |\n"


class Glossary(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        (self.root / "kernel").mkdir()
        (self.root / "kernel/queue.hh").write_text("// The run-queue of a core.\n")

    def problems(self, text, file=None):
        if file:
            (self.root / "kernel/queue.hh").write_text(file)
        return list(check.problems_of_glossary(text, self.root))

    def test_term_whose_file_contains_it_is_accepted(self):
        self.assertEqual(self.problems("# Words\n\n" + ROW), [])

    def test_file_that_does_not_exist_is_named(self):
        (problem,) = self.problems(ROW.replace("queue.hh", "gone.hh"))
        self.assertEqual(problem, "handouts/glossary.md:1: there is no file kernel/gone.hh")

    def test_file_that_does_not_contain_the_term_is_named(self):
        (problem,) = self.problems(ROW, "// prune queue\n")
        self.assertIn("kernel/queue.hh does not contain 'run queue'", problem)

    def test_term_that_stands_there_twice_is_named(self):
        (problem,) = self.problems(ROW + ROW)
        self.assertEqual(problem, "handouts/glossary.md:2: 'run queue' stands in the glossary twice")

    def test_each_of_several_terms_in_a_row_is_looked_for(self):
        (problem,) = self.problems(ROW.replace("[run queue]", "[run queue, quantum]"))
        self.assertIn("does not contain 'quantum'", problem)

    def test_row_without_a_file_or_a_sentence_is_named(self):
        for broken in (ROW.replace("`", ""), ROW.replace("dispatchers.", "dispatchers"), ROW.replace("{#run-queue}", "")):
            (problem,) = self.problems(broken)
            self.assertIn("a row is `| [term]{#anchor} | Sentence. | `file` |`", problem)
