"""Properties that hold for random trees and random damage. SPRAT_SEED=N repeats a run."""

import os
import random
import shutil
import unittest

from fixture import FILES, StagingTest

_LEADERS = {
    ".cc": ("//@", ""),
    ".S": ("//@", ""),
    ".mk": ("#@", ""),
    ".ld": ("/*@", " */"),
    ".py": ("#@", ""),
}
_LINES = [
    "",
    "  ",
    "x = 1;",
    "\ty();",
    "// @ lab",
    "}",
    "// @x",
    "ä ö ü",
    "\x0c",
    "a\x85b",
    "#if 0",
]


def _words(rng):
    return [rng.choice(_LINES) for _ in range(rng.randrange(5))]


class RandomTrees(StagingTest):
    files = {
        path: FILES[path]
        for path in (
            "handouts/1-boot.md",
            "handouts/4-monitor.md",
            "labs/1-boot/README.md",
            "kernel/main.cc",
            "kernel/monitor.cc",
            "labs/4-monitor/README.md",
            "labs/4-monitor/lab.toml",
        )
    }

    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("SPRAT_SEED") or random.SystemRandom().randrange(1 << 32))
        self.rng = random.Random(self.seed)
        print(f"# {self.id().split('.')[-1]}: SPRAT_SEED={self.seed}")

    def make(self):
        """Writes random files, regions and their manifest; returns the files a submission gives."""
        shutil.rmtree(os.path.join(self.tree, "random"), ignore_errors=True)
        rng, regions, whole = self.rng, {}, []
        for number in range(rng.randrange(1, 6)):
            suffix = rng.choice(list(_LEADERS))
            path = f"random/{number}{suffix}"
            leader, trailer = _LEADERS[suffix]
            lines = _words(rng)
            for letter in rng.sample("abcd", rng.randrange(0 if regions else 1, 4)):
                name = f"boot.{number + 1}{letter}"
                indent = " " * rng.randrange(4)
                starter = rng.choice(["", "return 0;", "pass"])
                inner = [
                    f"{indent}{leader} lab {name}: {starter}".rstrip() + trailer,
                    *_words(rng),
                    f"{indent}{leader} end{trailer}",
                ]
                if rng.random() < 0.3:
                    inner = [
                        f"{leader} since boot{trailer}",
                        *_words(rng),
                        *inner,
                        f"{leader} end{trailer}",
                    ]
                lines += [*inner, *_words(rng)]
                regions.setdefault(f"boot.{number + 1}", {})[name] = path
            if rng.random() < 0.4:
                lines += [
                    f"{leader} since monitor{trailer}",
                    *_words(rng),
                    f"{leader} end{trailer}",
                    *_words(rng),
                ]
            self.write(path, "\n".join(lines) + rng.choice(["", "\n"]))
            if rng.random() < 0.3:
                whole.append(path)
        self.write("random/given.txt", "given\n")
        self.write("labs/1-boot/lab.toml", self.manifest(regions, whole))
        return sorted({path for group in regions.values() for path in group.values()} | set(whole))

    def manifest(self, regions, whole):
        quoted = ", ".join(f'"{path}"' for path in whole)
        text = (
            '[lab]\nname = "boot"\nnumber = 1\ntitle = "t"\nadds = ["random/*", "kernel/main.cc"]\n'
            f"[submission]\nfiles = [{quoted}]\n"
        )
        left = 100
        for index, (name, group) in enumerate(regions.items()):
            points = left if index == len(regions) - 1 else 1
            left -= points
            table = ", ".join(f'"{region}" = "{path}"' for region, path in group.items())
            text += (
                f'[[exercise]]\nid = "{name}"\ntitle = "t"\npoints = {points}\nhours = 1\nregions ='
                f' {{ {table} }}\nfunctions = []\nhandout = "handouts/1-boot.md"\n[[test]]\nname ='
                f' "t.{index}"\nexercise = "{name}"\npoints = {points}\nmachine = "host"\nchecks ='
                ' "c"\nhint = "h"\n'
            )
        return text

    def test_a_solution_collected_again_is_the_same(self):
        for round_ in range(20):
            self.make()
            solved, again = (
                os.path.join(self.room, f"{name}-{round_}") for name in ("solved", "again")
            )
            self.stage("--solution", out=solved)
            self.stage("--answers", solved, out=again)
            self.assertEqual(
                self.tree_of(again), self.tree_of(solved), f"seed {self.seed}, round {round_}"
            )

    def test_a_starter_collected_onto_a_solution_is_the_starter(self):
        for round_ in range(10):
            self.make()
            starter, again = (
                os.path.join(self.room, f"{name}-{round_}") for name in ("starter", "again")
            )
            self.stage(out=starter)
            self.stage("--solution", "--answers", starter, out=again)
            self.assertEqual(
                self.tree_of(again), self.tree_of(starter), f"seed {self.seed}, round {round_}"
            )

    def test_damage_in_a_submission_is_a_message_and_never_a_traceback(self):
        refused = 0
        for round_ in range(30):
            paths = self.make()
            mine = os.path.join(self.room, f"mine-{round_}")
            self.stage("--solution", out=mine)
            for path in self.rng.choices(paths, k=2):
                self.write(path, self.damage(self.read(path, mine)), root=mine)
            refused += self.stage_damaged(round_, "--answers", mine)
        self.assertGreater(refused, 0, f"seed {self.seed}: no damage was noticed")

    def test_damage_in_the_source_tree_is_a_message_and_never_a_traceback(self):
        refused = 0
        for round_ in range(20):
            paths = self.make() + ["labs/1-boot/lab.toml"]
            path = self.rng.choice(paths)
            self.write(path, self.damage(self.read(path, self.tree)))
            refused += self.stage_damaged(round_, "--solution")
            self.assertIn(self.run_stage("--check")[0], (0, 2), f"seed {self.seed}, round {round_}")
        self.assertGreater(refused, 0, f"seed {self.seed}: no damage was noticed")

    def damage(self, text):
        """The text after one to three random edits, most of them of lines that have a marker."""
        lines = text.split("\n")
        for _ in range(self.rng.randrange(1, 4)):
            marked = [index for index, line in enumerate(lines) if "@" in line]
            index = self.rng.choice(
                marked if marked and self.rng.random() < 0.8 else range(len(lines))
            )
            line, at = lines[index], self.rng.randrange(len(lines[index]) + 1)
            lines[index : index + 1] = self.rng.choice(
                [
                    [],
                    [line, line],
                    [line[:at]],
                    [line[at:]],
                    [line[:at] + self.rng.choice('@: /.x9\0\r\ud7ff"') + line[at:]],
                    [line.upper()],
                    [line.replace("end", "since boot")],
                    [line.replace("exercise", "lab")],
                    [line + " \U0001f980"],
                ]
            )
            lines = lines or [""]
        return "\n".join(lines)

    def stage_damaged(self, round_, *arguments):
        """Whether staging was refused; it must work, or say what is wrong and write nothing."""
        out = os.path.join(self.room, f"damaged-{round_}")
        status, _, err = self.run_stage("--lab", "boot", "--out", out, "--no-git", *arguments)
        where = f"seed {self.seed}, round {round_}: {err}"
        self.assertIn(status, (0, 2), where)
        self.assertEqual(os.path.exists(out), status == 0, where)
        if status == 2:
            self.assertRegex(err, r"\A([^\n]+:\d+: error: [^\n]+; [^\n]+\n)+\Z", where)
        return status == 2


if __name__ == "__main__":
    unittest.main()
