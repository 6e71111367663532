"""GDB's commands for Sprat. `make gdb` loads them; by hand it is `source scripts/gdb/sprat.py`.

Reading order, in sprat_gdb: machine.py (registers and physical memory), page_tables.py, frames.py, boot_memory.py,
early.py.
"""
#@ since cpu-driver
# Then capabilities.py, programs.py, dispatchers.py, places.py, cspaces.py, derivations.py, mappings.py, cores.py,
# system_calls.py.
#@ end

import pathlib
import sys

import gdb

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from sprat_gdb import boot_memory, early, frames, page_tables  # noqa: E402
from sprat_gdb.machine import register  # noqa: E402
#@ since cpu-driver
from sprat_gdb import cores as cores_, cspaces, derivations as derivations_  # noqa: E402
from sprat_gdb import dispatchers as dispatchers_, mappings, programs, system_calls  # noqa: E402
#@ end


class Group(gdb.Command):
    """Commands that know Sprat; `sprat help` lists them."""

    def __init__(self):
        super().__init__("sprat", gdb.COMMAND_USER, prefix=True)


class Command(gdb.Command):
    """One of the commands; the function's doc string is what `help sprat NAME` shows."""

    commands = []

    def __init__(self, function, completion=gdb.COMPLETE_NONE):
        self.__doc__ = function.__doc__
        self._function = function
        self._name = "sprat " + function.__name__.replace("_", "-")
        super().__init__(self._name, gdb.COMMAND_USER, completion)
        Command.commands.append(self)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        for line in self._function(argument.strip()):
            print(line)

    def summary(self):
        return f"  {self._name:<18} {self.__doc__.splitlines()[0]}"


def address_from(expression):
    """What an expression means as an address: a function or an array is where it lies."""
    register("rip")  # says so when no machine is attached
    try:
        value = gdb.parse_and_eval(expression)
        if value.type.code in (gdb.TYPE_CODE_FUNC, gdb.TYPE_CODE_ARRAY):
            value = value.address
        return int(value) & (1 << 64) - 1
    except gdb.error as error:
        raise gdb.GdbError(f"{expression} is not an address: {error}") from None


def pagewalk(argument):
    """How the processor translates an address: pagewalk ADDRESS, an expression.

    Shows the entry that is used at each of the four levels and where the walk ends. The page tables are
    read from physical memory, below whatever the processor has mapped now.
    """
    if not argument:
        raise gdb.GdbError("pagewalk needs an address; try: sprat pagewalk &main")
    return page_tables.walk_report(address_from(argument))


def map(argument):  # pylint: disable=redefined-builtin
    """Everything that is mapped now: addresses, frames, permissions, sizes of pages."""
    return page_tables.map_report()


def memory(argument):
    """The loader's list of memory, the modules and the free regions, as the kernel has them."""
    return boot_memory.report()


def backtrace(argument):
    """The chain of calls, through exceptions, down to the first instruction after the loader."""
    return frames.report()


def entry(argument):
    """Runs to the first instruction after the loader, and shows lines of entry.S from there on."""
    return early.stop_at_entry()


#@ since cpu-driver
def cores(argument):
    """Each core: its page tables, where its copy of the kernel is, its current dispatcher and its activity."""
    return cores_.report()


def dispatchers(argument):
    """The selected core's dispatchers: state, address space, frame, program, calls, why stopped."""
    return dispatchers_.report()


def cspace(argument):
    """What a process can name: cspace [DISPATCHER], a number, address or program; else the current one.

    The address is CNODE.SLOT as in CapAddress; root.SLOT is a slot of the root CNode itself. Rights are r, w, x and
    g for grant.
    """
    return cspaces.report(argument)


def derivations(argument):
    """All capabilities of the selected core, as a tree: each below the one it was made from."""
    return derivations_.report()


def who_maps(argument):
    """The mappings of a physical address, with their capabilities: who-maps ADDRESS, an expression."""
    if not argument:
        raise gdb.GdbError("who-maps needs a physical address; sprat cspace and sprat pagewalk show some")
    return mappings.report(address_from(argument))


#@ end
def help(argument):  # pylint: disable=redefined-builtin
    """This list."""
    return [command.summary() for command in Command.commands]


Group()
Command(pagewalk, gdb.COMPLETE_EXPRESSION)
Command(map)
Command(memory)
Command(backtrace)
Command(entry)
#@ since cpu-driver
Command(cores)
Command(dispatchers)
Command(cspace, gdb.COMPLETE_EXPRESSION)
Command(derivations)
Command(who_maps, gdb.COMPLETE_EXPRESSION)
programs.follow_processes()
system_calls.register_unwinder()
#@ end
Command(help)
frames.register_unwinder()
