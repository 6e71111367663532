#!/usr/bin/python3
"""check.py — do the finished pages hold together?

    check.py --pages DIR --root DIR

Fails on links to pages or anchors that do not exist, on ids used twice, on pictures that are
missing or loaded from elsewhere, on sections that a lab's manifest sends a student to and that are not
there, on files of the tree that a page names and that are not in it, and on terms of the glossary that
stand there twice or that their file does not contain.
"""

import argparse
import html.parser
import pathlib
import re
import sys
import tomllib

# A page may name files of these folders; each must exist.
TREE_FOLDERS = ("kernel/", "labs/", "grading/", "handouts/", "scripts/", "user/")
NAMED_FILE = re.compile(r"^[\w./-]+\.\w+$")

GLOSSARY = "handouts/glossary.md"
TERM = re.compile(r"\| \[([^]]+)\]\{#[\w-]+\} \| .+[.)] \| `([^`]+)` \|")


class Page(html.parser.HTMLParser):
    """What a page defines and what it refers to."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.loads, self.codes, self.svgs = [], [], [], [], 0
        self._code = None
        self._figures_without_svg = 0
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag in ("img", "script", "link", "iframe", "source") and (
            values.get("src") or values.get("href")
        ):
            self.loads.append(values.get("src") or values.get("href"))
        if tag == "figure":
            self._figures_without_svg += 1
        if tag == "svg":
            self._figures_without_svg -= 1
            self.svgs += 1
        if tag == "code":
            self._code = ""

    def handle_data(self, data):
        if self._code is not None:
            self._code += data

    def handle_endtag(self, tag):
        if tag == "code" and self._code is not None:
            self.codes.append(self._code)
            self._code = None

    def figures_without_picture(self):
        return self._figures_without_svg


def problems_of_page(name, page, pages, root):
    for twice in sorted({one for one in page.ids if page.ids.count(one) > 1}):
        yield f"{name}: two elements have the id {twice}"
    for link in page.links:
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        target = target or name
        if target not in pages:
            yield f"{name}: the link {link} leads to no page"
        elif anchor and anchor not in pages[target].ids:
            yield f"{name}: the link {link} leads to no section of {target}"
    for load in page.loads:
        yield f"{name}: {load} is loaded from elsewhere; a page must stand for itself"
    if page.figures_without_picture():
        yield f"{name}: a figure has no picture"
    for code in page.codes:
        if code.startswith(TREE_FOLDERS) and NAMED_FILE.match(code) and not (root / code).exists():
            yield f"{name}: there is no file {code}"


def problems_of_manifest(path, pages):
    manifest = tomllib.loads(path.read_text())
    for exercise in manifest.get("exercise", []):
        guide, _, anchor = exercise["handout"].partition("#")
        page = pathlib.Path(guide).with_suffix(".html").name
        sends = f"{path}: exercise {exercise['id']} sends students to"
        if page not in pages:
            yield f"{sends} {guide}, which is no guide"
        elif anchor not in pages[page].ids:
            yield f"{sends} section {anchor} of {guide}, which has none"


def plain(text):
    """`text` as words between blanks, so that a term is found whatever stands between its words."""
    return " " + " ".join(re.findall(r"[a-z0-9]+", text.lower())) + " "


def problems_of_glossary(text, root):
    """Each row names a term, one sentence, and a file of the tree that contains the term."""
    seen = set()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("| ["):
            continue
        row = TERM.fullmatch(line)
        if not row:
            yield f"{GLOSSARY}:{number}: a row is `| [term]{{#anchor}} | Sentence. | `file` |`, not: {line}"
            continue
        terms, file = row[1].split(", "), row[2]
        if not (root / file).is_file():
            yield f"{GLOSSARY}:{number}: there is no file {file}"
            continue
        words = plain((root / file).read_text())
        for term in terms:
            if term in seen:
                yield f"{GLOSSARY}:{number}: '{term}' stands in the glossary twice"
            seen.add(term)
            if plain(term).rstrip() not in words:
                yield f"{GLOSSARY}:{number}: {file} does not contain '{term}'; name the file that defines it"


def main():
    parser = argparse.ArgumentParser(description="Checks the finished pages of the handouts.")
    parser.add_argument("--pages", type=pathlib.Path, required=True)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    pages = {path.name: Page(path) for path in sorted(arguments.pages.glob("*.html"))}
    problems = [
        problem
        for name, page in pages.items()
        for problem in problems_of_page(name, page, pages, arguments.root)
    ]
    for manifest in sorted(arguments.root.glob("labs/*/lab.toml")):
        problems += problems_of_manifest(manifest, pages)
    if (arguments.root / GLOSSARY).exists():
        problems += problems_of_glossary((arguments.root / GLOSSARY).read_text(), arguments.root)
    if not pages:
        problems.append(f"{arguments.pages}: no pages; make handouts first")
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(1)
    print(
        f"{len(pages)} pages, {sum(page.svgs for page in pages.values())} pictures, "
        f"{sum(len(page.links) for page in pages.values())} links: all hold together"
    )


if __name__ == "__main__":
    main()
