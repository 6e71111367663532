"""The cores: each with its own page tables, its own copy of the kernel, its own current dispatcher."""

import gdb

from sprat_gdb import dispatchers, programs
from sprat_gdb.frames import is_low, place
from sprat_gdb.machine import PhysicalMemory, address_of, register
from sprat_gdb.page_tables import root

HALT = b"\xf4"


class EachCore:
    """Goes through the threads, which are the cores, and afterwards back to the thread and frame that were selected."""

    def __enter__(self):
        self._thread, self._frame = gdb.selected_thread(), gdb.selected_frame()
        return sorted(gdb.selected_inferior().threads(), key=lambda thread: thread.num)

    def __exit__(self, *_):
        self._thread.switch()
        if self._frame.is_valid():
            self._frame.select()


def doing():
    """What the selected core is doing."""
    pc = register("rip")
    if register("cs") & 3:
        root_table = root()
        program = programs.Programs.in_address_space(root_table)
        return f"user    {program.name if program else '?'} at {pc:#x}"
    if is_low(pc):
        return "kernel  at a physical address: starting"
    if HALT in gdb.selected_inferior().read_memory(pc - 1, 2).tobytes():
        return "idle    until an interrupt comes"
    return f"kernel  {place(pc)}"


def line(thread):
    """A line about the selected core, which is that thread."""
    table = root()
    if table is None:
        return f"{thread.num:<6} not started: its paging is off"
    with PhysicalMemory() as memory:
        image = programs.translate(memory, table, address_of("text_begin"))
    text = f"{image:#x}" if image is not None else "not mapped"
    running = dispatchers.current()
    who = "none"
    if running:
        every = [found for found in dispatchers.all_of_core() if found.address == running]
        who = f"{every[0].number} ({every[0].name})" if every else f"{running:#x}"
    return f"{thread.num:<6} {table:#012x}  {text:<12} {who:<14} {doing()}"


def report():
    """The lines of `sprat cores`."""
    register("rip")  # says so when no machine is attached
    selected = gdb.selected_thread().num
    lines = ["  thread CR3           kernel at    dispatcher     is"]
    with EachCore() as threads:
        for thread in threads:
            thread.switch()
            lines.append(("* " if thread.num == selected else "  ") + line(thread))
    return lines + ["Another core is selected with: thread N"]
