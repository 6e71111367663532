"""Which program runs in an address space, and its symbols while its process is the current one.

All programs are linked at the same address, so GDB can have the symbols of one of them at a time. Which one is told
by the first page of code: memory there is compared with the files beside the kernel's, build/g++/user/*.elf.
"""

import pathlib
import struct

import gdb

from sprat_gdb.machine import PhysicalMemory, register
from sprat_gdb.page_tables import ENTRIES, PAGE, PRESENT, Entry, entry_size

LOAD, EXECUTABLE = 1, 1  # ELF: type and flag of a segment


def translate(memory, root, address):
    """The physical address that a virtual one leads to below `root`, or None."""
    table = root
    for level in (4, 3, 2, 1):
        index = address // entry_size(level) % ENTRIES
        entry = Entry(level, struct.unpack("<Q", memory.read(table + 8 * index, 8))[0])
        if not entry.raw & PRESENT:
            return None
        if entry.is_page:
            return entry.target + address % entry_size(level)
        table = entry.target
    return None


class Program:
    """A program's file with symbols."""

    def __init__(self, path):
        self.path = path
        self.name = path.stem
        self.address, self.beginning = self._code()

    def _code(self):
        """Where its code begins, and as much of it as is in the first page."""
        image = self.path.read_bytes()
        headers, = struct.unpack_from("<Q", image, 32)
        size, count = struct.unpack_from("<HH", image, 54)
        for i in range(count):
            kind, flags, offset, address, _, in_file = struct.unpack_from("<IIQQQQ", image, headers + size * i)
            if kind == LOAD and flags & EXECUTABLE:
                return address, image[offset : offset + min(in_file, PAGE - address % PAGE)]
        return 0, b""


class Programs:
    """The programs that were built with the kernel; read again when their files change."""

    _known = {}

    @classmethod
    def all(cls):
        kernel = gdb.current_progspace().filename
        folder = pathlib.Path(kernel or ".").resolve().parent.parent / "user"
        found = {(path, path.stat().st_mtime_ns): path for path in sorted(folder.glob("*.elf"))}
        cls._known = {key: cls._known.get(key) or Program(path) for key, path in found.items()}
        return cls._known.values()

    @classmethod
    def in_address_space(cls, root):
        """The program whose code is mapped below `root`, or None."""
        with PhysicalMemory() as memory:
            pages = {}
            for program in cls.all():
                if program.address not in pages:
                    at = translate(memory, root, program.address)
                    pages[program.address] = memory.read(at, PAGE - at % PAGE) if at is not None else b""
                if program.beginning and pages[program.address].startswith(program.beginning):
                    return program
        return None


class Symbols:
    """The symbols of the current process's program."""

    _path = None

    @classmethod
    def follow(cls, _=None):
        """Loads the symbols of the program that is mapped now, instead of the ones loaded before."""
        thread = gdb.selected_thread()
        if thread is None or not thread.is_valid() or not thread.is_stopped():
            return
        program = None
        if register("cr0") >> 31 and register("efer") >> 10 & 1:
            program = Programs.in_address_space(register("cr3") & ((1 << 52) - 1) & -PAGE)
        path = program.path if program else None
        if path == cls._path:
            return
        if cls._path is not None:
            gdb.execute(f'remove-symbol-file "{cls._path}"', to_string=True)
        if path is not None:
            gdb.execute(f'add-symbol-file "{path}"', to_string=True)
        cls._path = path


def follow_processes():
    """From now on symbols come and go with the processes, at each stop and with each `thread N`."""
    gdb.events.stop.connect(Symbols.follow)
    gdb.events.before_prompt.connect(Symbols.follow)
