# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The figures of what `run.py --json` wrote, as SVG: copying, summing and repeating by
size, time and peak memory.

    plots.py TIMES.json MEMORY.json FOLDER
"""

import json
import math
import pathlib
import sys

from report import size

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 136, 40, 48
# Okabe and Ito's colours, which the colour-blind can tell apart.
COLOURS = {
    "owl": "#D55E00", "numpy": "#0072B2", "torch": "#009E73",
    "onnxruntime": "#CC79A7", "clang": "#56B4E9", "clang-reassociate": "#999999",
    "memcpy": "#E69F00",
}
# File -> (title, case, quantity).
FIGURES = {
    "copy-time": ("Copy", "copy", "time"),
    "sum-time": ("Sum over the first and third of four axes", "sum-nh", "time"),
    "sum-memory": ("Sum over the first and third of four axes", "sum-nh", "memory"),
    "repeat-time": ("Repeat twice along four axes", "repeat-nchw", "time"),
    "repeat-memory": ("Repeat twice along four axes", "repeat-nchw", "memory"),
}
# The picture brings its background along, so it does not matter what it is put on.
STYLE = """<style>
rect { fill: #fff } text { fill: #222 } .grid { stroke: #ddd }
@media (prefers-color-scheme: dark) {
  rect { fill: #151515 } text { fill: #ddd } .grid { stroke: #444 }
}
</style>"""
GRID = 'class="grid"'
LABELS = {"time": "milliseconds", "memory": "MB with input and output"}


def series(rows, case, quantity):
    """System -> [(bytes, value)], of the plain shapes on one thread."""
    lines = {}
    for row in rows:
        if row["case"] != case or row.get("last") or row.get("threads", 1) != 1:
            continue
        for name, system in row["systems"].items():
            if quantity == "time" and "median_ms" in system:
                value = system["median_ms"]
            elif quantity == "memory" and "extra_bytes" in system:
                value = (row["array_bytes"] + system["extra_bytes"]) / 2**20
            else:
                continue
            lines.setdefault(name, []).append((row["bytes"], value))
    return {name: sorted(points) for name, points in lines.items()}


class Axis:
    """A logarithmic axis from `low` to `high` on the picture."""

    def __init__(self, values, start, end):
        self.low, self.high = math.log10(min(values)), math.log10(max(values))
        self.start, self.end = start, end

    def __call__(self, value):
        span = self.high - self.low or 1
        part = (math.log10(value) - self.low) / span
        return round(self.start + part * (self.end - self.start), 1)

    def ticks(self):
        """Powers of ten on it; where those are few, twice and five times them too."""
        steps = (1,) if self.high - self.low > 2 else (1, 2, 5)
        values = [step * 10.0**e for step in steps
                  for e in range(math.floor(self.low), math.ceil(self.high) + 1)]
        return [v for v in values if self.low <= math.log10(v) <= self.high]


def text(x, y, content, anchor="middle", **attributes):
    extra = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}"{extra}>{content}</text>'


def line(points, style):
    joined = " ".join(f"{x},{y}" for x, y in points)
    return f'<polyline points="{joined}" fill="none" {style}/>'


def dot(x, y, colour):
    return f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>'


def figure(title, label, lines):
    """One picture with a line for each system."""
    sizes = sorted({x for points in lines.values() for x, _ in points})
    values = [y for points in lines.values() for _, y in points]
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    across, up = Axis(sizes, LEFT, right), Axis(values, bottom, TOP)
    parts = [text((LEFT + right) / 2, 20, title, **{"font-weight": "bold"}),
             text((LEFT + right) / 2, HEIGHT - 10, "largest array"),
             text(16, (TOP + bottom) / 2, label,
                  transform=f"rotate(-90 16 {(TOP + bottom) / 2})")]
    for value in sizes:
        parts += [line([(across(value), TOP), (across(value), bottom)], GRID),
                  text(across(value), bottom + 16, size(value))]
    for value in up.ticks():
        parts += [line([(LEFT, up(value)), (right, up(value))], GRID),
                  text(LEFT - 6, up(value) + 4, f"{value:g}", "end")]
    # Names beside the ends of their lines, apart from each other.
    taken = -math.inf
    ends = sorted(lines, key=lambda name: up(lines[name][-1][1]))
    for name in ends:
        points = [(across(x), up(y)) for x, y in lines[name]]
        colour = COLOURS[name]
        taken = max(points[-1][1] + 4, taken + 14)
        width = 3 if name == "owl" else 1.5
        parts += [line(points, f'stroke="{colour}" stroke-width="{width}"'),
                  *(dot(x, y, colour) for x, y in points),
                  dot(right + 11, taken - 4, colour),
                  text(right + 18, taken, name, "start")]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        STYLE, '<rect width="100%" height="100%"/>', *parts, "</svg>", ""])


def main():
    *files, folder = sys.argv[1:]
    if len(files) != 2:
        sys.exit(__doc__)
    rows = {}
    for quantity, path in zip(LABELS, files):
        rows[quantity] = json.loads(pathlib.Path(path).read_text())["rows"]
    for name, (title, case, quantity) in FIGURES.items():
        lines = series(rows[quantity], case, quantity)
        if lines:
            path = pathlib.Path(folder, f"{name}.svg")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(figure(title, LABELS[quantity], lines))


if __name__ == "__main__":
    main()
