# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks what assembly.py says of the loops of a function."""

import sys

sys.path.insert(0, sys.argv[1])
import assembly

# Rows of 9: a loop over all of them but where the value is rare, then a loop of one
# block; a call after each row.
TEXT = """\
other:
\tret
.Lfunc_end0:
f:                                      // @f
.Lf$local:
\tmov\tx8, xzr
.LBB1_1:                                // =>This Loop Header: Depth=1
\tmov\tx9, xzr
\tb\t.LBB1_3
\t.p2align\t4, , 8
.LBB1_2:
\tadd\tx9, x9, #1
\tcmp\tx9, #9
\tb.eq\t.LBB1_5
.LBB1_3:
\tldr\tw10, [x0, x9, lsl #2]
\tcbz\tw10, .LBB1_2
// %bb.4:
\tstr\tw10, [x1]
\tb\t.LBB1_2
.LBB1_5:
\tsubs\tx9, x9, #1
\tb.ne\t.LBB1_5
// %bb.6:
\tbl\tg
\tadd\tx8, x8, #1
\ttbz\tw8, #3, .LBB1_1
// %bb.7:
\tret
.Lfunc_end1:
"""
blocks = assembly.blocks(TEXT, "f")
assert [len(b.instructions) for b in blocks] == [1, 2, 3, 2, 2, 2, 3, 1], blocks
assert [b.calls for b in blocks if b.calls] == [["g"]], blocks

counts = [1, 8, 72, 72, 2, 72, 8, 1]
bodies = [(runs, [blocks.index(b) for b in body])
          for runs, body in assembly.bodies(blocks, counts)]
assert sorted(bodies) == [(2, [4]), (8, [1, 6]), (72, [2, 3]), (72, [5])], bodies

lines = assembly.counted(TEXT, blocks).splitlines()
assert sum("counters+" in line for line in lines) == 3 * len(blocks), lines
assert lines[-1].split() == [".comm", "counters,", "64,", "8"], lines

for text, why in ((TEXT.replace("cbz\tw10, .LBB1_2", "br\tx10"), "has a jump table"),
                  (TEXT.replace("\nf:", "\nh:"), "has no function f")):
    try:
        assembly.blocks(text, "f")
    except assembly.Unreadable as error:
        assert str(error) == why, error
    else:
        assert False, why
