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
        for real in ("bash", "env"):
            (self.path / real).symlink_to(shutil.which(real))
        self.is_user(0)
        self.has_system(DEBIAN)
        self.has_installed([])
        self.stand_in("apt-get", f'echo "apt-get $DEBIAN_FRONTEND $*" >>{self.log}')

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

    def run_script(self, name, *arguments):
        environment = {"PATH": str(self.path), "SPRAT_OS_RELEASE": str(self.folder / "os-release")}
        return subprocess.run(
            [SCRIPTS / name, *arguments],
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

    def test_without_root_and_sudo_it_says_what_is_missing(self):
        self.is_user(1000)
        result = self.run_script("bootstrap")
        self.assertEqual(result.returncode, 2)
        self.assertIn("only root may install them: make git g++", result.stderr)
        self.assertEqual(self.calls(), [])

    def test_does_not_ask_for_a_password_where_nobody_can_answer(self):
        self.is_user(1000)
        self.stand_in("sudo", "exit 1")
        result = self.run_script("bootstrap")
        self.assertEqual(result.returncode, 2)
        self.assertIn("sudo apt-get install make git", result.stderr)

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
    def report(self):
        """The status and, by tool, the lines that are about one."""
        result = self.run_script("doctor")
        rows = [line for line in result.stdout.splitlines()[1:] if line[:2] in ("  ", "! ")]
        return result.returncode, {row[2:].split()[0]: row for row in rows}

    def test_works_where_nothing_is_there(self):
        status, rows = self.report()
        self.assertEqual(status, 1)
        self.assertRegex(rows["gdb"], r"^! gdb +missing +12 +no debugger: make gdb$")

    def test_compares_versions_number_by_number(self):
        for version, mark in (
            ("9.2", "!"),
            ("11.99.9", "!"),
            ("12.0", " "),
            ("12.0.1", " "),
            ("100.1", " "),
        ):
            with self.subTest(version=version):
                self.stand_in("g++", f"echo 'g++ (Some system {version}-7ubuntu1) {version}'")
                self.assertRegex(self.report()[1]["g++"], rf"^{mark} g\+\+ +{version} +12 ")

    def test_fails_exactly_when_it_marks_a_line(self):
        for tool in self.report()[1]:
            if tool[0].isalpha():
                self.stand_in(tool, "echo 'Emulator 99.9'")
        for break_something in (lambda: None, lambda: (self.path / "gdb").unlink()):
            break_something()
            status, rows = self.report()
            marked = [tool for tool, row in rows.items() if row.startswith("!")]
            self.assertEqual("gdb" in marked, not (self.path / "gdb").exists())
            self.assertNotIn("g++", marked)
            self.assertEqual(status, 1 if marked else 0)

    def test_without_a_terminal_there_are_no_colours(self):
        self.assertNotIn("\x1b", self.run_script("doctor").stdout)

    def test_tells_the_version_that_dpkg_knows_where_a_tool_does_not_say(self):
        self.stand_in("xorriso", "exit 1")
        self.stand_in("dpkg-query", "echo '2:1.5.6-1+deb13u1'")
        self.assertRegex(self.report()[1]["xorriso"], r"^  xorriso +1\.5\.6 +1\.5 ")


if __name__ == "__main__":
    unittest.main()
