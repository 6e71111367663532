"""The Makefile: words that reach it from outside, and the contents of a build folder."""

import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import tomllib
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Each would do something if a shell or make read it.
NAMES = ["it's late", "x'; touch PWNED; echo '", 'a "b" c', "A$B", "$(shell touch PWNED)", "$(touch PWNED)", "`touch PWNED`",
         "a;touch PWNED", "a,b", "a:b", "a#b", "a%b", "-n", "ü", "a\\b", "two\nlines", "a=b", "*"]

# All of them in one: where several switches take the same way, one is given each name, and the others this.
ALL_NAMES = " ".join(NAMES)

# A folder for a clone, with all that people have in such names.
FOLDER = "my course's $HOME, 1:2 ü (a)"

RECORDER = """#!/usr/bin/python3
import os, sys
with open(os.environ["RECORD"], "wb") as record:
    record.write("\\0".join(sys.argv[1:]).encode("utf-8", "surrogateescape"))
"""


def copy_of_tree(folder):
    """Copies all files that git would clone to `folder`."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def clean_environment():
    return {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "TMPDIR")}


class Tree(unittest.TestCase):
    """A copy of the tree that needs no packages, in a folder with a name that people may choose."""

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.tree = pathlib.Path(scratch.name, FOLDER)
        copy_of_tree(cls.tree)
        (cls.tree / "scripts/bootstrap").write_text("#!/bin/sh\n")

    def make(self, *arguments, check=True, **environment):
        done = subprocess.run(["make", *arguments], cwd=self.tree, env={**clean_environment(), **environment}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="surrogateescape")
        if check:
            self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def switches(self):
        text = (self.tree / "switches.mk").read_text().replace("\\\n", " ")
        lists = re.findall(r"^(?:PLAIN|TEXT|INNER)_SWITCHES := (.*)$", text, re.MULTILINE)
        self.assertEqual(len(lists), 3)
        return " ".join(lists).split()


class Switches(Tree):
    def test_a_variable_of_the_environment_is_no_switch(self):
        goals = ["-n", "-j1", "run", "stage", "handouts-check", "OUT=there", "LAB=boot"]
        others = [name for name in self.switches() if name not in ("OUT", "LAB")]
        self.assertEqual(self.make(*goals, **{name: "yes" for name in others}), self.make(*goals))

    def test_each_variable_that_is_used_is_set_here_or_is_a_switch(self):
        goals = ["run", "grade", "checkpoint", "stage", "mutants", "test", "soak", "bench", "trace", "fuzz", "handouts", "all"]
        said = self.make("-n", "--warn-undefined-variables", *goals, "OUT=there", check=False)
        undefined = set(re.findall(r"undefined variable '([^']*)'", said))
        self.assertTrue(undefined, said)
        of_labs = {name for name in undefined if re.match(r"(SUBJECT_(UNIT|LIBRARIES)|TEST_UNIT)_", name)}
        self.assertLessEqual(undefined - of_labs, {*self.switches(), "3"})

    def test_a_dry_run_of_all_checks_runs_none(self):
        check = self.tree / "scripts/check"
        before = check.read_bytes()
        self.addCleanup(check.write_bytes, before)
        check.write_text("#!/bin/sh\necho checks > ran\n")
        self.assertIn("scripts/check", self.make("-n", "test"))
        self.assertFalse((self.tree / "ran").exists())
        self.make("-n", "soak")

    def test_a_python_of_the_persons_own_runs_none_of_the_programs(self):
        programs = [path for path in self.tree.rglob("*") if path.is_file() and path.read_bytes().startswith(b"#!")]
        own = [path.name for path in programs if re.match(rb"#!.*env.*python", path.read_bytes())]
        self.assertTrue(programs)
        self.assertEqual(own, [])
        bin = self.tree / "own-bin"
        bin.mkdir()
        self.addCleanup(shutil.rmtree, bin)
        (bin / "python3").write_text("#!/bin/sh\nexit 9\n")
        (bin / "python3").chmod(0o755)
        done = subprocess.run([self.tree / "scripts/manifest", "--tree", self.tree, "--lab=boot"], stdout=subprocess.PIPE,
                              env={"PATH": f"{bin}:{os.environ['PATH']}"})
        self.assertEqual(done.returncode, 0)

    def test_an_unknown_switch_is_refused(self):
        self.assertIn("there is no switch CPUS", self.make("run", "CPUS=2", check=False))

    def test_a_plain_switch_that_is_not_plain_is_refused(self):
        for switch in ("LAB", "BUILD", "CXX", "EX", "SEED", "IMAGE", "NCPU"):
            for name in NAMES if switch == "LAB" else ("x'y", ALL_NAMES):
                if re.fullmatch(r"[\w+./=,-]*", name, re.ASCII) or (switch, name) == ("CXX", "two\nlines"):
                    continue
                with self.subTest(switch=switch, name=name):
                    self.assertIn(f"{switch}= holds a character", self.make("-n", "run", f"{switch}={name}", check=False))
        self.assertFalse(list(self.tree.rglob("PWNED")))

    def test_a_goal_that_is_not_plain_is_refused(self):
        for name in ("x'; touch PWNED; echo '", "$(shell touch PWNED)", "`touch PWNED`"):
            with self.subTest(name=name):
                self.assertIn("nothing of that name", self.make(name, check=False))
        self.assertFalse(list(self.tree.rglob("PWNED")))


class Texts(Tree):
    """Texts arrive at a program as one argument, as they were typed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tools = cls.tree / "build/g++/host"
        tools.mkdir(parents=True)
        for program in (cls.tree / "scripts/stage", tools / "machine", tools / "grade", tools / "mutants"):
            program.write_text(RECORDER)
            program.chmod(0o755)
        # Nothing is built here: the files that a command needs are there.
        for makefile in (cls.tree / "Makefile", cls.tree / "scripts/build.mk"):
            text, count = re.subn(r"^needs-of-[a-z].*$", "", makefile.read_text(), flags=re.MULTILINE)
            assert count >= 5
            makefile.write_text(text)

    def arguments(self, *command):
        record = self.tree / "record"
        record.unlink(missing_ok=True)
        self.make(*command, RECORD=str(record))
        return record.read_bytes().decode("utf-8", "surrogateescape").split("\0")

    def test_arrive_as_they_were_typed(self):
        ways = {"OUT": (["stage", "LAB=boot"], "--out={}"), "FROM": (["stage", "LAB=boot", "OUT=there"], "--from={}"),
                "SUBMISSION": (["grade", "LAB=boot"], "--submission={}"), "T": (["test-one", "LAB=boot"], "--only={}"),
                "ONLY": (["mutants", "LAB=boot"], "--only={}"), "APPEND": (["run"], "{}")}
        for switch, (command, form) in ways.items():
            for name in NAMES if switch == "OUT" else ("-n", ALL_NAMES):
                with self.subTest(switch=switch, name=name):
                    self.assertIn(form.format(name), self.arguments(*command, f"{switch}={name}"))
        self.assertFalse(list(self.tree.rglob("PWNED")))

    def test_modules_arrive_in_one_argument(self):
        for name in NAMES:
            with self.subTest(name=name):
                arguments = self.arguments("run", f"MODULES={name}")
                self.assertTrue(arguments[arguments.index("--modules") + 1].endswith(", " + name), arguments)
        self.assertFalse(list(self.tree.rglob("PWNED")))

    def test_an_older_result_is_gone_before_tools_are_built(self):
        result = self.tree / "build/grade/boot/result.json"
        result.parent.mkdir(parents=True, exist_ok=True)
        for goal in ("grade", "checkpoint", "test-one"):
            with self.subTest(goal=goal):
                result.write_text("old")
                self.make(goal, "LAB=boot", "CXX=no-such-compiler", "T=x", check=False)
                self.assertFalse(result.exists())


class Programs(Tree):
    """The programs that are built before a system boots."""

    def built_for(self, command, *switches):
        said = self.make("-n", "LOCKED=1", f"needs-of-{command}", *switches)
        return set(re.findall(r"strip -o build/g\+\+/user/(\S+)", said))

    def test_a_run_builds_the_programs_that_boot(self):
        makefile = (self.tree / "Makefile").read_text()
        modules = ",".join(re.findall(r"^BOOT_MODULES := (?:\$\(BOOT_MODULES\),)?(.*)$", makefile, re.MULTILINE))
        boot = {part.split()[0] for part in modules.split(",")}
        self.assertIn("monitor", boot)
        for command in ("run", "iso", "gdb"):
            self.assertEqual(self.built_for(command), boot)

    def test_a_run_with_more_modules_builds_all_programs(self):
        everything = self.built_for("run", "MODULES=no-such-program, x")
        self.assertIn("stress", everything)
        self.assertIn("hello", everything)
        self.assertEqual(self.built_for("run", "MODULES=$(B)/user/x"), everything)


class BuildFolder(Tree):
    OBJECT = "target/kernel/debug/format.cc.o"
    HEADER = "kernel/include/sprat/text.hh"

    def test_objects_of_all_kinds_are_compiled_in_any_folder(self):
        self.make(f"build/g++/{self.OBJECT}", "build/g++/user/obj/kernel/debug/format.cc.o",
                  "build/g++/subject/kernel/debug/format.cc.o", "build/g++/host/libscope.a")

    def test_what_students_write_is_compiled_alone(self):
        self.make("-n", "LOCKED=1", "programs")
        units = [path.read_text() for path in (self.tree / "build/g++/kept/user/obj").glob("*.cc")]
        in_units = {source for unit in units for source in re.findall('#include "(.*)"', unit)}
        self.assertIn("user/monitor/monitor.cc", in_units)
        for manifest in self.tree.glob("labs/*/lab.toml"):
            files = tomllib.loads(manifest.read_text())["submission"]["files"]
            self.assertEqual(in_units & set(files), set(), manifest.parent.name)

    def test_a_second_make_makes_nothing(self):
        objects = [f"build/g++/{self.OBJECT}", "build/g++/user/obj/kernel/debug/format.cc.o", "build/g++/subject/kernel/debug/format.cc.o"]
        self.make(*objects)
        self.assertNotRegex(self.make(*objects), r"(?m)^  [A-Z]")

    def test_a_changed_source_is_compiled_again_however_the_folder_is_spelled(self):
        there = tempfile.TemporaryDirectory()
        self.addCleanup(there.cleanup)
        short = os.path.relpath(os.path.realpath(there.name), os.path.realpath(self.tree))
        if re.search(r"[^\w+./=-]", short):
            self.skipTest("the temporary folder has a name that BUILD= may not have")
        self.make(f"BUILD={there.name}", f"{there.name}/g++/{self.OBJECT}")
        os.utime(self.tree / self.HEADER)
        said = self.make(f"BUILD={short}/", f"{short}/g++/{self.OBJECT}")
        self.assertIn("CXX     kernel/debug/format.cc", said)
        self.assertNotIn("CXX", self.make(f"BUILD={there.name}", f"{there.name}/g++/{self.OBJECT}"))

    def test_another_flag_compiles_again(self):
        self.make(f"build/g++/{self.OBJECT}")
        makefile = self.tree / "Makefile"
        before = makefile.read_text()
        self.addCleanup(makefile.write_text, before)
        makefile.write_text(before.replace("-mno-red-zone", "-mno-red-zone -DOTHER", 1))
        self.assertIn("CXX ", self.make(f"build/g++/{self.OBJECT}"))

    def test_nothing_is_compiled_again_when_nothing_has_changed(self):
        flags = self.tree / "build/g++/kept/flags"
        times = []
        for arguments in (["bootstrapped"], ["bootstrapped"], ["LOCKED=1", "bootstrapped"], ["bootstrapped", "V=1"]):
            self.make(*arguments)
            times.append(flags.stat().st_mtime_ns)
        self.assertEqual(times, times[:1] * len(times))

    def test_a_source_that_comes_or_goes_changes_the_linked_objects(self):
        kept = self.tree / "build/g++/kept"
        added = self.tree / "kernel/debug/added.cc"
        texts = []
        for there in (False, True, False):
            added.write_text("") if there else added.unlink(missing_ok=True)
            self.make("LOCKED=1", "bootstrapped")
            texts.append((kept / "sprat").read_text())
        self.assertEqual(texts[0], texts[2])
        self.assertIn("kernel/debug/added.cc", texts[1])

    def test_what_a_command_needs_can_be_asked_for_by_hand(self):
        done = subprocess.run(["timeout", "-s", "KILL", "60", "make", "build-for-doctor"], cwd=self.tree, env=clean_environment(),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn("waits for it", done.stdout)

    def test_a_second_make_waits_and_says_so(self):
        (self.tree / "build").mkdir(exist_ok=True)
        with open(self.tree / "build/lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with subprocess.Popen(["make", "bootstrapped"], cwd=self.tree, env=clean_environment(), text=True, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE) as second:
                self.assertIn("Another make is building in build; this one waits for it.", second.stderr.readline())
                self.assertIsNone(second.poll())
                fcntl.flock(lock, fcntl.LOCK_UN)
                self.assertEqual(second.wait(60), 0)

    def test_every_source_that_is_compiled_can_be_looked_up(self):
        self.make("compile_commands.json")
        text = (self.tree / "compile_commands.json").read_text()
        for path in self.tree.rglob("*.cc"):
            name = str(path.relative_to(self.tree))
            if re.match(r"labs/[^/]*/(alternatives|verdicts|protocols)/|.*/does_not_compile/|build/", name):
                continue
            self.assertIn(f'"file": "{name}"', text)

    def test_a_compiler_that_only_reads_the_tests_reads_all_sources_of_them(self):
        def sources(*goals):
            said = self.make("--always-make", "-n", "LOCKED=1", *goals)
            found = set()
            for name in re.findall(r"[^\s']+\.cc(?![^\s'])", said):
                found.add(re.sub("^build/[^/]*/", "", name))
                if "/kept/" in name:  # a unit of sources
                    found.update(re.findall('#include "(.*)"', (self.tree / name).read_text()))
            return found

        tools, tests = sources("tools"), sources("SYNTAX=1", "unlinked-tests")
        self.assertIn("kernel/main.cc", tools)
        self.assertIn("user/tests/link_calls_test.cc", tests)
        self.assertNotIn("user/tests/link_calls_test.cc", tools)
        self.assertEqual(sources("all") - tools - tests, set())
        self.assertNotRegex(self.make("-n", "LOCKED=1", "SYNTAX=1", "unlinked-tests"), "LINK")


if __name__ == "__main__":
    unittest.main()
