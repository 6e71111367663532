"""The dispatchers of the selected core: their states, address spaces and callers."""

import gdb

from sprat_gdb import capabilities
from sprat_gdb.capabilities import enumerator, kernel_value, object_at, window
from sprat_gdb.programs import Programs

NO_TRAP = 256  # in the place of a vector: kernel/include/sprat/dispatcher_frame.hh
PAGE_FAULT = 14


class Dispatcher:
    """A dispatcher, as it was when it was read. `number` counts those of its core by their addresses."""

    def __init__(self, number, base):
        value = object_at(window(base), "sprat::dispatch::Dispatcher")
        self.number, self.base, self.address = number, base, window(base)
        self.state = enumerator(value["state"])
        self.root = int(value["root"]["value_"])
        self.frame = int(value["frame"])
        self.caller, self.callee = int(value["caller"]), int(value["callee"])
        self.handles_call = bool(value["handles_call"])
        self.stop = tuple(int(value["stop_" + name]) for name in ("vector", "rip", "address"))
        self.parts = value["parts"]["_M_elems"]
        self.program = Programs.in_address_space(self.root) if self.root else None

    @property
    def name(self):
        return self.program.name if self.program else "?"

    def part(self, which):
        """What it lives from: the Slot of one of sprat::dispatch::Part, which may be empty."""
        number = int(gdb.parse_and_eval(f"(int)'sprat::dispatch::Part::{which}'"))
        return capabilities.Slot(self.address + number * self.parts[0].type.sizeof, self.parts[number])


def current():
    """The address of the selected core's current dispatcher; 0 if it has none."""
    return int(kernel_value("'sprat::dispatch::running'"))


def all_of_core():
    """The dispatchers of the selected core, by address."""
    bases = {slot.base for slot in capabilities.order() if slot.type == "dispatcher"}
    return [Dispatcher(number, base) for number, base in enumerate(sorted(bases))]


def named(argument, dispatchers):
    """The dispatcher that an argument means: a number, an address, a program's name, or nothing: the current one."""
    if argument:
        for found in dispatchers:
            if argument in (str(found.number), found.name):
                return found
        wanted = address_or_zero(argument)
    else:
        wanted = current()
        if not wanted:
            raise gdb.GdbError("no dispatcher is current; say which one: sprat dispatchers lists them")
    for found in dispatchers:
        if wanted in (found.address, found.base):
            return found
    raise gdb.GdbError(f"{argument or hex(wanted)} is no dispatcher of this core; sprat dispatchers lists them")


def address_or_zero(expression):
    try:
        return int(gdb.parse_and_eval(expression)) & (1 << 64) - 1
    except gdb.error:
        return 0


def partner(address, dispatchers):
    for found in dispatchers:
        if found.address == address:
            return f"{found.number} ({found.name})"
    return f"{address:#x}, which is gone"


def notes(dispatcher, dispatchers):
    """What else there is to say: calls, and why it was stopped."""
    if dispatcher.callee:
        yield "calls " + partner(dispatcher.callee, dispatchers)
    if dispatcher.caller:
        yield "handles the call of " + partner(dispatcher.caller, dispatchers)
    elif dispatcher.handles_call:
        yield "handles a call whose caller has ended"
    if dispatcher.state == "stopped":
        vector, rip, address = dispatcher.stop
        if vector == NO_TRAP:
            yield f"stopped: it was to resume at {rip:#x}" if rip else "stopped: it lost a part, or was deleted"
        else:
            where = f", address {address:#x}" if vector == PAGE_FAULT else ""
            yield f"stopped by {exception_name(vector)} at {rip:#x}{where}"


def exception_name(vector):
    try:
        name = gdb.parse_and_eval(f"'sprat::x86::exception_name(unsigned long)'::kNames._M_elems[{vector}]").string()
        return f"{name} (vector {vector})"
    except gdb.error:
        return f"vector {vector}"


def report():
    """The lines of `sprat dispatchers`."""
    running = current()
    dispatchers = all_of_core()
    lines = ["     state         object        address space  frame         program"]
    for dispatcher in dispatchers:
        mark = "*" if dispatcher.address == running else " "
        frame = f"{dispatcher.part('frame').base:#x}" if dispatcher.frame else "none"
        root = f"{dispatcher.root:#x}" if dispatcher.root else "none"
        known = f"{dispatcher.state:<14}{dispatcher.base:<#14x}{root:<15}{frame:<14}{dispatcher.name}"
        lines.append(f"{mark} {dispatcher.number:<3}{known}")
        lines += [f"     {note}" for note in notes(dispatcher, dispatchers)]
    return lines + ([] if running else ["none is current"])
