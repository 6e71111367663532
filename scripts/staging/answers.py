"""Answers: bodies for regions and whole files, by students or by us.

A submission, an answers file, a mutant (mutants.py) and an alternative solution all become the same
Answers. An answers file is

    //@ says one sentence                (wanted in alternatives only)
    //@ answer boot.1a
        ... the body of the region ...
    //@ end
"""

import os
from dataclasses import dataclass, field

from . import directives
from .markers import describe, read_marker
from .problems import Problems, printable
from .staged import parse_staged
from .tree import decode_theirs, read_bytes, read_text, read_theirs

_LEADERS = {"//@": ""}


@dataclass
class Answers:
    """What goes into a staged tree: whole files first, then bodies of regions (lists of lines)."""

    files: dict = field(default_factory=dict)
    bodies: dict = field(default_factory=dict)
    says: str = ""


def read_answers(path, lab, reference, problems):
    """Answers from an answers file or from a submission (a folder laid out as a staged tree)."""
    if os.path.isdir(path):
        return read_submission(path, lab, reference, problems)
    folder, name = os.path.split(os.path.abspath(path))
    text = read_theirs(folder, name, problems, shown=path)
    return Answers() if text is None else parse_answers(path, text, lab, problems)


def read_submission(root, lab, reference, problems):
    """Takes from `root` the files the lab lists, whole, and its regions in others; nothing else."""
    answers = Answers()
    wanted = {}  # file -> the regions to take from it
    for region in reference.regions_of(lab):
        if region.path not in lab.submission_files:
            wanted.setdefault(region.path, []).append(region.id)
    for path in lab.submission_files:
        shown = os.path.join(root, path)
        data = read_bytes(root, path, problems, shown)
        if data is not None:
            answers.files[path] = decode_theirs(data)
            directives.check(answers.files[path], path, shown, problems)
    for path, ids in wanted.items():
        answers.bodies.update(read_bodies(root, path, ids, reference, problems))
    return answers


def of_exercise(answers, exercise, lab, reference):
    """Those of a submission's answers that belong to one exercise. A file that is taken whole belongs to the exercises with
    regions in it; in one of several, and in one without any region, all stays that is no other exercise's region."""
    owners = {}  # file that is taken whole -> the exercises in it
    for region in reference.regions_of(lab):
        if region.path in answers.files:
            owners.setdefault(region.path, set()).add(region.exercise)
    own = Answers(says=answers.says)
    for path, text in answers.files.items():
        if exercise in owners.get(path, {exercise}):
            own.files[path] = _without_others(path, text, exercise, reference)
    own.bodies = {
        name: body
        for name, body in answers.bodies.items()
        if reference.regions[name].exercise == exercise
    }
    return own


def _without_others(path, text, exercise, reference):
    """The text of a file with the reference's bodies in the regions of all exercises but one."""
    file = parse_staged(path, text, path, Problems())
    for slot in file.slots:
        region = reference.regions.get(slot.id)
        if region and region.path == path and region.exercise != exercise:
            slot.body = list(region.body)
    return file.text()


def read_bodies(root, path, ids, reference, problems):
    """The bodies of the regions `ids` in a file of a staged tree."""
    shown = os.path.join(root, path)
    text = read_theirs(root, path, problems, shown)
    if text is None:
        return {}
    slots = {slot.id: slot for slot in parse_staged(path, text, shown, problems).slots}
    for name in slots:
        if name not in reference.regions:
            problems.add(
                shown,
                slots[name].marker.line,
                (
                    f"there is no exercise {printable(name)}; "
                    "put the marker back as it was in the starter"
                ),
            )
    for name in ids:
        if name not in slots:
            problems.add(
                shown,
                1,
                (
                    f"the markers of {name} are missing; "
                    f"put 'exercise {name}' and 'end' back around your code"
                ),
            )
    taken = {name: slots[name].body for name in ids if name in slots}
    for name, body in taken.items():
        directives.check("\n".join(body), path, shown, problems, slots[name].marker.line + 1)
    return taken


def parse_answers(path, text, lab, problems):
    """Reads an answers file for a lab; `path` is only for messages."""
    answers, open_id, begin = Answers(), None, 0
    for number, line in enumerate(text.split("\n"), 1):
        marker = read_marker(line, number, _LEADERS)
        if marker is None:
            if open_id is not None:
                answers.bodies[open_id].append(line)
            elif line.strip() and not line.lstrip().startswith("//"):
                problems.add(
                    path, number, "code outside of an answer; put it between 'answer' and 'end'"
                )
        elif marker.word == "answer":
            if open_id is not None:
                problems.add(
                    path, number, f"'answer' inside answer {open_id}; close it above with 'end'"
                )
            if marker.text in answers.bodies:
                problems.add(
                    path, number, f"{marker.text} is answered a second time; remove one of the two"
                )
            elif marker.text not in lab.regions:
                problems.add(
                    path,
                    number,
                    (
                        f"lab {lab.name} has no region '{printable(marker.text)}'; "
                        f"the regions are: {', '.join(lab.regions)}"
                    ),
                )
            open_id, begin = marker.text, number
            answers.bodies[open_id] = []
        elif marker.word == "end" and not marker.text:
            if open_id is None:
                problems.add(path, number, "'end' without an 'answer' above; remove it")
            open_id = None
        elif marker.word == "says" and open_id is None:
            answers.says = marker.text
        else:
            problems.add(
                path,
                number,
                (
                    f"unknown marker {describe(marker, line)}; "
                    "the markers of an answers file are 'says SENTENCE', 'answer ID' and 'end'"
                ),
            )
    if open_id is not None:
        problems.add(
            path, begin, f"answer {printable(open_id)} has no 'end'; add it below the body"
        )
    return answers


def alternatives(lab, reference):
    """Names of the lab's alternative solutions, sorted."""
    prefix = f"{lab.folder}/alternatives/"
    return [
        path[len(prefix) : -len(".cc")]
        for path in reference.files
        if path.startswith(prefix) and path.endswith(".cc")
    ]


def read_alternative(name, lab, reference, problems):
    """The answers of labs/N-name/alternatives/NAME.cc."""
    path = f"{lab.folder}/alternatives/{name}.cc"
    if name not in alternatives(lab, reference):
        known = ", ".join(alternatives(lab, reference)) or "none"
        problems.add(
            path, 1, f"lab {lab.name} has no alternative '{printable(name)}'; there are: {known}"
        )
        return Answers()
    text = read_text(reference.root, path, problems)
    return Answers() if text is None else parse_answers(path, text, lab, problems)
