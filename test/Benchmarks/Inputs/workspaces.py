# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What each case asks for beside its arrays, in bytes."""

import sys

sys.path.insert(0, sys.argv[1])
import cases
from cases import convolutions
from peers import SYSTEMS

BYTES = 4 << 20
# Rows on the stack, and 64 KB in all.
MOST = (64 << 10) - (16 << 10)

tried = wrong = 0
for dynamic, last in ((False, 0), (True, 7)):
    for case in cases.CASES:
        # What follows a convolution of unknown sizes is a group of its own.
        if dynamic and case in convolutions.CASES:
            continue
        problem = cases.Problem(case, BYTES, last, dynamic)
        problem.allocate()
        workspace = SYSTEMS["owl"](problem, 1).workspace
        tried += 1
        if workspace > MOST:
            wrong += 1
            print(f"{case.name}, {'dynamic' if dynamic else 'static'}: "
                  f"{workspace} bytes")
print(f"{tried} cases, {wrong} with more than {MOST} bytes")
sys.exit(wrong > 0 or tried < 2 * 60)
