"""Handing in, from a student's tree: one archive of exactly what is taken, and a pristine tree with it in it to grade.

The pristine tree has each file as the starter had it: from this tree when it is unchanged there, else from its git history.
"""

import gzip
import io
import os
import subprocess
import tarfile

from .hand_in import SUMS, sum_of
from .problems import Problems, Refused
from .staged import parse_staged
from .tree import decode_theirs, encode, read_bytes, write_file


def taken(root, lab):
    """Path to bytes of all that is taken from the tree at `root`: whole files, and files with regions of the lab."""
    paths = {*lab.submission_files, *(file for file, _ in lab.regions.values())}
    problems = Problems()
    files = {path: read_bytes(root, path, problems) for path in sorted(paths)}
    problems.raise_if_any()
    return files


def pack(files):
    """An archive of them whose bytes depend on nothing but theirs."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(data.getvalue(), mtime=0)


def pristine(root, files, lab):
    """Path to (bytes, executable) of a tree that has only what is taken of this one's changes."""
    known = read_bytes(root, SUMS, Problems())
    if known is None:
        raise Refused([f"{SUMS}:1: error: the file is missing; put it back as it was in the starter"])
    tree = {}
    for line in decode_theirs(known).splitlines():
        sum_, path = line.split("  ", 1)
        given = _as_given(root, path, sum_)
        if given is None:
            raise Refused(
                [
                    f"{path}:1: error: changed, and not as it was in the starter in this tree's git history "
                    "either; put it back"
                ]
            )
        place = os.path.join(root, path)
        executable = os.access(place, os.X_OK) if os.path.exists(place) else path.startswith("scripts/")
        tree[path] = (_with_bodies(path, given, files.get(path)), executable)
    for path in lab.submission_files:
        tree[path] = (files[path], False)
    for path in (".stage", ".stage-starters", SUMS):
        data = read_bytes(root, path, Problems())
        if data is not None:
            tree[path] = (data, False)
    return tree


def _as_given(root, path, sum_):
    data = read_bytes(root, path, Problems())
    if data is not None and sum_of(path, data) == sum_:
        return data
    for commit in _git(root, "log", "--format=%H", "--", path).decode().split():
        data = _git(root, "show", f"{commit}:./{path}")
        if sum_of(path, data) == sum_:
            return data
    return None


def _git(root, *arguments):
    command = ["git", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-C", root]
    done = subprocess.run([*command, *arguments], stdin=subprocess.DEVNULL, capture_output=True)
    return done.stdout if done.returncode == 0 else b""


def _with_bodies(path, given, mine):
    """A file of the starter with the text between the markers of `mine`; None: nothing is taken from it."""
    if mine is None:
        return given
    staged = parse_staged(path, decode_theirs(given), path, Problems())
    for slot in parse_staged(path, decode_theirs(mine), path, Problems()).slots:
        staged.put(slot.id, slot.body)
    return encode(staged.text())


def write_tree(folder, tree):
    """Makes `folder` hold these files and no others; files that have not changed keep their time, for make."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = os.path.join(place, name)
            if os.path.islink(path) or os.path.relpath(path, folder) not in tree:
                os.remove(path)
    for path, (data, executable) in tree.items():
        if read_bytes(folder, path, Problems()) != data:
            write_file(folder, path, data, executable)
