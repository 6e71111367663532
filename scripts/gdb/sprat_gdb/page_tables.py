"""The four levels of page tables, read from physical memory (Intel SDM volume 3A, section 4.5)."""

import struct

import gdb

from sprat_gdb.machine import PhysicalMemory, register, size_text

PAGE = 4096
ENTRIES = 512
TABLE_NAMES = {4: "PML4", 3: "PDPT", 2: "PD", 1: "PT"}

PRESENT, WRITABLE, USER, LARGE, NO_EXECUTE = 1 << 0, 1 << 1, 1 << 2, 1 << 7, 1 << 63
FLAGS = ((0, "P"), (1, "W"), (2, "U"), (3, "PWT"), (4, "PCD"), (5, "A"), (6, "D"), (7, "PS"), (8, "G"), (63, "NX"))


def entry_size(level):
    """Bytes that one entry of a table at `level` (1 to 4) translates."""
    return PAGE << 9 * (level - 1)


class Entry:
    """One entry of a table at `level`."""

    def __init__(self, level, raw):
        self.level = level
        self.raw = raw
        self.present = bool(raw & PRESENT)
        self.is_page = level == 1 or (level in (2, 3) and bool(raw & LARGE))

    @property
    def target(self):
        """The physical address it points to: of a page or of the next table."""
        below = entry_size(self.level) if self.is_page else PAGE
        return self.raw & ((1 << 52) - 1) & -below

    def flags(self):
        """The names of the flags that are set. In the last table, bit 7 is not PS."""
        names = [name for bit, name in FLAGS if self.raw >> bit & 1]
        return " ".join("PAT" if name == "PS" and self.level == 1 else name for name in names)


class Permissions:
    """What all entries on the way to a page allow together."""

    def __init__(self, writable=True, user=True, executable=True):
        self.key = (writable, user, executable)

    def through(self, entry):
        writable, user, executable = self.key
        return Permissions(
            writable and bool(entry.raw & WRITABLE),
            user and bool(entry.raw & USER),
            executable and not entry.raw & NO_EXECUTE,
        )

    def __str__(self):
        writable, user, executable = self.key
        return f"r{'w' if writable else '-'}{'x' if executable else '-'} {'user' if user else 'kernel'}"


def root():
    """The PML4's physical address, or None while the processor does not translate."""
    if not register("cr0") >> 31:
        return None
    if not register("efer") >> 10 & 1:
        raise gdb.GdbError("paging is on but long mode is not; Sprat never does that, so look at CR0, CR4 and EFER")
    return register("cr3") & ((1 << 52) - 1) & -PAGE


def walk_report(address):
    """The lines of `sprat pagewalk`."""
    table = root()
    if table is None:
        return [f"paging is off (bit 31 of CR0 is 0): address {address:#x} is physical {address:#x}"]
    if address >> 47 not in (0, (1 << 17) - 1):
        return [f"{address:#x} is not canonical: bits 63 to 47 must be equal. The processor does not even walk."]
    lines = [f"address {address:#018x}, CR3 {table:#x}"]
    permissions = Permissions()
    with PhysicalMemory() as memory:
        for level in (4, 3, 2, 1):
            index = address // entry_size(level) % ENTRIES
            entry = Entry(level, struct.unpack("<Q", memory.read(table + 8 * index, 8))[0])
            name = f"{TABLE_NAMES[level]}[{index}]"
            lines.append(
                f"  level {level}  {name:<10} at {table + 8 * index:#010x}: {entry.raw:#018x}"
                f"  -> {entry.target:#x}  {entry.flags()}"
                if entry.present
                else f"  level {level}  {name:<10} at {table + 8 * index:#010x}: {entry.raw:#018x}  not present"
            )
            if not entry.present:
                return lines + [f"not mapped: the walk ends at level {level}"]
            permissions = permissions.through(entry)
            if entry.is_page:
                physical = entry.target + address % entry_size(level)
                page = size_text(entry_size(level))
                return lines + [f"physical {physical:#x}  {permissions}  {page} page"]
            table = entry.target
    raise AssertionError("an entry at level 1 is always a page")


def mappings(memory, table, level=4, base=0, permissions=Permissions()):
    """Yields (address, physical address, size, permissions) for each page, by address."""
    for index, raw in enumerate(struct.unpack(f"<{ENTRIES}Q", memory.read(table, PAGE))):
        entry = Entry(level, raw)
        if not entry.present:
            continue
        address = base + index * entry_size(level)
        if level == 4 and index >= ENTRIES // 2:
            address |= 0xFFFF << 48
        allowed = permissions.through(entry)
        if entry.is_page:
            yield address, entry.target, entry_size(level), allowed
        else:
            yield from mappings(memory, entry.target, level - 1, address, allowed)


def merged(pages):
    """Yields [address, physical address, bytes, permissions, sizes of pages] for pages that continue each other."""
    run = None
    for address, physical, size, permissions in pages:
        follows = run and (address, physical, permissions.key) == (run[0] + run[2], run[1] + run[2], run[3].key)
        if follows:
            run[2] += size
            run[4].add(size)
            continue
        if run:
            yield run
        run = [address, physical, size, permissions, {size}]
    if run:
        yield run


def map_report():
    """The lines of `sprat map`."""
    table = root()
    if table is None:
        return ["paging is off (bit 31 of CR0 is 0): every address is physical"]
    with PhysicalMemory() as memory:
        lines = [
            f"{address:#018x} .. {address + size:#018x}  -> {physical:#014x}  {permissions}"
            f"  {size_text(size)} in pages of {', '.join(map(size_text, sorted(sizes)))}"
            for address, physical, size, permissions, sizes in merged(mappings(memory, table))
        ]
    return lines or ["nothing is mapped"]
