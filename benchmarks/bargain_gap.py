# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The figure of how the certified gap falls with the rounds of each decentralised solver,
on a random dense problem whose devices bring a plan of their own.

    bargain_gap.py FIGURE.svg [DEVICES CATEGORIES]
"""

import csv
import io
import json
import math
import pathlib
import random
import subprocess
import sys

from plots import (BOTTOM, GRID, HEIGHT, LEFT, RIGHT, STYLE, TOP, WIDTH, Axis, line,
                   text)

GAP = 1e-6
COLOURS = {"distributed-newton": "#D55E00", "proportional-response": "#0072B2",
           "subgradient": "#009E73"}


def draw(rng, devices, categories):
    """Everybody has nine tenths of what a random plan would give."""
    gain = [[rng.random() for _ in range(categories)] for _ in range(devices)]
    counts = [rng.randint(1, 100) for _ in range(categories)]
    shares = [[rng.random() ** 3 for _ in range(devices)] for _ in range(categories)]
    home = [0.9 * sum(gain[i][k] * counts[k] * shares[k][i] / sum(shares[k])
                      for k in range(categories)) for i in range(devices)]
    return {
        "devices": [{"name": f"d{i}", "disagreement": d} for i, d in enumerate(home)],
        "categories": [{"name": f"c{k}", "count": c} for k, c in enumerate(counts)],
        "gain": gain,
    }


def trace(problem, solver):
    """[(round, gap)], from the first finite gap on."""
    done = subprocess.run(
        ["owl-bargain", "-", f"--solver={solver}", f"--gap={GAP}", "--max-rounds=3000",
         "--slack=inf", "--trace=-"],
        input=json.dumps(problem), text=True, check=True, capture_output=True)
    rows = csv.DictReader(io.StringIO(done.stdout.split("\n\n")[0]))
    points = []
    for row in rows:
        try:
            point = int(row["round"]), float(row["gap"])
        except (TypeError, ValueError):
            break
        if math.isfinite(point[1]) and point[1] > 0:
            points.append(point)
    return points


def figure(title, lines):
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    rounds = [x for points in lines.values() for x, _ in points]
    gaps = [y for points in lines.values() for _, y in points]
    across = Axis(rounds, LEFT, right)
    up = Axis([max(min(gaps), GAP / 10), max(gaps)], bottom, TOP)
    parts = [text((LEFT + right) / 2, 20, title, **{"font-weight": "bold"}),
             text((LEFT + right) / 2, HEIGHT - 10, "rounds"),
             text(16, (TOP + bottom) / 2, "certified gap",
                  transform=f"rotate(-90 16 {(TOP + bottom) / 2})")]
    for value in across.ticks():
        parts += [line([(across(value), TOP), (across(value), bottom)], GRID),
                  text(across(value), bottom + 16, f"{value:g}")]
    for value in up.ticks():
        parts += [line([(LEFT, up(value)), (right, up(value))], GRID),
                  text(LEFT - 6, up(value) + 4, f"{value:g}", "end")]
    for name, points in lines.items():
        seen = [(across(x), min(up(y), bottom)) for x, y in points]
        x, y = seen[-1]
        parts += [line(seen, f'stroke="{COLOURS[name]}" stroke-width="2"'),
                  text(x + 4, y - 4, name, "start", style=f"fill: {COLOURS[name]}")]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        STYLE, '<rect width="100%" height="100%"/>', *parts, "</svg>", ""])


def main():
    if len(sys.argv) not in (2, 4):
        sys.exit(__doc__)
    devices, categories = map(int, sys.argv[2:] or (300, 40))
    problem = draw(random.Random(1), devices, categories)
    lines = {solver: trace(problem, solver) for solver in COLOURS}
    pathlib.Path(sys.argv[1]).write_text(
        figure(f"{devices} devices, {categories} categories", lines))


if __name__ == "__main__":
    main()
