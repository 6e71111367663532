"""plot.py — curves from a CSV file beside the description.

    data = "sosp09-figure3.csv"         # the first row names the columns; the first column is x
    x = "cores"
    y = "thousand cycles an update"
    most = [16, 12]                     # the axes' ends
    ticks = [4, 2]                      # distance of their ticks
    [[curve]]
    column = "SHM8"
    text = "8 lines"
    fill = "hot"
"""

import csv

LEFT, RIGHT, TOP, BOTTOM = 64, 560, 24, 304


def draw(canvas, picture):
    with open(picture["folder"] / picture["data"], newline="") as file:
        rows = list(csv.DictReader(file))
    x_column = next(iter(rows[0]))
    (most_x, most_y), (tick_x, tick_y) = picture["most"], picture["ticks"]

    def place(x, y):
        return LEFT + (RIGHT - LEFT) * x / most_x, BOTTOM - (BOTTOM - TOP) * y / most_y

    canvas.line(LEFT, BOTTOM, RIGHT, BOTTOM)
    canvas.line(LEFT, TOP, LEFT, BOTTOM)
    for x in range(0, most_x + 1, tick_x):
        canvas.line(place(x, 0)[0], BOTTOM, place(x, 0)[0], BOTTOM + 5)
        canvas.text(place(x, 0)[0], BOTTOM + 19, x, anchor="middle", soft=True, small=True)
    for y in range(0, most_y + 1, tick_y):
        canvas.line(LEFT - 5, place(0, y)[1], LEFT, place(0, y)[1])
        canvas.text(LEFT - 9, place(0, y)[1] + 4, y, anchor="end", soft=True, small=True)
    canvas.text((LEFT + RIGHT) / 2, BOTTOM + 38, picture["x"], anchor="middle", small=True)
    canvas.text(LEFT - 52, TOP - 10, picture["y"], small=True)
    for curve in picture["curve"]:
        points = [
            place(float(row[x_column]), float(row[curve["column"]]))
            for row in rows
            if row[curve["column"]]
        ]
        canvas.curve(points, curve["fill"])
        canvas.text(
            points[-1][0] + 10,
            points[-1][1] + 4.5 + curve.get("down", 0),
            curve["text"],
            small=True,
        )
