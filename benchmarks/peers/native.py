# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Running things many times: functions of C without Python in between, and
functions of Python."""

import ctypes
import functools
import os
import pathlib
import subprocess
import tempfile
from dataclasses import dataclass
from typing import Callable

FOLDER = pathlib.Path(__file__).resolve().parent.parent
PARALLEL_FOR = FOLDER.parent / "lib" / "Runtime" / "ParallelFor.c"
# `call` in limits.c passes this many.
ARGUMENTS = 16


class Unsupported(Exception):
    """The system does not compute this."""


@dataclass
class Run:
    """One computation in one system, ready to go."""

    # Computes as many times.
    call: Callable
    # What the last call gave.
    result: Callable
    # Bytes that the caller had to provide beside inputs and output.
    workspace: int = 0


def native(function, arguments, result, keep=(), check=True):
    """A Run of a C function of pointers and integers, which returns 0. `keep` lives
    as long as the Run does."""
    address = ctypes.cast(function, ctypes.c_void_p).value
    padded = [*arguments, *[0] * (ARGUMENTS - len(arguments))]
    values = (ctypes.c_uint64 * ARGUMENTS)(*padded)
    trampoline = kernels().call

    def call(count, keep=keep):
        status = trampoline(address, values, count)
        if check and status != 0:
            raise RuntimeError(f"status {status}")

    return Run(call, result)


def interpreted(function):
    """A Run of a Python function that returns an array."""
    last = []

    def call(count):
        for _ in range(count):
            value = function()
        last[:] = [value]

    return Run(call, lambda: last[0])


@functools.cache
def kernels():
    """limits.c, compiled for this machine as Owl's code is, with its threads."""
    with tempfile.TemporaryDirectory() as folder:
        library = link(
            ["clang-22", "-std=gnu11", "-O3", "-march=native", "-pthread",
             str(FOLDER / "limits.c"), str(PARALLEL_FOR)], folder)
    library.call.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    library.call.restype = ctypes.c_int64
    return library


def build(source, compiler):
    """A library of C source."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "f.c")
        pathlib.Path(path).write_text(source)
        return link([*compiler, "-O3", "-march=native", path], folder)


def link(command, folder, mode=ctypes.DEFAULT_MODE):
    """What `command` makes, with `-shared`, loaded. The file may vanish."""
    library = os.path.join(folder, "f.so")
    run([*command, "-shared", "-fPIC", "-o", library, "-lm"])
    return ctypes.CDLL(library, mode)


def run(command, timeout=None, stderr=False, folder=None):
    """What a tool prints, run in a folder, or what it says on standard error; what it
    complains of is the error where it fails."""
    tool = os.path.basename(command[0])
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=timeout,
                                cwd=folder)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"{tool}: not done in {timeout} s") from None
    if result.returncode != 0:
        lines = result.stderr.strip().splitlines() or [f"exit code {result.returncode}"]
        raise RuntimeError(f"{tool}: {lines[0]}")
    return result.stderr if stderr else result.stdout
