"""scripts/bench-linux: rows are read strictly, what is missing is said, and what was measured becomes tables and a page."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from benchmarks import linux_guest, linux_page, linux_tables, rows  # noqa: E402
from benchmarks.linux_guest import CannotMeasure  # noqa: E402

SAID = "Booting.\r\nrow what=pipe cores=2 count=17475\r\nrow what=chain cores=4 count=2100 result=52\r\nrows 2\r\nreboot: off\r\n"


class Rows(unittest.TestCase):
    def refused(self, text, why):
        with self.assertRaisesRegex(rows.WrongRows, why):
            rows.parse(text)

    def test_are_read_between_other_lines(self):
        self.assertEqual(rows.parse(SAID), {("pipe", 2): {"count": 17475}, ("chain", 4): {"count": 2100, "result": 52}})

    def test_are_the_same_after_a_file(self):
        self.assertEqual(rows.from_list(rows.as_list(rows.parse(SAID))), rows.parse(SAID))

    def test_that_do_not_end_are_refused(self):
        self.refused(SAID.replace("rows 2\r\n", ""), "not a row: reboot")
        self.refused("panic", "rows N")

    def test_are_as_many_as_the_last_line_says(self):
        self.refused(SAID.replace("rows 2", "rows 3"), "3 rows were measured, 2 came")

    def test_with_anything_between_them_are_refused(self):
        self.refused(SAID.replace("rows 2", "watchdog: stuck\nrows 2"), "not a row: watchdog")
        for bad in ("count=0", "count=-1", "count=1e3", "count=17475 ", "count=17475 result=x"):
            self.refused(SAID.replace("count=17475", bad), "not a row: row what=pipe")

    def test_of_the_same_work_twice_are_refused(self):
        self.refused(SAID.replace("chain cores=4", "pipe cores=2"), "measured twice")

    def test_are_refused_with_the_reason_of_a_failure(self):
        self.refused("failed: sched_setaffinity: Invalid argument", "sched_setaffinity")


class ThePackage(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.tools = self.folder / "tools"
        self.tools.mkdir()
        self.enterContext(mock.patch.dict(os.environ, {"PATH": str(self.tools)}))
        self.enterContext(mock.patch.object(linux_guest, "installed_kernel", self.installed))

    @staticmethod
    def installed(boot=None, real=linux_guest.installed_kernel):
        """As if nothing were installed on this computer."""
        return None if boot is None else real(boot)

    def tool(self, name, script):
        (self.tools / name).write_text(f"#!/bin/bash\n{script}\n")
        (self.tools / name).chmod(0o755)

    def refused(self, *words):
        with self.assertRaises(CannotMeasure) as raised:
            linux_guest.kernel(self.folder / "debs")
        for word in (*words, "apt-get install linux-image-amd64", "LINUX="):
            self.assertIn(word, str(raised.exception))

    def test_is_missing_where_there_is_no_apt(self):
        self.refused("there is no apt-cache")

    def test_is_missing_where_apt_does_not_know_it(self):
        for name in ("apt-cache", "apt-get", "dpkg-deb"):
            self.tool(name, "")
        self.refused("apt knows no package linux-image-amd64")

    def test_is_missing_where_it_cannot_be_downloaded(self):
        self.tool("apt-cache", "echo '  Depends: linux-image-6.1.0-9-amd64'")
        self.tool("apt-get", "echo 'E: Failed to fetch it'; exit 100")
        self.tool("dpkg-deb", "")
        self.refused("apt-get download linux-image-6.1.0-9-amd64 failed: E: Failed to fetch it")

    def test_is_unpacked_and_kept(self):
        self.tool("apt-cache", "echo '  Depends: linux-image-6.1.0-9-amd64'")
        self.tool("apt-get", 'echo >"$2"_6.1_amd64.deb')
        self.tool("dpkg-deb", '/bin/mkdir "$3"/boot && echo >"$3"/boot/vmlinuz-6.1.0-9-amd64')
        kernel = linux_guest.kernel(self.folder / "debs")
        self.assertEqual(kernel.name, "vmlinuz-6.1.0-9-amd64")
        self.tool("apt-get", "exit 1")
        self.assertEqual(linux_guest.kernel(self.folder / "debs"), kernel)

    def test_that_is_newest_is_taken(self):
        for name in ("vmlinuz-6.1.0-9-amd64", "vmlinuz-6.1.0-57-amd64", "vmlinuz-6.9.0-1-rescue"):
            (self.folder / name).touch()
        self.assertEqual(self.installed(self.folder).name, "vmlinuz-6.1.0-57-amd64")

    def test_is_not_needed_for_a_named_file_which_must_be_there(self):
        with self.assertRaisesRegex(CannotMeasure, "LINUX=.* is not a file"):
            linux_guest.kernel(self.folder, self.folder / "none")


class AnOldQemu(unittest.TestCase):
    def test_has_one_processor_for_linux_and_says_where_a_newer_one_is(self):
        version = linux_guest.version_in("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)")
        self.assertEqual(version, (7, 2))
        for word in ("QEMU is 7.2", "one core is compared", "bookworm-backports", "PATH"):
            self.assertIn(word, linux_guest.too_old(version))
        self.assertIsNone(linux_guest.too_old(linux_guest.version_in("QEMU emulator version 10.0.2")))

    def test_that_is_none_is_said(self):
        with mock.patch.dict(os.environ, {"PATH": "/nonexistent"}), self.assertRaisesRegex(CannotMeasure, "make doctor"):
            linux_guest.qemu_version()


class TheArchive(unittest.TestCase):
    def test_is_one_that_cpio_would_write(self):
        out = linux_guest.archive({"init": b"abcde", "nothing": b"x" * 64})
        self.assertEqual(len(out) % 4, 0)
        position, found = 0, {}
        while True:
            self.assertEqual(out[position : position + 6], b"070701")
            mode, size, length = (int(out[position + at : position + at + 8], 16) for at in (14, 54, 94))
            name = out[position + 110 : position + 110 + length - 1].decode()
            begin = (position + 110 + length + 3) // 4 * 4
            if name == "TRAILER!!!":
                break
            self.assertEqual(mode, 0o100755)
            found[name] = out[begin : begin + size]
            position = (begin + size + 3) // 4 * 4
        self.assertEqual(found, {"init": b"abcde", "nothing": b"x" * 64})


def measured(linux_cores):
    """As if both systems had been measured, and Linux took four times as much."""

    def work(factor, cores):
        both = [("pairs", 8), ("chain", 6)]
        return [{"what": name, "cores": n, "count": factor * 10_000 * 8 // min(n, most), "result": 5}
                for n in cores for name, most in both]  # fmt: skip

    def shared(factor, cores):
        return [{"what": name, "cores": n, "count": factor * (1_000 + 100 * n)} for n in cores for name in ("protect", "unmap", "storm")]

    one = ("null-call", "pipe", "eventfd", "futex", "handled-fault", "fault", "map", "reserve", "start")
    steps = [n for n in (1, 2, 4, 8) if n <= linux_cores]
    linux = [{"what": name, "cores": 1, "count": 4_000} for name in one]
    linux += [{"what": name, "cores": 2, "count": 5_000} for name in ("ring", "pipe", "eventfd", "futex") if linux_cores > 1]
    linux += shared(4, steps) + work(4, steps)
    ours = [{"what": name, "cores": 1, "count": 1_000} for name in ("start", "fault")]
    ours += [row for row in shared(1, (2, 4, 8)) if row["what"] != "storm"] + work(1, (1, 2, 4, 8))
    note = linux_guest.too_old((7, 2)) if linux_cores == 1 else None
    return {
        "conditions": {"linux": "vmlinuz-6.1.0-57-amd64", "qemu": [10, 0], "linux-cores": linux_cores, "note": note},
        "kernel": {"rows": [{"region": 1, "per": 1, "name": name, "columns": ["1000"]} for name in linux_tables.BENCH.values()]},
        "channels": [{"name": "coroutines that sleep", "count": 1_591}],
        "rings": [{"what": "round-trip", "ring": "epoch", "words": 7, "slots": 16, "ticks": [100.0]}],
        "cores": ours, "cores-ticks": ours, "linux": linux, "linux-off": linux, "linux-ticks": shared(4, (1, 2, 4, 8)) + work(4, (1, 2, 4, 8)),
    }  # fmt: skip


class ThePage(unittest.TestCase):
    def written(self, data):
        with tempfile.TemporaryDirectory() as folder:
            linux_page.write(data, pathlib.Path(folder))
            return (pathlib.Path(folder) / "index.html").read_text()

    def test_has_all_tables_and_plots_and_the_claim(self):
        text = self.written(measured(8))
        self.assertEqual((text.count("<table"), text.count("<svg")), (5, 2))
        self.assertRegex(text, r"Comparable on one core</em>\s+holds: Linux without mitigations takes 4.0 to")
        self.assertIn("not measured yet", text)

    def test_of_an_old_qemu_says_so_and_has_no_cores_of_linux_that_were_not_measured(self):
        data = measured(1)
        self.assertIn("one core is compared", self.written(data))
        row = next(line for line in linux_tables.known_page(data).text().splitlines() if "8 cores" in line)
        self.assertEqual(row.split()[2:], ["1,800", "–", "–", "1,800", "–", "–"])

    def test_says_when_the_systems_did_not_do_the_same_work(self):
        data = measured(8)
        self.assertEqual(linux_tables.check_results(data), [])
        next(row for row in data["linux"] if row["what"] == "chain")["result"] = 6
        self.assertIn("chain on 1: 6 in linux", self.written(data))

    def test_says_when_the_claim_does_not_hold(self):
        data = measured(8)
        self.assertIn("*Scales better* is even for chain", "\n".join(linux_tables.claim(data)))
        next(row for row in data["cores-ticks"] if (row["what"], row["cores"]) == ("chain", 8))["count"] *= 2
        self.assertIn("*Scales better* does not hold for chain", "\n".join(linux_tables.claim(data)))


class TheProgram(unittest.TestCase):
    def test_ends_with_the_reason_and_no_trace_of_python(self):
        with tempfile.TemporaryDirectory() as folder:
            command = [ROOT / "scripts/bench-linux", "--build", folder, "--out", folder, "--debs", folder, "--linux", "/nonexistent"]
            ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(ended.stderr, r"^bench-linux: .*\S\n$")


if __name__ == "__main__":
    unittest.main()
