"""Plots from data, drawn by gnuplot as SVG."""

import csv
import subprocess

from . import figures, tables

COLOURS = ["#3b6fc4", "#c4573b", "#3f8f5a", "#8a5bb0", "#a3820f"]
STYLE = """
set terminal svg size 680,400 dynamic font 'DejaVu Sans,13' background '#ffffff'
set border 3 lc rgb '#566373'
set tics nomirror tc rgb '#1d2733'
set grid ytics lc rgb '#d8dee5' lt 1
set key outside right center samplen 2 spacing 1.3
set yrange [0:*]
"""


def plot(path, x, y, curves, more=""):
    """`curves`: name, points of x and y, and whether it is dashed, for each."""
    lines = [STYLE, more, f"set output '{path}'", f"set xlabel '{x}'", f"set ylabel '{y}'"]
    parts = []
    for number, (name, points, dashed) in enumerate(curves):
        lines += [f"$curve{number} << END", *(f"{a} {b}" for a, b in points), "END"]
        colour = COLOURS[number % len(COLOURS)]
        dash = " dt 2" if dashed else ""
        parts.append(f"$curve{number} using 1:2 with linespoints lw 2 pt 7 ps 0.6 lc rgb '{colour}'{dash} title '{name}'")
    lines.append("plot " + ", ".join(parts))
    subprocess.run(["gnuplot"], input="\n".join(lines), text=True, check=True)


def streams(data, folder):
    """Table 2b by the number of slots: throughput, and lines."""
    by_slots = "set logscale x 2\nset xtics (4, 8, 16, 32, 64)"
    wanted = {"what": "stream", "words": 7}
    rates, moved = [], []
    for ring, name in tables.RINGS.items():
        ticked = [row for row in tables.select(data["rings-ticks"], ring=ring, **wanted) if row["cores"] == [0, 1]]
        first = {row["slots"]: row for row in reversed(ticked)}
        rates.append((name, [(slots, 1000 / row["ticks"][0]) for slots, row in sorted(first.items())], False))
        counted = tables.select(data["rings"], ring=ring, **wanted)
        moved.append((name, [(row["slots"], tables.lines_of_round(row)) for row in counted], False))
    plot(folder / "throughput.svg", "slots of the ring", "messages / 1000 ticks (Bochs)", rates, by_slots)
    plot(folder / "lines.svg", "slots of the ring", "lines fetched and upgraded / message", moved, by_slots)


def updates(data, folder):
    """Figure 3: lines that move while each core makes one update."""
    curves = []
    for what, sizes in (("stores", (1, 2, 4, 8)), ("messages", (8,))):
        for lines in sizes:
            rows = tables.select(data["updates"], what=what, lines=lines)
            points = [(len(row["cores"]), tables.lines_of_round(row)) for row in rows]
            name = f"stores, {lines} line{'s' * (lines > 1)}" if what == "stores" else "messages, 1 to 8"
            curves.append((name, points, what == "messages"))
    plot(folder / "updates.svg", "cores", "lines moved while each updates once", curves, "set xtics 1")


def unmaps(data, folder):
    """Figure 7: ours and Linux's instructions, and the paper's cycles as far as our cores go."""
    curves = [(f"Sprat, the others {name}", [(len(row["cores"]), row["ticks"][0])
                                             for row in tables.select(data["spans"], what="unmap", others=others)], False)
              for others, name in (("poll", "poll"), ("sleep", "sleep"))]
    curves.append(("Linux 6.1, mprotect", sorted(figures.EMULATED_MPROTECT.items()), True))
    curves.append(("Linux 6.1, munmap", sorted(figures.EMULATED_MUNMAP.items()), True))
    plot(folder / "unmaps.svg", "cores", "instructions of all cores", curves, "set xtics 1")
    paper = [row for row in tables.paper_figure(7) if row["cores"] <= 8]
    curves = [(name, [(row["cores"], row[name.lower()]) for row in paper], True) for name in ("Windows", "Linux", "Barrelfish")]
    plot(folder / "paper-unmaps.svg", "cores", "1000 cycles", curves, "set xtics 1")


def agreement(data, folder):
    """Figures 6 and 8, with the paper's costs of a line."""
    paper = tables.paper_figure(6)

    def ours(shape, key):
        rows = [row for row in tables.select(data["agreement"], shape=shape) if row["cores"] <= paper[-1]["cores"]]
        return [(row["cores"], row[key] / 1000) for row in rows]

    curves = [("Sprat, star", ours("star", "round"), False), ("Sprat, tree", ours("tree", "round"), False)]
    curves += [(f"paper, {name}", [(row["cores"], row[name]) for row in paper if name in row], True) for name in ("unicast", "multicast")]
    plot(folder / "rounds.svg", "cores", "1000 cycles", curves, "set xtics 4")
    curves = [("one commit", ours("tree", "commit"), False), ("each of 16 at once", ours("tree", "pipelined"), False)]
    plot(folder / "commits.svg", "cores", "1000 cycles", curves, "set xtics 4")


def paper_updates(source, folder):
    """The paper's figure 3, as far as our cores go."""
    with open(source, newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if int(row["cores"]) <= 8]
    curves = []
    for column in [name for name in rows[0] if name != "cores"]:
        is_message = not column.startswith("SHM")
        lines = column.removeprefix("SHM")
        name = "messages, 1 to 8" if is_message else f"stores, {lines} line{'s' * (lines != '1')}"
        points = [(row["cores"], row[column].split()[0]) for row in rows if row[column]]
        curves.append((name, points, is_message))
    plot(folder / "paper-updates.svg", "cores", "1000 cycles / update", curves, "set xtics 1")
