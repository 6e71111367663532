"""Where slots are, in words: '1.17 of shell', 'part frame of dispatcher 2 (shell)'."""

from sprat_gdb.capabilities import slots_in

PARTS = ("cspace", "address_space", "frame", "report")


def cspace_of(dispatcher):
    """Yields (address in the CSpace as text, Slot) for all slots that are not empty: the root's, then each CNode's."""
    root = dispatcher.part("cspace")
    if root.type != "cnode":
        return
    nodes = list(slots_in(root.base))
    for node, slot in nodes:
        yield f"root.{node}", slot
    for node, slot in nodes:
        if slot.type == "cnode" and node:
            yield from ((f"{node}.{number}", inner) for number, inner in slots_in(slot.base))


class Places:
    """Names the places of slots. Made anew for each command."""

    def __init__(self, dispatchers):
        self._names = {}
        for dispatcher in dispatchers:
            for address, slot in cspace_of(dispatcher):
                self._names.setdefault(slot.address, []).append(f"{address} of {dispatcher.name}")
            for which in PARTS:
                part = dispatcher.part(which)
                self._names[part.address] = [f"part {which} of dispatcher {dispatcher.number} ({dispatcher.name})"]

    def name(self, slot):
        """Where it is; in a CNode that several processes hold, all their names for it."""
        return ", ".join(self._names.get(slot.address, [])) or f"slot {slot.address:#x}, in no process's CSpace"
