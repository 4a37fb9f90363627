# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Plain C loops, compiled by clang for this machine."""

from . import native


def prepare(problem, threads):
    library = native.build(problem.c, ["clang-22"])
    pointers = [x.ctypes.data for x in (*problem.inputs, problem.output)]
    return native.native(
        library.f, pointers, lambda: problem.output, keep=library, check=False)
