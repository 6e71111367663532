"""The machine that GDB is attached to: its registers and its physical memory."""

import gdb


def register(name):
    """The value of a register of the selected core, as a number."""
    if not gdb.selected_inferior().threads():
        raise gdb.GdbError("no machine is attached; start one with: make gdb")
    return int(gdb.newest_frame().read_register(name)) & (1 << 64) - 1


def address_of(symbol):
    """The address of a symbol of the kernel's image, or None if the image has no such symbol."""
    try:
        return int(gdb.parse_and_eval(f"(unsigned long)&{symbol}"))
    except gdb.error:
        return None


class PhysicalMemory:
    """While it is open, GDB reads physical memory (an extension of QEMU's stub)."""

    def __enter__(self):
        self._switch(1)
        return self

    def __exit__(self, *_):
        self._switch(0)

    def read(self, address, size):
        """The bytes there; addresses without memory read as QEMU pleases, mostly as zeros."""
        return gdb.selected_inferior().read_memory(address, size).tobytes()

    @staticmethod
    def _switch(physical):
        reply = gdb.execute(f"maintenance packet Qqemu.PhyMemMode:{physical}", to_string=True)
        if '"OK"' not in reply:
            raise gdb.GdbError("this machine is not QEMU, so physical memory cannot be read")
        gdb.execute("maintenance flush dcache", to_string=True)


def size_text(size):
    """4096 -> '4 KiB', in the largest unit that divides it."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size % 1024 or unit == "GiB" or not size:
            return f"{size} {unit}"
        size //= 1024
    return ""
