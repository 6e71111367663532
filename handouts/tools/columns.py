"""columns.py — memory as columns of cells, higher addresses above, with bands and arrows between.

    [[column]]
    name = "physical"                   # for arrows and bands
    title = "physical memory"
    x = 90                              # left edge
    width = 130
    cells = [ { name = "window", text = "...", height = 40, fill = "data", left = "0xffff...",
                right = "rw-", gap = true }, ... ]     # gap: not mapped, drawn as a break
    [[band]]
    from = "physical.image"         # from the right edge of one cell to the left edge of another
    to = "kernel.image"
    fill = "code"
    [[arrow]]
    from = "stack.saved2"               # curves out at `side` (right or left) and in again
    to = "stack.saved1"
    side = "right"
    reach = 40                          # how far out
    text = "..."                        # optional, beside it
"""


def draw(canvas, picture):
    cells = {}
    top = 34 if any("title" in column for column in picture["column"]) else 10
    bands = []
    for column in picture["column"]:
        y = top + column.get("down", 0)
        for cell in column["cells"]:
            height = cell.get("height", 26)
            if "name" in cell:
                cells[f"{column['name']}.{cell['name']}"] = (
                    column["x"],
                    y,
                    column["width"],
                    height,
                )
            y += height
    for band in picture.get("band", []):
        x1, y1, width1, height1 = cells[band["from"]]
        x2, y2, _, height2 = cells[band["to"]]
        right = x1 + width1
        canvas.polygon(
            [(right, y1), (x2, y2), (x2, y2 + height2), (right, y1 + height1)], band["fill"]
        )
    for column in picture["column"]:
        x, y, width = column["x"], top + column.get("down", 0), column["width"]
        if "title" in column:
            canvas.centred(
                x - 60,
                top - 32 + column.get("down", 0),
                width + 120,
                24,
                column["title"],
                bold=True,
            )
        for cell in column["cells"]:
            height = cell.get("height", 26)
            if cell.get("gap"):
                canvas.line(x, y, x, y + height, dashed=True)
                canvas.line(x + width, y, x + width, y + height, dashed=True)
                canvas.centred(x, y, width, height, cell.get("text", ""), soft=True, small=True)
            else:
                canvas.rect(x, y, width, height, cell.get("fill", "plain"), round_by=0)
                canvas.centred(
                    x,
                    y,
                    width,
                    height,
                    cell.get("text", ""),
                    small=True,
                    mono=cell.get("mono", False),
                )
            if "left" in cell:
                canvas.text(x - 6, y + height + 4, cell["left"], anchor="end", mono=True, soft=True)
            if "top" in cell:
                canvas.text(x - 6, y + 4, cell["top"], anchor="end", mono=True, soft=True)
            if "right" in cell:
                canvas.text(
                    x + width + 8,
                    y + height / 2 + 4.5 - 7.5 * cell["right"].count("\n"),
                    cell["right"],
                    mono=cell.get("right_mono", False),
                    small=True,
                    soft=True,
                )
            y += height
    for arrow in picture.get("arrow", []):
        draw_arrow(canvas, arrow, cells)
    canvas.bottom += 6


def draw_arrow(canvas, arrow, cells):
    side, reach = arrow.get("side", "right"), arrow.get("reach", 40)
    x2, y2, width2, height2 = cells[arrow["to"]]
    end_y = y2 + height2 * arrow.get("to_at", 0.5)
    if "from" in arrow:
        x1, y1, width1, height1 = cells[arrow["from"]]
        start_y = y1 + height1 / 2
    outward = 1 if side == "right" else -1
    end_x = x2 + width2 if side == "right" else x2
    tip_direction = "left" if side == "right" else "right"
    if "from" not in arrow:
        canvas.arrow(
            f"M{end_x + outward * reach} {end_y}L{end_x + outward * 6} {end_y}",
            (end_x + outward, end_y),
            tip_direction,
        )
        canvas.text(
            end_x + outward * (reach + 6),
            end_y + 4.5,
            arrow["text"],
            anchor="start" if side == "right" else "end",
            mono=True,
        )
        return
    start_x = x1 + width1 if side == "right" else x1
    bend = max(start_x, end_x) + reach if side == "right" else min(start_x, end_x) - reach
    canvas.arrow(
        f"M{start_x} {start_y}C{bend} {start_y} {bend} {end_y} {end_x + outward * 6} {end_y}",
        (end_x + outward, end_y),
        tip_direction,
    )
    if "text" in arrow:
        canvas.text(
            bend + outward * -2,
            (start_y + end_y) / 2 + 4,
            arrow["text"],
            anchor="start" if side == "right" else "end",
            small=True,
            soft=True,
        )
