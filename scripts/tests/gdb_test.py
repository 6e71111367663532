"""GDB's commands for Sprat, asked about kernels that QEMU runs.

The kernels are sprat.elf and sprat-test.elf in $SPRAT_ARTIFACTS (build/g++/kernel, which `make artifacts` fills).
"""

import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARTIFACTS = pathlib.Path(os.environ.get("SPRAT_ARTIFACTS", ROOT / "build/g++/kernel"))
COMMANDS = ROOT / "scripts/gdb/sprat.py"
KERNEL_BASE = 0xFFFFFFFF80000000
SEED = "seed=12 nonce=0123456789abcdef"

# How a run that ends by itself says where it ends.
AT_THE_END = ["break sprat::x86::power_off", "continue"]


def symbols(kernel):
    """The linked addresses of the kernel's symbols."""
    lines = subprocess.run(["nm", ARTIFACTS / kernel], capture_output=True, text=True, check=True).stdout
    return {name: int(address, 16) for address, _, name in re.findall(r"(?m)^(\w+) (\w) (\S+)$", lines)}


class Gdb(unittest.TestCase):
    """Starts a machine that waits for GDB, and GDB with a list of commands."""

    def gdb(self, commands, kernel="sprat.elf", words="", modules=(), cpus=1, typed="", cwd=None):
        """What GDB printed, errors included, for the commands on a machine that has executed nothing yet.

        Names of modules may be relative to `cwd`; `typed` is on its way to the serial port from the beginning.
        """
        self.assertTrue((ARTIFACTS / kernel).exists(), f"{ARTIFACTS / kernel} is missing; make artifacts builds it")
        with tempfile.TemporaryDirectory() as folder:
            socket = pathlib.Path(folder) / "gdb"
            machine = ["qemu-system-x86_64", "-display", "none", "-cpu", "max", "-m", "128", "-smp", str(cpus)]
            machine += ["-serial", "stdio"]
            machine += ["-kernel", ARTIFACTS / kernel, "-append", words, "-S"]
            machine += ["-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-gdb", f"unix:{socket},server=on,wait=off"]
            machine += ["-initrd", ",".join(modules)] if modules else []
            quiet = subprocess.DEVNULL
            qemu = subprocess.Popen(machine, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, cwd=cwd, text=True)
            try:
                qemu.stdin.write(typed)
                qemu.stdin.flush()
                while not socket.exists() and qemu.poll() is None:
                    time.sleep(0.01)
                return self.run_gdb([f"target remote {socket}", *commands], ARTIFACTS / kernel)
            finally:
                qemu.kill()
                qemu.communicate()

    def run_gdb(self, commands, kernel=None):
        arguments = ["gdb", "-nx", "-q", "-batch", *([kernel] if kernel else []), "-x", COMMANDS]
        arguments += [word for command in commands for word in ("-ex", command)]
        # A group of its own, so that a GDB that hangs ends with its children.
        gdb = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            return gdb.communicate(timeout=60)[0]
        except subprocess.TimeoutExpired:
            os.killpg(gdb.pid, signal.SIGKILL)
            self.fail(f"GDB did not come to an end; it printed: {gdb.communicate()[0]}")


class Pagewalk(Gdb):
    def test_code_is_executable_at_its_address_minus_the_kernel_base(self):
        main = symbols("sprat.elf")["main"]
        text = self.gdb([*AT_THE_END, "sprat pagewalk main"])
        self.assertIn(f"physical {main - KERNEL_BASE:#x}  r-x kernel  4 KiB page", text)

    def test_shows_index_and_entry_of_each_level(self):
        main = symbols("sprat.elf")["main"]
        text = self.gdb([*AT_THE_END, "sprat pagewalk main"])
        table = int(re.search(r"CR3 (0x\w+)", text)[1], 16)
        for level, name in ((4, "PML4"), (3, "PDPT"), (2, "PD"), (1, "PT")):
            index = main >> 12 + 9 * (level - 1) & 511
            line = re.search(rf"level {level}  {name}\[{index}\] +at (0x\w+): (0x\w+)  -> (0x\w+)  P", text)
            self.assertIsNotNone(line, text)
            at, entry, target = (int(number, 16) for number in line.groups())
            self.assertEqual(at, table + 8 * index)
            self.assertEqual(entry & 0xFFFFFFFFFF000, target)
            table = target
        self.assertEqual(table, main - KERNEL_BASE & -4096)

    def test_constants_can_only_be_read_and_variables_not_be_executed(self):
        text = self.gdb([*AT_THE_END, "sprat pagewalk &boot_gdt", "sprat pagewalk $rsp"])
        self.assertRegex(text, r"(?s)physical 0x\w+  r-- .*physical 0x\w+  rw- ")

    def test_says_at_which_level_the_walk_ends(self):
        begin = symbols("sprat.elf")["stack_begin"]
        text = self.gdb([*AT_THE_END, "sprat pagewalk 0x1000", f"sprat pagewalk {begin - 4096:#x}"])
        self.assertRegex(text, r"(?s)PML4\[0\] .*not present\n.*ends at level 4.*PT\[\d+\] .*not present\n.*ends at level 1")

    def test_finds_large_pages(self):
        text = self.gdb(["break main", "continue", "sprat pagewalk 0x12345678"])
        self.assertIn("physical 0x12345678  rwx kernel  2 MiB page", text)

    def test_says_that_no_walk_takes_place(self):
        text = self.gdb(["sprat pagewalk 0x1234", *AT_THE_END, "sprat pagewalk 0x800000000000"])
        self.assertIn("paging is off (bit 31 of CR0 is 0): address 0x1234 is physical 0x1234", text)
        self.assertIn("0x800000000000 is not canonical", text)

    def test_explains_that_a_word_is_not_an_address(self):
        text = self.gdb(["sprat pagewalk", "sprat pagewalk no_such_name"])
        self.assertIn("pagewalk needs an address; try: sprat pagewalk &main", text)
        self.assertIn('no_such_name is not an address: No symbol "no_such_name"', text)


class Map(Gdb):
    def test_has_each_part_of_the_image_with_its_permissions(self):
        at = symbols("sprat.elf")
        text = self.gdb([*AT_THE_END, "sprat map"])
        for begin, end, permissions in (
            ("text_begin", "text_end", "r-x"),
            ("text_end", "rodata_end", "r--"),
            ("rodata_end", "data_end", "rw-"),
            ("stack_begin", "stack_end", "rw-"),
        ):
            line = f"{at[begin]:#018x} .. {at[end]:#018x}  -> {at[begin] - KERNEL_BASE:#014x}  {permissions} kernel"
            self.assertIn(line, text)
        self.assertNotIn("rwx", text)

    def test_merges_pages_that_continue_each_other(self):
        text = self.gdb(["break main", "continue", "sprat map"])
        base = f"{KERNEL_BASE:#018x} .. {KERNEL_BASE + (1 << 30):#018x}"
        self.assertIn(f"{base}  -> 0x000000000000  rwx kernel  1 GiB in pages of 2 MiB", text)


class Memory(Gdb):
    def test_has_the_loaders_list_the_modules_and_the_free_regions(self):
        with tempfile.TemporaryDirectory() as folder:
            module = pathlib.Path(folder) / "letter"
            module.write_bytes(bytes(5000))
            text = self.gdb([*AT_THE_END, "sprat memory"], modules=[f"{module} with a word"])
        loader, modules, free = re.split(r"modules: 1\n|free memory: .*\n", text[text.index("loader's list") :])
        self.assertRegex(loader, r"0x0000000000100000 \.\. 0x0000000007fe0000  129920 KiB  available\n")
        self.assertRegex(loader, r"0x00000000000f0000 \.\. 0x0000000000100000 +64 KiB  not ours\n")
        begin, end, size = re.search(r"(0x\w+) \.\. (0x\w+) +(\d+) bytes  \S+/letter with a word", modules).groups()
        self.assertEqual((int(end, 16) - int(begin, 16), size), (5000, "5000"))
        self.assertRegex(free, r"(0x\w+) \.\. 0x0000000007fe0000 +\d+ KiB  free\n")

    def test_names_the_facts_that_are_not_known_yet(self):
        text = self.gdb(["sprat memory", "break sprat::boot::apply", "continue", "sprat memory"])
        self.assertIn("the kernel has not read the loader's list yet; first: break sprat::boot::apply, continue", text)
        self.assertRegex(text, r"(?s)129920 KiB  available.*free memory: not known here")


class Backtrace(Gdb):
    PAGE_FAULT = {"kernel": "sprat-test.elf", "words": f"test=violation arg=touch-guard {SEED}"}

    def test_goes_through_a_trap_down_to_the_entry(self):
        guard = symbols("sprat-test.elf")["stack_begin"] - 4096
        text = self.gdb(["break handle_trap", "continue", "sprat backtrace"], **self.PAGE_FAULT)
        self.assertRegex(
            text,
            r"(?s)\n#0  .*handle_trap .*\n#\d  .*save_registers  kernel/x86/trap_entry\.S.*"
            rf"page fault \(vector 14, error code 0x2, address {guard + 0x12:#x}\) in:\n#\d .*"
            r"guest_test_violation .*[ :]main .*long_mode_entry ",
        )

    def test_goes_through_each_instruction_of_the_trap_entry(self):
        steps = ["stepi", "sprat backtrace"] * 28
        text = self.gdb(["break trap_14", "continue", "sprat backtrace", *steps], **self.PAGE_FAULT)
        self.assertEqual(text.count("#0   "), 29)
        self.assertEqual(text.count("  guest_test_violation "), 29)
        self.assertEqual(text.count("  long_mode_entry "), 29)
        self.assertEqual(text.count("page fault (vector 14, error code 0x2"), 28)
        self.assertRegex(text, r"#0 .*handle_trap")

    def test_restores_the_registers_of_the_interrupted_code(self):
        before = ["break trap_14", "continue", "info registers rbx r12"]
        after = ["break handle_trap", "continue", "up 2", "info registers rbx r12"]
        text = self.gdb([*before, *after], **self.PAGE_FAULT)
        for name in ("rbx", "r12"):
            first, second = re.findall(rf"(?m)^{name} +(0x\w+)", text)
            self.assertEqual(first, second)

    def test_goes_from_the_stack_of_double_faults_to_the_one_that_ran_out(self):
        text = self.gdb(
            ["break handle_trap", "continue", "sprat backtrace"],
            kernel="sprat-test.elf",
            words=f"test=stack_overflow {SEED}",
        )
        self.assertRegex(text, r"double fault \(vector 8, error code 0x0\) in:\n(#\d+ .*whirlpool.*\n)+")
        self.assertRegex(text, r"[ :]main .*\n#\d+ +long_mode_entry ")

    def test_names_the_place_before_there_are_frames(self):
        entry = symbols("sprat.elf")["entry"] - KERNEL_BASE
        text = self.gdb(["sprat backtrace", f"hbreak *{entry:#x}", "continue", "stepi 2", "sprat backtrace"])
        self.assertIn("not in the kernel yet", text)
        self.assertRegex(text, r"#0 .*entry\+\d+  kernel/boot/entry\.S:\d+\nrunning at physical addresses")


class Entry(Gdb):
    def test_stops_at_the_first_instruction_and_shows_lines_until_main(self):
        text = self.gdb(["sprat entry", "stepi 2", "break main", "continue", "info breakpoints"])
        self.assertRegex(text, r"Temporary breakpoint 1, 0x0*10\w+ in entry \(\)")
        self.assertRegex(text, r"(?m)^\d+\t +cli$")
        self.assertRegex(text, r"(?s)Breakpoint 2\.?\d?, (sprat::)?main .* breakpoint +keep y +0xffffffff8\w+ in ")

    def test_says_that_it_is_too_late(self):
        self.assertIn("past entry.S already", self.gdb(["break main", "continue", "sprat entry"]))


class NoMachine(Gdb):
    def test_each_command_says_how_to_start_one(self):
        for command in (
            *("pagewalk 0", "map", "memory", "backtrace"),
            *("cores", "dispatchers", "cspace", "derivations", "who-maps 0"),
        ):
            with self.subTest(command=command):
                self.assertIn("no machine is attached; start one with: make gdb", self.run_gdb([f"sprat {command}"]))

    def test_help_lists_all_commands(self):
        text = self.run_gdb(["sprat help"])
        names = ["pagewalk", "map", "memory", "backtrace", "entry"]
        names += ["cores", "dispatchers", "cspace", "derivations", "who-maps", "help"]
        self.assertEqual(re.findall(r"(?m)^  sprat ([\w-]+)", text), names)


if __name__ == "__main__":
    unittest.main()
