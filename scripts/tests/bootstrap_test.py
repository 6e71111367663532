"""bootstrap and doctor on made-up machines: a folder of stand-ins is all they find on their PATH."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[1]

DEBIAN = "ID=debian\nVERSION_ID=12\n"
UBUNTU = "ID=ubuntu\nVERSION_ID='24.04'\nID_LIKE=debian\n"


class Machine(unittest.TestCase):
    """A machine without any of Sprat's tools, with stand-ins that write down how they were called."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.path = self.folder / "bin"
        self.path.mkdir()
        self.log = self.folder / "log"
        self.log.touch()
        self.has_real("bash", "env")
        self.is_user(0)
        self.has_system(DEBIAN)
        self.has_installed([])
        self.stand_in("apt-get", f'echo "apt-get $DEBIAN_FRONTEND $*" >>{self.log}')

    def has_real(self, *names):
        for name in names:
            (self.path / name).symlink_to(shutil.which(name))

    def stand_in(self, name, body):
        file = self.path / name
        file.write_text(f"#!{shutil.which('bash')}\n{body}\n")
        file.chmod(0o755)

    def is_user(self, number):
        self.stand_in("id", f"echo {number}")

    def has_system(self, os_release):
        (self.folder / "os-release").write_text(os_release)

    def has_installed(self, packages):
        """Like the real one: a line for each package it knows, and an error for the others."""
        known = " ".join(packages)
        self.stand_in(
            "dpkg-query",
            (
                "for package; do [[ $package == -* ]] && continue\n"
                f'if [[ " {known} " == *" $package "* ]]; then echo "installed $package"\n'
                'elif [[ $package == gdb ]]; then echo "config-files gdb"\n'
                'else echo "no packages found matching $package" >&2; fi; done; exit 1'
            ),
        )

    def run_script(self, name, *arguments, scripts=SCRIPTS, **variables):
        environment = {"PATH": str(self.path), "SPRAT_OS_RELEASE": str(self.folder / "os-release"), **variables}
        return subprocess.run(
            [scripts / name, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def packages(self):
        return self.run_script("bootstrap", "--list").stdout.split()

    def calls(self):
        return self.log.read_text().splitlines()


class Bootstrap(Machine):
    def test_lists_each_package_once(self):
        packages = self.packages()
        self.assertIn("qemu-system-x86", packages)
        self.assertIn("clang-16", packages)
        self.assertEqual(len(packages), len(set(packages)))

    def test_newer_systems_have_their_own_names_for_packages(self):
        self.has_system(UBUNTU)
        self.assertIn("clang", self.packages())
        self.assertNotIn("clang-16", self.packages())

    def test_says_and_does_nothing_when_nothing_is_missing(self):
        self.has_installed(self.packages())
        start = time.monotonic()
        result = self.run_script("bootstrap")
        self.assertLess(time.monotonic() - start, 1)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        self.assertEqual(self.calls(), [])

    def test_installs_exactly_what_is_missing(self):
        missing = ["gdb", "bubblewrap", "pandoc"]
        self.has_installed([package for package in self.packages() if package not in missing])
        result = self.run_script("bootstrap")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("installing 3 packages that Sprat needs: gdb bubblewrap pandoc", result.stderr)
        update, install = self.calls()
        self.assertEqual(update, "apt-get noninteractive -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 update")
        self.assertEqual(
            install,
            (
                "apt-get noninteractive -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0"
                " install -y --no-install-recommends gdb bubblewrap pandoc"
            ),
        )

    def test_a_package_of_which_only_configuration_is_left_is_missing(self):
        self.has_installed([package for package in self.packages() if package != "gdb"])
        self.run_script("bootstrap")
        self.assertTrue(self.calls()[-1].endswith("--no-install-recommends gdb"))

    def test_becomes_root_by_sudo(self):
        self.is_user(1000)
        self.stand_in("sudo", f'echo sudo >>{self.log}; [[ $1 == -n ]] && shift; "$@"')
        self.stand_in("true", "exit 0")
        result = self.run_script("bootstrap")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(
            [call.split()[0] for call in self.calls()],
            ["sudo", "sudo", "apt-get", "sudo", "apt-get"],
        )

    def test_without_root_and_sudo_it_prints_the_one_command(self):
        self.is_user(1000)
        self.has_installed([package for package in self.packages() if package not in ("gdb", "spin")])
        result = self.run_script("bootstrap")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertEqual(
            result.stderr.splitlines(),
            [
                "bootstrap: 2 packages are missing, and only root may install them. Run this, then try again:",
                "",
                "  su -c 'apt-get install --no-install-recommends gdb spin'",
                "",
            ],
        )
        self.assertEqual(self.calls(), [])

    def test_without_a_terminal_for_sudos_question_it_prints_the_one_command(self):
        self.is_user(1000)
        self.stand_in("sudo", "exit 1")
        result = self.run_script("bootstrap")
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"(?m)^  sudo apt-get install --no-install-recommends make git .* gnuplot-nox$")
        self.assertEqual(self.calls(), [])

    def test_other_systems_get_the_list_of_tools(self):
        for system in (
            "ID=fedora\nVERSION_ID=43\n",
            "ID=debian\nVERSION_ID=11\n",
            "ID=ubuntu\nVERSION_ID=22.04\n",
            "",
        ):
            with self.subTest(system=system):
                self.has_system(system)
                result = self.run_script("bootstrap")
                self.assertEqual(result.returncode, 2)
                self.assertRegex(result.stderr, r"(?m)^  qemu-system-x86_64 +7\.2 +no emulator")
                self.assertEqual(self.calls(), [])

    def test_a_failing_installation_fails(self):
        self.stand_in("apt-get", 'echo "apt said this"; [[ $* == *update ]]')
        result = self.run_script("bootstrap")
        self.assertEqual(result.returncode, 1)
        self.assertIn("apt said this", result.stdout)
        self.assertIn("could not install", result.stderr)

    def test_a_failing_installation_says_why(self):
        for words, cause in (
            ("E: You don't have enough free space in /var/cache/apt/archives/.", "the disk is full"),
            ("dpkg: error: failed to write (No space left on device)", "the disk is full"),
            ("E: Failed to fetch x  Temporary failure resolving 'a.b'", "cannot be reached; is there a network"),
            ("E: Unable to locate package bochs", "sudo add-apt-repository universe"),
            ("E: Sub-process dpkg returned an error code (1)", "its last lines tell why"),
        ):
            with self.subTest(words=words):
                self.stand_in("apt-get", f'[[ $* == *update ]] || {{ echo "{words}"; echo "That was it."; exit 100; }}')
                result = self.run_script("bootstrap")
                self.assertEqual(result.returncode, 1)
                self.assertIn(words, result.stdout)
                self.assertIn(cause, result.stderr.splitlines()[-1])

    def test_a_network_that_fails_during_the_update_is_the_cause(self):
        self.stand_in(
            "apt-get",
            (
                "if [[ $* == *update ]]; then echo \"W: Temporary failure resolving 'a.b'\"; exit 100; fi\n"
                "echo 'E: Unable to locate package gdb'; exit 100"
            ),
        )
        self.assertIn("is there a network", self.run_script("bootstrap").stderr.splitlines()[-1])

    def test_apt_speaks_the_language_that_is_read(self):
        self.stand_in("apt-get", f'echo "$LC_ALL" >>{self.log}')
        self.run_script("bootstrap", LC_ALL="de_DE.UTF-8", LANG="de_DE.UTF-8")
        self.assertEqual(self.calls(), ["C", "C"])

    def test_waits_for_another_program_that_updates_the_lists(self):
        busy = self.folder / "busy"
        busy.touch()
        self.stand_in("sleep", f"/bin/rm {busy}")
        self.stand_in(
            "apt-get",
            (
                f'echo "$*" >>{self.log}; [[ ! -e {busy} ]] ||'
                " { echo 'E: Could not get lock /var/lib/apt/lists/lock.'; exit 100; }"
            ),
        )
        result = self.run_script("bootstrap")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(len(self.calls()), 3)

    def test_refuses_arguments_it_does_not_know(self):
        result = self.run_script("bootstrap", "--help-me")
        self.assertEqual(result.returncode, 2)
        self.assertIn("'--help-me'", result.stderr)


class Doctor(Machine):
    def setUp(self):
        super().setUp()
        self.has_real("mktemp", "timeout", "rm", "mkdir", "mv")

    def report(self, *arguments, **options):
        """The status and, by tool, the lines about one: what is known of it, why it fails, what mends it."""
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
