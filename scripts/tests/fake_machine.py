"""A made-up computer for bootstrap and doctor: a folder of stand-ins is all they find on their PATH."""

import pathlib
import shutil
import subprocess
import tempfile
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
