"""Where memory is mapped, found by the kernel's way back: from the capability to its table, from there upwards.

Each step is checked against the table's own pointer to the capability that is mapped at the entry, so that a forgotten
one
shows here.
"""

import gdb

from sprat_gdb import capabilities, dispatchers
from sprat_gdb.capabilities import Slot, object_at, window
from sprat_gdb.page_tables import Entry, entry_size
from sprat_gdb.places import Places

ROOT_LEVEL = 4
ADDRESS_BITS = 52


def level_above(slot):
    """The level of the table that a mapped capability is in."""
    return Slot(slot.table_slot).level if slot.table_slot else ROOT_LEVEL


def place_of(slot):
    """(root table, virtual address) of a mapped capability; the root is None while a table above it is not mapped."""
    address = 0
    while slot.is_mapped:
        address += slot.first_entry * entry_size(level_above(slot))
        if not slot.table_slot:
            return slot.table, address
        slot = Slot(slot.table_slot)
    return None, address


def summary(slot):
    root, address = place_of(slot)
    return f"mapped at {address:#x}" if root is not None else "mapped in a table that is mapped nowhere"


def entry_of(slot, physical):
    """The entry that shows a byte of a mapped capability's object: (number, Entry, does the table point back?)."""
    level = level_above(slot)
    number = slot.first_entry + (0 if slot.level else (physical - slot.base) // entry_size(level))
    table = object_at(window(slot.table), "sprat::cap::TableObject")
    entry = Entry(level, int(table["entries"]["_M_elems"][number]))
    return number, entry, int(table["mapped"]["_M_elems"][number]) == slot.address


def mapping_lines(slot, physical, spaces, places):
    """What there is to say about one mapping."""
    root, address = place_of(slot)
    number, entry, is_known = entry_of(slot, physical)
    offset = 0 if slot.level else physical - slot.base
    if slot.level:
        where = f"a table for {address:#x} .. {address + entry_size(slot.level + 1):#x}"
    else:
        where = f"virtual {address + offset:#x}"
    space = "a table that is mapped nowhere" if root is None else spaces.get(root, f"address space {root:#x}")
    yield f"  {where} in {space}"
    yield f"    entry {number} of the level {entry.level} table at {slot.table:#x}: {entry.raw:#018x}  {entry.flags()}"
    yield f"    {slot.type} {slot.object_text()}  {slot.flags_text()}, {places.name(slot)}"
    if not is_known:
        yield "    the table does not point back to that capability: this mapping is forgotten when it goes"


def report(physical):
    """The lines of `sprat who-maps`."""
    if physical >> ADDRESS_BITS:
        raise gdb.GdbError(f"{physical:#x} is no physical address; sprat pagewalk {physical:#x} says where it leads to")
    every = dispatchers.all_of_core()
    places = Places(every)
    spaces = {d.root: f"the address space of {d.name} (root {d.root:#x})" for d in every if d.root}
    naming = [
        slot
        for slot in capabilities.order()
        if slot.type in ("physical_memory", "ram", "frame", "device_frame", "cnode", "dispatcher") or slot.level
        if slot.base <= physical < slot.end
    ]
    mapped = [slot for slot in naming if slot.is_mapped]
    lines = [f"physical {physical:#x} on this core:"] if naming else [f"no capability of this core names {physical:#x}"]
    for slot in mapped:
        lines += mapping_lines(slot, physical, spaces, places)
    if naming and not mapped:
        lines.append("  no process maps it")
    for slot in naming:
        if not slot.is_mapped:
            lines.append(f"  not mapped: {slot.type} {slot.object_text()}  {slot.flags_text()}, {places.name(slot)}")
    return lines
