"""A file of a staged tree: lines, and slots that hold what a student wrote.

    //@ exercise boot.1a
        ... the starter line, a solution, or a student's code ...
    //@ end
"""

from dataclasses import dataclass

from .markers import Marker, describe, leaders_of, read_marker
from .problems import Problems, printable
from .source import REGION_ID, Region


@dataclass
class Slot:
    """The body of one region between its two markers."""

    id: str
    marker: Marker
    body: list
    marked: bool = True  # False: plain code, the markers are left out

    def lines(self):
        if not self.marked:
            return self.body
        begin = self.marker.line_for("exercise", self.id)
        return [begin, *self.body, self.marker.line_for("end")]


class StagedFile:
    """The text of one file of a staged tree, with its slots still replaceable."""

    def __init__(self, path, items):
        self.path = path
        self._items = items  # lines and Slots

    @property
    def slots(self):
        return [item for item in self._items if isinstance(item, Slot)]

    def put(self, region_id, body):
        """Replaces the body of a slot; returns whether there is one of this name."""
        for slot in self.slots:
            if slot.id == region_id:
                slot.body = list(body)
                return True
        return False

    def text(self):
        lines = []
        for item in self._items:
            lines += item.lines() if isinstance(item, Slot) else [item]
        return "\n".join(lines)


def parse_staged(path, text, shown, problems):
    """Reads a file of a staged tree; problems are reported against the name `shown`."""
    leaders = leaders_of(path)
    items, seen, slot = [], {}, None
    for number, line in enumerate(text.split("\n"), 1):
        marker = read_marker(line, number, leaders)
        if marker is None:
            (slot.body if slot else items).append(line)
        elif marker.word == "exercise":
            if slot:
                problems.add(
                    shown,
                    number,
                    (
                        f"'exercise' inside {printable(slot.id)}; "
                        "put back the 'end' marker of that exercise above this line"
                    ),
                )
            if not REGION_ID.fullmatch(marker.text):
                problems.add(
                    shown,
                    number,
                    "'exercise' without a name; put the marker back as it was in the starter",
                )
            elif marker.text in seen:
                problems.add(
                    shown,
                    number,
                    (
                        f"{marker.text} appears a second time "
                        f"(first on line {seen[marker.text]}); remove one of the two"
                    ),
                )
            seen.setdefault(marker.text, number)
            slot = Slot(marker.text, marker, [])
            items.append(slot)
        elif marker.word == "end" and not marker.text:
            if not slot:
                problems.add(
                    shown,
                    number,
                    (
                        "'end' without an 'exercise' above; "
                        "put the marker back as it was in the starter, or remove this line"
                    ),
                )
            slot = None
        else:
            problems.add(
                shown,
                number,
                (
                    f"unknown marker {describe(marker, line)}; a student's tree has only "
                    "'exercise' and 'end' markers: write your comment without the '@'"
                ),
            )
    if slot:
        problems.add(
            shown,
            slot.marker.line,
            f"{printable(slot.id)} has no 'end'; put the 'end' marker back below your code",
        )
    return StagedFile(path, items)


def given_part(path, text):
    """The text without what stands between markers: what a student was given, and need not change."""
    staged = parse_staged(path, text, path, Problems())
    for slot in staged.slots:
        slot.body = []
    return staged.text()


def whole_file(path, text):
    """A file taken as it is, without looking for slots."""
    return StagedFile(path, text.split("\n"))


def starter_body(region):
    """The lines of a region of the reference in a starter."""
    return [region.marker.indent + region.starter] if region.starter else []


def render(path, parts, stage_number, numbers, own_labs):
    """What a source file's `parts` are in the stage `stage_number`.

    Regions of `own_labs` up to this stage become slots with their starter line; all others, of later labs
    too, become slots without markers that hold the reference body; later blocks are absent.
    `numbers` maps lab to number.
    """
    items = []
    after_gap = False  # something was left out right before the next line
    for part in parts:
        if part.since is not None and numbers[part.since] > stage_number:
            after_gap = True
            continue
        if isinstance(part, Region):
            is_own = part.lab in own_labs and numbers[part.lab] <= stage_number
            body = starter_body(part) if is_own else list(part.body)
            items.append(Slot(part.id, part.marker, body, marked=is_own))
            after_gap = False
            continue
        lines = part.lines
        if lines:
            if after_gap and not lines[0].strip() and (not items or _is_blank(items[-1])):
                lines = lines[
                    1:
                ]  # what was left out takes one of the two blank lines around it along
            after_gap = False
        items += lines
    return StagedFile(path, items)


def _is_blank(item):
    return isinstance(item, str) and not item.strip()
