"""A lab as the grader takes it: only what it needs, with nothing left to compute or to check."""

import os
import re

from .manifest import limit_of, read_lab
from .problems import Refused
from .tree import read_text


def find_lab(root, wanted, problems):
    """The Lab of the tree `root` that has this name, number or folder. Refuses when there is none."""
    folders = {}  # name, number and folder -> folder
    for folder in sorted(_names_in(os.path.join(root, "labs"))):
        match = re.fullmatch(r"(\d+)-(.+)", folder)
        if match and os.path.lexists(os.path.join(root, "labs", folder, "lab.toml")):
            folders.update({folder: folder, match[1]: folder, match[2]: folder})
    if not folders:
        raise Refused([f"{root}/labs:1: error: no labs/*/lab.toml here; run in a tree of Sprat"])
    if wanted not in folders:
        known = ", ".join(sorted(set(folders.values())))
        raise Refused([f"{root}/labs:1: error: there is no lab '{wanted}'; the labs are: {known}"])
    folder = f"labs/{folders[wanted]}"
    text = read_text(root, f"{folder}/lab.toml", problems)
    lab = read_lab(folder, text, problems) if text is not None else None
    problems.raise_if_any()
    return lab


def resolved(lab):
    """Exercises, tests and checkpoints, in the order of the manifest."""
    return {
        "lab": lab.name,
        "number": lab.number,
        "title": lab.title,
        "exercises": [
            _keys(exercise, "id", "title", "points", "handout") for exercise in lab.exercises
        ],
        "tests": [
            {
                **_keys(test, "name", "exercise", "points", "machine", "checks", "hint"),
                "needs": test.get("needs", []),
                "uses": test.get("uses", []),
            }
            for test in lab.tests
        ],
        "checkpoints": [_checkpoint(checkpoint) for checkpoint in lab.checkpoints],
    }


def variants(lab, root, problems):
    """The mutants of a lab, and then its alternatives."""
    # Students' trees have neither.
    from .answers import parse_answers
    from .mutants import exercises_of, read_mutants

    found, names = [], _names_in(os.path.join(root, lab.folder))
    mutants = f"{lab.folder}/mutants.toml"
    text = read_text(root, mutants, problems) if "mutants.toml" in names else None
    for mutant in read_mutants(lab, text, problems):
        found.append(
            {
                **_keys(mutant, "name", "says", "caught_by"),
                "kind": "mutant",
                "exercises": exercises_of(mutant, lab),
            }
        )
    for name in sorted(_names_in(os.path.join(root, lab.folder, "alternatives"))):
        path = f"{lab.folder}/alternatives/{name}"
        text = read_text(root, path, problems)
        answers = parse_answers(path, text or "", lab, problems)
        if text is not None and not answers.says:
            problems.add(
                path, 1, "no 'says SENTENCE' marker; say in one sentence what is different here"
            )
        name = name.removesuffix(".cc")
        found.append(
            {"kind": "alternative", "name": name, "says": answers.says, "exercises": [], "caught_by": []}
        )
    return found


def _checkpoint(checkpoint):
    lower = checkpoint["better"] == "lower"
    reference = checkpoint["reference"]
    return {
        **_keys(checkpoint, "name", "exercise", "test", "unit", "reference"),
        "needs": checkpoint.get("needs", []),
        "lower_is_better": lower,
        "bands": [
            {
                "limit": limit_of(band, reference, lower),
                "points": band["points"],
                "says": (
                    f"within {band['within']:.2f}x" if "within" in band else f"at most {band['at_most']:.12g}"
                ),
            }
            for band in checkpoint["bands"]
        ],
    }


def _keys(table, *keys):
    return {key: table[key] for key in keys}


def _names_in(folder):
    return os.listdir(folder) if os.path.isdir(folder) else []
