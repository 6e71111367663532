"""labs/N-name/mutants.toml: wrong solutions of a lab, each an edit or more of the reference. Reads the file, checks everything
that needs no other file than the manifest, and makes answers of a mutant."""

from . import schema
from .answers import Answers
from .problems import printable
from .tree import read_text

_MOST_CATCHERS = 3


def read_mutants(lab, text, problems):
    """The tables of mutants.toml, in order; a mutant that breaks the rules is left out. `text` is the file's, or None."""
    if text is None:
        return []
    path = f"{lab.folder}/mutants.toml"
    toml = schema.TomlFile(path, text, schema.MUTANTS_FILE, schema.MUTANTS_FILE_LISTS, problems)
    good, seen = [], {}
    for mutant in toml.tables["mutant"]:
        name = mutant["name"]
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
        edits_are_good = _check_edits(mutant, lab, path, problems)
        _check_catchers(mutant, lab, path, problems)
        if edits_are_good:
            good.append(mutant)
    return good


def mutants_of(lab, reference, problems):
    """The mutants of a lab of the reference tree; none when there is no such file."""
    path = f"{lab.folder}/mutants.toml"
    text = read_text(reference.root, path, problems) if path in reference.files else None
    return read_mutants(lab, text, problems)


def read_mutant(name, lab, reference, problems):
    """The answers of one mutant: the reference bodies with its edits."""
    mutants = {mutant["name"]: mutant for mutant in mutants_of(lab, reference, problems)}
    if name in mutants:
        return mutate(mutants[name], lab, reference, problems)
    if not problems:
        known = ", ".join(mutants) or "none"
        problems.add(
            f"{lab.folder}/mutants.toml",
            1,
            f"lab {lab.name} has no mutant '{printable(name)}'; there are: {known}",
        )
    return Answers()


def mutate(mutant, lab, reference, problems):
    """Applies a mutant's edits, in their order, to the reference bodies."""
    path, texts = f"{lab.folder}/mutants.toml", {}
    for index, edit in enumerate(mutant["edits"]):
        region = edit["region"]
        if region not in reference.regions:
            continue  # noted where the manifest names it
        before = texts.get(region, "\n".join(reference.regions[region].body))
        if "body" in edit:
            texts[region] = edit["body"].rstrip("\n")
            continue
        count = before.count(edit["replace"]) if edit["replace"] else 0
        if count == 1:
            texts[region] = before.replace(edit["replace"], edit["with"], 1)
        else:
            problems.add(
                path,
                mutant["line_of"]("region", index),
                (
                    f"'{printable(edit['replace'])}' occurs {count} times in region {region}, not once"
                    f" (an edit of mutant '{mutant['name']}'); make the text longer or correct it"
                ),
            )
    return Answers(
        bodies={region: text.split("\n") if text else [] for region, text in texts.items()}
    )


def exercises_of(mutant, lab):
    """The exercises whose regions a mutant edits, sorted."""
    regions = {edit.get("region") for edit in mutant["edits"]}
    return sorted(
        exercise["id"] for exercise in lab.exercises if regions & set(exercise["regions"])
    )


def _check_edits(mutant, lab, path, problems):
    """Whether each edit can be applied."""
    name, line_of = mutant["name"], mutant["line_of"]
    if not mutant["edits"]:
        problems.add(path, line_of("edits"), f"mutant '{name}' has no edits; add one")
        return False
    good, where = True, f"an edit of mutant '{name}'"
    for index, edit in enumerate(mutant["edits"]):
        line = line_of("region", index)
        if not schema.check_keys(edit, schema.EDIT, where, path, lambda key: line, problems):
            good = False
        elif edit["region"] not in lab.regions:
            good = False
            problems.add(
                path,
                line,
                (
                    f"{where} names an unknown region '{edit['region']}'; "
                    f"the regions are: {', '.join(lab.regions)}"
                ),
            )
        elif {"body", "replace", "with"} & set(edit) not in ({"body"}, {"replace", "with"}):
            good = False
            problems.add(
                path, line, f"{where} needs either 'replace' and 'with', or 'body'; correct it"
            )
    return good


def _check_catchers(mutant, lab, path, problems):
    """A mutant is caught by one to three tests of the exercises whose regions it edits."""
    name, tests = mutant["name"], mutant["caught_by"]
    exercise_of = {test["name"]: test["exercise"] for test in lab.tests}
    edited = exercises_of(mutant, lab)

    def refuse(message):
        problems.add(path, mutant["line_of"]("caught_by"), f"mutant '{name}' {message}")

    if not 1 <= len(tests) <= _MOST_CATCHERS:
        refuse(f"names {len(tests)} tests that catch it; name one to {_MOST_CATCHERS}")
    for test in dict.fromkeys(tests):
        if test not in exercise_of:
            refuse(f"names an unknown test '{test}'; correct it")
        elif edited and exercise_of[test] not in edited:
            refuse(
                f"edits {', '.join(edited)}, and '{test}' is a test of {exercise_of[test]};"
                " name a test of the exercise it edits"
            )
        if tests.count(test) > 1:
            refuse(f"names test '{test}' twice; remove one")
