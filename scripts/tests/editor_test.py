"""What .vscode leads to: tasks that make knows, and the commands that VS Code's debugger gives to GDB for launch.json.

The commands and their order are those of cppdbg (MIEngine, GetInitializeCommands). Needs what `make all` builds.
"""

import json
import os
import pathlib
import queue
import re
import subprocess
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARTIFACTS = pathlib.Path(os.environ.get("SPRAT_ARTIFACTS", ROOT / "build/g++/kernel"))
MACHINE = ARTIFACTS.parent / "host/machine"


def read(name):
    """A file of .vscode; its comments stand on lines of their own."""
    lines = (ROOT / ".vscode" / name).read_text().splitlines()
    return json.loads("\n".join(line for line in lines if not line.lstrip().startswith("//")))


def entry(name):
    return next(one for one in read("launch.json")["configurations"] if one["name"] == name)


class Editor:
    """GDB as an editor runs it: numbered commands go in, records come out."""

    def __init__(self, folder):
        self._gdb = subprocess.Popen(
            ["gdb", "--interpreter=mi", "-nx", "-q"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines = queue.Queue()
        self._number = 1000
        threading.Thread(target=lambda: [self._lines.put(line) for line in self._gdb.stdout], daemon=True).start()

    def close(self):
        self._gdb.kill()
        self._gdb.communicate()

    def wait_for(self, pattern):
        """The lines up to the first that matches, which must come within a minute."""
        lines = []
        while not lines or not re.match(pattern, lines[-1]):
            try:
                lines.append(self._lines.get(timeout=60))
            except queue.Empty:
                raise AssertionError(f"GDB did not say {pattern}, but:\n{''.join(lines)}") from None
        return "".join(lines)

    def command(self, text, may_fail=False):
        """What GDB says to a command, which must not be an error unless that may be."""
        self._number += 1
        self._gdb.stdin.write(f"{self._number}{text}\n")
        self._gdb.stdin.flush()
        said = self.wait_for(rf"{self._number}\^")
        if "^error" in said and not may_fail:
            raise AssertionError(f"{text}: {said}")
        return said

    def console(self, text):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return self.command(f'-interpreter-exec console "{escaped}"')

    def begins(self, configuration, folder):
        """All commands up to the one that lets the program run."""

        def filled_in(text):
            return text.replace("${workspaceFolder}", str(folder))

        for setup in configuration.get("setupCommands", []):
            self.console(filled_in(setup["text"]))
        self.console("set pagination off")
        self.command("-gdb-set mi-async on")
        self.command(f'-environment-cd "{filled_in(configuration["cwd"])}"')
        self.command(f'-file-exec-and-symbols "{filled_in(configuration["program"])}"')
        if configuration.get("args"):
            self.command("-exec-arguments " + " ".join(configuration["args"]))
        self.command("-break-insert main")
        for variable in configuration.get("environment", []):
            self.console(f"set env {variable['name']} {variable['value']}")
        if "miDebuggerServerAddress" in configuration:
            self.command("-target-select remote " + configuration["miDebuggerServerAddress"])


class Launch(unittest.TestCase):
    def setUp(self):
        # A workspace whose path no socket may have, and with a blank in it.
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name) / ("a long, long path" * 9)
        for place in ("build/g++", "scripts"):
            (self.folder / place).mkdir(parents=True)
        (self.folder / "build/g++/kernel").symlink_to(ARTIFACTS)
        (self.folder / "build/g++/user").symlink_to(ARTIFACTS.parent / "user")
        (self.folder / "scripts/gdb").symlink_to(ROOT / "scripts/gdb")
        self.editor = Editor(self.folder)
        self.addCleanup(self.editor.close)

    def halted_machine(self, name):
        modules = [f"--module=build/g++/user/{program} {program}" for program in ("monitor", "shell")]
        machine = subprocess.Popen(
            [MACHINE, "gdb", "--kernel", ARTIFACTS / "sprat.elf", *modules, "--socket", name],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.addCleanup(machine.communicate)
        self.addCleanup(machine.kill)
        return machine, machine.stdout.readline()

    def test_kernel_stops_in_main_and_wherever_it_is_interrupted(self):
        configuration = entry("debug kernel")
        socket = configuration["miDebuggerServerAddress"]
        machine, said = self.halted_machine(socket)
        self.assertRegex(said, "^Halted before its first instruction")
        self.editor.begins(configuration, self.folder)
        self.editor.command("-exec-continue")
        self.assertIn('func="sprat::main"', self.editor.wait_for(r"\*stopped,reason=\"breakpoint-hit\""))
        self.assertIn("rwx kernel", self.editor.console("sprat map"))
        self.editor.command("-break-delete")
        self.editor.command("-exec-continue")
        self.editor.wait_for(r"\*running")
        time.sleep(0.3)
        self.editor.command("-exec-interrupt")
        self.editor.wait_for(r"\*stopped,reason=\"signal-received\",signal-name=\"SIGINT\"")
        self.editor.command("kill", may_fail=True)  # QEMU may be gone before it has answered
        self.assertIn("Sprat: one kernel per core", machine.communicate(timeout=60)[0])
        self.assertEqual(machine.returncode, 0)
        self.assertFalse((self.folder / socket).is_symlink())

    def test_machine_replaces_the_socket_that_a_killed_one_left(self):
        (self.folder / "build/gdb.socket").symlink_to("/no/such/socket")
        self.assertRegex(self.halted_machine("build/gdb.socket")[1], "^Halted")

    def test_machine_replaces_no_other_file(self):
        (self.folder / "build/notes").write_text("mine")
        self.assertIn("cannot make the socket build/notes", self.halted_machine("build/notes")[1])
        self.assertEqual((self.folder / "build/notes").read_text(), "mine")

    def test_code_under_test_answers_the_questions_of_a_file(self):
        configuration = json.loads(json.dumps(entry("debug code under test")).replace("${input:lab}", "boot"))
        configuration["args"] = ["<", "build/questions.txt"]
        (self.folder / "build/questions.txt").write_text("no such question\n")
        self.editor.begins(configuration, self.folder)
        self.editor.command("-exec-run")
        self.editor.wait_for(r"\*stopped,reason=\"breakpoint-hit\".*func=\"main\"")
        self.editor.command("-break-delete")
        self.editor.command("-break-insert subject::answer")
        self.editor.command("-exec-continue")
        self.editor.wait_for(r"\*stopped,reason=\"breakpoint-hit\".*func=\"subject::answer\"")
        self.editor.command("-exec-continue")
        self.assertIn("error unknown-question", self.editor.wait_for(r"\*stopped,reason=\"exited-normally\""))


class Tasks(unittest.TestCase):
    def test_debugging_begins_with_tasks_that_exist(self):
        labels = [task["label"] for task in read("tasks.json")["tasks"]]
        for configuration in read("launch.json")["configurations"]:
            self.assertIn(configuration["preLaunchTask"], labels)

    def test_goals_and_switches_are_those_of_the_makefile(self):
        rules = (ROOT / "Makefile").read_text()
        for task in read("tasks.json")["tasks"]:
            self.assertEqual(task["command"], "make")
            for word in task["args"]:
                switch, _, value = word.partition("=")
                known = rf"\$\({switch}\)" if value else rf"(?m)^{re.escape(word)}:"
                self.assertIsNotNone(re.search(known, rules), f"the Makefile knows no {word}")


if __name__ == "__main__":
    unittest.main()
