"""Lines for the preprocessor in code that is handed in: none changes what the course's own code says.

A header that is handed in is included by tests and programs of the course, and a macro in it would change their words. It may
include headers and ask what is defined, and no more. In every file a few pragmas are refused, and the names by which a
function would leave the sanitizers' sight.
"""

import re
from itertools import accumulate

from .problems import printable

_CXX = (".cc", ".hh")
_SPACE = r"[ \t\v\f\r\0]"
_BLANK = rf"(?:{_SPACE}|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)*"
# What the compiler takes for a directive: on its line there is nothing before it, or a comment ends there. Some of these stand in
# a comment or a raw string. Each part can match in one way only, so that no text takes long.
_DIRECTIVE = re.compile(rf"^(?:[^\n]*\*/)?{_SPACE}*(?:#|%:){_SPACE}*(/\*|[A-Za-z_]\w*)([^\n]*)", re.M)
_CLOSED = re.compile(r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/")
_MOST_PROBLEMS = 20  # of one file
_SPLICE = re.compile(r"\\[ \t\v\f\r]*\n")
_CONDITIONS = ("if", "ifdef", "ifndef", "elif", "elifdef", "elifndef", "else", "endif")
_OF_HEADERS = (*_CONDITIONS, "include", "pragma", "error", "warning")
_INCLUDED = re.compile(rf"{_BLANK}(?:<[^>]*>|\"(?!grading/|labs/|[^\"]*\.\.)[^\"]*\.hh\")", re.S)
_PRAGMA = re.compile(rf"{_BLANK}(?:once\b|(?:GCC|clang){_BLANK}(?:diagnostic|unroll)\b)", re.S)
_UNSEEN = re.compile(rf"{_BLANK}\w*(?:sanitize|address_safety)", re.S)


def check(text, path, shown, problems, first_line=1):
    """Notes what the file `path`, or a part of it that begins in line `first_line`, may not say."""
    if not path.endswith(_CXX):
        return
    header = path.endswith(".hh")
    pieces = _SPLICE.split(text)
    joined = "".join(pieces)
    joints = list(accumulate(map(len, pieces[:-1])))
    noted = 0
    for found in _DIRECTIVE.finditer(joined):
        problem = _problem(found[1], found[2], header)
        if problem and noted < _MOST_PROBLEMS:
            noted += 1
            place = found.start(1)
            lines = joined.count("\n", 0, place) + sum(joint <= place for joint in joints)
            problems.add(shown, first_line + lines, problem)
    if header and "_Pragma" in joined:
        problems.add(shown, first_line, "_Pragma in a header that is handed in; remove it")


def _problem(word, rest, header):
    if word == "/*" or "/*" in _CLOSED.sub(" ", rest).split("//")[0]:
        return "a comment within a line for the preprocessor; put it on a line of its own"
    if word in ("define", "undef") and _UNSEEN.match(rest):
        return "a macro hides code from the sanitizers; remove it"
    if word == "pragma" and not _PRAGMA.match(rest):
        return f"#pragma{printable(rest)} is refused; 'once' and 'GCC diagnostic' are not"
    if not header:
        return ""
    if word not in _OF_HEADERS:
        return (
            f"#{printable(word)} in a header that is handed in would change the course's own code; "
            "use a constant or a function, or move it into a source file"
        )
    if word == "include" and not _INCLUDED.match(rest):
        return (
            "a header that is handed in includes headers only, and none of the grader's; "
            "remove this line"
        )
    return ""

