# traps.gdb — the way to user mode, and back by a trap and by a system call, before any dispatcher can run.
#
#   make gdb NCPU=1      and there:  source labs/2-cpu-driver/traps.gdb
#
# The monitor's address space is built. This enters user mode with a number of its own in each register, first at an address where
# nothing is mapped, then at a SYSCALL: the trap frame must hold all of them.

set pagination off
tbreak sprat::dispatch::upcall
continue
python
import gdb

ADDRESS = int(gdb.parse_and_eval("(unsigned long)&user_registers"))
FRAME = f"(*(sprat::x86::TrapFrame*){ADDRESS})"
NAMES = "rax rbx rcx rdx rsi rdi rbp r8 r9 r10 r11 r12 r13 r14 r15".split()
NUMBERS = {name: 0x1111 * number for number, name in enumerate(NAMES, 1)}
ENTERED = {**NUMBERS, "rsp": 0x456000, "rflags": 0x202, "cs": 0x23, "ss": 0x1B}


def enter(rip, handler):
    """Goes to user mode with all of ENTERED, and stops in `handler`, to which the kernel comes back."""
    for name, value in {**ENTERED, "rip": rip}.items():
        gdb.execute(f"set variable {FRAME}.{name} = {value}")
    gdb.execute(f"tbreak {handler}")
    gdb.execute("set variable $rip = (unsigned long)&leave_kernel")
    gdb.execute("continue")


def compare(what, expected):
    wrong = 0
    for name, value in expected.items():
        came = int(gdb.parse_and_eval(f"(unsigned long){FRAME}.{name}"))
        if name == "rflags":
            came &= ~0x10000  # RF is set by faults
        if came != value:
            wrong += 1
            print(f"{name} is {came:#x}, should be {value:#x}")
    print(f"{what}: " + ("all registers are right" if wrong == 0 else f"{wrong} are wrong"))


enter(0x123000, "handle_user_trap")
compare("page fault", {**ENTERED, "rip": 0x123000, "vector": 14, "error": 0x14})

# An instruction SYSCALL of the monitor's own. rcx, r11, cs and ss mean nothing after it.
system_call = gdb.selected_inferior().search_memory(0x401000, 0x4000, b"\x0f\x05")
enter(system_call, "handle_system_call")
kept = {name: value for name, value in ENTERED.items() if name not in ("rcx", "r11", "cs", "ss")}
compare("system call", {**kept, "rip": system_call + 2})
end
