# RUN: %python %s %source_dir
#
# Runs what the documents show. In README.md and docs/**/*.md a fenced block
# after `<!-- file: NAME -->` is the file NAME; a block of `sh` is run, in the
# order of the page, in a folder of its own that starts out empty; a block of
# `text` after that is what it must print, where a line `...` stands for any
# lines. A block after `<!-- not run: WHY -->` is only looked at.

import os
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(
    r"(?:^<!-- (?P<what>file|not run): (?P<name>.*?) -->\n+)?"
    r"^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.M | re.S,
)


def matches(expected, printed):
    """Whether `printed` is `expected`, where a line `...` is any lines and a
    `...` within a line is any text."""
    pattern = re.escape(expected).replace(r"\.\.\.\n", "\0")
    pattern = re.sub("^\0", "(?:.*\n)*?", pattern, flags=re.M)
    pattern = pattern.replace("\0", ".*\n").replace(r"\.\.\.", ".*")
    return re.fullmatch(pattern, printed) is not None


def run_page(page, folder, environment):
    """The number of blocks run, and what went wrong."""
    count, printed, problems = 0, None, []
    for block in BLOCK.finditer(page.read_text()):
        line = page.read_text()[: block.start()].count("\n") + 1
        where = f"{page}:{line}"
        if block["what"] == "file":
            (folder / block["name"]).write_text(block["text"])
        elif block["what"] == "not run":
            printed = None
        elif block["language"] == "sh":
            count += 1
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", block["text"]], cwd=folder,
                env=environment, stdin=subprocess.DEVNULL, text=True, timeout=300,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            printed = done.stdout
            if done.returncode:
                problems.append(f"{where}: exit code {done.returncode}\n{printed}")
        elif block["language"] == "text" and printed is not None:
            if not matches(block["text"], printed):
                problems.append(f"{where}: expected\n{block['text']}got\n{printed}")
            printed = None
    return count, problems


def main():
    root = pathlib.Path(sys.argv[1])
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    environment = dict(os.environ, OWL=str(root))
    total, problems = 0, []
    for page in pages:
        with tempfile.TemporaryDirectory() as scratch:
            count, wrong = run_page(page, pathlib.Path(scratch), environment)
        total += count
        problems += wrong
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            if not (page.parent / link).exists() and "reference/" not in link:
                problems.append(f"{page}: no such file as {link}")
    print("\n".join(problems))
    print(f"{total} blocks on {len(pages)} pages, {len(problems)} problems")
    return 1 if problems or not total else 0


if __name__ == "__main__":
    sys.exit(main())
