"""What a process can name: its CSpace as a table."""

from sprat_gdb import dispatchers, mappings, places


def line(address, slot):
    where = "  " + mappings.summary(slot) if slot.is_mapped else ""
    return (
        f"  {address:<9}{slot.type:<16}{slot.rights_text():<6}{slot.object_text():<28}{slot.flags_text()}{where}"
    )


def report(argument):
    """The lines of `sprat cspace`."""
    every = dispatchers.all_of_core()
    dispatcher = dispatchers.named(argument, every)
    root = dispatcher.part("cspace")
    title = f"dispatcher {dispatcher.number} ({dispatcher.name})"
    if root.type != "cnode":
        return [f"{title} has no CSpace: it is {dispatcher.state}"]
    lines = [f"CSpace of {title}, root CNode at {root.base:#x}"]
    lines.append(f"  {'address':<9}{'type':<16}{'rights':<8}{'object':<26}")
    return lines + [line(address, slot) for address, slot in places.cspace_of(dispatcher)]
