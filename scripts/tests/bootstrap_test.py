"""bootstrap on made-up machines: it installs exactly what is missing, or prints the command that does."""

import time
import unittest

from fake_machine import Machine, UBUNTU


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

    def test_installs_exactly_the_missing_packages(self):
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


if __name__ == "__main__":
    unittest.main()
