"""doctor on made-up machines: it tries each tool, and prints the command that mends one that does not work."""

import shutil
import unittest

from fake_machine import Machine, SCRIPTS, UBUNTU


class Doctor(Machine):
    def setUp(self):
        super().setUp()
        self.has_real("mktemp", "timeout", "rm", "mkdir", "mv")

    def report(self, *arguments, **options):
        """The status and, by tool, the lines about one: the facts about it, why it fails, the command that mends it."""
        result = self.run_script("doctor", *arguments, **options)
        rows, tool = {}, None
        for line in result.stdout.splitlines()[1:]:
            if line[:2] in ("  ", "! ", "~ ") and line[2] != " ":
                tool = line[2:].split()[0]
                rows[tool] = [line]
            elif line.startswith("      ") and tool:
                rows[tool].append(line.strip())
            else:
                tool = None
        return result.returncode, rows

    def tool(self, name, version, body):
        """A stand-in that tells its version, and otherwise does what `body` says."""
        self.stand_in(name, f'if [[ $* == --version || $* == --help ]]; then echo "Emulator {version}"; exit; fi\n{body}')

    def test_works_where_nothing_is_there(self):
        status, rows = self.report()
        self.assertEqual(status, 1)
        self.assertRegex(rows["gdb"][0], r"^! gdb +missing +12 on +no debugger: make gdb$")

    def test_names_the_command_that_installs_what_is_missing(self):
        for user, sudo, command in (
            (0, False, "apt-get install --no-install-recommends {}"),
            (1000, False, "su -c 'apt-get install --no-install-recommends {}'"),
            (1000, True, "sudo apt-get install --no-install-recommends {}"),
        ):
            with self.subTest(command=command):
                self.is_user(user)
                if sudo:
                    self.stand_in("sudo", "exit 1")
                self.assertEqual(self.report()[1]["gdb"][1:], [command.format("gdb")])
        self.assertIn(f"      {command.format('make git g++')}", self.run_script("doctor").stdout)

    def test_names_packages_as_this_system_calls_them(self):
        self.assertEqual(self.report()[1]["clang++-16"][1], "apt-get install --no-install-recommends clang-16")
        self.has_system(UBUNTU)
        self.assertEqual(self.report()[1]["clang++"][1], "apt-get install --no-install-recommends clang")

    def test_package_that_lost_its_files_is_reinstalled(self):
        self.stand_in("dpkg-query", '[[ $* == *" gdb" ]] && echo installed')
        self.assertEqual(
            self.report()[1]["gdb"][1:],
            [
                "its package is installed, but the file is gone",
                "apt-get install --no-install-recommends --reinstall gdb",
            ],
        )

    def test_other_systems_are_shown_the_container(self):
        self.has_system("ID=fedora\nVERSION_ID=43\n")
        self.assertEqual(self.report()[1]["gdb"][1:], [])
        self.assertIn("This is fedora 43.", self.run_script("doctor").stdout)
        self.assertIn("container", self.run_script("doctor").stdout)

    def test_compares_versions_number_by_number(self):
        for version, mark in (
            ("9.2", "!"),
            ("11.99.9", "!"),
            ("12.0", " "),
            ("12.0.1", " "),
            ("14.2.0", " "),
            ("15.1.0", "~"),
            ("100.1", "~"),
        ):
            with self.subTest(version=version):
                self.stand_in("g++", f"echo 'g++ (Some system {version}-7ubuntu1) {version}'")
                row = self.report("--quick")[1]["g++"][0]
                self.assertRegex(row, rf"^{mark} g\+\+ +{version} +12 to 14 ")

    def test_version_newer_than_tested_is_no_failure(self):
        self.tool("make", "5.0", "exit")
        self.assertEqual(self.report()[1]["make"][1:], ["newer than Sprat is tested with"])

    def test_old_tool_that_hides_the_packaged_one_is_named(self):
        self.tool("make", "3.81", "exit")
        self.assertEqual(
            self.report()[1]["make"][1:], [f"{self.path}/make is too old", 'export PATH="/usr/bin:$PATH"']
        )

    def test_fails_exactly_when_it_marks_a_line(self):
        for tool in self.report()[1]:
            if tool[0].isalpha():
                self.stand_in(tool, "echo 'Emulator 99.9'")
        for break_something in (lambda: None, lambda: (self.path / "gdb").unlink()):
            break_something()
            status, rows = self.report("--quick")
            marked = [tool for tool, lines in rows.items() if lines[0].startswith("!")]
            self.assertEqual("gdb" in marked, not (self.path / "gdb").exists())
            self.assertNotIn("g++", marked)
            self.assertEqual(status, 1 if marked else 0)

    def test_compiler_that_does_not_find_the_standard_library_is_broken(self):
        self.tool(
            "g++",
            "12.2.0",
            'if [[ $* == -v ]]; then echo "gcc version 12.2.0 (Debian)"; exit; fi\n'
            'echo "In file included"; echo "x.cc:3: fatal error: coroutine: No such file or directory"; exit 1',
        )
        row, reason, remedy = self.report()[1]["g++"]
        self.assertRegex(row, r"^! g\+\+ +12\.2\.0 ")
        self.assertEqual(reason, "compiles no kernel: x.cc:3: fatal error: coroutine: No such file or directory")
        self.assertEqual(remedy, "apt-get install --no-install-recommends --reinstall g++ libstdc++-12-dev")

    def test_clang_needs_the_standard_library_of_the_gcc_that_it_selects(self):
        self.tool(
            "clang++-16",
            "16.0.6",
            "if [[ $* == -v ]]; then echo 'Selected GCC installation: /usr/lib/gcc/x86_64-linux-gnu/13'; exit; fi\n"
            "exit 1",
        )
        self.assertTrue(self.report()[1]["clang++-16"][2].endswith("--reinstall clang-16 libstdc++-13-dev"))

    def test_emulator_that_boots_the_trial_image_is_good(self):
        self.tool("qemu-system-x86_64", "7.2.1", "[[ $* == *'-kernel image'* && -s image ]] && echo ok && exit 33")
        self.assertEqual(len(self.report()[1]["qemu-system-x86_64"]), 1)

    def test_emulator_that_boots_nothing_is_broken(self):
        self.tool("qemu-system-x86_64", "7.2.1", "echo \"qemu: could not load PC BIOS 'bios-256k.bin'\"; exit 1")
        row, reason, remedy = self.report()[1]["qemu-system-x86_64"]
        self.assertTrue(row.startswith("!"))
        self.assertEqual(reason, "does not boot a trial image: qemu: could not load PC BIOS 'bios-256k.bin'")
        self.assertTrue(remedy.endswith("--reinstall qemu-system-x86 qemu-system-data seabios"))

    def test_bochs_boots_the_disc_that_grub_made(self):
        self.tool("bochs", "2.7", "[[ -s disc.iso ]] && printf 'begin\\nok\\nshutdown requested\\n'")
        self.assertIn("grub-mkrescue made no disc", self.report()[1]["bochs"][1])
        self.tool("grub-mkrescue", "2.06", "[[ -s disc/boot/trial ]] && echo disc >disc.iso")
        rows = self.report()[1]
        self.assertEqual((len(rows["grub-mkrescue"]), len(rows["bochs"])), (1, 1))
        self.tool("bochs", "2.7", "echo \"ROM: couldn't open ROM image file 'VGABIOS'\"; exit 1")
        self.assertTrue(self.report()[1]["bochs"][2].endswith("--reinstall bochs bochsbios vgabios"))

    def test_bios_that_crashes_is_named_and_the_container_shown(self):
        self.tool("grub-mkrescue", "2.06", "echo disc >disc.iso")
        self.tool("bochs", "2.7", "echo '00000688984e[CPU0  ] exception(): 3rd (13) exception' >log; exit 1")
        reason, remedy = self.report()[1]["bochs"][1:]
        self.assertIn("its BIOS crashes", reason)
        self.assertIn("podman build", remedy)

    def test_gdb_without_python_is_broken(self):
        self.tool("gdb", "13.1", "echo 'Scripting in the \"Python\" language is not supported in this copy of GDB.'")
        self.assertTrue(self.report()[1]["gdb"][0].startswith("!"))

    def test_refused_sandbox_is_noted_and_no_failure(self):
        self.tool("bwrap", "0.8.0", "echo 'bwrap: No permissions to create new namespace'; exit 1")
        row, reason = self.report()[1]["bwrap"][:2]
        self.assertTrue(row.startswith("~"))
        self.assertIn("starts no sandbox here; ", reason)
        self.assertIn(": bwrap: No permissions", reason)

    def test_tool_that_never_ends_is_broken(self):
        (self.path / "timeout").unlink()
        self.stand_in("timeout", "exit 124")
        self.tool("gdb", "13.1", "exit")
        self.assertEqual(self.report()[1]["gdb"][1], "does not run Python: no end within 30 s")

    def test_quick_examination_tries_nothing(self):
        self.tool("gdb", "13.1", "exit 1")
        self.assertEqual(len(self.report("--quick")[1]["gdb"]), 1)

    def test_says_that_it_could_try_nothing(self):
        self.assertIn("Nothing is tried", self.run_script("doctor", TMPDIR="/no/such/folder").stdout)

    def test_works_at_a_path_with_special_characters(self):
        odd = self.folder / "a b'c\"$HOME,d:ü"
        shutil.copytree(SCRIPTS, odd / "scripts", ignore=shutil.ignore_patterns("tests", "__pycache__"))
        self.tool("qemu-system-x86_64", "7.2.1", "[[ -s image ]] && echo ok && exit 33")
        rows = self.report(scripts=odd / "scripts", TMPDIR=str(odd))[1]
        self.assertEqual(len(rows["qemu-system-x86_64"]), 1)
        self.assertEqual([file.name for file in odd.iterdir()], ["scripts"])

    def test_tools_speak_the_language_that_is_read(self):
        self.stand_in("gdb", f'echo "$LC_ALL" >>{self.log}')
        self.run_script("doctor", "--quick", LC_ALL="de_DE.UTF-8", LANG="de_DE.UTF-8")
        self.assertEqual(self.calls(), ["C"])

    def test_without_a_terminal_there_are_no_colours(self):
        self.assertNotIn("\x1b", self.run_script("doctor").stdout)

    def test_tells_the_version_that_dpkg_knows_where_a_tool_does_not_say(self):
        self.stand_in("xorriso", "exit 1")
        self.stand_in("dpkg-query", "echo '2:1.5.6-1+deb13u1'")
        self.assertRegex(self.report()[1]["xorriso"][0], r"^  xorriso +1\.5\.6 +1\.5 on ")


if __name__ == "__main__":
    unittest.main()
