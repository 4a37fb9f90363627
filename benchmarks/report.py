# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rows out of samples, the table, and the summary."""

import json
import math
import statistics

# At 64 MB and more against memcpy.
COPY_BAR = 1.3
# Fractions of the limit: kind of case -> (from how many bytes, the bar).
FRACTION_BARS = {
    "reduction": (4 << 20, 0.85), "repetition": (4 << 20, 0.85),
    "norm": (64 << 20, 0.7), "softmax": (64 << 20, 0.4),
}
# Within this factor two times are the same, on a machine that others use.
NOISE = 1.1
# Within this factor cycles are the same: they are exact, but all of a loop counts.
SAME_CYCLES = 1.01
# The systems that Owl must not be slower than: what users have. memcpy has a bar of
# its own, and few know the pragma of clang-reassociate.
RIVALS = ("numpy", "torch", "onnxruntime", "clang", "tfjs", "onnxruntime-web")
# Owl, in the forms that are timed.
OWN = ("owl", "owl-bindings")
# What a system is compared with where that is not `owl`: who copies arrays in and out
# is compared with who does so too.
BASES = {"onnxruntime-web": "owl-bindings"}


def row(problem, threads, samples, limits=None, errors={}):
    """What is known of one case at one size, as JSON has it. Times are in
    milliseconds; a ratio is the system's time over Owl's (BASES), the median of
    rounds."""
    read, written = problem.traffic
    systems = {}
    if limits:
        limit = [limits.seconds(*times) for times in zip(
            *(samples[f"limit {kind}"] for kind in ("read", "fill", "copy")))]
    for name, times in samples.items():
        if name.startswith("limit "):
            continue
        systems[name] = {
            "min_ms": 1e3 * min(times),
            "median_ms": 1e3 * statistics.median(times),
            "gb_s": (read + written) / min(times) / 1e9,
        }
        if limits:
            systems[name]["fraction"] = paired(limit, times)
        own = BASES.get(name, "owl")
        if own in samples:
            systems[name]["ratio"] = paired(times, samples[own])
        elif own in errors:
            # What gives no result takes for ever.
            systems[name]["ratio"] = 0
    systems.update({name: {"error": error} for name, error in errors.items()})
    result = {
        "case": problem.case.name, "kind": problem.case.kind,
        "shapes": problem.shapes, "bytes": problem.bytes, "last": problem.last,
        "dynamic": problem.dynamic, "threads": threads, "read": read,
        "written": written, "systems": systems,
    }
    if limits:
        result["limit_ms"] = 1e3 * statistics.median(limit)
    return result


def paired(above, below):
    return statistics.median(a / b for a, b in zip(above, below))


def failed(row):
    """Whether Owl gives no result or a wrong one."""
    systems = row.get("systems", {"owl": row})
    return any("error" in systems.get(name, {}) for name in OWN)


def shortfalls(row):
    """In words, where a row is below a bar. The bars are those of one thread, but for
    that of being right."""
    if failed(row):
        return ["no right result"]
    systems = row["systems"]
    owl = systems.get("owl", {})
    if row["threads"] != 1 or "ratio" not in owl:
        return []
    found = []
    least, bar = FRACTION_BARS.get(row["kind"], (math.inf, 0))
    if row["bytes"] >= least and owl.get("fraction", 1) < bar:
        found.append(f"{owl['fraction']:.2f} of the limit, not {bar}")
    memcpy = systems.get("memcpy", {})
    if row["bytes"] >= 64 << 20 and memcpy.get("ratio", COPY_BAR) < COPY_BAR:
        found.append(f"{memcpy['ratio']:.2f} times memcpy, not {COPY_BAR}")
    rival, ratio = fastest_rival(row)
    if ratio is not None and ratio * NOISE < 1:
        found.append(f"slower than {rival}: {ratio:.2f}")
    return found


def fastest_rival(row):
    """Its name and its ratio, or None and None."""
    ratios = {name: row["systems"][name]["ratio"] for name in RIVALS
              if "ratio" in row["systems"].get(name, {})}
    best = min(ratios, key=ratios.get, default=None)
    return best, ratios.get(best)


def size(count):
    return f"{count >> 20} MB" if count >= 1 << 20 else f"{count >> 10} KB"


def title(row):
    shape = "x".join(map(str, row["shapes"][0]))
    return f"{row['case']} {shape}{' dynamic' if row.get('dynamic') else ''}"


def header(names):
    rivals = "".join(f"{name[:11]:>12}" for name in names if name != "owl")
    return f"{'':44}{'size':>7}{'thr':>4}{'ms':>10}{'GB/s':>8}{'limit':>7}{rivals}"


def line(row, names):
    """Owl's time, bandwidth and fraction of the limit, and the ratios."""
    owl = row["systems"].get("owl", {})
    cells = [f"{title(row):44}", f"{size(row['bytes']):>7}", f"{row['threads']:>4}"]
    for key, width, digits in (("median_ms", 10, 4), ("gb_s", 8, 1), ("fraction", 7, 2)):
        cells.append(f"{owl[key]:{width}.{digits}f}" if key in owl else f"{'-':>{width}}")
    for name in names:
        if name == "owl":
            continue
        system = row["systems"].get(name, {})
        text = "error" if "error" in system else "-"
        if "ratio" in system:
            text = f"{system['ratio']:.2f}"
        cells.append(f"{text:>12}")
    return "".join(cells)


# What a system has instead of times -> what it is, and how to print it.
VALUES = {
    "extra_bytes": ("KB beside input and output", lambda count: f"{count >> 10}"),
    "cycles_per_element": ("cycles for an element", lambda cycles: f"{cycles:.3f}"),
}


def value_header(key, names):
    return f"{VALUES[key][0]:44}{'size':>7}" + "".join(
        f"{name[:11]:>12}" for name in names)


def value_line(row, key, names):
    cells = [f"{title(row):44}{size(row['bytes']):>7}"]
    for name in names:
        system = row["systems"].get(name, {})
        text = "error" if "error" in system else "-"
        if key in system:
            text = VALUES[key][1](system[key])
        cells.append(f"{text:>12}")
    return "".join(cells)


def compile_line(row):
    value = row.get("error") or f"{row['median_ms']:.0f} ms"
    return f"{row['case']:44}{row['ops']:>7} ops  {value}"


def summary(rows):
    """The lines that say whether the bars are reached, and what went wrong."""
    return [*errors(rows), *bars(rows), *shorts(rows)]


def errors(rows):
    return [f"error: {title(r)}, {size(r['bytes'])}: {name}: {system['error']}"
            for r in rows for name, system in r["systems"].items() if "error" in system]


def bars(rows):
    """How far each bar is reached. Without a right result none is."""
    rows = [r for r in rows if r["threads"] == 1]
    lines = []
    large = [r for r in rows if r["bytes"] >= 64 << 20]
    copies = [r["systems"]["memcpy"]["ratio"] for r in large
              if "ratio" in r["systems"].get("memcpy", {})]
    if copies:
        lines.append(f"copy of 64 MB and more: at least {min(copies):.2f} times memcpy "
                     f"(bar {COPY_BAR})")
    for kind, (least, bar) in FRACTION_BARS.items():
        fractions = [
            r["systems"]["owl"].get("fraction", 0) for r in rows
            if r["kind"] == kind and r["bytes"] >= least
            and "limit_ms" in r and "owl" in r["systems"]]
        if fractions:
            reached = sum(f >= bar for f in fractions)
            lines.append(
                f"{kind} of {size(least)} and more: {reached} of {len(fractions)} reach "
                f"{bar} of the limit, the least has {min(fractions):.2f}")
    return lines + against_rivals(rows, NOISE)


def against_rivals(rows, noise):
    """All ratios in a line, if there are any."""
    ratios = [ratio for r in rows if (ratio := fastest_rival(r)[1]) is not None]
    if not ratios:
        return []
    slower = sum(ratio * noise < 1 for ratio in ratios)
    known = [ratio for ratio in ratios if ratio > 0]
    mean = f"geometric mean {statistics.geometric_mean(known):.2f}, " if known else ""
    return [f"against the fastest rival: {mean}slower on {slower} of {len(ratios)}"]


def shorts(rows):
    """What falls short, and of which bar."""
    return [f"short: {title(r)}, {size(r['bytes'])}: {found}"
            for r in rows for found in shortfalls(r)]


def cycle_summary(rows):
    """What `summary` says of times, of cycles."""
    lines = errors(rows) + against_rivals(rows, SAME_CYCLES)
    for r in rows:
        rival, ratio = fastest_rival(r)
        if ratio is not None and ratio * SAME_CYCLES < 1:
            lines.append(f"short: {title(r)}: more cycles than {rival}: {ratio:.2f}")
    for r in rows:
        lines += [f"unknown: {title(r)}: {name} {system['unknown']}"
                  for name, system in r["systems"].items() if "unknown" in system]
    return lines


def write(path, result):
    with open(path, "w") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
