"""check-models: a model that fails, a mistake that is not found and a model that cannot be checked are failures."""

import os
import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "check-models"

COUNTER = """// counter.pml — counts to three.
//
// Each of these must make the check fail: -D
//   PAST_THREE       it counts on
//   NOT_IN_THE_TEXT  it is a mistake that the model knows nothing of
//   NO_MODEL         it is not Promela
//   OUT_OF_BOUNDS    it fails because the model itself is wrong
//
// Larger bounds:
//   -DEND=4
//   -DEND=5 -DPAST_THREE

#ifndef END
#define END 3
#endif
byte count;
byte array[3];
active proctype counter() {
#ifdef NO_MODEL
  od
#endif
  do
#ifdef PAST_THREE
  :: count <= END -> count++; printf("count is %d\\n", count); assert(count <= END)
#else
  :: count < END -> count++
#endif
  :: count == END -> break
  od;
#ifdef OUT_OF_BOUNDS
  array[count] = 1
#endif
}
"""


class CheckModels(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        (pathlib.Path(self.folder.name) / "counter.pml").write_text(COUNTER)

    def check(self, *arguments, large="", some=""):
        """Returns the lines of TAP, without numbers of states, or all that the script prints."""
        run = subprocess.run(
            [SCRIPT, *arguments],
            cwd=self.folder.name,
            env=os.environ | {"LARGE": large, "SOME": some},
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(run.stderr, "")
        self.status = run.returncode
        return [line.split(" (")[0] for line in run.stdout.splitlines() if not line.startswith("  #")]

    def test_only_a_mistake_that_spin_finds_in_a_model_that_can_be_checked_is_ok(self):
        self.assertEqual(
            self.check("."),
            [
                "ok - model counter holds",
                "ok - model counter fails if it counts on",
                "not ok - model counter fails if it is a mistake that the model knows nothing of",
                "not ok - model counter fails if it is not Promela",
                "not ok - model counter fails if it fails because the model itself is wrong",
            ],
        )
        self.assertEqual(self.status, 1)

    def test_three_mistakes_are_chosen_by_a_seed(self):
        chosen = self.check(".", some="1")
        self.assertEqual(len(chosen), 4)
        self.assertEqual(self.check(".", some="1"), chosen)

    def test_larger_bounds_are_those_that_the_model_lists(self):
        self.assertEqual(
            self.check(".", large="1"),
            ["ok - model counter holds with END=4", "not ok - model counter holds with END=5 PAST_THREE"],
        )
        self.assertEqual(self.status, 1)

    def test_a_run_in_which_a_mistake_does_harm_is_shown_as_the_model_tells_it(self):
        self.assertEqual(
            self.check("--show", "PAST_THREE", "counter.pml")[:4],
            [f"count is {number}" for number in range(1, 5)],
        )
        self.assertEqual(self.status, 0)


if __name__ == "__main__":
    unittest.main()
