"""GDB's commands for processes and capabilities, asked about the whole system: the monitor, the shell, programs it runs.

The programs are those beside the kernel, in $SPRAT_ARTIFACTS/../user (`make artifacts`).
"""

import re
import subprocess
import unittest

import gdb_test
from gdb_test import ARTIFACTS

USER = ARTIFACTS.parent / "user"
FIRST_UPCALL = ["tbreak leave_kernel", "continue"]  # the monitor is about to begin
NOTHING_YET = "this core runs no kernel yet: its paging is off; first: break leave_kernel, continue"


def halt():
    """Where the kernel waits for interrupts: all processes wait when it gets there."""
    code = subprocess.run(["objdump", "-d", ARTIFACTS / "sprat.elf"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"\tsti\s*\n *(\w+):\s+f4 +\thlt", code)[1], 16)


class System(gdb_test.Gdb):
    """Asks about a system with a shell."""

    def ask(self, commands, **more):
        programs = ["monitor", "shell", "hello", "fault"]
        for name in programs:
            self.assertTrue((USER / name).exists(), f"{USER / name} is missing; make programs builds it")
        return self.gdb(commands, modules=programs, cwd=USER, **more)

    def ask_when_all_wait(self, commands, **more):
        return self.ask([f"tbreak *{halt():#x}", "continue", *commands], **more)


class Cores(System):
    def test_have_page_tables_a_kernel_and_a_process_of_their_own(self):
        text = self.ask([*FIRST_UPCALL, "sprat cores", "tbreak main_of_other_core", "continue", "sprat cores"], cpus=2)
        before, after = re.split(r"tbreak|Temporary breakpoint 2, |hit Temporary breakpoint 2", text, maxsplit=1)
        self.assertRegex(before, r"\* 1 +0x\w+ +0x100000 +0 \(monitor\) +kernel +leave_kernel ")
        self.assertRegex(before, r"\n  2 +not started: its paging is off")
        first = re.search(r"\n  1 +(0x\w+) +0x100000 +0 \(monitor\)", after)
        second = re.search(r"\n\* 2 +(0x\w+) +(0x\w+) +none +kernel +main_of_other_core", after)
        self.assertNotEqual(first[1], second[1])
        self.assertEqual(int(second[2], 16) % 4096, 0)
        self.assertGreater(int(second[2], 16), 0x200000)

    def test_are_in_user_mode_or_idle(self):
        start = re.search(r"(\w+) T _start\n", subprocess.run(["nm", USER / "monitor.elf"], capture_output=True, text=True).stdout)
        text = self.ask([f"tbreak *0x{start[1]}", "continue", "sprat cores"])
        self.assertRegex(text, rf"\* 1 .* 0 \(monitor\) +user +monitor at 0x{start[1].lstrip('0')}\n")
        self.assertRegex(self.ask_when_all_wait(["sprat cores"]), r"\* 1 .* none +idle +until an interrupt comes")


class Dispatchers(System):
    def test_have_state_address_space_frame_and_program(self):
        text = self.ask([*FIRST_UPCALL, "sprat dispatchers"])
        self.assertRegex(text, r"\n\* 0  runnable +0x\w+ +0x\w+ +0x\w+ +monitor\n")
        text = self.ask_when_all_wait(["sprat dispatchers"])
        self.assertRegex(text, r"\n  0  waiting .* monitor\n  1  waiting .* shell\nnone is current\n")

    def test_call_and_serve_each_other(self):
        text = self.ask(["break sprat::dispatch::handle_reply", "continue", "sprat dispatchers"], typed="\nps\n")
        self.assertRegex(text, r"\n\* 0  runnable .* monitor\n     handles the call of 1 \(shell\)\n  1  calling .* shell\n     calls 0 \(monitor\)\n")

    def test_say_why_they_were_stopped(self):
        stop = ["tbreak sprat::dispatch::stop", "continue", "tbreak sprat::dispatch::schedule", "continue"]
        text = self.ask([*stop, "sprat dispatchers"], typed="\nrun fault disabled\n")
        self.assertRegex(text, r"\n\* 2  stopped .* fault\n     stopped by page fault \(vector 14\) at 0x4\w+, address 0x\w+\n")

    def test_are_not_there_yet(self):
        for command in ("dispatchers", "cspace", "derivations", "who-maps 0"):
            with self.subTest(command=command):
                text = self.ask([f"sprat {command}", "break main", "continue", f"sprat {command}"])
                self.assertIn(NOTHING_YET, text)
                self.assertIn("there are no capabilities on this core yet", text)


class Cspace(System):
    def test_is_a_table_of_the_slots_in_use(self):
        text = self.ask([*FIRST_UPCALL, "sprat cspace"])
        self.assertRegex(text, r"CSpace of dispatcher 0 \(monitor\), root CNode at (0x\w+)\n")
        for line in (
            r"root\.1 +cnode +rwxg +0x\w+ +16 KiB +original",
            r"1\.4 +frame +rwxg +0x\w+ +4 KiB +original +mapped at 0x70001000",
            r"1\.5 +kernel +rwxg +this core's +original",
            r"1\.7 +io_ports +rwxg +ports 0x0 \.\. 0xffff +original",
            r"3\.1 +frame +r--g +0x\w+ +\d+ KiB +original",
        ):
            self.assertRegex(text, rf"\n  {line}\n")

    def test_can_be_that_of_another_process(self):
        text = self.ask_when_all_wait(["sprat cspace", "sprat cspace shell", "sprat cspace 0", "sprat cspace unknown"])
        self.assertIn("no dispatcher is current; say which one", text)
        self.assertRegex(text, r"CSpace of dispatcher 1 \(shell\)(.*\n)+.* 1\.6 +irq +rwxg +lines 4 \.\. 4 +copy\n")
        self.assertIn("CSpace of dispatcher 0 (monitor)", text)
        self.assertIn("unknown is no dispatcher of this core; sprat dispatchers lists them", text)


class Derivations(System):
    def test_are_a_tree_with_copies_before_their_original(self):
        text = self.ask_when_all_wait(["sprat derivations"])
        self.assertRegex(text, r"\nram .* original +2\.1 of monitor\n  \w")
        self.assertRegex(text, r"\n  dispatcher .* original +1\.3 of monitor\n    \w+ .*\n    ")
        self.assertRegex(text, r"\n  cnode  (0x\w+) .* copy part +part cspace of dispatcher 0 \(monitor\)\n  cnode  \1 .* original +1\.1 of monitor\n")

    def test_say_where_the_order_is_broken(self):
        first = "'sprat::cap::(anonymous namespace)::first'"
        text = self.ask([*FIRST_UPCALL, f"set var {first}->next->previous = 0", "sprat derivations"])
        self.assertRegex(text, r"the order is broken: before 0x\w+ comes 0x\w+, but it says 0x0")
        text = self.ask([*FIRST_UPCALL, f"set var {first}->next = {first}", "sprat derivations"])
        self.assertRegex(text, r"the order runs in a circle: (0x\w+) leads back to \1")


class WhoMaps(System):
    FRAME = "'sprat::dispatch::running'->parts._M_elems[2].base"

    def test_shows_entry_capability_and_virtual_address(self):
        text = self.ask([*FIRST_UPCALL, f"sprat who-maps {self.FRAME} + 8", "sprat who-maps 0x700000000"])
        self.assertRegex(text, r"virtual 0x70001008 in the address space of monitor \(root 0x\w+\)")
        self.assertRegex(text, r"entry 1 of the level 1 table at 0x\w+: 0x\w+  P W U .*NX\n +frame .* original, 1\.4 of monitor")
        self.assertRegex(text, r"not mapped: frame .* copy part, part frame of dispatcher 0 \(monitor\)")
        self.assertIn("no capability of this core names 0x700000000", text)

    def test_sees_what_the_table_has_forgotten(self):
        table = "(('sprat::cap::TableObject'*)('sprat::memory::kWindowBase'.value_ + $slot->mapping.table))"
        forget = ["set $slot = &'sprat::dispatch::running'->parts._M_elems[2]", "set $slot = $slot->next"]
        forget += [f"set var {table}->mapped._M_elems[1] = 0"]
        text = self.ask([*FIRST_UPCALL, *forget, f"sprat who-maps {self.FRAME}"])
        self.assertIn("the table does not point back to that capability", text)

    def test_wants_a_physical_address(self):
        text = self.ask([*FIRST_UPCALL, "sprat who-maps", "sprat who-maps &main"])
        self.assertIn("who-maps needs a physical address", text)
        self.assertRegex(text, r"0xffffffff8\w+ is no physical address; sprat pagewalk 0xffffffff8\w+ says where it leads to")


class UserCode(System):
    def test_has_its_symbols_when_its_process_is_current(self):
        running = "'sprat::dispatch::running'"
        call = [f"set $monitor = {running}", f"tbreak sprat::dispatch::handle_lrpc if {running} != $monitor"]
        call += ["continue", "bt"]  # the shell asks the monitor
        text = self.ask([*FIRST_UPCALL, "info symbol 0x400000", *call], typed="\nps\n")
        self.assertRegex(text, r"handle_lrpc (.*\n)+.*handle_system_call (.*\n)+.*main .* at user/shell/main\.cc:\d+")
        self.assertNotIn("user/monitor/", text[text.index("Temporary breakpoint 2, ") :])

    def test_is_seen_from_each_instruction_of_a_system_call(self):
        steps = ["stepi", "sprat backtrace"]
        way_in = ["tbreak system_call_entry", "continue", "sprat backtrace", *(steps * 24)]
        way_out = ["tbreak leave_by_sysret", "continue", "sprat backtrace", *(steps * 16)]
        text = self.ask([*way_in, *way_out])
        self.assertEqual(text.count("  sprat::start  user/monitor/main.cc"), 25 + 17)
        self.assertRegex(text, r"\n#0 .*handle_system_call")

    def test_is_seen_from_a_page_fault_of_its_own(self):
        fault = "frame.vector == 14 && frame.error == 5"  # a page of the kernel's; stacks that grow have none
        text = self.ask([f"break handle_user_trap if {fault}", "continue", "sprat backtrace"], typed="\nrun fault\n")
        self.assertRegex(text, r"handle_user_trap .*\n(#.*\n)* +\^\^\^ page fault \(vector 14, .*\n(#\d+ +0x0000000000.*\n)+")
        self.assertRegex(text, r"\n#\d+ +0x0000000000\w+  sprat::main  user/demos/fault\.cc:\d+\n")


if __name__ == "__main__":
    unittest.main()
