# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Owl: an object for this machine, called through its C interface."""

import ctypes
import functools
import os
import pathlib
import tempfile

from cases import buffer

from . import native

ROOT = native.FOLDER.parent
TOOLS = pathlib.Path(os.environ.get("OWL_BUILD_DIR", ROOT / "build")).resolve() / "bin"
TRANSLATE = str(TOOLS / "owl-translate")


@functools.cache
def load_hook():
    """What objects for several threads call, once for all of them."""
    with tempfile.TemporaryDirectory() as folder:
        native.link(["clang-22", "-O2", "-pthread", str(native.PARALLEL_FOR)], folder,
                    ctypes.RTLD_GLOBAL)


def prepare(problem, threads):
    if threads > 1:
        load_hook()
    return bind(problem, build(problem, threads))


def build(problem, threads):
    """The library that `problem` is compiled to; its arrays are not needed yet."""
    with tempfile.TemporaryDirectory() as folder:
        model, obj = os.path.join(folder, "f.mlir"), os.path.join(folder, "f.o")
        pathlib.Path(model).write_text(problem.mlir)
        native.run([TRANSLATE, model, "--target=host",
                    f"--threads={threads}", "-o", obj])
        return native.link(["clang-22", obj], folder)


def bind(problem, library):
    """A Run of `library` on the arrays of `problem`."""
    dims = [d for shape in problem.shapes for d in shape] if problem.dynamic else []
    workspace_size = library.owl_f_workspace_size
    workspace_size.restype = ctypes.c_size_t
    size = workspace_size(*map(ctypes.c_int64, dims))
    workspace = buffer((size,), "uint8")
    pointers = [x.ctypes.data for x in (*problem.inputs, problem.output)]
    run = native.native(
        library.owl_f, [*pointers, *dims, workspace.ctypes.data],
        lambda: problem.output, keep=(library, workspace))
    run.workspace = size
    return run
