"""bits.py — registers and table entries as rows of bits, from the kernel's own declarations.

    [[row]]
    layout = "line status"              # a name that the program `layouts` prints
    note.holding-empty = "1: ..."       # what a field means; a name the layout lacks is an error
"""

LEFT, RIGHT = 12, 748
CELL_HEIGHT = 40
FILL_OF_ACCESS = {"read and write": "code", "read only": "read", "write only": "data"}


def spans(layout):
    """(highest bit, lowest bit, field or None) from the top of the word down, without gaps."""
    fields = sorted(layout["fields"], key=lambda field: -field["position"])
    above = layout["bits"]
    for field in fields:
        end = field["position"] + field["width"]
        if end < above:
            yield above - 1, end, None
        yield end - 1, field["position"], field
        above = field["position"]
    if above > 0:
        yield above - 1, 0, None


def widths(parts, room):
    """Wide fields are wider than narrow ones, but not by as much as they are; names need room."""
    weights = [min(high - low + 1, 8) ** 0.6 * (1 if field else 0.8) for high, low, field in parts]
    weights = [max(weight, min(weights)) for weight in weights]
    needed = [room_for(field["name"]) if field else 0 for _, _, field in parts]
    tight = set()
    while True:
        left = room - sum(needed[i] for i in tight)
        scale = left / sum(weight for i, weight in enumerate(weights) if i not in tight)
        more = {i for i, weight in enumerate(weights) if weight * scale < needed[i]} - tight
        if not more:
            return [needed[i] if i in tight else weights[i] * scale for i in range(len(parts))]
        tight |= more


def room_for(name):
    """What the longest part of a name takes that may be broken at its hyphens."""
    parts = name.split("-")
    return 11 + max(sum(8.8 if letter.isupper() else 7.1 for letter in part) for part in parts)


def in_lines(name, width):
    """A name, broken at its hyphens if it is too wide for its cell."""
    if len(name) * 7.2 <= width - 4:
        return name
    return name.replace("-", "-\n")


def draw_row(canvas, y, name, layout, notes):
    unknown = set(notes) - {field["name"] for field in layout["fields"]}
    if unknown:
        raise ValueError(f"{name} has no field {', '.join(sorted(unknown))}")
    canvas.text(LEFT, y, name, bold=True)
    canvas.text(RIGHT, y, f"{layout['bits']} bits", anchor="end", soft=True, small=True)
    y += 26
    parts = list(spans(layout))
    x = LEFT
    for (high, low, field), width in zip(parts, widths(parts, RIGHT - LEFT)):
        if high == low:
            canvas.text(x + width / 2, y - 4, high, anchor="middle", soft=True, small=True)
        else:
            canvas.text(x + 3, y - 4, high, soft=True, small=True)
            canvas.text(x + width - 3, y - 4, low, anchor="end", soft=True, small=True)
        canvas.rect(
            x,
            y,
            width,
            CELL_HEIGHT,
            FILL_OF_ACCESS[field["access"]] if field else "none",
            round_by=0,
        )
        if field:
            canvas.centred(x, y, width, CELL_HEIGHT, in_lines(field["name"], width), small=True)
        x += width
    y += CELL_HEIGHT + 20
    beside = LEFT + max(190, *(64 + 7.3 * len(noted) for noted in notes)) if notes else LEFT
    for field in sorted(layout["fields"], key=lambda field: -field["position"]):
        if field["name"] not in notes:
            continue
        high, low = field["position"] + field["width"] - 1, field["position"]
        canvas.text(LEFT + 4, y, str(low) if high == low else f"{high}:{low}", mono=True, soft=True)
        canvas.text(LEFT + 56, y, field["name"], mono=True)
        canvas.text(beside, y, notes[field["name"]], small=True)
        y += 19 + 15 * notes[field["name"]].count("\n")
    return y + 12


def draw(canvas, picture):
    y = 16
    used = set()
    for row in picture["row"]:
        layout = picture["layouts"][row["layout"]]
        used |= {field["access"] for field in layout["fields"]}
        y = draw_row(canvas, y, row["layout"], layout, row.get("note", {}))
    x = LEFT
    for access, fill in FILL_OF_ACCESS.items():
        if access in used and len(used) > 1:
            canvas.rect(x, y - 8, 14, 14, fill)
            canvas.text(x + 20, y + 4, access, small=True, soft=True)
            x += 140
