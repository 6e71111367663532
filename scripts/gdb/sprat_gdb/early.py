"""The first instructions: entry.S is linked high but runs at physical addresses until it jumps to main.

GDB looks for lines of source at linked addresses. For as long as the image runs low, its symbols are therefore
loaded a second time, moved down; they go when the machine stops in the top 2 GiB, where they would only confuse.
"""

import gdb

from sprat_gdb.frames import is_low, kernel_base
from sprat_gdb.machine import address_of, register


def load_low_symbols(base):
    """The symbols as they are at physical addresses, until a stop in the top 2 GiB."""
    image = gdb.current_progspace().filename
    gdb.execute(f'add-symbol-file "{image}" -o -{base:#x}', to_string=True)

    def at_stop(_):
        if not is_low(register("rip")):
            gdb.events.stop.disconnect(at_stop)
            gdb.execute(f"remove-symbol-file -a {address_of('text_begin') - base:#x}", to_string=True)

    gdb.events.stop.connect(at_stop)


def stop_at_entry():
    """Runs the machine to the kernel's first instruction."""
    base = kernel_base()
    if register("cr0") >> 31:
        raise gdb.GdbError("the machine is past entry.S already; leave GDB and start again with: make gdb")
    entry = address_of("entry") - base
    load_low_symbols(base)
    gdb.execute(f"thbreak *{entry:#x}", to_string=True)
    gdb.execute("continue")
    return ["Step on with stepi; sprat pagewalk shows the tables as soon as paging is on."]
