"""Tables of make bench-linux: what both systems take for the same work. Cells that were not measured are dashes."""

from . import rows, tables

STEPS = (1, 2, 4, 8)
BENCH = {  # rows of user/bench by their region's name there
    "call": "null invocation",
    "lrpc": "LRPC, call and reply",
    "fault": "page fault and back",
    "map": "map 4 KiB",
    "unmap": "unmap 4 KiB",
}
NOT_YET = "not measured yet"


def count(data, name, what, cores=1):
    """What `what` takes in measurement `name`, or None if it was not measured."""
    row = rows.from_list(data.get(name, [])).get((what, cores))
    return row and row["count"]


def kernel(data, what):
    """The same of a row of user/bench."""
    row = tables.one(data["kernel"]["rows"], name=BENCH[what])
    return int(row["columns"][0]) // row["per"]


def channel(data, name):
    """The first row of that name is core 1's."""
    return tables.select(data["channels"], name=name)[0]["count"]


def ring(data):
    return round(tables.one(data["rings"], what="round-trip", ring="epoch", words=7, slots=16)["ticks"][0])


def ratio(theirs, ours):
    return None if theirs is None or ours is None else f"{theirs / ours:.1f}"


# ---- one core, and two


def on_one_core(data):
    """What, Sprat's count, the key of Linux's."""
    return [
        ("null system call: `identify`; `getppid`", kernel(data, "call"), "null-call"),
        ("message to another process and back: LRPC; futex", kernel(data, "lrpc"), "futex"),
        ("the same: LRPC; eventfd", kernel(data, "lrpc"), "eventfd"),
        ("the same: LRPC; pipe", kernel(data, "lrpc"), "pipe"),
        ("page fault that the program handles: upcall; signal", kernel(data, "fault"), "handled-fault"),
        ("page fault that brings memory: four pages; one page", count(data, "cores", "fault"), "fault"),
        ("map a page that is there: frame; memfd", kernel(data, "map"), "map"),
        ("unmap it: frame; `munmap`", kernel(data, "unmap"), "unmap"),
        ("take away the right to write: –; `mprotect`", None, "protect"),
        ("start a program and see its end: hello; an empty one", count(data, "cores", "start"), "start"),
    ]


def compared(data, operations, cores):
    result = []
    for what, ours, key in operations:
        theirs, least = count(data, "linux", key, cores), count(data, "linux-off", key, cores)
        result.append([what, ours, theirs, least, ratio(theirs, ours), ratio(least, ours)])
    return result


COLUMNS = ["", "Sprat", "Linux", "without mitigations", "Linux / Sprat", "without"]


def one_core(data):
    return tables.Table("One core: instructions", COLUMNS, compared(data, on_one_core(data), 1))


def between_cores(data):
    return [
        ("both poll: the same ring of 64-byte lines", ring(data), "ring"),
        ("both sleep: channel and doorbell; futex", channel(data, "coroutines that sleep"), "futex"),
        ("the same: channel and doorbell; eventfd", channel(data, "coroutines that sleep"), "eventfd"),
        ("the same: channel and doorbell; pipe", channel(data, "coroutines that sleep"), "pipe"),
    ]


def two_cores(data):
    return tables.Table("Two cores: there and back, instructions of both together", COLUMNS, compared(data, between_cores(data), 2))


# ---- growth with the number of cores


def known_page(data):
    """Both take it from the other cores; Sprat's home keeps the page, so on one core there is nothing to do."""
    result = []
    for cores in STEPS:
        cells = [count(data, name, what, cores) for what in ("protect", "unmap") for name in ("cores", "linux", "linux-off")]
        result.append([f"{cores} core{'s' * (cores > 1)}", *cells])
    columns = ["known on", *(f"{what}: {system}" for what in ("write-protect", "unmap") for system in ("Sprat", "Linux", "without"))]
    return tables.Table("A page that several cores know: instructions of all cores together", columns, result)


def storm(data):
    result = []
    for cores in STEPS:
        counts = [count(data, name, "storm", cores) for name in ("linux", "linux-off")]
        ticks = count(data, "linux-ticks", "storm", cores)
        result.append([f"{cores} core{'s' * (cores > 1)}", NOT_YET, *counts, ticks and ticks * cores])
    return tables.Table("Page faults by all cores of one process at once: a fault",
                        ["", "Sprat", "Linux, instructions", "without mitigations", "Bochs ticks"], result)


# ---- work

WORKS = ("pairs", "chain")


def check_results(data):
    """Says which work did not give the same result on both systems; nothing if all did."""
    wrong = []
    results = {}
    for name in ("cores", "cores-ticks", "linux", "linux-off", "linux-ticks"):
        for (what, cores), row in rows.from_list(data.get(name, [])).items():
            if "result" in row and results.setdefault((what, cores), row["result"]) != row["result"]:
                wrong.append(f"{what} on {cores}: {row['result']} in {name}, {results[what, cores]} in others")
    return wrong


def speed_up(data, name, what, cores):
    alone, together = count(data, name, what, 1), count(data, name, what, cores)
    return None if alone is None or together is None else alone / together


def work(data):
    result = []
    for each in WORKS:
        for cores in STEPS:
            cells = []
            for name in ("cores-ticks", "linux-ticks"):
                faster = speed_up(data, name, each, cores)
                cells += [count(data, name, each, cores), None if faster is None else f"{faster:.2f}"]
            cells += [count(data, name, each, cores) for name in ("cores", "linux-off")]
            result.append([f"{each}, {cores} core{'s' * (cores > 1)}", *cells])
    return tables.Table("Work on several cores", ["", "Sprat, ticks", "speed-up", "Linux, ticks", "speed-up", "Sprat, instructions",
                                                  "Linux, instructions"], result)  # fmt: skip


# ---- the claim


def range_of(ratios):
    ratios = [ratio for ratio in ratios if ratio is not None]
    return (min(ratios), max(ratios)) if ratios else None


def claim(data):
    """The two halves of the paper's claim as sentences with the numbers of this run."""
    lines = []
    ratios = range_of([count(data, "linux-off", key) / ours for _, ours, key in on_one_core(data)
                       if ours and count(data, "linux-off", key)])
    if ratios:
        word = "holds" if ratios[0] >= 0.8 else "does not hold"
        lines.append(f"*Comparable on one core* {word}: Linux without mitigations takes {ratios[0]:.1f} to {ratios[1]:.1f} times the"
                     " instructions of Sprat for the operations of the first table.")
    for each in WORKS:
        both = [cores for cores in STEPS[1:] if speed_up(data, "cores-ticks", each, cores) and speed_up(data, "linux-ticks", each, cores)]
        if both:
            ours, theirs = (speed_up(data, name, each, both[-1]) for name in ("cores-ticks", "linux-ticks"))
            word = "holds" if ours > theirs * 1.02 else "is even" if ours > theirs * 0.98 else "does not hold"
            lines.append(f"*Scales better* {word} for {each}: on {both[-1]} cores Sprat is {ours:.2f} times as fast as on one, Linux"
                         f" {theirs:.2f} times.")
    for change, words in (("protect", "write-protecting a page"), ("unmap", "unmapping a page")):
        grown = [(count(data, name, change, STEPS[-1]), count(data, name, change, 2)) for name in ("cores", "linux-off")]
        if all(a and b for a, b in grown):
            ours, theirs = ((a - b) / (STEPS[-1] - 2) for a, b in grown)
            word = "holds" if ours < theirs * 0.98 else "is even" if ours < theirs * 1.02 else "does not hold"
            lines.append(f"*Scales better* {word} for {words}: each further core adds {round(ours):,} instructions on Sprat,"
                         f" {round(theirs):,} on Linux.")
    return lines
