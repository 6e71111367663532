"""canvas.py — shapes and text that become an SVG, in one palette for light, dark and paper."""

import math
from xml.sax.saxutils import escape

WIDTH = 760
SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
MONO = "ui-monospace, 'SF Mono', Consolas, 'DejaVu Sans Mono', monospace"

# The meanings of fills, with (fill, stroke) in light and in dark.
FILLS = {
    "code": (("#cfe0fb", "#3b6fc4"), ("#213d68", "#7aa5ec")),
    "read": (("#d3efdc", "#2f8a57"), ("#1d4632", "#6cc795")),
    "data": (("#fde8bf", "#b9800f"), ("#554012", "#e6b450")),
    "hot": (("#fbd5d3", "#c2403a"), ("#5c2422", "#f08a84")),
    "new": (("#e4dbfa", "#7a57c9"), ("#3b2d61", "#b79bf0")),
    "none": (("#e7eaee", "#8794a3"), ("#2a313a", "#77848f")),
    "plain": (("#f8fafc", "#8794a3"), ("#1a2129", "#77848f")),
}
INKS = {
    "ink": ("#1d2733", "#e6e9ee"),
    "soft": ("#566373", "#a3aebb"),
    "line": ("#6b7887", "#93a0ae"),
}


def _rules(shade):
    rules = []
    for name, colours in FILLS.items():
        fill, stroke = colours[shade]
        rules.append(f".p-{name}{{fill:{fill};stroke:{stroke}}}")
        rules.append(f".p-band-{name}{{fill:{stroke};fill-opacity:.16;stroke:none}}")
        rules.append(f".p-curve-{name}{{fill:none;stroke:{stroke}}}")
    rules.append(f".p-t{{fill:{INKS['ink'][shade]}}}.p-s{{fill:{INKS['soft'][shade]}}}")
    rules.append(
        f".p-l{{stroke:{INKS['line'][shade]};fill:none}}.p-h{{fill:{INKS['line'][shade]}}}"
    )
    return "".join(rules)


STYLE = (
    f".p{{font-family:{SANS};font-size:13px}}.p-m{{font-family:{MONO};font-size:12px}}"
    ".p-b{font-weight:600}.p-small{font-size:11.5px}"
    + _rules(0)
    + f"@media screen and (prefers-color-scheme: dark){{{_rules(1)}}}"
)


class Canvas:
    """Collects shapes; `svg()` is the finished picture, as high as its shapes need."""

    def __init__(self, width=WIDTH):
        self.width = width
        self.bottom = 0
        self._shapes = []

    def _add(self, shape, bottom):
        self._shapes.append(shape)
        self.bottom = max(self.bottom, bottom)

    def rect(self, x, y, width, height, fill="plain", round_by=3, dashed=False):
        dash = ' stroke-dasharray="4 3"' if dashed else ""
        self._add(
            f'<rect class="p-{fill}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
            f'rx="{round_by}"{dash}/>',
            y + height,
        )

    def text(self, x, y, text, anchor="start", mono=False, soft=False, bold=False, small=False):
        """Lines of `text`, the first with its baseline at `y`."""
        classes = " ".join(
            ["p-s" if soft else "p-t"] + ["p-m"] * mono + ["p-b"] * bold + ["p-small"] * small
        )
        for number, line in enumerate(str(text).split("\n")):
            self._add(
                f'<text class="{classes}" x="{x:g}" y="{y + number * 15:g}" text-anchor="{anchor}" '
                f'xml:space="preserve">{escape(line)}</text>',
                y + number * 15 + 4,
            )

    def centred(self, x, y, width, height, text, **style):
        """Text in the middle of a box."""
        lines = str(text).count("\n") + 1
        self.text(
            x + width / 2, y + height / 2 + 4.5 - (lines - 1) * 7.5, text, anchor="middle", **style
        )

    def line(self, x1, y1, x2, y2, dashed=False):
        dash = ' stroke-dasharray="4 3"' if dashed else ""
        self._add(f'<path class="p-l" d="M{x1:g} {y1:g}L{x2:g} {y2:g}"{dash}/>', max(y1, y2))

    def polygon(self, points, fill):
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        self._add(f'<polygon class="p-band-{fill}" points="{path}"/>', max(y for _, y in points))

    def curve(self, points, fill):
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        self._add(
            f'<polyline class="p-curve-{fill}" stroke-width="2" points="{path}"/>',
            max(y for _, y in points),
        )

    def arrow(self, path, tip, direction):
        """A line along the SVG path `path`; its head ends at `tip` and points in `direction`."""
        x, y = tip
        back = {
            "right": ((-8, -4), (-8, 4)),
            "left": ((8, -4), (8, 4)),
            "down": ((-4, -8), (4, -8)),
            "up": ((-4, 8), (4, 8)),
        }[direction]
        head = " ".join(f"{x + dx:g},{y + dy:g}" for dx, dy in ((0, 0), *back))
        self._add(f'<path class="p-l" d="{path}"/><polygon class="p-h" points="{head}"/>', y)

    def pointer(self, x1, y1, x2, y2, dashed=False):
        """A straight line whose head points wherever it goes."""
        length = math.hypot(x2 - x1, y2 - y1)
        along = ((x2 - x1) / length, (y2 - y1) / length)
        back = [
            (x2 - 8 * along[0] + side * along[1], y2 - 8 * along[1] - side * along[0])
            for side in (-4, 4)
        ]
        head = " ".join(f"{x:.1f},{y:.1f}" for x, y in ((x2, y2), *back))
        self.line(x1, y1, x2 - 4 * along[0], y2 - 4 * along[1], dashed)
        self._add(f'<polygon class="p-h" points="{head}"/>', y2 + 4)

    def svg(self, title, description):
        height = self.bottom + 8
        label = escape(title, {'"': "&quot;"})
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="p" role="img" aria-label="{label}" '
            f'viewBox="0 0 {self.width:g} {height:g}" width="{self.width:g}" height="{height:g}">'
            f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
            f"<style>{STYLE}</style>" + "\n".join(self._shapes) + "</svg>\n"
        )
