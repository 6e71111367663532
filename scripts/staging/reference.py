"""The reference tree: its labs, its files and the regions in them, checked against each other."""

import os

from .manifest import read_lab
from .problems import Refused
from .source import Region, check_nesting, parse_source
from .tree import decode, glob_matches, is_inside, read_bytes, read_text, tracked_files

_ANSWERS = ("labs/*/alternatives/**", "labs/*/verdicts/**")
_NEVER_STAGED = ("labs/*/mutants.toml", *_ANSWERS)


class Reference:
    """Everything that staging needs to know about the source tree at `root`.

    After construction `problems` holds what is wrong with markers and manifests; the rest is only
    meaningful when there is nothing.
    """

    def __init__(self, root, problems):
        if os.path.lexists(os.path.join(root, ".stage")):
            raise Refused(
                [
                    f"{root}/.stage:1: error: this is a staged tree; stage from the source tree"
                    " instead"
                ]
            )
        self.root = root
        self.problems = problems
        self.files = tracked_files(root)
        self.labs = self._read_labs()
        self.numbers = {lab.name: lab.number for lab in self.labs}
        self._members = {lab.name: self._files_of(lab) for lab in self.labs}
        staged = {path for lab in self.labs for path in self.stage_files(lab)}
        self._bytes = {}
        self._parts = {}
        self.regions = {}  # region id -> Region
        for path in self.files:
            if path in staged or _may_forget_a_region(path):
                self._read_file(path)
        for lab in self.labs:
            self._check_regions(lab)
        self._check_all_regions_known()

    def lab(self, wanted):
        """The lab of this name or number. Refuses when there is none."""
        for lab in self.labs:
            if wanted in (lab.name, str(lab.number)):
                return lab
        known = ", ".join(f"{lab.name} ({lab.number})" for lab in self.labs) or "none"
        raise Refused(
            [f"{self.root}/labs:1: error: there is no lab '{wanted}'; the labs are: {known}"]
        )

    def stage_files(self, lab):
        """Sorted paths of all files that the stage of `lab` has.

        A file that a later lab adds is not there, even if a glob of this one or of an earlier one matches.
        """
        labs = [other for other in self.labs if other.number <= lab.number]
        later = [other for other in self.labs if other.number > lab.number]
        omitted = set().union(*(self._members[other.name] for other in later))
        for other in labs:
            for glob in other.omits:
                omitted.update(glob_matches(glob, self.files))
        return sorted(set().union(*(self._members[other.name] for other in labs)) - omitted)

    def parts(self, path):
        """What the markers make of a file: Given and Region; None when it has no text."""
        return self._parts.get(path)

    def content(self, path):
        """The bytes of a file."""
        return self._bytes[path]

    def is_executable(self, path):
        return bool(os.stat(os.path.join(self.root, path)).st_mode & 0o111)

    def regions_of(self, lab, exercise=None):
        """The regions of a lab, or of one of its exercises, in the order of the manifest."""
        return [
            self.regions[name]
            for name in lab.regions
            if exercise is None or self.regions[name].exercise == exercise
        ]

    def _read_labs(self):
        labs, seen = [], {}
        self._all_labs_read = True
        for path in glob_matches("labs/*/lab.toml", self.files):
            text = read_text(self.root, path, self.problems)
            lab = read_lab(os.path.dirname(path), text, self.problems) if text is not None else None
            if lab is None or not lab.is_whole:
                self._all_labs_read = False
            if lab is None:
                continue
            for key in (lab.name, lab.number):
                if key in seen:
                    self.problems.add(
                        path,
                        lab.table["line"],
                        (
                            f"'{key}' is also the lab of {seen[key]}; "
                            "give it a name and a number of its own"
                        ),
                    )
                seen.setdefault(key, path)
            labs.append(lab)
        if not labs and not self.problems:
            raise Refused(
                [f"{self.root}/labs:1: error: no labs/*/lab.toml here; run in the source tree"]
            )
        return sorted(labs, key=lambda lab: lab.number)

    def _files_of(self, lab):
        found = set(glob_matches(f"{lab.folder}/README.md", self.files))
        for glob in lab.adds:
            matches = glob_matches(glob, self.files)
            if not matches:
                self.problems.add(
                    lab.path,
                    lab.table["line_of"]("adds"),
                    f"'{glob}' in 'adds' matches no file; correct or remove it",
                )
            found.update(matches)
        return found

    def _read_file(self, path):
        """Reads one file and notes its regions."""
        data = read_bytes(self.root, path, self.problems)
        if data is None:
            return
        self._bytes[path] = data
        if b"\0" in data:  # a picture or the like
            return
        text = decode(data, path, self.problems)
        if text is None:
            return
        parts = parse_source(path, text, self.problems)
        check_nesting(parts, self.numbers, path, self.problems)
        self._parts[path] = parts
        for region in (part for part in parts if isinstance(part, Region) and part.id):
            if region.id in self.regions:
                first = self.regions[region.id]
                self.problems.add(
                    path,
                    region.line,
                    (
                        f"region {region.id} appears a second time "
                        f"(first in {first.path}:{first.line}); give it another letter"
                    ),
                )
            self.regions.setdefault(region.id, region)

    def _check_regions(self, lab):
        staged = set(self.stage_files(lab))
        for name, (file, line) in lab.regions.items():
            region = self.regions.get(name)
            if not is_inside(file) or file not in self.files:
                self.problems.add(
                    lab.path, line, f"{file} does not exist; correct the file of region {name}"
                )
            elif region is None or region.path != file:
                where = f" (it is in {region.path}:{region.line})" if region else ""
                self.problems.add(
                    lab.path,
                    line,
                    f"{file} has no region {name}{where}; correct the file or add the markers",
                )
            elif file not in staged:
                self.problems.add(
                    lab.path, line, f"{file} is not in the stage of {lab.name}; let 'adds' bring it"
                )
        for file in lab.submission_files:
            if file not in staged:
                self.problems.add(
                    lab.path,
                    lab.submission["line_of"]("files"),
                    f"'{file}' in 'files' is not in the stage of {lab.name}; correct or remove it",
                )
        for glob in _NEVER_STAGED:
            for path in glob_matches(glob, sorted(staged)):
                self.problems.add(
                    lab.path,
                    lab.table["line_of"]("omits"),
                    f"{path} would be in a student's tree; add it to 'omits'",
                )
        if f"{lab.folder}/README.md" not in self.files:
            self.problems.add(
                lab.path,
                1,
                (
                    f"{lab.folder}/README.md is missing; write it: it becomes the "
                    "README of the student's tree"
                ),
            )

    def _check_all_regions_known(self):
        if not self._all_labs_read:
            return  # the region may be listed in a manifest that could not be read
        listed = {name for lab in self.labs for name in lab.regions}
        for region in self.regions.values():
            if region.id not in listed:
                self.problems.add(
                    region.path,
                    region.line,
                    f"region {region.id} is in no lab.toml; add it to 'regions' of its exercise",
                )


def _may_forget_a_region(path):
    """Whether a file that no lab stages is code all the same: a region in it would be forgotten."""
    is_code = os.path.splitext(path)[1] in (".cc", ".hh", ".S", ".ld", ".mk")
    return is_code and not any(glob_matches(glob, [path]) for glob in _ANSWERS)
