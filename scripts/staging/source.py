"""Files of the reference tree: given code, regions with their solutions, and blocks of later labs.

    //@ lab boot.1a: return false;      begin of a region; its starter line
        ... the reference body ...
    //@ end
    //@ since monitor                   begin of a block that is absent from trees of earlier labs
    //@ end

One nesting is allowed: a region inside a `since` block, when the region belongs to that lab or to a
later one.
"""

import re
from dataclasses import dataclass, field

from .markers import describe, is_trailing_marker, leaders_of, read_marker

REGION_ID = re.compile(r"(?P<exercise>(?P<lab>[a-z][a-z0-9-]*)\.[1-9][0-9]*)[a-z]?")
_LAB_TEXT = re.compile(r"(?P<id>[^:\s]+):(?: +(?P<starter>.*))?")


@dataclass
class Given:
    """Lines that no student has to write; `since` is the lab that brings them, None the file's."""

    since: str | None
    lines: list = field(default_factory=list)
    line: int = 0


@dataclass
class Region:
    """A place where a student's code stands. `id` is empty when the marker is malformed."""

    id: str
    path: str
    marker: object
    starter: str
    since: str | None = None
    body: list = field(default_factory=list)

    @property
    def line(self):
        return self.marker.line

    @property
    def lab(self):
        match = REGION_ID.fullmatch(self.id)
        return match["lab"] if match else ""

    @property
    def exercise(self):
        match = REGION_ID.fullmatch(self.id)
        return match["exercise"] if match else ""


def parse_source(path, text, problems):
    """The parts (Given and Region) of one file in order; notes what is wrong with its markers."""
    leaders = leaders_of(path)
    parts = [Given(None)]
    open_parts = []  # the `since` block and the region that are open here, outermost first
    for number, line in enumerate(text.split("\n"), 1):
        marker = read_marker(line, number, leaders)
        if marker is None:
            (open_parts[-1].body if _in_region(open_parts) else parts[-1].lines).append(line)
            if is_trailing_marker(line, leaders):
                problems.add(
                    path, number, "a marker behind code is not seen; give it a line of its own"
                )
        elif marker.word == "end":
            if marker.text:
                problems.add(path, number, "text after 'end'; write the marker as just 'end'")
            if open_parts:
                _close(parts, open_parts)
            else:
                problems.add(
                    path, number, "'end' without a begin; remove it or add the begin above"
                )
        elif marker.word in ("lab", "since"):
            _open(path, marker, parts, open_parts, problems)
        else:
            problems.add(
                path,
                number,
                (
                    f"unknown marker {describe(marker, line)}; "
                    "the markers are 'lab ID: starter line', 'since LAB' and 'end'"
                ),
            )
    for part in open_parts:
        problems.add(path, part.line, "begin without an end; add the 'end' marker below the block")
    return parts


def _in_region(open_parts):
    return bool(open_parts) and isinstance(open_parts[-1], Region)


def _open(path, marker, parts, open_parts, problems):
    if _in_region(open_parts):
        problems.add(
            path,
            marker.line,
            (
                f"'{marker.word}' inside region {open_parts[-1].id}; "
                "close the region above with 'end' first"
            ),
        )
    elif open_parts and marker.word == "since":
        problems.add(
            path,
            marker.line,
            "'since' inside a 'since' block; close the block above with 'end' first",
        )
    if marker.word == "since":
        if not marker.text:
            problems.add(path, marker.line, "'since' without a lab; write 'since LAB'")
        open_parts.append(Given(marker.text, [], marker.line))
        parts.append(open_parts[-1])
        return
    match = _LAB_TEXT.fullmatch(marker.text)
    if not match or not REGION_ID.fullmatch(match["id"]):
        problems.add(
            path,
            marker.line,
            (
                "malformed region; write 'lab LAB.NUMBER[letter]: starter line' "
                "(the colon is needed even when the starter has nothing)"
            ),
        )
    region_id = match["id"] if match and REGION_ID.fullmatch(match["id"]) else ""
    since = open_parts[-1].since if open_parts and isinstance(open_parts[-1], Given) else None
    open_parts.append(Region(region_id, path, marker, (match and match["starter"]) or "", since))
    parts.append(open_parts[-1])


def _close(parts, open_parts):
    open_parts.pop()
    outer = open_parts[-1] if open_parts else None
    if not isinstance(outer, Region):
        parts.append(Given(outer.since, [], outer.line) if outer else Given(None))


def check_nesting(parts, numbers, path, problems):
    """Checks that `parts` name labs of `numbers` and that no region precedes its block."""
    for part in parts:
        if part.since is not None and part.since not in numbers:
            known = ", ".join(numbers) or "none"
            problems.add(path, part.line or 1, f"'since' names no lab; the labs are: {known}")
        elif isinstance(part, Region) and part.since and part.lab in numbers:
            if numbers[part.lab] < numbers[part.since]:
                problems.add(
                    path,
                    part.line,
                    (
                        f"region {part.id} stands in a block that comes later, "
                        f"'since {part.since}'; move it out of the block"
                    ),
                )
