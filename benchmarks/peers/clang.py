# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Plain C loops, compiled by clang for this machine: as they are, and allowed to add
in any order, which the language does not allow by itself."""

from . import native

REASSOCIATE = "#pragma clang fp reassociate(on)\n"


def prepare(problem, threads):
    return compiled(problem, problem.c)


def prepare_reassociating(problem, threads):
    return compiled(problem, REASSOCIATE + problem.c)


def compiled(problem, source):
    library = native.build(source, ["clang-22"])
    pointers = [x.ctypes.data for x in (*problem.inputs, problem.output)]
    return native.native(
        library.f, pointers, lambda: problem.output, keep=library, check=False)
