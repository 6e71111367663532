"""Stack frames across the assembly: an unwinder that leads GDB through trap_entry.S, and a backtrace that says so.

GDB knows how to leave C++ functions. It does not know what trap_entry.S pushes, so it would stop there. The stack
in trap_entry.S, from the stack pointer up (it becomes a TrapFrame, kernel/include/sprat/registers.hh):

    registers pushed so far, the last one lowest │ vector │ error code │ rip cs rflags rsp ss
                                                  ╰─── by the stub ───╯ ╰── by the processor
"""

import re

import gdb
import gdb.unwinder

from sprat_gdb.machine import address_of, register

WORD = 8
PAGE_FAULT = 14
REGISTERS_OF_PROCESSOR = ("rip", "cs", "eflags", "rsp", "ss")


def read_word(address):
    return int.from_bytes(gdb.selected_inferior().read_memory(address, WORD).tobytes(), "little")


class TrapCode:
    """Where the code of trap_entry.S is: stubs, then save_registers, then the end.

    An unwinder may not ask GDB for symbols, because the answer can depend on the frame that is being unwound. So
    the addresses are looked up whenever symbols are loaded.
    """

    stubs = save = end = None

    @classmethod
    def look_up(cls, _=None):
        cls.stubs = address_of("trap_0")
        cls.save = address_of("save_registers")
        cls.end = address_of("trap_code_end")

    @classmethod
    def contains(cls, pc, is_innermost):
        if cls.stubs is None or cls.save is None or cls.end is None:
            return False
        # The call of handle_trap is the last instruction: it returns to the end.
        return cls.stubs <= pc < cls.end or (pc == cls.end and not is_innermost)


class Trap:
    """A trap whose entry code is at `pc`; `saved` says where on the stack which register is."""

    def __init__(self, pc, stack_pointer, architecture):
        save = TrapCode.save
        if pc < save:
            # A stub pushes until two words are there, then jumps.
            pushes_to_come = 0
            for instruction in architecture.disassemble(pc, save - 1):
                if instruction["asm"].startswith("jmp"):
                    break
                pushes_to_come += instruction["asm"].startswith("push")
            self._words_of_stub, pushed = 2 - pushes_to_come, []
        else:
            code = architecture.disassemble(save, pc - 1) if pc > save else []
            pushes = (re.match(r"push\w* +%?(\w+)", instruction["asm"]) for instruction in code)
            self._words_of_stub, pushed = 2, [push[1] for push in pushes if push]
        self.interrupted = stack_pointer + WORD * (len(pushed) + self._words_of_stub)
        self.saved = {name: stack_pointer + WORD * i for i, name in enumerate(reversed(pushed))}
        self.saved.update({name: self.interrupted + WORD * i for i, name in enumerate(REGISTERS_OF_PROCESSOR)})

    @classmethod
    def at(cls, pc, stack_pointer, architecture, is_innermost):
        """The trap that a frame belongs to, or None if it is no frame of trap_entry.S."""
        if not TrapCode.contains(pc, is_innermost):
            return None
        return cls(pc, stack_pointer, architecture)

    def description(self):
        """Such as: page fault (vector 14, error code 0x2, address 0x7000)."""
        if self._words_of_stub < 2:
            return "a trap that is just beginning"
        vector = read_word(self.interrupted - 2 * WORD)
        error = read_word(self.interrupted - WORD)
        try:
            name = gdb.parse_and_eval(f"'sprat::x86::exception_name(unsigned long)'::kNames._M_elems[{vector}]").string()
        except gdb.error:
            name = "trap"
        address = f", address {register('cr2'):#x}" if vector == PAGE_FAULT else ""
        return f"{name} (vector {vector}, error code {error:#x}{address})"


class FrameId:
    """What GDB tells frames apart by."""

    def __init__(self, sp, pc):
        self.sp = sp
        self.pc = pc


class TrapUnwinder(gdb.unwinder.Unwinder):
    """Leads GDB from trap_entry.S to the code that was interrupted."""

    def __init__(self):
        super().__init__("sprat trap_entry.S")

    def __call__(self, pending_frame):
        pc = int(pending_frame.read_register("rip"))
        stack_pointer = pending_frame.read_register("rsp")
        trap = Trap.at(pc, int(stack_pointer), pending_frame.architecture(), pending_frame.level() == 0)
        if trap is None:
            return None
        word = stack_pointer.type
        identity = FrameId(gdb.Value(trap.interrupted).cast(word), gdb.Value(TrapCode.stubs).cast(word))
        info = pending_frame.create_unwind_info(identity)
        for name in ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", *(f"r{i}" for i in range(8, 16))):
            if name not in trap.saved:
                info.add_saved_register(name, pending_frame.read_register(name))
        for name, address in trap.saved.items():
            old = pending_frame.read_register(name)
            content = gdb.selected_inferior().read_memory(address, old.type.sizeof)
            info.add_saved_register(name, gdb.Value(content, old.type))
        return info


def register_unwinder():
    TrapCode.look_up()
    gdb.events.new_objfile.connect(TrapCode.look_up)
    gdb.unwinder.register_unwinder(None, TrapUnwinder(), replace=True)


def each_frame():
    """GDB's frames, innermost first; none while the image runs at its low addresses, where they mean nothing."""
    if runs_low():
        return
    frame = gdb.newest_frame()
    while frame is not None:
        yield frame
        try:
            frame = frame.older()
        except gdb.MemoryError:  # the stack ends here
            return


def is_main(frame):
    """Compilers differ on whether main, which is extern "C", is in namespace sprat."""
    return frame.name() in ("main", "sprat::main")


def kernel_base():
    """SPRAT_KERNEL_BASE: the image is linked in the top 2 GiB, at the base plus its physical address."""
    linked = address_of("text_begin")
    if linked is None:
        raise gdb.GdbError("the kernel's symbols are not loaded; use: file build/g++/kernel/sprat.elf")
    return linked >> 31 << 31


def is_low(pc):
    return pc < kernel_base()


def runs_low():
    """The processor is in the kernel's mode, and below the addresses the kernel is linked at."""
    return is_low(register("rip")) and not register("cs") & 3


def place(address):
    """The symbol and, where there is one, the line at a linked address: 'entry+16  kernel/boot/entry.S:45'."""
    text = gdb.execute(f"info symbol {address:#x}", to_string=True)
    symbol = text.split(" in section")[0].replace(" + ", "+") if " in section" in text else "?"
    line = gdb.find_pc_line(address)
    return f"{symbol}  {line.symtab.filename}:{line.line}" if line.symtab else symbol


def frame_line(number, frame):
    name = frame.name() or place(frame.pc()).split()[0]
    line = frame.find_sal()
    where = f"  {line.symtab.filename}:{line.line}" if line.symtab else ""
    inlined = "  (inlined)" if frame.type() == gdb.INLINE_FRAME else ""
    return f"#{number:<4}{frame.pc():#018x}  {name}{where}{inlined}"


def report():
    """The lines of `sprat backtrace`."""
    pc = register("rip")
    if runs_low():
        linked = kernel_base() + pc
        if not address_of("text_begin") <= linked < address_of("text_end"):
            return [f"#0   {pc:#018x}  not in the kernel yet: the firmware or the loader; first: sprat entry"]
        return [f"#0   {pc:#018x}  {place(linked)}", "running at physical addresses, before main: there are no frames yet"]
    lines = []
    frames = list(each_frame())
    for number, frame in enumerate(frames):
        lines.append(frame_line(number, frame))
        stack_pointer = int(frame.read_register("rsp"))
        trap = Trap.at(frame.pc(), stack_pointer, frame.architecture(), number == 0)
        if trap is not None:
            lines.append(f"     ^^^ {trap.description()} in:")
    if is_main(frames[-1]):
        lines.append(f"#{len(frames):<4}{'':18}  {place(address_of('long_mode_entry'))}  (jumped to main)")
    return lines
