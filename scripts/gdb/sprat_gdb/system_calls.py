"""An unwinder that leads GDB from the kernel back to the user code it was entered from: through system_call_entry.S.

The way in by a trap is frames.py's. Here there is no stack to look at: whatever way the kernel is entered and left, the
user's registers are at `user_registers`, once they have all been pushed and until they are the processor's again.

    system_call_entry:  rcx is the user's rip, r11 its flags; the others are pushed one by one, and still the user's
    leave_by_sysret:    everything is in user_registers
    leave_kernel:       likewise
"""

import gdb
import gdb.unwinder

from sprat_gdb.frames import FrameId, REGISTERS_OF_PROCESSOR, WORD
from sprat_gdb.machine import address_of

# A TrapFrame (kernel/include/sprat/registers.hh) up to its vector; after that and the error code come REGISTERS_OF_PROCESSOR.
PUSHED = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", *(f"r{i}" for i in range(8, 16)))
WORDS_OF_STUB = 2
FRAME_BYTES = WORD * (len(PUSHED) + WORDS_OF_STUB + len(REGISTERS_OF_PROCESSOR))
IRETQ_WITHIN = 64  # bytes of code after restore_registers


class Code:
    """Where the code of system_call_entry.S is; looked up when symbols are loaded, as in frames.py."""

    entry = by_sysret = leave = restore = frame = None

    @classmethod
    def look_up(cls, _=None):
        cls.entry = address_of("system_call_entry")
        cls.by_sysret = address_of("leave_by_sysret")
        cls.leave = address_of("leave_kernel")
        cls.restore = address_of("restore_registers")
        stack_end = address_of("stack_end")  # user_registers itself has only a declaration, which GDB stumbles over
        cls.frame = stack_end - FRAME_BYTES if stack_end else None

    @classmethod
    def is_known(cls):
        return None not in (cls.entry, cls.by_sysret, cls.leave, cls.restore, cls.frame)


def addresses_in_frame():
    names = (*PUSHED, *(None,) * WORDS_OF_STUB, *REGISTERS_OF_PROCESSOR)
    return {name: Code.frame + WORD * i for i, name in enumerate(names) if name}


def is_on_the_way_out(pc, stack_pointer, architecture):
    """`pc` is behind the call of handle_system_call and it goes back to code of the user's."""
    if pc < Code.restore:
        return pc >= Code.by_sysret
    rest = architecture.disassemble(pc, Code.restore + IRETQ_WITHIN) if pc < Code.restore + IRETQ_WITHIN else []
    is_before_the_end = any(instruction["asm"].startswith("iret") for instruction in rest)
    return is_before_the_end and Code.frame <= stack_pointer <= addresses_in_frame()["ss"]


class SystemCallUnwinder(gdb.unwinder.Unwinder):
    """Leads GDB from system_call_entry.S to user code."""

    def __init__(self):
        super().__init__("sprat system_call_entry.S")

    def __call__(self, pending_frame):
        pc = int(pending_frame.read_register("rip"))
        if not Code.is_known() or pc < Code.entry:
            return None
        stack_pointer = pending_frame.read_register("rsp")
        saved = addresses_in_frame()
        if not is_on_the_way_out(pc, int(stack_pointer), pending_frame.architecture()):
            if pc >= Code.by_sysret:
                return None
            if int(stack_pointer) != Code.frame:  # not all pushed yet
                saved = {} if pc == Code.entry else {"rsp": saved["rsp"]}
        return self._user_frame(pending_frame, saved)

    @staticmethod
    def _user_frame(pending_frame, saved):
        word = pending_frame.read_register("rsp").type
        identity = FrameId(gdb.Value(Code.frame).cast(word), gdb.Value(Code.entry).cast(word))
        info = pending_frame.create_unwind_info(identity)
        for name in (*PUSHED, "rsp"):
            if name not in saved:
                info.add_saved_register(name, pending_frame.read_register(name))
        if "rip" not in saved:
            info.add_saved_register("rip", pending_frame.read_register("rcx"))
        for name, address in saved.items():
            old = pending_frame.read_register(name)
            content = gdb.selected_inferior().read_memory(address, old.type.sizeof)
            info.add_saved_register(name, gdb.Value(content, old.type))
        return info


def register_unwinder():
    Code.look_up()
    gdb.events.new_objfile.connect(Code.look_up)
    gdb.unwinder.register_unwinder(None, SystemCallUnwinder(), replace=True)
