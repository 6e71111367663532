"""lanes.py — things that follow one another along a line: time, or addresses.

    length = 100                        # the scale: `to` and `at` count in it
    [[lane]]
    name = "processor"
    height = 34                         # optional
    parts = [ { to = 20, text = "loader", fill = "none" },
              { to = 60 }, ... ]        # without a text: nothing there
    [[mark]]
    at = 20
    text = "first instruction of ours"
    [[group]]                           # optional: a heading above the lane of that number, from 0
    before = 0
    text = "before"
"""

LEFT, RIGHT = 112, 748


def draw(canvas, picture):
    scale = (RIGHT - LEFT) / picture["length"]
    marks = picture.get("mark", [])
    headings = {group["before"]: group["text"] for group in picture.get("group", [])}
    rows = max((mark["text"].count("\n") + 1 for mark in marks), default=0)
    y = 6 + 15 * rows + (6 if rows else 0)
    top = y
    drawn = []
    for number, lane in enumerate(picture["lane"]):
        if number in headings:
            y += 16 if number else 8
            drawn.append((canvas.text, (4, y + 4, headings[number]), {"bold": True}))
            y += 14
        height = lane.get("height", 34)
        drawn.append(
            (
                canvas.text,
                (LEFT - 10, y + height / 2 + 4.5 - 7.5 * lane["name"].count("\n"), lane["name"]),
                {"anchor": "end", "soft": True, "small": True},
            )
        )
        x = LEFT
        for part in lane["parts"]:
            end = LEFT + part["to"] * scale
            if "text" in part:
                drawn.append((canvas.rect, (x, y, end - x, height, part.get("fill", "plain")), {}))
                drawn.append(
                    (canvas.centred, (x, y, end - x, height, part["text"]), {"small": True})
                )
            x = end
        y += height + 8
    for mark in marks:
        x = LEFT + mark["at"] * scale
        anchor = mark.get("anchor", "middle")
        canvas.text(
            x, top - 7 - 15 * mark["text"].count("\n"), mark["text"], anchor=anchor, small=True
        )
        canvas.line(x, top - 3, x, y - 4, dashed=True)
    for shape, arguments, style in drawn:
        shape(*arguments, **style)
    if "axis" in picture:
        canvas.line(LEFT, y, RIGHT, y)
        for tick in picture["axis"]:
            x = LEFT + tick["at"] * scale
            canvas.line(x, y, x, y + 5)
            canvas.text(
                x, y + 18, tick["text"], anchor=tick.get("anchor", "middle"), mono=True, soft=True
            )
