"""labs/N-name/lab.toml, the manifest of a lab. Reads it and checks everything that needs no other file."""

import re
from dataclasses import dataclass, field

from . import schema
from .source import REGION_ID

_TEST_NAME = re.compile(r"[A-Za-z0-9_]+\.[A-Za-z0-9_]+")
_MACHINES = ("host", "qemu", "qemu-icount", "bochs")


@dataclass
class Lab:
    """One lab's manifest; its tables keep the keys of lab.toml, `line` and `line_of(key)`."""

    folder: str  # "labs/1-boot"
    path: str  # "labs/1-boot/lab.toml"
    name: str
    number: int
    title: str
    adds: list
    omits: list
    table: dict
    submission: dict
    exercises: list
    tests: list
    checkpoints: list
    is_whole: bool  # False: some tables could not be used and are missing here
    regions: dict = field(default_factory=dict)  # region id -> (file, line in the manifest)

    @property
    def submission_files(self):
        return self.submission.get("files", [])

    def best_points(self, checkpoint):
        return max((band["points"] for band in checkpoint["bands"]), default=0)


def read_lab(folder, text, problems):
    """The Lab of `folder`, or None when the file does not even say which lab it is."""
    path = f"{folder}/lab.toml"
    toml = schema.TomlFile(path, text, schema.LAB_FILE, schema.LAB_FILE_LISTS, problems)
    tables = toml.tables
    if not tables["lab"]:
        if toml.is_whole:
            problems.add(path, 1, "no [lab] table; add [lab] with name, number, title and adds")
        return None
    table = tables["lab"][0]
    submission = tables["submission"][0] if tables["submission"] else {}
    lab = Lab(
        folder,
        path,
        table["name"],
        table["number"],
        table["title"],
        table["adds"],
        table.get("omits", []),
        table,
        submission,
        tables["exercise"],
        tables["test"],
        tables["checkpoint"],
        toml.is_whole,
    )
    if not submission and lab.is_whole:
        problems.add(path, 1, "no [submission] table; add [submission] with files = []")
    if folder != f"labs/{lab.number}-{lab.name}" or not re.fullmatch(r"[a-z][a-z0-9-]*", lab.name):
        problems.add(
            path,
            table["line"],
            (
                f"folder {folder} is not labs/{lab.number}-{lab.name}; "
                "make folder, number and name agree"
            ),
        )
    for exercise in lab.exercises:
        _check_exercise(lab, exercise, problems)
    _check_unique(lab, [("exercise", e["id"], e) for e in lab.exercises], problems)
    _check_unique(lab, [("test", t["name"], t) for t in lab.tests], problems)
    _check_unique(lab, [("checkpoint", c["name"], c) for c in lab.checkpoints], problems)
    for test in lab.tests:
        _check_test(lab, test, problems)
    for checkpoint in lab.checkpoints:
        _check_checkpoint(lab, checkpoint, problems)
    if lab.is_whole:
        _check_points(lab, problems)
    return lab


def _check_unique(lab, named, problems):
    seen = {}
    for kind, name, table in named:
        if name in seen:
            problems.add(
                lab.path,
                table["line"],
                (
                    f"{kind} '{name}' appears a second time "
                    f"(first on line {seen[name]}); give it another name"
                ),
            )
        seen.setdefault(name, table["line"])


def _check_exercise(lab, exercise, problems):
    match = REGION_ID.fullmatch(exercise["id"])
    if not match or match["exercise"] != exercise["id"] or match["lab"] != lab.name:
        problems.add(
            lab.path,
            exercise["line_of"]("id"),
            f"exercise id '{exercise['id']}' is not {lab.name}.NUMBER; correct it",
        )
    if not exercise["regions"]:
        problems.add(
            lab.path,
            exercise["line_of"]("regions"),
            f"exercise {exercise['id']} has no region; name at least one",
        )
    for region, file in exercise["regions"].items():
        line = exercise["line_of"](region)
        match = REGION_ID.fullmatch(region)
        if not match or match["exercise"] != exercise["id"]:
            problems.add(
                lab.path,
                line,
                f"region '{region}' is not {exercise['id']} with an optional letter; correct it",
            )
        elif region in lab.regions:
            problems.add(lab.path, line, f"region '{region}' appears a second time; remove one")
        else:
            lab.regions[region] = (file, line)


def _check_names(lab, table, where, problems):
    known = [exercise["id"] for exercise in lab.exercises]
    for key in ("exercise", "needs", "uses"):
        for name in [table["exercise"]] if key == "exercise" else table.get(key, []):
            if name not in known:
                problems.add(
                    lab.path,
                    table["line_of"](key),
                    (
                        f"{where} names an unknown exercise '{name}'; "
                        f"the exercises are: {', '.join(known)}"
                    ),
                )
    if table["exercise"] in table.get("needs", []):
        problems.add(
            lab.path,
            table["line_of"]("needs"),
            f"{where} needs its own exercise; remove it from 'needs'",
        )
    for name in {table["exercise"], *table.get("needs", [])} & set(table.get("uses", [])):
        problems.add(
            lab.path,
            table["line_of"]("uses"),
            f"{where} depends on {name} anyway; remove it from 'uses'",
        )


def _check_test(lab, test, problems):
    _check_names(lab, test, f"test '{test['name']}'", problems)
    if not _TEST_NAME.fullmatch(test["name"]):
        problems.add(
            lab.path,
            test["line_of"]("name"),
            f"test '{test['name']}' is not SUITE.TEST; correct it",
        )
    if test["machine"] not in _MACHINES:
        problems.add(
            lab.path,
            test["line_of"]("machine"),
            f"unknown machine '{test['machine']}'; the machines are: {', '.join(_MACHINES)}",
        )


def _check_checkpoint(lab, checkpoint, problems):
    where = f"checkpoint '{checkpoint['name']}'"
    _check_names(lab, checkpoint, where, problems)
    line_of = checkpoint["line_of"]
    if not _TEST_NAME.fullmatch(checkpoint["test"]):
        problems.add(
            lab.path, line_of("test"), f"test '{checkpoint['test']}' is not SUITE.TEST; correct it"
        )
    if checkpoint["better"] not in ("lower", "higher"):
        problems.add(
            lab.path,
            line_of("better"),
            f"'better' of {where} is neither 'lower' nor 'higher'; correct it",
        )
    bands, good = checkpoint["bands"], []
    for band in bands:
        if schema.check_keys(
            band, schema.BAND, f"a band of {where}", lab.path, lambda key: line_of("bands"), problems
        ) and _check_band(band, checkpoint, lab, problems):
            good.append(band)
    checkpoint["bands"] = good
    if not bands:
        problems.add(lab.path, line_of("bands"), f"{where} has no band; add at least one")
    if len(good) == len(bands):
        _check_order(checkpoint, lab, problems)


def _check_band(band, checkpoint, lab, problems):
    """Whether the band can be used."""
    message = None
    if ("within" in band) == ("at_most" in band):
        message = "needs exactly one of 'within' and 'at_most'; correct it"
    elif band.get("within", 1) < 1:
        message = f"is within {band['within']}, a factor of the reference; make it at least 1"
    elif "at_most" in band and checkpoint["better"] == "higher":
        message = "has 'at_most', but higher is better; write 'within'"
    elif band["points"] < 1:
        message = "has no points; remove it, for the values outside of all bands have none"
    if message:
        where = f"a band of checkpoint '{checkpoint['name']}'"
        problems.add(lab.path, checkpoint["line_of"]("bands"), f"{where} {message}")
    return not message


def _check_order(checkpoint, lab, problems):
    """The bands go from narrow to wide and from many points to few."""
    lower = checkpoint["better"] == "lower"
    limits = [limit_of(band, checkpoint["reference"], lower) for band in checkpoint["bands"]]
    points = [band["points"] for band in checkpoint["bands"]]
    widens = all((a < b) if lower else (a > b) for a, b in zip(limits, limits[1:]))
    if not widens or not all(a > b for a, b in zip(points, points[1:])):
        problems.add(
            lab.path,
            checkpoint["line_of"]("bands"),
            f"the bands of checkpoint '{checkpoint['name']}' do not go from narrow to wide and from"
            " many points to few; put them in this order",
        )


def limit_of(band, reference, lower_is_better):
    """The last value that a band holds: `within` is a factor of the reference, `at_most` a value."""
    if "at_most" in band:
        return band["at_most"]
    return reference * band["within"] if lower_is_better else reference / band["within"]


def _check_points(lab, problems):
    total = 0
    for exercise in lab.exercises:
        parts = [test["points"] for test in lab.tests if test["exercise"] == exercise["id"]]
        parts += [lab.best_points(c) for c in lab.checkpoints if c["exercise"] == exercise["id"]]
        total += sum(parts)
        if sum(parts) != exercise["points"]:
            problems.add(
                lab.path,
                exercise["line_of"]("points"),
                (
                    f"exercise {exercise['id']} has {exercise['points']} points but its tests and"
                    f" best bands sum to {sum(parts)}; make them agree"
                ),
            )
    if total != 100 and lab.exercises:  # a draft may have none yet
        problems.add(
            lab.path,
            lab.table["line"],
            f"the points of lab {lab.name} sum to {total}; make them 100",
        )
