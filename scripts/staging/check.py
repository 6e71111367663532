"""Checks for CI beyond what staging needs: functions, handouts, mutants, alternatives, omits."""

import re

from .answers import alternatives, read_alternative
from .mutants import mutants_of, mutate
from .source import Region
from .tree import glob_matches


def check(reference):
    """Notes in reference.problems whatever is wrong with the labs of a reference tree."""
    for lab in reference.labs:
        _check_omits(lab, reference)
        for exercise in lab.exercises:
            _check_functions(lab, exercise, reference)
            _check_handout(lab, exercise, reference)
        _check_mutants(lab, reference)
        for name in alternatives(lab, reference):
            _check_alternative(lab, name, reference)


def _check_omits(lab, reference):
    for glob in lab.omits:
        if not glob_matches(glob, reference.files):
            reference.problems.add(
                lab.path,
                lab.table["line_of"]("omits"),
                f"'{glob}' in 'omits' matches no file; correct or remove it",
            )


def _check_functions(lab, exercise, reference):
    files = {
        reference.regions[name].path for name in exercise["regions"] if name in reference.regions
    }
    text = "\n".join(
        line
        for path in sorted(files)
        for part in reference.parts(path)
        for line in (part.body if isinstance(part, Region) else part.lines)
    )
    for function in exercise["functions"]:
        *scopes, name = (re.escape(part) for part in function.split("::"))
        if not all(re.search(rf"(?<!\w){scope}(?!\w)", text) for scope in scopes) or not re.search(
            rf"(?<!\w){name}\s*[(:<={{]", text
        ):
            reference.problems.add(
                lab.path,
                exercise["line_of"]("functions"),
                f"no function {function} in {', '.join(sorted(files))}; correct its name",
            )


def _check_handout(lab, exercise, reference):
    if exercise["handout"].partition("#")[0] not in reference.files:
        reference.problems.add(
            lab.path,
            exercise["line_of"]("handout"),
            f"handout {exercise['handout']} does not exist; correct it or write the file",
        )


def _check_mutants(lab, reference):
    path, problems = f"{lab.folder}/mutants.toml", reference.problems
    for mutant in mutants_of(lab, reference, problems):
        for region, body in mutate(mutant, lab, reference, problems).bodies.items():
            if body == reference.regions[region].body:
                problems.add(
                    path,
                    mutant["line_of"]("edits"),
                    f"mutant '{mutant['name']}' leaves region {region} as it is; make it different",
                )


def _check_alternative(lab, name, reference):
    path = f"{lab.folder}/alternatives/{name}.cc"
    answers = read_alternative(name, lab, reference, reference.problems)
    if not answers.says:
        reference.problems.add(
            path, 1, "no 'says SENTENCE' marker; say in one sentence what is different here"
        )
    if not answers.bodies:
        reference.problems.add(path, 1, "answers no region; add 'answer ID' … 'end'")
