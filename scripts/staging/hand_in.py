"""What would be refused of a student's tree when it is handed in, found out in that tree itself.

The code that takes the answers then is the same (answers.py): whatever it refuses, a student is told before.
"""

import hashlib
import os
import tomllib
from dataclasses import dataclass

from .answers import read_submission
from .manifest import read_lab
from .problems import Problems, Refused
from .staged import given_part
from .tree import decode_theirs, encode, read_bytes, read_text

# In a student's tree: a line "sum  path" for each file that is not taken as a whole when the tree is handed in.
SUMS = ".stage-sums"
_SOURCES = (".cc", ".hh", ".S", ".inc", ".ld", ".mk")
_FOLDERS = ("kernel", "user", "grading", "labs")  # whose new sources are compiled, or may be included


@dataclass(frozen=True)
class _Place:
    id: str
    path: str


class _Places:
    """In the place of the reference tree, which a student does not have: which regions there are, and in which files."""

    def __init__(self, labs):
        self.regions = {
            name: _Place(name, file) for lab in labs for name, (file, _) in lab.regions.items()
        }

    def regions_of(self, lab):
        return [self.regions[name] for name in lab.regions]


def sums_of(files):
    """The lines of SUMS for `files`, path to bytes; text between markers does not count."""
    return "".join(f"{sum_of(path, data)}  {path}\n" for path, data in sorted(files.items()))


def sum_of(path, data):
    """The sum of a file, without the text between markers."""
    return hashlib.sha256(encode(given_part(path, decode_theirs(data)))).hexdigest()


def not_taken(root, taken):
    """Changes in the staged tree at `root` that make a difference here and not when it is handed in: a line for each. The
    files `taken` are handed in as a whole."""
    data = read_bytes(root, SUMS, Problems())
    if data is None:
        return []
    known = dict(line.split("  ", 1)[::-1] for line in decode_theirs(data).splitlines())
    lines = []
    for path, given in known.items():
        now = read_bytes(root, path, Problems())
        if now is None or sum_of(path, now) != given:
            what = "gone" if now is None else "changed outside of the exercises"
            lines.append(f"{path}:1: warning: {what}; the course's own file is used instead")
    for folder in _FOLDERS:
        for place, _, names in os.walk(os.path.join(root, folder)):
            for name in sorted(names):
                path = os.path.relpath(os.path.join(place, name), root)
                if name.endswith(_SOURCES) and path not in known and path not in taken:
                    lines.append(f"{path}:1: warning: a new file; it is not taken along")
    return lines


def check(root, problems):
    """Notes all that would be refused of the staged tree at `root`. Returns its Lab."""
    text = read_text(root, ".stage", problems)
    problems.raise_if_any()
    try:
        name = tomllib.loads(text)["lab"]
    except (tomllib.TOMLDecodeError, KeyError):
        raise Refused([".stage:1: error: not as it was in the starter; put it back"]) from None
    labs = []
    for folder in sorted(os.listdir(os.path.join(root, "labs"))):
        path = f"labs/{folder}"
        if os.path.lexists(os.path.join(root, path, "lab.toml")):
            manifest = read_text(root, f"{path}/lab.toml", problems)
            labs.append(manifest is not None and read_lab(path, manifest, problems))
    problems.raise_if_any()
    for lab in labs:
        if lab and lab.name == name:
            read_submission(root, lab, _Places(filter(None, labs)), problems)
            return lab
    raise Refused([f"labs:1: error: there is no lab '{name}'; put its folder back"])
