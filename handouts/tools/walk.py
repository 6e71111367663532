"""walk.py — the walk of an address through the page tables; indices are computed from it.

    address = "0xffffffff80101234"
    tables = ["PML4", ...]              # from the root; as many as the walk visits
    short = ["PML4", ...]               # what their indices are called
    target = "4 KiB page"
    root = "CR3"
"""

LEFT, RIGHT = 12, 748
ROW = 17


def split(address, levels):
    """[(high bit, low bit, value)]: the sign, an index per table, and the rest as the offset."""
    parts = [(63, 48, address >> 48)]
    low = 48
    for _ in range(levels):
        low -= 9
        parts.append((low + 8, low, address >> low & 511))
    return parts + [(low - 1, 0, address & (1 << low) - 1)]


def draw_address(canvas, address, parts, names):
    """The address as a row of bits; returns the middle of each part, for arrows to leave from."""
    canvas.text(LEFT, 16, f"{address:#018x}", mono=True, bold=True)
    y = 36
    room = RIGHT - LEFT
    widths = [high - low + 8 for high, low, _ in parts]
    x, middles = LEFT, []
    for (high, low, value), width, name in zip(parts, widths, names):
        width = width * room / sum(widths)
        canvas.text(x + 3, y - 4, high, soft=True, small=True)
        canvas.text(x + width - 3, y - 4, low, anchor="end", soft=True, small=True)
        fill = "none" if name == "sign" else "data" if name == "offset" else "code"
        canvas.rect(x, y, width, 44, fill, round_by=0)
        shown = f"{value:#x}" if name in ("sign", "offset") else f"{value}"
        canvas.text(x + width / 2, y + 18, shown, anchor="middle", mono=True, bold=True)
        canvas.text(x + width / 2, y + 35, name, anchor="middle", soft=True, small=True)
        middles.append(x + width / 2)
        x += width
    return middles


def draw_table(canvas, x, y, width, name, index):
    """A table's title and the rows around entry `index`; returns the height of that row's middle."""
    canvas.centred(x, y - 24, width, 20, name, bold=True, small=True)
    for row, (label, fill) in enumerate(
        ((511, "plain"), ("", "plain"), (index, "code"), ("", "plain"), (0, "plain"))
    ):
        if index == 511 and row < 2 or index == 0 and row > 2:
            continue
        top = y + ROW * row
        canvas.rect(x, top, width, ROW, fill, round_by=0)
        canvas.centred(
            x,
            top,
            width,
            ROW,
            f"entry {label}" if label != "" else "⋮",
            small=True,
            bold=fill == "code",
            soft=fill != "code",
        )
    return y + ROW * 2.5


def draw(canvas, picture):
    address = int(picture["address"], 16)
    tables = picture["tables"]
    parts = split(address, len(tables))
    middles = draw_address(
        canvas,
        address,
        parts,
        ["sign"] + [f"{name} index" for name in picture["short"]] + ["offset"],
    )

    columns = len(tables) + 1
    gap = 40
    width = (RIGHT - LEFT - 26 - gap * (columns - 1)) / columns
    x, y = LEFT + 26, 178
    canvas.text(LEFT - 6, y + ROW * 2.5 - 10, picture["root"], mono=True)
    canvas.arrow(
        f"M{LEFT - 4} {y + ROW * 2.5}L{x - 6} {y + ROW * 2.5}", (x, y + ROW * 2.5), "right"
    )
    for number, name in enumerate(tables):
        middle = draw_table(canvas, x, y, width, name, parts[number + 1][2])
        bend = 98 + 10 * number
        above = x + width / 2
        index = middles[number + 1]
        canvas.arrow(
            f"M{index} 80L{index} {bend}L{above} {bend}L{above} {y - 32}",
            (above, y - 26),
            "down",
        )
        canvas.arrow(
            f"M{x + width} {middle}L{x + width + gap - 6} {middle}",
            (x + width + gap, middle),
            "right",
        )
        x += width + gap
    canvas.centred(x, y - 24, width, 20, picture["target"], bold=True, small=True)
    canvas.rect(x, y, width, ROW * 5, "data", round_by=0)
    canvas.centred(x, y + ROW * 1.5, width, ROW * 2, f"byte\n{parts[-1][2]:#x}", mono=True)
    above = x + width / 2
    bend = 98 + 10 * len(tables)
    canvas.arrow(
        f"M{middles[-1]} 80L{middles[-1]} {bend}L{above} {bend}L{above} {y - 32}",
        (above, y - 26),
        "down",
    )
