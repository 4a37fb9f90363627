# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What `run.py --json` wrote, as a page of Markdown, which `run.py --markdown` writes
too.

    markdown.py RESULT.json PAGE.md
"""

import json
import pathlib
import sys

import report

KINDS = {
    "copy": "Copies", "reduction": "Reductions", "repetition": "Repetitions",
    "norm": "Norms", "softmax": "Softmax and its relations", "other": "Others",
}


def table(columns, rows):
    """`columns` are (title, row -> text); those without any text are left out."""
    cells = [[cell(row) for row in rows] for _, cell in columns]
    shown = [(title, texts) for (title, _), texts in zip(columns, cells) if any(texts)]
    rules = ["---", *["--:"] * (len(shown) - 1)]
    lines = [[title for title, _ in shown], rules]
    lines += zip(*([text or "-" for text in texts] for _, texts in shown))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(system, key, form):
    """The text of a system's number in a row, or none."""
    return lambda row: (
        format(row["systems"][system][key], form)
        if key in row["systems"].get(system, {}) else "")


def bullets(lines):
    return "\n".join(f"- {line}" for line in lines)


def time_sections(rows, names):
    """Times of Owl, and the others' over them."""
    yield bullets(report.bars(rows))
    columns = [
        ("", report.title), ("size", lambda row: report.size(row["bytes"])),
        ("ms", number("owl", "median_ms", ".4f")), ("GB/s", number("owl", "gb_s", ".1f")),
        ("of the limit", number("owl", "fraction", ".2f")),
        *((name, number(name, "ratio", ".2f")) for name in names if name != "owl")]
    for threads in sorted({row["threads"] for row in rows}):
        for kind, title in KINDS.items():
            part = [
                row for row in rows if (row["threads"], row["kind"]) == (threads, kind)]
            if part:
                yield f"## {title}, {threads} thread{'s' * (threads > 1)}"
                yield table(columns, part)
    if short := report.errors(rows) + report.shorts(rows):
        yield "## What falls short"
        yield bullets(short)


def cycle_sections(rows, names):
    """Cycles, and the others' over Owl's."""
    yield table([
        ("", report.title),
        *((name, number(name, "cycles_per_element", ".3f")) for name in names),
        *((f"{name} / owl", number(name, "ratio", ".2f"))
          for name in names if name != "owl")], rows)
    yield bullets(report.cycle_summary(rows))


def memory_sections(rows, names):
    def kilobytes(name):
        def text(row):
            count = row["systems"].get(name, {}).get("extra_bytes")
            return "" if count is None else str(count >> 10)
        return text

    yield table([("", report.title), ("size", lambda row: report.size(row["bytes"])),
                 *((name, kilobytes(name)) for name in names)], rows)


def compile_sections(rows, names):
    yield table([("", lambda row: row["case"]), ("ops", lambda row: str(row["ops"])),
                 ("ms", lambda row: f"{row['median_ms']:.0f}" if "median_ms" in row
                  else row["error"])], rows)


# What a row has that tells it -> the title of the page, what is on it, and whether
# that is of the machine that it was written on.
PAGES = {
    "ops": ("Compile time", compile_sections, True),
    "elements": ("Cycles of a Cortex-A72 for an element", cycle_sections, False),
    "array_bytes": ("Memory beside input and output, in KB", memory_sections, True),
    "threads": ("Times", time_sections, True),
}


def page(result):
    rows, machine = result["rows"], result["machine"]
    title, sections, here = next(
        what for key, what in PAGES.items() if any(key in row for row in rows))
    names = list(dict.fromkeys(name for row in rows for name in row.get("systems", ())))
    where = f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}"
    parts = [
        f"# {title}",
        *([f"On {where}."] if here else []),
        "[Benchmarks](benchmarks.md) says what this is. It was written by",
        f"<!-- not run: it takes long -->\n```sh\n/usr/bin/python3 {result['command']}\n```",
        *sections(rows, names)]
    return "\n\n".join(parts) + "\n"


def write(path, result):
    pathlib.Path(path).write_text(page(result))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write(sys.argv[2], json.loads(pathlib.Path(sys.argv[1]).read_text()))


if __name__ == "__main__":
    main()
