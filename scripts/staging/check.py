"""Checks for CI beyond what staging needs: functions, handouts, mutants, alternatives, omits."""

import re

from .answers import alternatives, mutate, read_alternative, read_mutants
from .source import Region
from .tree import glob_matches

_MOST_CATCHERS = 3


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
    path, problems, seen = f"{lab.folder}/mutants.toml", reference.problems, {}
    for mutant in read_mutants(lab, reference, problems):
        name, line_of = mutant["name"], mutant["line_of"]
        if name in seen:
            problems.add(
                path,
                mutant["line"],
                (
                    f"mutant '{name}' appears a second time (first on line "
                    f"{seen[name]}); give it another name"
                ),
            )
        seen.setdefault(name, mutant["line"])
        if not mutant["edits"]:
            problems.add(path, line_of("edits"), f"mutant '{name}' has no edits; add one")
        _check_catchers(mutant, {edit.get("region") for edit in mutant["edits"]}, lab, problems)
        for region, body in mutate(mutant, lab, reference, problems).bodies.items():
            if body == reference.regions[region].body:
                problems.add(
                    path,
                    line_of("edits"),
                    f"mutant '{name}' leaves region {region} as it is; make it different",
                )


def _check_catchers(mutant, regions, lab, problems):
    """A mutant is caught by one to three tests of the exercises whose regions it edits."""
    path, name, tests = f"{lab.folder}/mutants.toml", mutant["name"], mutant["caught_by"]
    exercise_of = {test["name"]: test["exercise"] for test in lab.tests}
    edited = {
        exercise["id"] for exercise in lab.exercises if regions & set(exercise["regions"])
    }

    def refuse(message):
        problems.add(path, mutant["line_of"]("caught_by"), f"mutant '{name}' {message}")

    if not 1 <= len(tests) <= _MOST_CATCHERS:
        refuse(f"names {len(tests)} tests that catch it; name one to {_MOST_CATCHERS}")
    for test in dict.fromkeys(tests):
        if test not in exercise_of:
            refuse(f"names an unknown test '{test}'; correct it")
        elif edited and exercise_of[test] not in edited:
            refuse(
                f"edits {', '.join(sorted(edited))}, and '{test}' is a test of {exercise_of[test]};"
                " name a test of the exercise it edits"
            )
        if tests.count(test) > 1:
            refuse(f"names test '{test}' twice; remove one")


def _check_alternative(lab, name, reference):
    path = f"{lab.folder}/alternatives/{name}.cc"
    answers = read_alternative(name, lab, reference, reference.problems)
    if not answers.says:
        reference.problems.add(
            path, 1, "no 'says SENTENCE' marker; say in one sentence what is different here"
        )
    if not answers.bodies:
        reference.problems.add(path, 1, "answers no region; add 'answer ID' … 'end'")
