"""Which exercises of a staged tree still are as they were in the starter, found out in that tree itself.

An exercise is unanswered when its regions hold the starter's text, and the files that are handed in as a whole for it hold
nothing new beside. Blank lines and blanks around a line do not count.
"""

import hashlib
import tomllib

from .problems import Problems
from .staged import given_part, parse_staged
from .tree import decode_theirs, encode, read_bytes, read_text

# In a staged tree: a line "sum  name" for each region, and for each file that is handed in as a whole and has some.
STARTERS = ".stage-starters"


def starters_of(bodies, files):
    """The lines of STARTERS: `bodies` maps a region to its lines in the starter, `files` a path to its text there."""
    sums = {name: _sum("\n".join(body)) for name, body in bodies.items()}
    sums.update({path: _sum(given_part(path, text)) for path, text in files.items()})
    return "".join(f"{sum_}  {name}\n" for name, sum_ in sorted(sums.items()))


def _sum(text):
    lines = [line.strip() for line in text.split("\n")]
    return hashlib.sha256(encode("\n".join(filter(None, lines)))).hexdigest()


def unanswered(root):
    """The exercises of the lab of the staged tree at `root` that are still the starter's, in the manifest's order. None of them
    when the tree does not say how its starter was."""
    problems = Problems()
    starters = read_bytes(root, STARTERS, problems)
    mark = read_text(root, ".stage", problems)
    if starters is None or mark is None:
        return []
    known = dict(line.split("  ", 1)[::-1] for line in decode_theirs(starters).splitlines())
    try:
        lab = tomllib.loads(mark)
        manifest = read_text(root, f"labs/{lab['number']}-{lab['lab']}/lab.toml", problems)
        exercises = tomllib.loads(manifest or "").get("exercise", [])
    except (tomllib.TOMLDecodeError, KeyError):
        return []
    files = {}  # path -> (StagedFile, text)
    for exercise in exercises:
        for path in exercise["regions"].values():
            data = read_bytes(root, path, problems)
            text = "" if data is None else decode_theirs(data)
            files[path] = (parse_staged(path, text, path, Problems()), text)
    return [
        exercise["id"]
        for exercise in exercises
        if all(_as_given(name, path, files, known) for name, path in exercise["regions"].items())
    ]


def _as_given(name, path, files, known):
    staged, text = files[path]
    bodies = [slot.body for slot in staged.slots if slot.id == name]
    if len(bodies) != 1 or _sum("\n".join(bodies[0])) != known.get(name):
        return False
    return path not in known or _sum(given_part(path, text)) == known[path]
