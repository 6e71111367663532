"""GDB's commands for Sprat. `make gdb` loads them; by hand it is `source scripts/gdb/sprat.py`.

Reading order, in sprat_gdb: machine.py (registers and physical memory), page_tables.py, frames.py, boot_memory.py,
early.py.
"""

import pathlib
import sys

import gdb

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from sprat_gdb import boot_memory, early, frames, page_tables  # noqa: E402
from sprat_gdb.machine import register  # noqa: E402


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
        self._name = "sprat " + function.__name__
        super().__init__(self._name, gdb.COMMAND_USER, completion)
        Command.commands.append(self)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        for line in self._function(argument.strip()):
            print(line)

    def summary(self):
        return f"  {self._name:<16} {self.__doc__.splitlines()[0]}"


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
    """Who called whom, through exceptions, down to the first instruction after the loader."""
    return frames.report()


def entry(argument):
    """Runs to the first instruction after the loader, and shows lines of entry.S from there on."""
    return early.stop_at_entry()


def help(argument):  # pylint: disable=redefined-builtin
    """This list."""
    return [command.summary() for command in Command.commands]


Group()
Command(pagewalk, gdb.COMPLETE_EXPRESSION)
Command(map)
Command(memory)
Command(backtrace)
Command(entry)
Command(help)
frames.register_unwinder()
