"""boxes.py — boxes at given places, and straight arrows between them.

    [[box]]
    name = "shift"                      # for arrows
    at = [300, 40]                      # left, top
    size = [120, 44]
    text = "shift register"
    fill = "data"
    label = true                        # the text stands at the top, for boxes that hold others
    [[arrow]]
    from = "holding.right"              # a box's left, right, top or bottom
    to = "shift.left"
    text = "..."                        # optional, above or beside
    both = true                         # a head at either end
    [[text]]
    at = [10, 200]
    text = "..."
"""

OPPOSITE = {"left": "right", "right": "left", "top": "down", "bottom": "up"}
BACKWARD = {"left": "right", "right": "left", "down": "up", "up": "down"}


def draw(canvas, picture):
    places = {}
    for box in picture["box"]:
        (x, y), (width, height) = box["at"], box["size"]
        places[box["name"]] = (x, y, width, height)
        canvas.rect(x, y, width, height, box.get("fill", "plain"), dashed=box.get("dashed", False))
        if box.get("label"):
            canvas.text(x + width / 2, y + 18, box["text"], anchor="middle", bold=True, small=True)
        else:
            canvas.centred(
                x, y, width, height, box.get("text", ""), small=True, mono=box.get("mono", False)
            )

    def edge(end):
        name, side = end.rsplit(".", 1)
        x, y, width, height = places[name]
        return {
            "left": (x, y + height / 2),
            "right": (x + width, y + height / 2),
            "top": (x + width / 2, y),
            "bottom": (x + width / 2, y + height),
        }[side], side

    for arrow in picture.get("arrow", []):
        (x1, y1), _ = edge(arrow["from"])
        (x2, y2), side = edge(arrow["to"])
        direction = OPPOSITE[side]
        canvas.arrow(f"M{x1} {y1}L{x2} {y2}", (x2, y2), direction)
        if arrow.get("both"):
            canvas.arrow(f"M{x2} {y2}L{x1} {y1}", (x1, y1), BACKWARD[direction])
        if "text" in arrow:
            if direction in ("left", "right"):
                canvas.text(
                    (x1 + x2) / 2,
                    min(y1, y2) - 6,
                    arrow["text"],
                    anchor="middle",
                    small=True,
                    soft=True,
                )
            else:
                canvas.text(x1 + 7, (y1 + y2) / 2 + 4, arrow["text"], small=True, soft=True)
    for text in picture.get("text", []):
        canvas.text(
            *text["at"],
            text["text"],
            small=True,
            soft=text.get("soft", True),
            anchor=text.get("anchor", "start"),
            mono=text.get("mono", False),
        )
