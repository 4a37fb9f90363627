# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A function in LLVM's AArch64 assembly: its blocks, how often each of them runs, and
the bodies of its loops."""

import re
from dataclasses import dataclass, field

# Where a counter's block starts. The flags and every register stay as they are.
COUNT = """\tstp x16, x17, [sp, #-16]!
\tadrp x16, counters+{0}
\tldr x17, [x16, :lo12:counters+{0}]
\tadd x17, x17, #1
\tstr x17, [x16, :lo12:counters+{0}]
\tldp x16, x17, [sp], #16
"""
CONDITIONAL = re.compile(r"(b\.\w+|cbn?z|tbn?z)\s")
# Blocks that run this much as often as another one of a loop are on one path with it.
SAME_PATH = 0.9


class Unreadable(Exception):
    """The function does something that cannot be followed here."""


@dataclass
class Block:
    """Instructions without a way in or out between them."""

    # In the text, of the first instruction.
    line: int
    labels: list
    instructions: list = field(default_factory=list)
    # Where it may go on: labels, and whether to the next block.
    targets: list = field(default_factory=list)
    falls: bool = True

    @property
    def calls(self):
        """Names of other functions."""
        return [i.split()[-1] for i in self.instructions
                if re.match(r"(bl|blr|b)\s+[^.]", i)]


def blocks(text, name):
    """The blocks of a function."""
    found, labels, current, inside = [], [], None, False
    for number, line in enumerate(text.splitlines()):
        line = line.split("//")[0].strip()
        if line == f"{name}:":
            inside = True
        elif not inside:
            continue
        elif line.startswith(".Lfunc_end"):
            return found
        elif line.endswith(":"):
            labels.append(line[:-1])
            current = None
        elif line and not line.startswith("."):
            if current is None:
                current = Block(number, labels)
                found.append(current)
                labels = []
            current.instructions.append(line)
            if ends(current, line):
                current = None
    raise Unreadable(f"has no function {name}")


def ends(block, instruction):
    """Whether the block ends with that, and then where it goes on."""
    mnemonic = instruction.split()[0]
    if CONDITIONAL.match(instruction):
        block.targets.append(instruction.split()[-1])
        return True
    if mnemonic == "br":
        raise Unreadable("has a jump table")
    if mnemonic not in ("b", "ret", "brk"):
        return False
    if mnemonic == "b":
        block.targets.append(instruction.split()[-1])
    block.falls = False
    return True


def counted(text, blocks):
    """The text with a counter in front of each block, in an array `counters`."""
    lines = text.splitlines(keepends=True)
    for i, block in enumerate(blocks):
        lines[block.line] = COUNT.format(8 * i) + lines[block.line]
    return "".join(lines) + f"\t.comm counters, {8 * len(blocks)}, 8\n"


def bodies(blocks, counts):
    """[(how often it runs, blocks in their order)] for the bodies of all loops.

    What a loop has beside the loops in it, its own blocks, is one body where all of
    it runs equally often. Where it branches, what is taken rarely is another."""
    run = {i for i, count in enumerate(counts) if count}
    places = {label: i for i, block in enumerate(blocks) for label in block.labels}
    edges = set()
    for i in run:
        next_ones = [places[t] for t in blocks[i].targets if t in places]
        next_ones += [i + 1] * blocks[i].falls
        edges |= {(i, j) for j in next_ones if j in run}
    result = []
    for own in own_blocks(run, edges):
        groups = []
        for i in sorted(own, key=lambda i: -counts[i]):
            if groups and counts[i] >= SAME_PATH * counts[groups[-1][0]]:
                groups[-1].append(i)
            else:
                groups.append([i])
        result += [(counts[g[0]], [blocks[i] for i in sorted(g)]) for g in groups]
    return result


def own_blocks(members, edges):
    """For each loop among `members`, its blocks that are in no loop within it."""
    following = {i: {b for a, b in edges if a == i and b in members} for i in members}
    reached = {i: reachable(i, following) for i in members}
    loops = {frozenset(j for j in reached[i] if i in reached[j])
             for i in members if i in reached[i]}
    for loop in sorted(loops, key=min):
        entries = {b for a, b in edges if a not in loop and b in loop}
        header = min(entries or loop)
        inner = list(own_blocks(loop, {(a, b) for a, b in edges if b != header}))
        yield loop.difference(*inner)
        yield from inner


def reachable(start, following):
    seen, pending = set(), [start]
    while pending:
        for i in following[pending.pop()] - seen:
            seen.add(i)
            pending.append(i)
    return seen
