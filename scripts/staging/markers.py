"""Marker lines: comments that begin with `@` and stand alone on their line.

    file                        marker
    C++, assembly, Graphviz     //@ word rest
    Makefile, shell, Python …   #@ word rest
    linker scripts              //@ word rest    or    /*@ word rest */
    Markdown                    <!--@ word rest -->

Which words there are depends on the kind of text: see source.py (the reference tree: lab, since,
end), staged.py (a student's tree: exercise, end) and answers.py (answers files: says, answer, end).
"""

import os
import re
from dataclasses import dataclass

from .problems import printable

_SLASHES = {"//@": ""}
_HASH = {"#@": ""}
_LINKER = {"//@": "", "/*@": " */"}
_MARKDOWN = {"<!--@": " -->"}
_LEADERS_OF_SUFFIX = {
    **dict.fromkeys((".cc", ".hh", ".c", ".h", ".S", ".inc", ".dot"), _SLASHES),
    **dict.fromkeys((".ld", ".lds"), _LINKER),
    ".md": _MARKDOWN,
    **dict.fromkeys((".mk", ".sh", ".py", ".toml", ".gdb", ".gp", ".cfg", ".yml", ""), _HASH),
}
_LINE = re.compile(r"(?P<indent>\s*)(?P<leader>//@|#@|/\*@|<!--@)(?P<rest>.*)")
_REST = re.compile(r" +(?P<word>[a-z]+)(?: +(?P<text>.*))?")


@dataclass(frozen=True)
class Marker:
    """One marker line; `word` is empty when the line is no well-formed marker."""

    line: int
    indent: str
    leader: str
    trailer: str
    word: str
    text: str

    def line_for(self, word, text=""):
        """Another marker line in this one's indentation and kind of comment."""
        said = f"{self.leader} {word} {text}".rstrip()
        return self.indent + said + self.trailer


def leaders_of(path):
    """Comment leaders of markers in this kind of file, each with the text that closes it; may be empty."""
    return _LEADERS_OF_SUFFIX.get(os.path.splitext(path)[1], {})


def read_marker(line, number, leaders):
    """The marker in this line, or None. Costs one regular-expression match."""
    match = _LINE.fullmatch(line)
    if not match or match["leader"] not in leaders:
        return None
    trailer, rest = leaders[match["leader"]], match["rest"].rstrip()
    said = None
    if not trailer:
        said = _REST.fullmatch(rest)
    elif rest.endswith(trailer.strip()):
        said = _REST.fullmatch(rest.removesuffix(trailer.strip()).rstrip())
    word, text = (said["word"], (said["text"] or "").strip()) if said else ("", "")
    return Marker(number, match["indent"], match["leader"], trailer, word, text)


def is_trailing_marker(line, leaders):
    """Whether a marker stands behind code, where it is not seen (one inside quotes is text)."""
    for leader in leaders:
        before, found, after = line.partition(leader)
        if found and before.strip() and not set(before) & set("\"'`"):
            return bool(re.match(r" (lab|since|end|exercise)\b", after))
    return False


def describe(marker, line):
    """How a message names a marker that makes no sense."""
    return f"'{marker.leader} {marker.word}'" if marker.word else f"'{printable(line.strip())}'"
