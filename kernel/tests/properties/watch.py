"""What must be true at each door of the kernel, read by GDB while the machine stands at a breakpoint.

../system/properties_test.cc starts it. SPRAT_REPORT names the file for its findings: a line `checked NAME COUNT` for
each
place, and a line `wrong NAME: WHAT` for each property that did not hold. It ends after SPRAT_STOPS stops.
SPRAT_PROGRAM, if it is there, is a program: only the WINDOW stops after a call of its function SPRAT_FROM are checked.
SPRAT_WINDOWS says after how many windows the tables of all cores are read.
After SPRAT_SECONDS it ends with its report so far, and a line `wrong end: ...`.
"""

import itertools
import os
import pathlib
import signal
import struct
import sys
import threading

import gdb

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "scripts/gdb"))

from sprat_gdb import page_tables  # noqa: E402
from sprat_gdb.machine import PhysicalMemory, address_of, register  # noqa: E402

TRAP, INTERRUPTS, DIRECTION, PRIVILEGE, NESTED, ALIGNMENT = 1 << 8, 1 << 9, 1 << 10, 3 << 12, 1 << 14, 1 << 18
USERS = TRAP | DIRECTION | NESTED | ALIGNMENT
# CR4: PAE, MCE, OSFXSR, OSXMMEXCPT, UMIP, SMEP, SMAP, and nothing else; CR0: WP.
CR4 = 1 << 5 | 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 20 | 1 << 21
WRITE_PROTECT = 1 << 16
USER_END = 0x7FFF_FFFF_F000
DEVICES = 0xC000_0000  # registers, which all cores write to, have higher addresses
PAGE = 4096
WINDOW, WINDOWS_BETWEEN_NMIS = 40, 5
WINDOWS_BETWEEN_LOOKS = int(os.environ.get("SPRAT_WINDOWS", "10"))
OF_TRAPS = "'sprat::x86::(anonymous namespace)::{}'"


class Report:
    """Counts, and the failures, each once."""

    def __init__(self):
        self.counts, self.wrong, self.stops, self.looks, self.cores = {}, {}, 0, 0, set()
        self.is_late = False

    def expect(self, holds, name, what):
        if not holds:
            self.wrong[(name, what.split(" is ")[0])] = what

    def write(self):
        lines = [f"checked {name} {count}" for name, count in sorted(self.counts.items())]
        lines += [f"wrong {name}: {what}" for (name, _), what in sorted(self.wrong.items())]
        pathlib.Path(os.environ["SPRAT_REPORT"]).write_text("\n".join(lines) + "\n")


report = Report()
limit = int(os.environ["SPRAT_STOPS"])


class Door(gdb.Breakpoint):
    """A place at which `check(name)` looks at the registers."""

    def __init__(self, name, address, check):
        super().__init__(f"*{address:#x}", internal=True)
        self._name, self._check = name, check
        report.counts[name] = 0

    def stop(self):
        report.counts[self._name] += 1
        report.stops += 1
        report.looks += 1
        report.cores.add(gdb.selected_thread().num)
        self._check(self._name)
        return report.stops >= limit or report.looks == WINDOW


places = {}


def place(symbol):
    """The address of a symbol, which is looked up once."""
    if symbol not in places:
        places[symbol] = address_of(symbol)
    return places[symbol]


def is_on(stack, size, pointer):
    return stack <= pointer <= stack + size


def expect_protected(name):
    flags = register("eflags")
    report.expect(flags & USERS == 0, name, f"flags is {flags:#x}")
    report.expect(flags & INTERRUPTS == 0, name, f"IF is on: {flags:#x}")
    report.expect(register("cr4") == CR4, name, f"CR4 is {register('cr4'):#x}")
    report.expect(register("cr0") & WRITE_PROTECT, name, f"CR0 is {register('cr0'):#x}")


def at_first_instruction(name):
    expect_protected(name)


def in_kernel(name):
    expect_protected(name)
    begin, end = place("stack_begin"), place("stack_end")
    report.expect(is_on(begin, end - begin, register("rsp")), name, f"rsp is {register('rsp'):#x}")


def on_own_stack(stack, size):
    def check(name):
        begin = place(OF_TRAPS.format(stack))
        report.expect(is_on(begin, size, register("rsp")), name, f"rsp is {register('rsp'):#x}")
        report.expect(register("eflags") & INTERRUPTS == 0, name, "IF is on")

    return check


def expect_users(name, rip, flags):
    report.expect(rip < USER_END, name, f"rip is {rip:#x}")
    report.expect(flags & PRIVILEGE == 0, name, f"IOPL is not 0: {flags:#x}")
    report.expect(flags & INTERRUPTS, name, f"IF is off: {flags:#x}")


def before_sysret(name):
    expect_users(name, register("rcx"), register("r11"))


def before_iret(name):
    words = gdb.selected_inferior().read_memory(register("rsp"), 3 * 8).tobytes()
    rip, cs, flags = struct.unpack("<3Q", words)
    if cs & 3:
        expect_users(name, rip, flags)
    else:
        report.expect(flags & INTERRUPTS == 0, name, "IF is on behind an interrupt that the kernel let in")


def instruction_in(function, mnemonic):
    """The address of the first `mnemonic` behind the label `function`."""
    listing = gdb.execute(f"x/64i {place(function):#x}", to_string=True)
    for line in listing.splitlines():
        address, instruction = line.replace("=>", "").split("\t", 1)
        if instruction.startswith(mnemonic):
            return int(address.split()[0].rstrip(":"), 16)
    raise gdb.GdbError(f"{function} has no {mnemonic}")


def kernel_root():
    """Of the selected core."""
    return int(gdb.parse_and_eval("*(unsigned long*)&'sprat::dispatch::(anonymous namespace)::kernel_root'"))


def expect_memory():
    """Of the selected core: the guard page, and the kernel's view of the lower half."""
    name = "memory"
    root = kernel_root()
    if root == 0:
        return  # a core that is starting: it has the trampoline's mappings still
    report.counts[name] = report.counts.get(name, 0) + 1
    table = page_tables.root()
    guard = place("stack_begin") - PAGE
    walk = page_tables.walk_report(guard)
    report.expect(walk[-1].startswith("not mapped"), name, f"guard page is {walk[-1]}")
    with PhysicalMemory() as memory:
        for address, _, _, permissions in page_tables.mappings(memory, table):
            is_low, is_users = address < 1 << 47, permissions.key[1]
            report.expect(is_low == is_users, name, f"page at {address:#x} is {permissions}")
    with PhysicalMemory() as memory:
        low = memory.read(root, PAGE // 2)
    report.expect(low == bytes(PAGE // 2), name, "kernel's root is not empty below the user's end")


def words_at(symbol, count):
    return struct.unpack(f"<{count}Q", gdb.selected_inferior().read_memory(place(symbol), 8 * count).tobytes())


def expect_stacks():
    """Of the selected core: which gates have a stack of their own, and where those stacks are."""
    name = "stacks"
    report.counts[name] = report.counts.get(name, 0) + 1
    gates = words_at(OF_TRAPS.format("idt"), 2 * 256)
    own = {vector: gates[2 * vector] >> 32 & 7 for vector in range(256) if gates[2 * vector] >> 32 & 7}
    report.expect(own == {1: 2, 2: 3, 8: 1, 18: 1}, name, f"gates with stacks is {own}")
    state = gdb.selected_inferior().read_memory(place(OF_TRAPS.format("task_state")), 104).tobytes()
    rsp0, *stacks = struct.unpack("<Q24xQQQ", state[4:60])
    report.expect(rsp0 == place("stack_end"), name, f"rsp0 is {rsp0:#x}")
    for stack, begin, size in zip(stacks, ("double_fault_stack", "debug_stack", "non_maskable_stack"), (8192, 256, 256)):
        end = place(OF_TRAPS.format(begin)) + size
        report.expect(stack == end, name, f"{begin} is {stack:#x}")


def doors():
    """All of them, closed."""
    stack = on_own_stack
    places = [("system_call_entry", place("system_call_entry"), at_first_instruction),
              ("handle_system_call", place("handle_system_call"), in_kernel),
              ("handle_user_trap", place("handle_user_trap"), in_kernel),
              ("handle_interrupt", place("handle_interrupt"), in_kernel),
              ("sysretq", instruction_in("leave_by_sysret", "sysret"), before_sysret),
              ("iretq", instruction_in("restore_registers", "iret"), before_iret),
              ("debug_entry", place("debug_entry"), stack("debug_stack", 256)),
              ("non_maskable_entry", place("non_maskable_entry"), stack("non_maskable_stack", 256))]
    return [Door(*each) for each in places]


def run_to_program(all_doors, begin):
    """Runs until the program calls its function again, and checks nothing meanwhile."""
    for door in all_doors:
        door.enabled = False
    begin.enabled = True
    gdb.execute("continue", to_string=True)
    begin.enabled = False
    for door in all_doors:
        door.enabled = True


windows = []  # at the last look


def expect_apart():
    """Of all cores: no frame is writable for two CPU drivers, whatever their processes share."""
    name, writable, users = "apart", [], []
    for number, thread in enumerate(gdb.selected_inferior().threads()):
        thread.switch()
        if not register("rip") >> 63 or kernel_root() == 0:
            return  # not all are in their kernels
        with PhysicalMemory() as memory:
            for _, physical, size, permissions in page_tables.mappings(memory, page_tables.root()):
                is_writable, is_users, _ = permissions.key
                if is_writable and physical < DEVICES:
                    (users if is_users else writable).append((physical, physical + size, number))
    report.counts[name] = report.counts.get(name, 0) + 1
    if windows and windows[-1] != writable:
        report.counts["moved"] = report.counts.get("moved", 0) + 1
    windows[:] = [writable]
    ends = {}  # so far, by core
    for begin, end, core in sorted(writable):
        for other, others_end in ends.items():
            report.expect(core == other or others_end <= begin, name,
                          f"{begin:#x} is writable for cores {other} and {core}")
        ends[core] = max(end, ends.get(core, 0))
    for page, _, core in users:
        if any(begin <= page < end and core != owner for begin, end, owner in writable):
            report.counts["shared"] = report.counts.get("shared", 0) + 1


def look_at_cores():
    expect_apart()
    for thread in gdb.selected_inferior().threads():
        thread.switch()
        if register("rip") >> 63:
            expect_memory()
            expect_stacks()


def watch():
    gdb.execute("set pagination off")
    gdb.execute("set confirm off")
    gdb.execute("set trust-readonly-sections on")  # nothing is in memory yet
    all_doors, begin = doors(), None
    if "SPRAT_PROGRAM" in os.environ:
        gdb.execute(f"add-symbol-file {os.environ['SPRAT_PROGRAM']}", to_string=True)
        begin = gdb.Breakpoint(f"*{place(os.environ['SPRAT_FROM']):#x}", internal=True)
    gdb.execute("set trust-readonly-sections off")
    for window in itertools.count():
        if begin:
            run_to_program(all_doors, begin)
            if report.is_late:  # it may not call any more, and all cores be idle
                return
        # A core that is being started dies of a non-maskable interrupt.
        if window % WINDOWS_BETWEEN_NMIS == 1 and len(report.cores) == len(gdb.selected_inferior().threads()):
            gdb.execute("monitor nmi", to_string=True)
        report.looks = 0
        gdb.execute("continue", to_string=True)
        if window % WINDOWS_BETWEEN_LOOKS == WINDOWS_BETWEEN_LOOKS - 1:
            look_at_cores()
        if report.stops >= limit or report.is_late:
            return


def end_late():
    report.is_late = True
    os.kill(os.getpid(), signal.SIGINT)  # ends a `continue`


timer = threading.Timer(float(os.environ["SPRAT_SECONDS"]), end_late)
timer.daemon = True
timer.start()
try:
    watch()
except (gdb.error, KeyboardInterrupt) as error:  # the machine has ended, or the time is over while this program works
    print(f"The machine has ended: {error}")
timer.cancel()
report.expect(not report.is_late, "end", f"stops is {report.stops} when the time was over")
report.write()
try:
    gdb.execute("kill")
except gdb.error:
    pass
gdb.execute("quit")
