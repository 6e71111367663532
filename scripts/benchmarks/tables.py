"""Tables from data: as text for a terminal, and in Markdown for the page."""

import csv
import dataclasses
import pathlib

from . import figures

PICTURES = pathlib.Path(__file__).resolve().parents[2] / "handouts/pictures"

RINGS = {"epoch": "epoch", "used-bit": "used bit", "head-tail": "head and tail"}
SLOTS = (4, 8, 16, 64)
BOOT_TO_PROMPT = 16
CORE_STEPS = {34: "pack the programs", 35: "load the driver", 36: "start it"}


@dataclasses.dataclass
class Table:
    """A title, the names of the columns, and rows of text and numbers; all columns but the first are of numbers."""

    title: str
    columns: list
    rows: list

    def cells(self):
        return [[shown(cell) for cell in row] for row in [self.columns, *self.rows]]

    def text(self):
        cells = self.cells()
        widths = [max(len(row[i]) for row in cells) for i in range(len(self.columns))]
        lines = [
            "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]).rstrip()
            for row in cells
        ]
        return "\n".join([self.title, "", *("  " + line for line in lines), ""])

    def markdown(self):
        cells = self.cells()
        rule = ["---"] + ["---:"] * (len(self.columns) - 1)
        return "\n".join("| " + " | ".join(row) + " |" for row in [cells[0], rule, *cells[1:]]) + "\n"


def shown(cell):
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:.1f}" if cell < 100 else f"{cell:,.0f}"
    return f"{cell:,}" if isinstance(cell, int) else cell


def select(rows, **wanted):
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def one(rows, **wanted):
    return select(rows, **wanted)[0]


def fetched_and_upgraded(row):
    """Lines that move, by all cores; lines that only acknowledge are an eighth of a message and less, so three digits
    count."""
    return [f"{sum(row['counts'][key]):.3f}" for key in ("fetches", "upgrades")]


def instructions(row):
    """Of both cores together: ticks of the one that begins, whose clock counts the instructions of all."""
    return row["ticks"][0]


# ---- table 1


def kernel_count(data, name):
    row = one(data["kernel"]["rows"], name=name)
    region = one(data["kernel"]["regions"], id=row["region"])
    return round(region["instructions"] / region["entries"] / row["per"])


def kernel_ticks(data, name):
    cell = one(data["kernel-ticks"]["rows"], name=name)["columns"][0]
    return int(cell) if cell.isdigit() else None


def lrpc(data):
    rows = [
        ["Sprat, LRPC, one way: to the first instruction of the upcall", kernel_count(data, "LRPC, call"), None, None],
        [
            "Sprat, LRPC, call and reply",
            kernel_count(data, "LRPC, call and reply"),
            kernel_ticks(data, "LRPC, call and reply"),
            None,
        ],
    ]
    rows += [[f"{what} (same emulator)", count, None, None] for what, count in figures.EMULATED_LRPC]
    rows += [[f"paper: LRPC, one way, {machine}", None, None, cycles] for machine, cycles in figures.LRPC]
    return Table("Table 1: a message to another process of the same core", ["", "instructions", "Bochs ticks", "cycles"], rows)


# ---- table 2


def there_and_back(data):
    rows = []
    for ring, name in RINGS.items():
        for words in (1, 7):
            wanted = {"what": "round-trip", "ring": ring, "words": words, "slots": 16}
            counted, ticked = one(data["rings"], **wanted), select(data["rings-ticks"], **wanted)[0]
            rows.append([f"{name}, {words} word{'s' * (words > 1)}", instructions(counted), ticked["ticks"][0],
                         *fetched_and_upgraded(counted), round(sum(counted["counts"]["locked"]))])
    rows += [[f"{what} (same emulator)", count, None, *lines, None] for what, count, *lines in figures.EMULATED_THERE_AND_BACK]
    return Table("Table 2a: there and back between two cores, 16 slots, both poll",
                 ["", "instructions", "Bochs ticks", "fetched", "upgraded", "locked"], rows)


def one_way(data):
    rows = []
    for ring, name in RINGS.items():
        for slots in SLOTS:
            wanted = {"what": "stream", "ring": ring, "words": 7, "slots": slots}
            counted, ticked = one(data["rings"], **wanted), select(data["rings-ticks"], **wanted)[0]
            small = one(data["rings"], **{**wanted, "words": 1})
            ticks = ticked["ticks"][0]
            rows.append([f"{name}, {slots} slots", instructions(small), instructions(counted), ticks, 1000 / ticks,
                         *fetched_and_upgraded(counted)])
    for ring, name in RINGS.items():
        row = one(data["rings"], what="paced", ring=ring)
        rows.append([f"{name}, 16 slots, the receiver keeps up", None, instructions(row), None, None, *fetched_and_upgraded(row)])
    rows.append([f"{figures.EMULATED_ONE_WAY[0]} (same emulator)", figures.EMULATED_ONE_WAY[1], None, None, None, None, None])
    return Table("Table 2b: one way, a message of a stream",
                 ["", "instructions, 1 word", "7 words", "Bochs ticks", "messages / 1000 ticks", "fetched", "upgraded"], rows)


def paper_urpc(_):
    rows = [[machine, cycles, rate] for machine, cycles, rate in figures.URPC]
    return Table("The paper's table 2: URPC, 16 slots", ["machine", "cycles", "messages / 1000 cycles"], rows)


def pairs(data):
    """From each core (row) to each other."""
    ticks = {}
    for what in ("round-trip", "stream"):
        for row in select(data["rings-ticks"], what=what, ring="epoch", words=7, slots=16):
            ticks.setdefault(tuple(row["cores"]), {})[what] = row["ticks"][0]
    cores = sorted({core for pair in ticks for core in pair})

    def cell(pair):
        return f"{ticks[pair]['round-trip']:.0f}; {1000 / ticks[pair]['stream']:.1f}" if pair in ticks else None

    return Table("From core to core: Bochs ticks there and back; messages / 1000 ticks", ["from", *(f"to {core}" for core in cores)],
                 [[str(first), *(cell((first, second)) for second in cores)] for first in cores])


def channels(data):
    ticks = {row["name"]: row["count"] for row in data["channels-ticks"]}
    rows = [[f"Sprat: {row['name']}", row["count"], ticks.get(row["name"]), None, None] for row in data["channels"]]
    rows += [[f"{what} (same emulator)", count, None, *lines] for what, count, *lines in figures.EMULATED_SLEEPING]
    return Table("Table 2c: by channels, as coroutines have them; both may sleep",
                 ["", "instructions", "Bochs ticks", "fetched", "upgraded"], rows)


# ---- table 3


def touched(data):
    rows = []
    for ring, name in RINGS.items():
        for words in (1, 7):
            counts = one(data["rings"], what="message", ring=ring, words=words)["counts"]
            code, lines = counts["code_lines"], counts["data_lines"]
            rows.append([f"{name}, {words} word{'s' * (words > 1)}", code[0], code[1], lines[0], lines[1], sum(code), sum(lines)])
    rows += [[f"paper: {what}, both sides", None, None, None, None, code, lines] for what, _, _, code, lines in figures.LINES]
    return Table("Table 3: cache lines that one message touches, as if all caches were empty",
                 ["", "code: send", "receive", "data: send", "receive", "all code", "all data"], rows)


# ---- figure 3


def lines_of_round(row):
    return sum(row["counts"]["fetches"]) + sum(row["counts"]["upgrades"])


def updaters(row):
    """Of messages' cores, the first serves and does not ask."""
    return len(row["cores"]) - (row["what"] == "messages")


def updates(data):
    rows = []
    for what in ("stores", "messages"):
        for lines in (1, 2, 4, 8):
            counted = select(data["updates"], what=what, lines=lines)
            ticked = {len(row["cores"]): row for row in select(data["rings-ticks"], what=what, lines=lines)}
            least, most = counted[0], counted[-1]
            rows.append([f"{what}, {lines} line{'s' * (lines > 1)}",
                         lines_of_round(least) / updaters(least), lines_of_round(most) / updaters(most),
                         lines_of_round(most), ticked[2]["ticks"][-1], ticked[len(most["cores"])]["ticks"][-1]])
    most = len(data["updates"][-1]["cores"])
    return Table("Figure 3: an update of shared state, by stores or by messages to one core",
                 ["", "lines moved, 2 cores", f"{most} cores", f"all {most} once", "Bochs ticks, 2 cores", f"{most} cores"], rows)


# ---- figures 6, 7 and 8


def paper_figure(number):
    """Its rows: numbers by the names of the columns."""
    with open(PICTURES / f"sosp09-figure{number}.csv", newline="", encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items() if value} for row in csv.DictReader(file)]


def unmaps(data):
    paper = {int(row["cores"]): row for row in paper_figure(7)}
    rows = []
    for row in select(data["spans"], what="unmap", others="poll"):
        cores = len(row["cores"])
        asleep = one(data["spans"], what="unmap", others="sleep", cores=row["cores"])
        ticks = one(data["spans-ticks"], what="unmap", others="poll", cores=row["cores"])
        rows.append([str(cores), row["messages"], round(row["ticks"][0]), round(asleep["ticks"][0]), round(ticks["ticks"][0]),
                     figures.EMULATED_MPROTECT.get(cores), figures.EMULATED_MUNMAP.get(cores),
                     paper.get(cores, {}).get("linux"), paper.get(cores, {}).get("barrelfish")])
    return Table("Figure 7: a page that so many cores know is unmapped from all of them",
                 ["cores", "messages", "instructions", "others asleep", "Bochs ticks", "Linux mprotect", "munmap",
                  "paper, kcycles: Linux", "Barrelfish"], rows)


def agreement(data):
    paper = {int(row["cores"]): row for row in paper_figure(6)}
    rows = []
    for star in select(data["agreement"], shape="star"):
        cores = star["cores"]
        tree = one(data["agreement"], shape="tree", cores=cores)
        if cores in (2, 4, 8, 12, 13, 16, 24, 32, 64, 256, 1024):
            rows.append([str(cores), star["round"] / 1000, tree["round"] / 1000, tree["fan-out"], paper.get(cores, {}).get("unicast"),
                         paper.get(cores, {}).get("multicast"), tree["commit"] / 1000, tree["pipelined"] / 1000])
    return Table("Figures 6 and 8: a message to all cores and their answers, and two-phase commits; 1000 cycles",
                 ["cores", "star", "tree", "fan-out", "paper: unicast", "multicast", "one commit", "each of 16"], rows)


# ---- the kernel


def kernel(data):
    head, *operations = data["kernel"]["rows"]
    regions = {region["id"]: region for region in data["kernel"]["regions"]}
    rows = []
    for row in operations:
        region = regions[row["region"]]
        mean = [round(region[key] / region["entries"] / row["per"]) for key in ("instructions", "repeats")]
        rows.append([row["name"], *mean, region["longest_entry"], kernel_ticks(data, row["name"]), *row["columns"]])
    return Table("What the kernel does, in instructions", ["operation", "scope", "repeats", "longest", "ticks", *head["columns"]], rows)


def facts(data):
    """Sentences about booting and about how long the kernel kept each processor."""
    regions = {region["id"]: region for region in data["kernel"]["regions"]}
    vcpus = data["kernel"]["vcpus"]
    lines = []
    if BOOT_TO_PROMPT in regions:
        others = sum(vcpu["instructions"] for vcpu in vcpus[1:])
        lines.append(f"From the kernel's first instruction to the prompt: {regions[BOOT_TO_PROMPT]['instructions']:,} instructions"
                     f" on the first of {len(vcpus)} processors, {others:,} on the others, firmware and all.")
    for number, name in CORE_STEPS.items():
        if number in regions:
            region = regions[number]
            lines.append(f"One more core, {name}: {round(region['instructions'] / region['entries']):,} instructions,"
                         f" {round(region['repeats'] / region['entries']):,} repeats.")
    for number, vcpu in enumerate(vcpus):
        entries = vcpu["kernel"]
        lines.append(f"Processor {number}: {entries['entries']:,} entries into the kernel, the longest {entries['longest']:,}"
                     f" instructions (with repeats {entries['longest_with_repeats']:,}), from {entries['longest_at']} on.")
    return lines
