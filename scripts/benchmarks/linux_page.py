"""The page of make bench-linux."""

from . import linux_tables, page, plots
from .linux_guest import BOCHS_TICKS_PER_SECOND
from .linux_runs import LINUX_CORES_ON_BOCHS

SUMMARY = "The same work on Sprat and on Linux, in the same emulators: the measurements of make bench-linux."

TEXT = """
Linux is Debian's own kernel, `{linux}`, with one program of ours as its first process; it boots in QEMU {qemu} and in Bochs with the
processors and the memory of Sprat's machine. `scripts/benchmarks/linux` has the program, `user/bench` and `user/bench-cores` are
Sprat's side.

{note}

* **Instructions**: QEMU counts time in instructions of all processors together (`-icount`), so two things that two cores do at the
  same time count twice, and a processor that sleeps counts nothing. Each number is the median of many.
* **Ticks**: Bochs executes all cores in lockstep, so its clock is that of a machine whose cores work at the same time: speed-up is
  measured there. Neither emulator has caches: waiting for memory and for lines of other cores costs nothing, on both systems.
* **Without mitigations**: Linux works against leaks of processors (`mitigations=off` switches that off); Sprat does not. The fair
  column is this one.

## The claim

Baumann et al., *The Multikernel*, SOSP 2009, say that a multikernel is comparable with a conventional system on one core, and
scales better. In this run:

{claim}

## One core

{one_core}

The systems differ in their work: Linux accounts and checks more in each of these operations. `hello` of Sprat prints a line, the program
that Linux starts does nothing. Sprat's page fault that brings memory maps 16 KiB by one upcall; Linux maps 4 KiB in the kernel.

## Two cores

{two_cores}

Where both poll, no kernel is involved, and it is the same code of `user/urpc`: the rows show what the emulators add.

## A page that several cores know

{known_page}

Processor 0 takes a page from all. Linux interrupts the others; Sprat's home tells each other dispatcher by a message and waits for its
answer, and the others unmap, and for *unmap* delete, their copies of the frame. On one core of Sprat there is nothing to
do, for the home keeps the page.

![Instructions of all cores for one page, by the number of cores that know it.](known-page.svg)

## An allocation storm

{storm}

Each thread touches 256 fresh pages of its own. Ticks are the time of one core's faults while all cores have theirs, divided by their
number: a flat column means that no core waits for another.

## Work on several cores

{work}

* **pairs** is NAS's EP: random numbers, a barrier at the end. **chain** is a conjugate gradient after NAS's CG, with two reductions
  in each of its rounds, of {springs:,} unknowns. The arithmetic is the same source for both systems, and both gave the same results{wrong}.
* On Sprat a barrier is a message to each dispatcher and one back; on Linux threads spin for as long as Sprat polls, and then sleep on
  a futex.
* Linux has {bochs_cores} processors on Bochs, which needs too long for more; its instructions are counted on all.
* Bochs has {ours_ips} million ticks in a second for Sprat, {linux_ips} million for Linux, whose timer would otherwise interrupt it every 16,000
  instructions.

![Speed-up by the number of cores, in Bochs ticks.](speed-up.svg)
"""

OURS_MILLION_TICKS = 4  # grading/machine/bochs.cc


def all_tables(data):
    return {key: getattr(linux_tables, key)(data) for key in ("one_core", "two_cores", "known_page", "storm", "work")}


def claim(data):
    return linux_tables.claim(data) or ["Nothing was measured that could show it."]


def text(data):
    return "\n".join([*(table.text() for table in all_tables(data).values()), *claim(data)])


def points(value_at):
    return [(cores, value) for cores in linux_tables.STEPS if (value := value_at(cores)) is not None]


def draw(data, folder):
    curves = [
        (f"{change}, {system}", points(lambda cores, key=change, name=name: linux_tables.count(data, name, key, cores)), dashed)
        for change in ("protect", "unmap")
        for system, name, dashed in (("Sprat", "cores", False), ("Linux", "linux", True))
    ]
    plots.plot(folder / "known-page.svg", "cores", "instructions", [curve for curve in curves if curve[1]], "set xtics (1, 2, 4, 8)")
    curves = [("ideal", [(cores, cores) for cores in linux_tables.STEPS], True)]
    curves += [
        (f"{work}, {system}", points(lambda cores, key=work, name=name: linux_tables.speed_up(data, name, key, cores)), dashed)
        for work in linux_tables.WORKS
        for system, name, dashed in (("Sprat", "cores-ticks", False), ("Linux", "linux-ticks", True))
    ]
    plots.plot(folder / "speed-up.svg", "cores", "times as fast as one core", [curve for curve in curves if curve[1]],
               "set xtics (1, 2, 4, 8)")


def write(data, folder):
    """`folder`/index.html and the plots in it."""
    draw(data, folder)
    conditions = data["conditions"]
    parts = {key: f"**{table.title}**\n\n{table.markdown()}" for key, table in all_tables(data).items()}
    wrong = linux_tables.check_results(data)
    markdown = TEXT.format(
        **parts,
        linux=conditions["linux"],
        qemu=".".join(map(str, conditions["qemu"])),
        note=conditions["note"] or "",
        claim="\n".join("* " + line for line in claim(data)),
        springs=6 << 10,
        wrong=", but for: " + "; ".join(wrong) if wrong else "",
        bochs_cores=LINUX_CORES_ON_BOCHS,
        ours_ips=OURS_MILLION_TICKS,
        linux_ips=BOCHS_TICKS_PER_SECOND // 1_000_000,
    )
    page.render(markdown, folder, "Sprat beside Linux", SUMMARY)
