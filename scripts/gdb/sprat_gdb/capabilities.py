"""Capabilities of the selected core: their slots, the CNodes these lie in, and the order they stand in.

How the kernel lays them out is read from its debugging information, so nothing here repeats kernel/cap/slot.hh.
"""

import gdb

from sprat_gdb.machine import register, size_text

FIRST = "'sprat::cap::(anonymous namespace)::first'"
DISPATCHER_BYTES = 2048  # a Dispatcher lies at a multiple of that; endpoints are named by bytes of it
RIGHTS = "rwxg"  # the bits of Rights from bit 0 on


def kernel_value(expression):
    """A variable of the selected core's kernel."""
    if not register("cr0") >> 31:
        raise gdb.GdbError("this core runs no kernel yet: its paging is off; first: break leave_kernel, continue")
    try:
        return gdb.parse_and_eval(expression)
    except gdb.error as error:
        raise gdb.GdbError(f"{error} Are the kernel's symbols loaded? file build/g++/kernel/sprat.elf") from None


def enumerator(value):
    """What an enumerator of the kernel's is called, without its type."""
    return str(value).rsplit("::", maxsplit=1)[-1]


def object_at(address, type_name):
    """The kernel's object of a type at a virtual address, all of it read at once."""
    kind = gdb.lookup_type(type_name)
    return gdb.Value(gdb.selected_inferior().read_memory(address, kind.sizeof), kind)


class Slot:
    """What is in a slot, as it was when it was read."""

    def __init__(self, address, value=None):
        value = object_at(address, "sprat::cap::Slot") if value is None else value
        self.address = address
        self.next = int(value["next"])
        self.previous = int(value["previous"])
        self.type = enumerator(value["type"])
        self.base, self.bytes = int(value["base"]), int(value["bytes"])
        self.rights = int(value["rights"]["bits_"])
        self.badge = int(value["badge"])
        self.table, self.table_slot = int(value["mapping"]["table"]), int(value["mapping"]["table_slot"])
        self.first_entry = int(value["first_entry"])
        self.is_original, self.is_remote, self.is_part, self.is_mapped, self.is_dying = (
            bool(value["is_" + name]) for name in ("original", "remote", "part", "mapped", "dying")
        )

    @property
    def end(self):
        return self.base + self.bytes

    @property
    def level(self):
        """1 to 4 for a page table, else 0."""
        return int(self.type[-1]) if self.type.startswith("page_table_") else 0

    def contains(self, other):
        return self.base <= other.base and other.end <= self.end

    def rights_text(self):
        return "".join(letter if self.rights >> bit & 1 else "-" for bit, letter in enumerate(RIGHTS))

    def object_text(self):
        """What the capability names, in a few words."""
        if self.type == "kernel":
            return "this core's"
        if self.type == "irq":
            return f"lines {self.base} .. {self.end - 1}"
        if self.type == "io_ports":
            return f"ports {self.base:#x} .. {self.end - 1:#x}"
        if self.type in ("endpoint", "notification"):
            return f"{self.base & -DISPATCHER_BYTES:#x}  badge {self.badge:#x}"
        return f"{self.base:#x}  {size_text(self.bytes)}"

    def flags_text(self):
        """What else is known: original or copy, remote, and so on."""
        words = ["original" if self.is_original else "copy"]
        return " ".join(words + [name for name in ("remote", "part", "dying") if getattr(self, "is_" + name)])


def window(physical):
    """Where the kernel sees a physical address."""
    return (int(gdb.parse_and_eval("'sprat::memory::kWindowBase'")["value_"]) + physical) & (1 << 64) - 1


def may_descend(ancestor, other):
    """Whether `other` goes when `ancestor`, an original before it in the order, is revoked."""
    number = int(gdb.parse_and_eval(f"(int)'sprat::Type::{ancestor.type}'"))
    kinds = gdb.parse_and_eval(f"'sprat::cap::kAncestors'._M_elems[(int)'sprat::Type::{other.type}']")
    return bool(int(kinds) >> number & 1) and ancestor.contains(other)


def slots_in(cnode_base):
    """Yields (number, Slot) for the slots of a CNode that are not empty."""
    address = window(cnode_base)
    cnode = object_at(address, "sprat::cap::CNodeObject")["_M_elems"]
    size = cnode[0].type.sizeof
    for number in range(cnode.type.sizeof // size):
        if int(cnode[number]["type"]):
            yield number, Slot(address + size * number, cnode[number])


def order():
    """The capabilities of the selected core, in the derivation order. Says so if the list is broken."""
    address, previous, seen = int(kernel_value(FIRST)), 0, set()
    if not address:
        raise gdb.GdbError(
            "there are no capabilities on this core yet; they are made with its first process: "
            "break leave_kernel, continue"
        )
    while address:
        if address in seen:
            raise gdb.GdbError(f"the order runs in a circle: {previous:#x} leads back to {address:#x}")
        seen.add(address)
        slot = Slot(address)
        if slot.type == "null":
            raise gdb.GdbError(f"the order is broken: {previous:#x} leads to {address:#x}, which is empty")
        if slot.previous != previous:
            raise gdb.GdbError(
                f"the order is broken: before {address:#x} comes {previous:#x}, but it says {slot.previous:#x}"
            )
        yield slot
        previous, address = address, slot.next
