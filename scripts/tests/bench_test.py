"""scripts/bench: programs' output and the scope's counts become tables and a page; and rings keep their promises."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from benchmarks import page, runs, tables  # noqa: E402

BUILD = pathlib.Path(os.environ.get("SPRAT_ARTIFACTS", ROOT / "build/g++/kernel")).parent

KERNEL = """\
bench     operation               | counted    goal   Linux
bench 31 1 LRPC, call             |       -       -       -
bench 30 1 LRPC, call and reply   |     353     300   10864
bench 33 16 revoke, a copy        |     108     250       -
"""
CHANNELS = """\
to core 1 and back
  one word, both poll the ring                       205
  coroutines that sleep                            1,591
  coroutines that poll                              1021
urpc-bench: not_found
"""
SPANS = """\
row what=unmap others=poll messages=0 rounds=1 region=55 cores=0 ticks=400
row what=unmap others=poll messages=2 rounds=1 region=55 cores=0,1 ticks=900
row what=unmap others=sleep messages=0 rounds=1 region=55 cores=0 ticks=401
row what=unmap others=sleep messages=2 rounds=1 region=55 cores=0,1 ticks=2100
"""
AGREEMENT = [{"shape": shape, "cores": cores, "fan-out": 1, "round": 1000 * cores, "commit": 2000 * cores, "pipelined": 1100 * cores}
             for shape in ("star", "tree") for cores in (2, 3, 4)]


def region(number, vcpu, **counts):
    usual = dict.fromkeys(runs.COUNTED + ("repeats", "longest_entry"), 0)
    return {"id": number, "vcpu": vcpu, "entries": 10, **usual, **counts}


def ring_rows():
    """A row for all that is measured, each with a region of its own; and the scope's report."""
    text, regions = [], []

    def add(cores, ticks, **row):
        number = 256 + len(text)
        row = {"ring": "-", "words": 0, "slots": 0, "lines": 0, "region": number, "rounds": 10, **row}
        words = " ".join(f"{key}={value}" for key, value in row.items())
        text.append(f"row {words} cores={','.join(map(str, cores))} ticks={','.join([str(ticks)] * len(cores))}")
        moved = row["lines"] or 1
        regions.extend(region(number, core, fetches=10 * moved, upgrades=5 * moved, code_lines=40, data_lines=30) for core in cores)

    for ring in tables.RINGS:
        for words in (1, 7):
            add([0, 1], 1234, what="round-trip", ring=ring, words=words, slots=16)
            add([0, 1], 0, what="message", ring=ring, words=words, slots=16)
            for slots in tables.SLOTS:
                add([0, 1], 400, what="stream", ring=ring, words=words, slots=slots)
        add([0, 1], 900, what="paced", ring=ring, words=7, slots=16)
    add([1, 0], 1111, what="round-trip", ring="epoch", words=7, slots=16)
    add([1, 0], 500, what="stream", ring="epoch", words=7, slots=16)
    for what in ("stores", "messages"):
        for lines in (1, 2, 4, 8):
            for cores in (2, 3):
                add(list(range(cores)), 700, what=what, lines=lines)
    return "\n".join(["Sprat: one kernel per core, nothing shared.", *text]), {"regions": regions}


def measured():
    rows = runs.parse_rings(*ring_rows())
    vcpu = {"instructions": 100, "kernel": {"entries": 1, "longest": 77, "longest_with_repeats": 78, "longest_at": "0x10"}}
    regions = [region(30, 0, instructions=3560), region(31, 0, instructions=2050), region(33, 0, instructions=16000)]
    kernel = {"rows": runs.parse_kernel(KERNEL), "regions": regions, "vcpus": [vcpu, vcpu]}
    channels = runs.parse_channels(CHANNELS)
    spans = runs.parse_rings(SPANS)
    return {"kernel": kernel, "kernel-ticks": kernel, "channels": channels, "channels-ticks": channels,
            "rings": rows, "updates": [row for row in rows if row["lines"]], "rings-ticks": rows,
            "spans": spans, "spans-ticks": spans, "agreement": AGREEMENT}


def row_of(table, name):
    return next(re.split(r"\s{2,}", line.strip())[1:] for line in table.text().splitlines() if line.strip().startswith(name))


class ATable(unittest.TestCase):
    def setUp(self):
        self.data = measured()

    def test_of_the_kernel_divides_by_entries_and_by_operations_in_one(self):
        self.assertEqual(row_of(tables.kernel(self.data), "revoke, a copy"), ["100", "0", "0", "108", "108", "250", "-"])
        self.assertEqual(row_of(tables.lrpc(self.data), "Sprat, LRPC, call and reply"), ["356", "353", "–"])

    def test_of_channels_takes_only_lines_that_end_in_a_number(self):
        self.assertEqual([row["count"] for row in self.data["channels"]], [205, 1021])

    def test_of_rings_has_a_rounds_ticks_and_the_lines_of_all_cores(self):
        self.assertEqual(row_of(tables.there_and_back(self.data), "used bit, 7 words"), ["123", "123", "2.000", "1.000", "0"])
        self.assertEqual(row_of(tables.one_way(self.data), "epoch, 8 slots"), ["40.0", "40.0", "40.0", "25.0", "2.000", "1.000"])
        self.assertEqual(row_of(tables.pairs(self.data), "1  "), ["111; 20.0", "–"])
        self.assertEqual(row_of(tables.touched(self.data), "epoch, 1 word"), ["4.0", "4.0", "3.0", "3.0", "8.0", "6.0"])

    def test_of_updates_counts_the_cores_that_update(self):
        self.assertEqual(row_of(tables.updates(self.data), "stores, 8 lines"), ["12.0", "12.0", "36.0", "70.0", "70.0"])
        self.assertEqual(row_of(tables.updates(self.data), "messages, 2 lines")[:3], ["6.0", "4.5", "9.0"])


    def test_of_unmaps_has_linux_and_the_paper_beside_the_same_number_of_cores(self):
        self.assertEqual(row_of(tables.unmaps(self.data), "2  ")[:7], ["2", "900", "2,100", "900", "3,785", "15,576", "5.1"])

    def test_of_agreement_is_in_thousands(self):
        self.assertEqual(row_of(tables.agreement(self.data), "4  "), ["4.0", "4.0", "1", "1.3", "1.5", "8.0", "4.4"])


class ThePage(unittest.TestCase):
    def test_has_all_tables_and_plots(self):
        with tempfile.TemporaryDirectory() as folder:
            page.write(measured(), pathlib.Path(folder))
            text = (pathlib.Path(folder) / "index.html").read_text()
        self.assertEqual(text.count("<table"), len(page.all_tables(measured())))
        self.assertEqual(text.count("<svg"), 8)
        self.assertIn("longest 77 instructions", text)


@unittest.skipUnless((BUILD / "user/rings-bench").exists(), "nothing is built")
class ARing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rows = runs.rings(runs.Machine(BUILD, BUILD / "host/scope.so"), "rings", 2)

    def moved(self, ring, what, slots=16):
        counts = tables.one(self.rows, what=what, ring=ring, words=7, slots=slots)["counts"]
        return sum(counts["fetches"]), sum(counts["upgrades"])

    def test_of_epochs_moves_a_line_for_a_message_and_few_for_acknowledgements(self):
        self.assertEqual(self.moved("epoch", "round-trip"), (2, 2))
        for what in ("stream", "paced"):
            for lines in self.moved("epoch", what):
                self.assertAlmostEqual(lines, 1 + 1 / 16, delta=0.003)

    def test_of_used_bits_moves_a_line_twice(self):
        self.assertEqual(self.moved("used-bit", "round-trip"), (4, 4))
        for lines in self.moved("used-bit", "stream"):
            self.assertAlmostEqual(lines, 2, delta=0.003)

    def test_needs_no_locked_instruction_and_no_fence(self):
        self.assertEqual({sum(row["counts"]["locked"]) for row in self.rows}, {0})
        code = subprocess.run(["objdump", "-dC", "--no-show-raw-insn", BUILD / "user/rings-bench.elf"],
                              stdout=subprocess.PIPE, text=True, check=True).stdout
        plays = [part for part in code.split("\n\n") if "play<sprat::bench" in part.split("\n")[0]]
        self.assertGreater(len(plays), 30)
        for play in plays:
            self.assertNotRegex(play, r"\t(mfence|lfence|sfence|lock|xchg .*\()")


if __name__ == "__main__":
    unittest.main()
