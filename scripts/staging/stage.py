"""One staged tree: which files it has, the code in its regions, and how it gets to disk."""

import filecmp
import os
import shutil
import tempfile
import tomllib

from . import hand_in, unanswered
from .answers import read_bodies
from .problems import Refused
from .staged import parse_staged, render, starter_body, whole_file
from .tree import commit_all, decode_theirs, encode, read_bytes, read_text, write_file

_MARK = ".stage"


class Stage:
    """The tree of one lab in memory. Made as a starter; the other methods put code into it."""

    def __init__(self, reference, lab):
        self.reference, self.lab = reference, lab
        self.own_labs = [lab.name]  # labs whose regions stand between markers
        self.kind = "starter"
        self._paths = reference.stage_files(lab)
        self._files = self._render()

    def _render(self, paths=None):
        """The starter's files: all, or `paths`."""
        ref = self.reference
        return {
            path: render(path, ref.parts(path), self.lab.number, ref.numbers, self.own_labs)
            for path in (self._paths if paths is None else sorted(paths))
            if ref.parts(path) is not None
        }

    def carry_over(self, root, problems):
        """Takes the exercises of earlier labs from `root`, the student's tree of an earlier stage.

        Files of an earlier lab's [submission] are taken whole when this lab adds nothing to them;
        otherwise, and in all other files, the bodies of the regions are taken. Returns those files
        of a [submission] of which only bodies were taken.
        """
        earlier, own = self._read_mark(root, problems)
        if earlier is None:
            return []
        self.own_labs = own + [self.lab.name]
        self._files = self._render()
        bodies_only = []
        for lab in (self.reference.lab(name) for name in own):
            wanted = {path: [] for path in lab.submission_files}
            for region in self.reference.regions_of(lab):
                wanted.setdefault(region.path, []).append(region.id)
            for path, ids in wanted.items():
                if path not in self._files:
                    problems.add(
                        path,
                        1,
                        (
                            f"earlier lab {lab.name} has this file, {self.lab.name} omits it; "
                            "correct 'omits'"
                        ),
                    )
                elif path in lab.submission_files and self._is_unchanged_since(path, earlier):
                    self._put_whole(path, root, problems)
                else:
                    if path in lab.submission_files:
                        bodies_only.append(path)
                    if ids:
                        self.put_bodies(
                            read_bodies(root, path, ids, self.reference, problems), problems
                        )
        return bodies_only

    def _read_mark(self, root, problems):
        """The lab of the student's tree at `root`, and the labs whose regions stand in it."""
        shown = os.path.join(root, _MARK)
        text = read_text(root, _MARK, problems, shown)
        if text is None:
            return None, []
        try:
            mark = tomllib.loads(text)
            earlier = self.reference.lab(str(mark["lab"]))
            own = [
                name for name in mark["own"] if self.reference.lab(name).number <= earlier.number
            ]
        except (tomllib.TOMLDecodeError, KeyError, TypeError, Refused):
            problems.add(
                shown,
                1,
                "not as scripts/stage wrote it; put the file back as it was in the starter",
            )
            return None, []
        if earlier.number >= self.lab.number:
            problems.add(
                shown,
                1,
                (
                    f"this is a tree of lab {earlier.name}, which is not before {self.lab.name}; "
                    "name a tree of an earlier lab (or use --answers)"
                ),
            )
            return None, []
        return earlier, own

    def _is_unchanged_since(self, path, earlier):
        parts, numbers = self.reference.parts(path), self.reference.numbers
        if parts is None:
            return True
        texts = {
            render(path, parts, number, numbers, list(numbers)).text()
            for number in (earlier.number, self.lab.number)
        }
        return len(texts) == 1

    def _put_whole(self, path, root, problems):
        shown = os.path.join(root, path)
        data = read_bytes(root, path, problems, shown)
        if data is not None:
            self._files[path] = whole_file(path, decode_theirs(data))

    def solve(self, regions):
        """Puts the reference bodies into `regions`."""
        for region in regions:
            self._files[region.path].put(region.id, region.body)

    def put_bodies(self, bodies, problems):
        """Puts bodies (region id to lines) into their slots."""
        for name, body in bodies.items():
            path = self.reference.regions[name].path
            if self._files[path].put(name, body):
                continue
            # Earlier answers brought this file whole; its slots were not looked for.
            self._files[path] = parse_staged(path, self._files[path].text(), path, problems)
            if not self._files[path].put(name, body):
                problems.add(
                    path,
                    1,
                    (
                        f"the markers of {name} are missing in the file answered whole; "
                        f"put 'exercise {name}' and 'end' back around your code"
                    ),
                )

    def put_answers(self, answers, problems):
        """Puts whole files, then bodies."""
        for path, text in answers.files.items():
            self._files[path] = whole_file(path, text)
        self.put_bodies(answers.bodies, problems)

    def contents(self):
        """What goes to disk: path to (bytes, executable). The lab's own README is the tree's."""
        readme = f"{self.lab.folder}/README.md"
        result = {}
        for path in self._paths:
            if path not in (readme, "README.md"):
                result[path] = (self.contents_of(path), self.reference.is_executable(path))
        result["README.md"] = (self.contents_of(readme), False)
        own = ", ".join(f'"{name}"' for name in self.own_labs)
        mark = (
            f'lab = "{self.lab.name}"\nnumber = {self.lab.number}\nkind = "{self.kind}"\nown ='
            f" [{own}]\n"
        )
        taken = self.lab.submission_files
        given = {path: data for path, (data, _) in result.items() if path not in taken}
        result[_MARK] = (mark.encode(), False)
        result[hand_in.SUMS] = (hand_in.sums_of(given).encode(), False)
        result[unanswered.STARTERS] = (self._starters().encode(), False)
        return result

    def _starters(self):
        """How the exercises of this lab are in its starter."""
        regions = self.reference.regions_of(self.lab)
        bodies = {region.id: starter_body(region) for region in regions}
        starter = self._render({region.path for region in regions} & {*self.lab.submission_files})
        return unanswered.starters_of(bodies, {path: file.text() for path, file in starter.items()})

    def contents_of(self, path):
        """The bytes of one file."""
        if path in self._files:
            return encode(self._files[path].text())
        return self.reference.content(path)

    def write(self, out, with_git, force):
        """Writes the tree to `out`, all or nothing. Refuses when something else stands there."""
        out = os.path.abspath(out)
        _refuse_to_replace(out, force)
        os.makedirs(os.path.dirname(out), exist_ok=True)
        work = tempfile.mkdtemp(prefix=".stage-", dir=os.path.dirname(out))
        try:
            tree = os.path.join(work, "new")
            os.mkdir(tree)
            for path, (data, executable) in self.contents().items():
                write_file(tree, path, data, executable)
                _keep_time(os.path.join(out, path), os.path.join(tree, path))
            if with_git:
                commit_all(tree, f"Lab {self.lab.number}, {self.lab.name}: {self.kind}")
            if os.path.lexists(out):
                os.rename(out, os.path.join(work, "old"))
            os.rename(tree, out)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _keep_time(old, new):
    """Gives `new` the time of `old` if both hold the same, so that make builds only what changed."""
    if os.path.isfile(old) and filecmp.cmp(old, new, shallow=False):
        then = os.stat(old)
        os.utime(new, ns=(then.st_atime_ns, then.st_mtime_ns))


def _refuse_to_replace(out, force):
    if not os.path.lexists(out):
        return
    if os.path.islink(out) or not os.path.isdir(out):
        raise Refused([f"{out}:1: error: exists and is no folder; name another --out"])
    if not os.listdir(out):
        return
    if not os.path.isfile(os.path.join(out, _MARK)):
        raise Refused(
            [f"{out}:1: error: exists and is no staged tree; name another --out or empty it"]
        )
    if not force:
        raise Refused(
            [
                f"{out}:1: error: a staged tree is there already; use --force to replace it, "
                "with all work in it"
            ]
        )
