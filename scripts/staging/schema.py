"""Which keys our TOML files have and of which type; everything else in them is a typing error."""

import difflib
import re
import tomllib

TEXT, WHOLE, NUMBER, TEXTS, TEXT_OF_TEXT, TABLES = (
    "text",
    "whole number",
    "number",
    "list of texts",
    "table of texts",
    "list of tables",
)

# key: (type, needed)
LAB_FILE = {
    "lab": {
        "name": (TEXT, True),
        "number": (WHOLE, True),
        "title": (TEXT, True),
        "adds": (TEXTS, True),
        "omits": (TEXTS, False),
    },
    "submission": {"files": (TEXTS, True)},
    "exercise": {
        "id": (TEXT, True),
        "title": (TEXT, True),
        "points": (WHOLE, True),
        "hours": (NUMBER, True),
        "regions": (TEXT_OF_TEXT, True),
        "functions": (TEXTS, True),
        "handout": (TEXT, True),
    },
    "test": {
        "name": (TEXT, True),
        "exercise": (TEXT, True),
        "points": (WHOLE, True),
        "needs": (TEXTS, False),
        "uses": (TEXTS, False),
        "machine": (TEXT, True),
        "checks": (TEXT, True),
        "hint": (TEXT, True),
    },
    "checkpoint": {
        "name": (TEXT, True),
        "exercise": (TEXT, True),
        "needs": (TEXTS, False),
        "test": (TEXT, True),
        "unit": (TEXT, True),
        "better": (TEXT, True),
        "reference": (NUMBER, True),
        "bands": (TABLES, True),
    },
}
LAB_FILE_LISTS = {"exercise", "test", "checkpoint"}
BAND = {"within": (NUMBER, False), "at_most": (NUMBER, False), "points": (WHOLE, True)}
MUTANTS_FILE = {
    "mutant": {
        "name": (TEXT, True),
        "says": (TEXT, True),
        "edits": (TABLES, True),
        "caught_by": (TEXTS, True),
    }
}
MUTANTS_FILE_LISTS = {"mutant"}
EDIT = {
    "region": (TEXT, True),
    "replace": (TEXT, False),
    "with": (TEXT, False),
    "body": (TEXT, False),
}

_MOST = 10**15  # of any number: a double holds it exactly
_HEADER = re.compile(r"\s*\[\[?\s*([a-z]+)\s*\]\]?\s*(#.*)?")


class TomlFile:
    """A TOML file with the line numbers that tomllib does not give.

    `tables` maps each table's name to a list of tables; a table that breaks the schema is left out,
    so that the others can be used without looking twice.
    """

    def __init__(self, path, text, schema, lists, problems):
        self.path, self._lines, self._problems = path, text.split("\n"), problems
        self.tables = {name: [] for name in schema}
        self.is_whole = True  # whether all tables are in `tables`
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            end = len(text.rstrip("\n").split("\n"))
            self.is_whole = False
            problems.add(
                path, int(line[1]) if line else end, f"not TOML: {error}; correct the line"
            )
            return
        for name, value in data.items():
            if name not in schema:
                problems.add(
                    path,
                    self._find_key(name, 0, len(self._lines)),
                    f"unknown key '{name}'" + _suggestion(name, schema),
                )
            elif (name in lists) != isinstance(value, list) or not all(
                isinstance(table, dict) for table in ([value] if name not in lists else value)
            ):
                brackets = f"[[{name}]]" if name in lists else f"[{name}]"
                problems.add(
                    path, self.line_of(name), f"'{name}' is no table; write it as {brackets}"
                )
                self.is_whole = False
            else:
                self._take(name, value if name in lists else [value], schema[name])

    def _take(self, name, tables, keys):
        for index, table in enumerate(tables):
            line_of = lambda key, nth=0, index=index: self.line_of(name, index, key, nth)
            if check_keys(table, keys, f"[{name}]", self.path, line_of, self._problems):
                self.tables[name].append({**table, "line": line_of(None), "line_of": line_of})
            else:
                self.is_whole = False

    def line_of(self, name, index=0, key=None, nth=0):
        """The line of a table's header, or of the nth time that `key` stands in that table.

        Where the key is not found, the line of the header.
        """
        headers = [
            (number, match[1])
            for number, line in enumerate(self._lines)
            if (match := _HEADER.fullmatch(line))
        ]
        ours = [number for number, header in headers if header == name]
        if index >= len(ours):
            return self._find_key(name, 0, len(self._lines))
        start = ours[index]
        end = min((number for number, _ in headers if number > start), default=len(self._lines))
        return self._find_key(key, start, end, nth) if key else start + 1

    def _find_key(self, key, start, end, nth=0):
        name = re.escape(key)
        wanted = re.compile(rf"(?:^|[{{,])\s*[\"']?{name}[\"']?\s*=|^\s*\[+\s*{name}\b")
        found = [n for n in range(start, end) for _ in wanted.finditer(self._lines[n])]
        return (found[nth] if nth < len(found) else start) + 1


def check_keys(table, keys, where, path, line_of, problems):
    """Whether `table` has all it needs, in the right types. Notes that and unknown keys."""
    good = True
    for key, value in table.items():
        if key not in keys:
            problems.add(
                path, line_of(key), f"unknown key '{key}' in {where}" + _suggestion(key, keys)
            )
        elif not _is_a(value, keys[key][0]):
            problems.add(
                path, line_of(key), f"'{key}' in {where} is no {keys[key][0]}; correct its value"
            )
            good = False
    for key, (kind, needed) in keys.items():
        if needed and key not in table:
            problems.add(path, line_of(None), f"{where} has no '{key}'; add it (a {kind})")
            good = False
    return good


def _is_a(value, kind):
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == TEXT:
        return isinstance(value, str)
    if kind in (WHOLE, NUMBER):
        return number and 0 <= value <= _MOST and (kind == NUMBER or isinstance(value, int))
    if kind == TEXT_OF_TEXT:
        return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    of = str if kind == TEXTS else dict
    return isinstance(value, list) and all(isinstance(item, of) for item in value)


def _suggestion(key, keys):
    close = difflib.get_close_matches(key, keys, 1)
    return f"; did you mean '{close[0]}'?" if close else f"; the keys are: {', '.join(keys)}"
