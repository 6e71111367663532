"""The derivation order as a tree: each capability below the one it was made from.

The list has no pointers to parents. An object's descendants follow it without a gap and lie within it, so the way from
the root to where one is in the list is a stack: capabilities from which the next one does not descend are left behind.
"""

from sprat_gdb import capabilities, dispatchers
from sprat_gdb.places import Places


def with_depth(slots):
    """Yields (depth, slot) in the same order."""
    ancestors = []
    for slot in slots:
        while ancestors and not capabilities.may_descend(ancestors[-1], slot):
            ancestors.pop()
        yield len(ancestors), slot
        if slot.is_original:
            ancestors.append(slot)


def report():
    """The lines of `sprat derivations`."""
    slots = list(capabilities.order())
    places = Places(dispatchers.all_of_core())
    lines = [f"{len(slots)} capabilities; below each, indented, are those made from it; copies come before originals"]
    for depth, slot in with_depth(slots):
        what = f"{'  ' * depth}{slot.type}  {slot.object_text()}"
        lines.append(f"{what:<58}{slot.flags_text():<16} {places.name(slot)}")
    return lines
