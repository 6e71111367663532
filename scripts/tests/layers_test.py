"""layers: which includes it refuses, by the tables of the READMEs."""

import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "layers"

KERNEL = """# kernel
| folder | what lives there | may use |
|---|---|---|
| `include/sprat/` | types | nothing |
| `x86/` | hardware | include |
<!--@ since cpu-driver -->
| `cap/` | capabilities | x86 (page tables) |
| `dispatch/` | dispatchers | cap |
<!--@ end -->
| `tests/` | tests | all |
"""
USER = """# user
| folder | what lives there | may use |
|---|---|---|
| `lib/` | the runtime | nothing |
| `shell/` | a console | lib |
"""


class Layers(unittest.TestCase):
    def check(self, files, kernel=KERNEL, user=USER):
        """Returns the lines that the script prints about a tree of these files."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            files = {"kernel/README.md": kernel, "user/README.md": user, "kernel/x86/cpu.hh": "", "kernel/cap/slot.hh": ""} | files
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            run = subprocess.run([SCRIPT, root], capture_output=True, text=True, check=False)
            lines = run.stdout.splitlines()
            self.assertEqual((run.returncode, run.stderr), (1 if lines else 0, ""))
            return lines

    def test_lower_folder_that_includes_a_higher_one_is_refused(self):
        (line,) = self.check({"kernel/x86/traps.cc": '#include "x86/cpu.hh"\n#include "cap/slot.hh"\n'})
        self.assertTrue(line.startswith("kernel/x86/traps.cc:2: kernel/x86/ includes kernel/cap/slot.hh"), line)

    def test_include_by_a_path_from_the_own_folder_is_seen(self):
        (line,) = self.check({"kernel/x86/traps.S": '# include "../cap/slot.hh"\n'})
        self.assertIn("kernel/x86/ includes", line)

    def test_header_made_for_assembly_is_where_its_source_is(self):
        files = {"kernel/cap/assembly.cc": "", "kernel/x86/assembly.cc": ""}
        uses = '#include "x86/assembly.hh"\n#include "cap/assembly.hh"\n'
        (line,) = self.check(files | {"kernel/x86/traps.S": uses})
        self.assertTrue(line.startswith("kernel/x86/traps.S:2: kernel/x86/ includes kernel/cap/assembly.cc"), line)

    def test_folder_may_use_what_its_row_leads_to(self):
        self.assertEqual(self.check({"kernel/dispatch/lrpc.cc": '#include "cap/slot.hh"\n#include "x86/cpu.hh"\n#include <array>\n'}), [])

    def test_tests_and_files_of_the_top_folder_may_use_all(self):
        uses = '#include "cap/slot.hh"\n#include "x86/cpu.hh"\n'
        self.assertEqual(self.check({"kernel/main.cc": uses, "kernel/tests/cap/bench.cc": uses}), [])

    def test_program_may_use_the_kernels_promises_and_nothing_else_of_it(self):
        files = {"kernel/include/sprat/result.hh": "", "user/lib/heap.cc": '#include "sprat/result.hh"\n#include "cap/slot.hh"\n'}
        (line,) = self.check(files)
        self.assertTrue(line.startswith("user/lib/heap.cc:2: user/lib/ includes kernel/cap/slot.hh"), line)

    def test_runtime_that_includes_a_program_is_refused(self):
        (line,) = self.check({"user/shell/line.hh": "", "user/lib/heap.cc": '#include "shell/line.hh"\n'})
        self.assertIn("user/lib/ includes user/shell/line.hh", line)

    def test_folder_without_a_row_is_refused(self):
        (line,) = self.check({"kernel/memory/window.hh": ""})
        self.assertIn("the folder kernel/memory/ has no row", line)

    def test_folders_that_may_use_each_other_are_refused(self):
        lines = self.check({}, kernel=KERNEL.replace("| hardware | include |", "| hardware | cap |"))
        self.assertIn("kernel/x86/ may use a folder that may use kernel/x86/; the tables must be an order", lines)


if __name__ == "__main__":
    unittest.main()
