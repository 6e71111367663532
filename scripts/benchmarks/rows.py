"""Rows that programs print which measure the same on Sprat and on Linux: user/bench-cores, scripts/benchmarks/linux.

  row what=pipe cores=2 count=17475
  row what=chain cores=4 count=2100500 result=5250
  rows 2
"""

import re

ROW = re.compile(r"row what=([a-z-]+) cores=([1-9]\d*) count=([1-9]\d*)(?: result=(\d+))?")
END = re.compile(r"rows (\d+)")


class WrongRows(Exception):
    """What a program said is not what it says when all went well."""


def parse(text):
    """The rows by the measured operation and the number of cores: {("pipe", 2): {"count": 17475}}. Other lines may come before the first row
    and behind the last line, not between."""
    rows, begun = {}, False
    for line in text.replace("\r", "").splitlines():
        row, end = ROW.fullmatch(line), END.fullmatch(line)
        if row:
            begun = True
            what, cores, count, result = row.groups()
            key = (what, int(cores))
            if key in rows:
                raise WrongRows(f"measured twice: {line}")
            rows[key] = {"count": int(count)} | ({"result": int(result)} if result else {})
        elif end:
            if int(end[1]) != len(rows):
                raise WrongRows(f"{end[1]} rows were measured, {len(rows)} came")
            return rows
        elif begun or line.startswith(("row", "failed: ")):
            raise WrongRows(f"not a row: {line}")
    raise WrongRows("the last line, `rows N`, did not come; it said:\n" + "\n".join(text.splitlines()[-10:]))


def as_list(rows):
    """For a JSON file."""
    return [{"what": what, "cores": cores, **row} for (what, cores), row in rows.items()]


def from_list(rows):
    return {(row["what"], row["cores"]): {key: row[key] for key in ("count", "result") if key in row} for row in rows}
