"""A small source tree with two labs, and scripts/stage as a function."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import subprocess
import sys
import tempfile
import unittest

_SCRIPTS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def _load_stage():
    loader = importlib.machinery.SourceFileLoader("stage", os.path.join(_SCRIPTS, "stage"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("stage", loader))
    sys.path.insert(0, _SCRIPTS)
    loader.exec_module(module)
    return module


_STAGE = _load_stage()

UART = """// uart.cc — a byte to the wire.
#include "uart.hh"

void Uart::initialise() {
  //@ lab boot.1a: (void)this;
  out8(port_ + kLineControl, kDivisorLatch);
  out8(port_ + kDivisor, 1);
  //@ end
}

void Uart::send(char byte) {
  //@ lab boot.1b: (void)byte;
  while (!(in8(port_ + kStatus) & kEmpty)) pause();

  out8(port_, byte);
  //@ end
}
"""

ENTRY = """# entry.S
entry:
    //@ lab boot.2: hlt
    mov $page_tables, %eax
    mov %eax, %cr3
    //@ end
    ret
"""

LINKER = """SECTIONS {
  /*@ lab boot.3: .all : { *(*) } */
  .text : { *(.text*) }
  .data : { *(.data*) }
  /*@ end */
}
"""

MAKEFILE = """all:
#@ lab boot.3a:
\t$(CC) -T kernel/kernel.ld -z separate-code
#@ end

#@ since monitor
monitor: kernel/monitor.cc
#@ end

clean:
\trm -rf build
"""

MAIN = """// main.cc — a table of contents.
int main() {
  uart.initialise();
  //@ since monitor
  start_monitor();
  //@ lab monitor.1: return 1;
  join_the_mesh(core, all_cores);
  //@ end
  wait_for_monitor();
  //@ end
  return 0;
}
"""

LAB_BOOT = """[lab]
name = "boot"
number = 1
title = "Boot"
adds = ["Makefile", "kernel/**", "labs/1-boot/**", "scripts/*"]
omits = ["labs/1-boot/mutants.toml", "labs/1-boot/alternatives/**"]

[submission]
files = ["kernel/x86/uart.cc"]

[[exercise]]
id = "boot.1"
title = "UART"
points = 50
hours = 2
regions = { "boot.1a" = "kernel/x86/uart.cc", "boot.1b" = "kernel/x86/uart.cc" }
functions = ["Uart::initialise", "Uart::send"]
handout = "handouts/1-boot.md#exercise-1"

[[exercise]]
id = "boot.2"
title = "Entry"
points = 20
hours = 2.5
regions = { "boot.2" = "kernel/boot/entry.S" }
functions = ["entry"]
handout = "handouts/1-boot.md#exercise-2"

[[exercise]]
id = "boot.3"
title = "Linking"
points = 30
hours = 1
regions = { "boot.3" = "kernel/kernel.ld", "boot.3a" = "Makefile" }
functions = []
handout = "handouts/1-boot.md#exercise-3"

[[test]]
name = "uart.every_byte_arrives"
exercise = "boot.1"
points = 40
machine = "bochs"
checks = "all bytes arrive"
hint = "the status register"

[[test]]
name = "uart.is_set_up"
exercise = "boot.1"
points = 10
machine = "host"
checks = "the registers hold what they must"
hint = "the line-control register"

[[test]]
name = "entry.arrives"
exercise = "boot.2"
points = 10
needs = ["boot.3"]
machine = "qemu-icount"
checks = "main is reached"
hint = "cr3"

[[test]]
name = "linking.sections"
exercise = "boot.3"
points = 30
machine = "qemu"
checks = "no section is writable and executable"
hint = "kernel.ld"

[[checkpoint]]
name = "instructions_to_banner"
exercise = "boot.2"
test = "checkpoint.instructions_to_banner"
unit = "instructions"
better = "lower"
reference = 1000
bands = [ { within = 1.10, points = 10 }, { within = 2, points = 5 } ]
"""

LAB_MONITOR = """[lab]
name = "monitor"
number = 4
title = "Monitor"
adds = ["kernel/monitor.cc", "labs/4-monitor/**"]

[submission]
files = []

[[exercise]]
id = "monitor.1"
title = "Join"
points = 100
hours = 3
regions = { "monitor.1" = "kernel/main.cc" }
functions = ["main"]
handout = "handouts/4-monitor.md"

[[test]]
name = "monitor.joins"
exercise = "monitor.1"
points = 100
machine = "qemu"
checks = "the core is in the mesh"
hint = "main.cc"
"""

MUTANTS = """[[mutant]]
name = "uart-no-wait"
says = "sends without waiting"
edits = [
  { region = "boot.1b", replace = "while (!(in8(port_ + kStatus) & kEmpty)) pause();", with = "" },
]
caught_by = ["uart.every_byte_arrives"]

[[mutant]]
name = "entry-forgets"
says = "does nothing"
edits = [ { region = "boot.2", body = "    nop" } ]
caught_by = ["entry.arrives"]
"""

ALTERNATIVE = """//@ says waits after sending as well

//@ answer boot.1b
  while (!(in8(port_ + kStatus) & kEmpty)) {
    pause();
  }
  out8(port_, byte);
//@ end
"""

FILES = {
    "Makefile": MAKEFILE,
    "README.md": "the project\n",
    ".gitignore": "build/\n*.log\n",
    "kernel/x86/uart.cc": UART,
    "kernel/boot/entry.S": ENTRY,
    "kernel/kernel.ld": LINKER,
    "kernel/main.cc": MAIN,
    "kernel/monitor.cc": "// monitor.cc — agrees with its peers.\n",
    "scripts/tool": "#!/bin/sh\n",
    "handouts/1-boot.md": "# Boot\n",
    "handouts/4-monitor.md": "# Monitor\n",
    "labs/1-boot/lab.toml": LAB_BOOT,
    "labs/1-boot/README.md": "lab 1\n",
    "labs/1-boot/mutants.toml": MUTANTS,
    "labs/1-boot/alternatives/patient.cc": ALTERNATIVE,
    "labs/1-boot/tests/uart.cc": "TEST(uart)\n",
    "labs/4-monitor/lab.toml": LAB_MONITOR,
    "labs/4-monitor/README.md": "lab 4\n",
}


def line_of(text, part):
    """The number of the first line that has `part`."""
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


class StagingTest(unittest.TestCase):
    """A test with a source tree of its own (made of `files`) in self.tree, and room beside it."""

    files = FILES

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="sprat-stage-test-")
        self.addCleanup(temporary.cleanup)
        self.room = temporary.name
        self.tree = os.path.join(self.room, "tree")
        self.out = os.path.join(self.room, "out")
        for path, text in self.files.items():
            self.write(path, text)
            os.chmod(os.path.join(self.tree, path), 0o755 if text.startswith("#!") else 0o644)
        subprocess.run(["git", "init", "-q", "--template=", self.tree], check=True)

    def write(self, path, text, root=None):
        """Writes a file (text or bytes) of the source tree, or of the tree `root`."""
        place = os.path.join(root or self.tree, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return place

    def edit(self, path, old, new, root=None):
        """Replaces a text that occurs once in a file."""
        text = self.read(path, root or self.tree)
        self.assertEqual(text.count(old), 1, f"{old!r} in {path}")
        self.write(path, text.replace(old, new), root)

    def read(self, path, root=None):
        """The text of a file of self.out, or of the tree `root`."""
        with open(os.path.join(root or self.out, path), encoding="utf-8", newline="") as file:
            return file.read()

    def run_stage(self, *arguments, tree=None):
        """Runs scripts/stage; returns status, standard output and standard error."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = _STAGE.main([*arguments, "--tree", tree or self.tree])
            except SystemExit as exit_:
                status = exit_.code
        return status, out.getvalue(), err.getvalue()

    def stage(self, *arguments, out=None, lab="boot"):
        """Stages a tree without git, which must work, into self.out or `out`."""
        status, _, err = self.run_stage(
            "--lab", lab, "--out", out or self.out, "--no-git", *arguments
        )
        self.assertEqual((status, err), (0, ""))

    def submission(self):
        """The folder of a new solved tree of lab boot, to be spoiled."""
        folder = os.path.join(self.room, "submission")
        self.stage("--solution", out=folder)
        return folder

    def assert_refused(self, arguments, *messages, with_status=2):
        """Running with `arguments` must exit with this status, print each message and write nothing."""
        before = sorted(os.listdir(self.room))
        status, out, err = self.run_stage(*arguments)
        self.assertEqual((status, out), (with_status, ""), err)
        for message in messages:
            self.assertIn(message, err)
        for line in err.splitlines():
            self.assertRegex(line, r"^[^:]+:\d+: error: .+; .+$")
        self.assertEqual(sorted(os.listdir(self.room)), before)
        return err

    def assert_stage_refused(self, *messages, extra=()):
        return self.assert_refused(
            ["--lab", "boot", "--out", self.out, "--no-git", *extra], *messages
        )

    def assert_check_refused(self, *messages):
        return self.assert_refused(["--check"], *messages)

    def tree_of(self, root):
        """Path to (bytes, executable) of all files below `root` but those of git and `.stage`."""
        found = {}
        for folder, folders, files in os.walk(root):
            folders[:] = [name for name in folders if name != ".git"]
            for name in files:
                place = os.path.join(folder, name)
                if name != ".stage":
                    with open(place, "rb") as file:
                        found[os.path.relpath(place, root)] = (
                            file.read(),
                            os.access(place, os.X_OK),
                        )
        return found
