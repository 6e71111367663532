"""The container is made from the same list of packages as every other set-up. No engine is needed here."""

import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def steps():
    """The Containerfile as pairs of a word and the text behind it, without comments, continued lines joined."""
    text = re.sub(r"(?m)^#.*\n", "", (ROOT / "Containerfile").read_text()).replace("\\\n", "")
    return [tuple(line.split(" ", 1)) for line in text.splitlines() if line]


class Container(unittest.TestCase):
    def test_copies_bootstrap_and_its_packages_and_runs_it(self):
        copied = [words for step, words in steps() if step == "COPY"]
        self.assertEqual(copied, ["scripts/bootstrap scripts/packages /opt/sprat/"])
        runs = [words for step, words in steps() if step == "RUN" and "/opt/sprat/bootstrap" in words]
        self.assertEqual(len(runs), 1)

    def test_copies_all_that_bootstrap_reads(self):
        read = re.findall(r'(?m)^\. "\$scripts/(\w+)"', (ROOT / "scripts/bootstrap").read_text())
        self.assertEqual(read, ["packages"])

    def test_has_no_list_of_packages_of_its_own(self):
        installed = [re.findall(r"apt-get install \S+ \S+ ([^&]*[^& ])", words) for step, words in steps() if step == "RUN"]
        self.assertEqual(installed, [["ca-certificates git sudo"], []])

    def test_works_as_an_ordinary_user(self):
        user = dict(steps())["USER"]
        self.assertIn(f"useradd --create-home --shell /bin/bash {user}", (ROOT / "Containerfile").read_text())

    def test_vs_code_builds_the_same_container(self):
        file = ROOT / ".devcontainer/devcontainer.json"
        lines = file.read_text().splitlines()
        settings = json.loads("\n".join(line for line in lines if not line.lstrip().startswith("//")))
        build = settings["build"]
        self.assertEqual((file.parent / build["dockerfile"]).resolve(), ROOT / "Containerfile")
        self.assertEqual((file.parent / build["context"]).resolve(), ROOT)
        self.assertEqual(settings["remoteUser"], dict(steps())["USER"])


if __name__ == "__main__":
    unittest.main()
