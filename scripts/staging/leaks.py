"""Finds lines of a solution in a starter.

A line of a reference body is a leak wherever it stands in the starter, unless it says too little
to be one (short, only punctuation, returns a literal, declares without a value, opens a plain loop
or scope, labels a case, calls with one name, gives up for one plain reason, assigns a constant,
moves a register to another) or is in the solution of an earlier lab, which the starter has. In the
files that students edit, given code may share single lines with a solution; there only two in a row
are a leak.
"""

import os
import re

_PROSE = (".md", ".txt", ".html", ".svg", ".toml")
_LONGEST_TRIVIAL = 12
_TYPE = r"(const )?[\w:<>]+[&*]?"
_TRIVIAL = [
    re.compile(pattern)
    for pattern in (
        r"[\W_]*",  # only punctuation
        r"return ([\w:.-]+|'.'|\"[^\"]*\"|\{\});",  # of a single literal or name
        rf"for \({_TYPE} (\w+) = 0; \2 < [\w.:()]+; (\+\+\2|\2\+\+)\) ?\{{?",
        rf"for \({_TYPE} \w+ : \w+\) ?\{{?",
        rf"{_TYPE} \w+(, \w+)*( = 0|\{{\}})?;",  # a declaration that says no value
        r"(const )?(struct|union)( \w+)? ?\{|while \(true\) ?\{?|default: ?(break|return);",
        r"case [\w:]+:",
        r"(const )?auto[&*]? \w+ =",  # a declaration whose value stands on the next line
        r"[\w:]+\(\w*\);",  # a call that says one name at most
        r"if \(!?[\w.]+(\(\))?\) return [\w:]+(\.error\(\))?;",  # asks for one thing and gives up
        r"[\w.]+ = k[A-Z]\w*;",  # assigns a constant
        r"mov[bwlq]? %\w+, %\w+( +//.*)?",  # one register to another
        r"\} // namespace.*|using namespace [\w:]+;|# ?(include|endif|else)\b.*",
    )
]


def find_leaks(reference, lab, contents, problems):
    """Notes each line of a solution in `contents` (path to bytes and whether it is executable)."""
    bodies = [
        region
        for region in reference.regions.values()
        if reference.numbers[region.lab] >= lab.number and not _is_given(region, reference, lab, contents)
    ]
    solution = {}  # line -> [(region, index among its telling lines)]
    for region in bodies:
        for index, line in enumerate(_telling(region.body)):
            solution.setdefault(line[1], []).append((region, index))
    for region in reference.regions.values():
        if region not in bodies:
            for _, line in _telling(region.body):
                solution.pop(line, None)
    edited = {region.path for region in reference.regions_of(lab)} | set(lab.submission_files)
    for path, (data, _) in contents.items():
        lines = _telling(data.decode("utf-8", "replace").split("\n"))
        if os.path.splitext(path)[1] in _PROSE:
            hits = [
                (number, text, solution[known])
                for number, text in lines
                for known in solution
                if known in text
            ]
        else:
            hits = [(number, text, solution[text]) for number, text in lines if text in solution]
            if path in edited:
                hits = _in_a_row(hits, lines)
        for number, text, places in hits:
            region = places[0][0]
            problems.add(
                path,
                number,
                (
                    f"'{text}' is in the solution of {region.id} "
                    f"({region.path}:{region.line}); a starter must not show it"
                ),
            )


def _is_given(region, reference, lab, contents):
    """Whether the starter has the region's body: a later lab asks for it in a file that is there already."""
    since = reference.numbers[region.since] if region.since else 0
    is_later = reference.numbers[region.lab] > lab.number
    return is_later and since <= lab.number and region.path in contents


def _telling(lines):
    """(line number from 1, text with single blanks) of the lines that say something."""
    plain = ((number, " ".join(line.split())) for number, line in enumerate(lines, 1))
    return [
        (number, text)
        for number, text in plain
        if len(text) > _LONGEST_TRIVIAL and not any(trivial.fullmatch(text) for trivial in _TRIVIAL)
    ]


def _in_a_row(hits, lines):
    """Those hits whose neighbour in the file is also their neighbour in the solution."""
    order = {number: index for index, (number, _) in enumerate(lines)}
    places = {
        order[number]: {(region.id, index) for region, index in where} for number, _, where in hits
    }
    kept = []
    for hit in hits:
        here = order[hit[0]]
        if any(
            (region, index + step) in places.get(here + step, ())
            for step in (-1, 1)
            for region, index in places[here]
        ):
            kept.append(hit)
    return kept
