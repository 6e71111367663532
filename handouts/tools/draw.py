#!/usr/bin/python3
"""draw.py — one picture: from a description in TOML to SVG.

    draw.py --layouts layouts.json pictures/NAME.toml NAME.svg

Every description has `title` (what a reader who cannot see the picture is told first),
`description` and `kind`; the rest is the kind's, and is explained at the top of its own file.
"""

import argparse
import json
import pathlib
import sys
import tomllib

import bits
import boxes
import columns
import lanes
import plot
#@ since urpc
import sequence
#@ end
import walk
from canvas import Canvas

KINDS = {
    "bits": bits.draw,
    "boxes": boxes.draw,
    "columns": columns.draw,
    "lanes": lanes.draw,
    "plot": plot.draw,
    #@ since urpc
    "sequence": sequence.draw,
    #@ end
    "walk": walk.draw,
}


def main():
    parser = argparse.ArgumentParser(description="Draws a picture of the handouts.")
    parser.add_argument(
        "--layouts", type=pathlib.Path, required=True, help="what the program `layouts` printed"
    )
    parser.add_argument("description", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        picture = tomllib.loads(arguments.description.read_text())
        picture["layouts"] = json.loads(arguments.layouts.read_text())
        picture["folder"] = arguments.description.parent
        canvas = Canvas()
        KINDS[picture["kind"]](canvas, picture)
        arguments.output.write_text(canvas.svg(picture["title"], picture["description"]))
    except (KeyError, ValueError) as problem:
        sys.exit(f"{arguments.description}: {problem!r}; see the top of handouts/tools/draw.py")


if __name__ == "__main__":
    main()
