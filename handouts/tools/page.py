#!/usr/bin/python3
"""page.py — one page: from a guide in Markdown to HTML, with the manifest's facts filled in.

    page.py --template T --filter F --pictures DIR GUIDE.md PAGE.html
    page.py ... --index GUIDE.md... INDEX.html

In a guide whose heading names a lab (`lab: labs/1-boot`), a line of its own that reads

    {{points}}              the exercises with their points and hours, and what they sum to
    {{exercise boot.1}}     points, hours, functions and files of one exercise
    {{tests boot.1}}        its tests
    {{checkpoints}}         the checkpoints with references and bands
    {{files}}               what is taken from a submission
    {{mutants}}             the wrong solutions that the grader must catch
    {{output run-qemu}}     handouts/output/run-qemu.txt, which tools/capture wrote

is replaced by it, so that no number stands in two places. `{{hours}}` may stand anywhere in a line.

A guide may have several pages: the manifest says on which of them an exercise is. The heading's `adds` is what the lab, or
this page's part of it, adds to the system, for the index.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tomllib

MACHINES = {"host": "host", "qemu": "QEMU", "qemu-icount": "QEMU", "bochs": "Bochs"}
DIRECTIVE = re.compile(r"^\{\{(\w+)(?: ([\w.-]+))?\}\}$", re.MULTILINE)


class Lab:
    def __init__(self, folder):
        self.folder = folder
        self.manifest = tomllib.loads((folder / "lab.toml").read_text())
        self.exercises = self.manifest["exercise"]
        self.tests = self.manifest["test"]
        self.checkpoints = self.manifest.get("checkpoint", [])

    def exercise(self, name):
        return next(exercise for exercise in self.exercises if exercise["id"] == name)


def table(head, rows, align=""):
    """A pipe table; `align` has an r for each column of numbers."""
    rule = ["---:" if align[i : i + 1] == "r" else "---" for i in range(len(head))]
    return "\n".join(
        "| " + " | ".join(str(cell) for cell in row) + " |" for row in [head, rule, *rows]
    )


def code(text):
    return f"`{text}`"


def amount(number):
    return f"{number:,}"


def number_of(exercise_id):
    return exercise_id.split(".")[-1]


def hours_of(exercises):
    return sum(exercise["hours"] for exercise in exercises)


def points(lab, _):
    rows = []
    for exercise in lab.exercises:
        of_tests = sum(test["points"] for test in lab.tests if test["exercise"] == exercise["id"])
        rows.append(
            [
                f"[{number_of(exercise['id'])}]({pathlib.Path(exercise['handout']).name})",
                exercise["title"],
                exercise["hours"],
                of_tests,
                exercise["points"] - of_tests,
                exercise["points"],
            ]
        )
    sums = [sum(row[column] for row in rows) for column in (2, 3, 4, 5)]
    rows.append(["", "**all**", *(f"**{total}**" for total in sums)])
    return table(["", "exercise", "hours", "tests", "check\u00adpoints", "points"], rows, "  rrrr")


def exercise_facts(lab, name):
    exercise = lab.exercise(name)
    files = dict.fromkeys(exercise["regions"].values())
    regions = [
        ", ".join(code(name) for name, of in exercise["regions"].items() if of == file)
        + f" in {code(file)}"
        for file in files
    ]
    functions = ", ".join(code(function) for function in exercise["functions"])
    return (
        f"**{exercise['points']} points, about {exercise['hours']} hours.** To write: {functions}. "
        f"Regions: {'; '.join(regions)}. Check: `make grade EX={number_of(name)}`."
    )


def tests(lab, name):
    rows = []
    for test in lab.tests:
        if test["exercise"] != name:
            continue
        needs = ", ".join(number_of(other) for other in test.get("needs", []))
        rows.append(
            [
                code(test["name"]),
                test["points"],
                MACHINES[test["machine"]] + (f", needs {needs}" if needs else ""),
                test["checks"],
            ]
        )
    return table(["test", "points", "runs on", "what is checked"], rows, " r")


def band(reference, limits, unit):
    if "at_most" in limits:
        return f"{limits['points']} points up to {amount(limits['at_most'])} {unit}"
    return f"{limits['points']} points up to {amount(int(reference * limits['within']))}"


def checkpoints(lab, _):
    rows = []
    for checkpoint in lab.checkpoints:
        after = [
            number_of(checkpoint["exercise"]),
            *(number_of(other) for other in checkpoint.get("needs", [])),
        ]
        rows.append(
            [
                code(checkpoint["name"]),
                f"{amount(checkpoint['reference'])} {checkpoint['unit']}",
                ", ".join(
                    band(checkpoint["reference"], limits, checkpoint["unit"])
                    for limits in checkpoint["bands"]
                ),
                ", ".join(sorted(after)),
            ]
        )
    return table(["value", "reference", "bands", "counts when solved"], rows)


def files(lab, _):
    submission = lab.manifest["submission"]["files"]
    elsewhere = [
        f"* {code(file)}, only between `//@ exercise {region}` and `//@ end`"
        for exercise in lab.exercises
        for region, file in exercise["regions"].items()
        if file not in submission
    ]
    return "\n".join([f"* {code(file)}" for file in submission] + elsewhere)


def mutants(lab, _):
    rows = [
        [code(mutant["name"]), mutant["says"], ", ".join(code(test) for test in mutant["caught_by"])]
        for mutant in tomllib.loads((lab.folder / "mutants.toml").read_text())["mutant"]
    ]
    return table(["mutant", "what is wrong", "tests that must catch it"], rows)


SECTIONS = {
    "points": points,
    "exercise": exercise_facts,
    "tests": tests,
    "checkpoints": checkpoints,
    "files": files,
    "mutants": mutants,
}


def read_guide(path):
    """The lines of the heading as a dictionary, and the text after it."""
    heading, text = re.match(r"---\n(.*?)\n---\n(.*)", path.read_text(), re.DOTALL).groups()
    return dict(line.split(": ", 1) for line in heading.splitlines()), text


def expand(path):
    heading, text = read_guide(path)
    lab = Lab(pathlib.Path(heading["lab"])) if "lab" in heading else None

    def replacement(match):
        name, argument = match.groups()
        if name == "output":
            captured = (path.parent / "output" / f"{argument}.txt").read_text().rstrip("\n")
            return f"```{{.output}}\n{captured}\n```"
        return SECTIONS[name](lab, argument)

    text = DIRECTIVE.sub(replacement, text)
    if lab:
        text = text.replace("{{hours}}", str(hours_of(lab.exercises)))
    left = re.search(r"\{\{[^}]*\}\}", text)
    if left:
        raise ValueError(f"nothing is known about {left.group()}")
    return heading, text


def index(paths):
    """First the pages that belong to no lab, then the labs in their order, then the pages for instructors."""
    general, guides, instructors = [], [], []
    for path in paths:
        heading, _ = read_guide(path)
        link = f"[{heading['title']}]({path.name})"
        if path.stem.endswith("-instructors"):
            instructors.append(f"* {link}")
        elif "lab" not in heading:
            general.append(f"* **{link}**  \n  {heading['summary']}\n")
        else:
            here = [
                (place, exercise)
                for place, exercise in enumerate(Lab(pathlib.Path(heading["lab"])).exercises)
                if exercise["handout"].partition("#")[0] == f"handouts/{path.name}"
            ]
            hours = hours_of(exercise for _, exercise in here)
            guides.append((heading["lab"], here[0][0], [link, hours, heading["adds"]]))
    lines = [
        *general,
        "## The labs, in their order",
        table(["guide", "hours", "adds to the system"], [row for _, _, row in sorted(guides)], " r"),
    ]
    if instructors:
        lines += ["## For instructors", "\n".join(instructors)]
    return {
        "title": "Sprat: the guides",
        "summary": "One kernel per core, nothing shared.",
    }, "\n\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description="Makes one page of the handouts.")
    for option in ("template", "filter", "pictures"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument(
        "--index", action="store_true", help="make the page that lists the given guides"
    )
    parser.add_argument("guides", type=pathlib.Path, nargs="+")
    parser.add_argument("output", type=pathlib.Path)
    arguments = parser.parse_args()
    guide = arguments.guides[0]
    try:
        heading, text = index(arguments.guides) if arguments.index else expand(guide)
    except (AttributeError, KeyError, OSError, StopIteration, ValueError) as problem:
        sys.exit(f"{guide}: {problem!r}; see the top of handouts/tools/page.py")
    pandoc = [
        "pandoc",
        "--from=markdown+pipe_tables-implicit_figures",
        "--to=html5",
        "--section-divs",
        "--columns=10000",
        f"--template={arguments.template}",
        f"--lua-filter={arguments.filter}",
        f"--metadata=pictures:{arguments.pictures}",
        f"--metadata=title:{heading['title']}",
        f"--metadata=summary:{heading['summary']}",
        f"--output={arguments.output}",
    ]
    if not arguments.index:
        pandoc += ["--toc", "--toc-depth=2", "--metadata=not-index:true"]
    sys.exit(subprocess.run(pandoc, input=text, text=True, check=False).returncode)


if __name__ == "__main__":
    main()
