"""The measurements of make bench-linux: each boots one of the two systems on one of the two emulators, and gives what is kept in a file."""

from . import linux_guest, rows, runs

CORES, MEMORY = 8, 256  # of both systems; MiB
# With eight, Linux had printed nothing on Bochs after six minutes of processor time.
LINUX_CORES_ON_BOCHS = 2
MITIGATED, NOT_MITIGATED = "", "mitigations=off "


def measure(build, debs, linux):
    """Yields name and data of each measurement when it is done."""
    version = linux_guest.qemu_version()
    note = linux_guest.too_old(version)
    linux = linux_guest.kernel(debs, linux)
    cores = 1 if note else CORES
    if note:
        print(note, flush=True)
    yield "conditions", {"linux": linux.name, "qemu": list(version), "linux-cores": cores, "note": note}

    def guest(boot, words):
        text = boot(linux, build / "linux", cores if boot == linux_guest.on_qemu else LINUX_CORES_ON_BOCHS, MEMORY, words)
        return rows.as_list(rows.parse(text))

    counting, ticking = (runs.Machine(build, emulator=name, memory=MEMORY) for name in ("qemu-icount", "bochs"))
    for name, step in {
        "kernel": lambda: runs.kernel(counting),
        "channels": lambda: runs.channels(counting),
        "rings": lambda: runs.rings(counting, "rings", 2),
        "cores": lambda: cores_bench(counting),
        "cores-ticks": lambda: cores_bench(ticking),
        "linux": lambda: guest(linux_guest.on_qemu, MITIGATED + "-- all"),
        "linux-off": lambda: guest(linux_guest.on_qemu, NOT_MITIGATED + "-- all"),
        "linux-ticks": lambda: guest(linux_guest.on_bochs, NOT_MITIGATED + "-- shared"),
    }.items():
        print(f"  BENCH   {name}", flush=True)
        yield name, step()


def cores_bench(machine):
    """The rows of user/bench-cores, on all cores."""
    modules = ["monitor monitor", "shell shell", "hello hello", "cores-bench cores-bench"]
    text, _ = machine.run(machine.command(CORES, modules), runs.type_into_shell("run cores-bench"))
    return rows.as_list(rows.parse(text))
