"""Boots the system and lets programs measure: their output and the scope's counts, as data.

Each function gives what is kept in one file of the folder: numbers, lists and dictionaries. With `scope` the emulator is
qemu-icount, otherwise Bochs, unless it is named.
"""

import json
import os
import pty
import subprocess
import sys
import tempfile

from . import figures

PROMPT = "\n> "
FIRST_RING_REGION = 256  # user/bench-rings/experiment.hh
MOST_CORES = 8


class Machine:
    """How to boot: the command of the tool, the folder of the build, and the scope if there is one."""

    def __init__(self, build, scope=None, emulator=None, memory=128):
        self.build = build
        self.scope = scope
        self.memory = memory  # MiB
        self.emulator = emulator or ("qemu-icount" if scope else "bochs")

    def command(self, cores, modules):
        command = [f"{self.build}/host/machine", "run", "--emu", self.emulator]
        command += ["--kernel", f"{self.build}/kernel/sprat.elf", "--append", "log=quiet"]
        for module in modules:
            command += ["--module", f"{self.build}/user/{module}"]
        return command + ["--cpus", str(cores), "--mem", str(self.memory)]

    def run(self, command, talk):
        """What `talk` of the running machine gives, and the scope's report."""
        with tempfile.NamedTemporaryFile(prefix="bench-", suffix=".json") as out:
            if self.scope:
                command = [*command, "--scope", self.scope, "--scope-out", out.name]
            text = talk(command)
            return text, json.load(out) if self.scope else None


def read_until_prompt(console):
    text = ""
    while not text.endswith(PROMPT):
        letter = console.read(1)
        if not letter:
            sys.exit(f"bench: the system ended before its prompt; it said:\n{text}")
        text += letter
    return text.removesuffix(PROMPT)


def check(machine):
    if machine.returncode != 0:
        sys.exit(f"bench: the run ended with status {machine.returncode}")


def type_into_shell(line, *more):
    """What a program says that the shell runs, before it does `more`. No watchdog minds how long it takes when the keyboard is a
    terminal."""

    def talk(command):
        keyboard, terminal = pty.openpty()
        with subprocess.Popen(command, stdin=terminal, stdout=subprocess.PIPE, text=True) as machine:
            read_until_prompt(machine.stdout)
            os.write(keyboard, f"{line}\r".encode())
            text = read_until_prompt(machine.stdout)
            for each in more:
                os.write(keyboard, f"{each}\r".encode())
                read_until_prompt(machine.stdout)
            os.write(keyboard, b"exit\r")
            machine.stdout.read()
        check(machine)
        return text

    return talk


def listen(command):
    """What a system says that has no keyboard and ends by itself."""
    machine = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
    if machine.returncode != 0:
        sys.exit(f"bench: the run ended with status {machine.returncode}; it said:\n{machine.stdout}")
    return machine.stdout


# ---- the kernel's operations (user/bench)


def parse_kernel(text):
    """Of each line of the guest's table: region, number of operations in one measurement, name, the other columns."""
    rows = []
    for line in text.splitlines():
        words, bar, columns = line.partition("|")
        tag, *rest = (words.split(maxsplit=3) + [""])[:4]
        if tag == "bench" and bar and rest[0].isdigit():
            rows.append({"region": int(rest[0]), "per": int(rest[1]), "name": rest[2].strip(), "columns": columns.split()})
        elif tag == "bench":
            rows.append({"region": None, "per": 1, "name": "operation", "columns": columns.split()})
    return rows


def kernel(machine):
    command = machine.command(2, ["monitor monitor", "shell shell", "bench bench"])
    text, report = machine.run(command, type_into_shell("run bench"))
    data = {"rows": parse_kernel(text)}
    if report:
        data["regions"] = [region for region in report["regions"] if region["vcpu"] == 0 and region["id"] < FIRST_RING_REGION]
        data["vcpus"] = report["vcpus"]
    return data


# ---- channels (user/bench-urpc)


def parse_channels(text):
    rows = [line.rsplit(maxsplit=1) for line in text.splitlines() if line.startswith("  ")]
    return [{"name": row[0].strip(), "count": int(row[1])} for row in rows if len(row) == 2 and row[1].isdigit()]


def channels(machine):
    command = machine.command(2, ["monitor monitor", "shell shell", "urpc-bench urpc-bench core=0", "urpc-bench urpc-bench core=1"])
    text, _ = machine.run(command, type_into_shell("run urpc-bench", "kill 2"))
    return parse_channels(text)


# ---- rings alone, and state that many update (user/bench-rings)

COUNTED = ("instructions", "fetches", "upgrades", "locked", "code_lines", "data_lines")


def parse_rings(text, report=None):
    """The rows of the program; with the scope's counts of their regions, all cores together, a round."""
    rows = []
    for line in text.splitlines():
        if not line.startswith("row "):
            continue
        row = dict(word.split("=", 1) for word in line.split()[1:])
        rounds, region = int(row.pop("rounds")), int(row.pop("region"))
        row = {key: int(value) if value.isdigit() else value for key, value in row.items()}
        row["cores"] = [int(core) for core in str(row["cores"]).split(",")]
        row["ticks"] = [int(ticks) / rounds for ticks in str(row["ticks"]).split(",")]
        if report:
            counts = [each for each in report["regions"] if each["id"] == region]
            row["counts"] = {key: [count[key] / rounds for count in counts] for key in COUNTED}
        rows.append(row)
    return rows


def rings(machine, words, cores):
    """`words` say what is measured: user/bench-rings/main.cc."""
    text, report = machine.run(machine.command(cores, [f"rings-bench monitor {words}"]), listen)
    return parse_rings(text, report)


# ---- a page that several cores have (user/bench-span), and agreement on the simulated network (user/bench-agreement)


def spans(machine):
    command = machine.command(MOST_CORES, ["monitor monitor", "memory memory", "shell shell", "span-bench span-bench"])
    text, _ = machine.run(command, type_into_shell("run span-bench"))
    return parse_rings(text)


def agreement(build):
    """The program's rows, with the costs of a line on the paper's machine."""
    command = [f"{build}/host/agreement-bench", *map(str, figures.LINE_COSTS)]
    text = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    rows = [dict(word.split("=", 1) for word in line.split()[1:]) for line in text.splitlines() if line.startswith("row ")]
    return [{key: int(value) if value.isdigit() else value for key, value in row.items()} for row in rows]


def measure(build, scope, say):
    """All there is, by the name of the file it is kept in."""
    counting, ticking = Machine(build, scope), Machine(build)
    data = {}
    for name, step in {
        "kernel": lambda: kernel(counting),
        "kernel-ticks": lambda: kernel(ticking),
        "channels": lambda: channels(counting),
        "channels-ticks": lambda: channels(ticking),
        "rings": lambda: rings(counting, "rings", 2),
        "updates": lambda: rings(counting, "updates", MOST_CORES),
        "rings-ticks": lambda: rings(ticking, "rings pairs updates", MOST_CORES),
        "spans": lambda: spans(counting),
        "spans-ticks": lambda: spans(ticking),
        "agreement": lambda: agreement(build),
    }.items():
        say(name)
        data[name] = step()
    return data
