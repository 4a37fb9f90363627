# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The systems that are compared. Each module has

    prepare(problem, threads) -> Run

which raises Unsupported where the system cannot compute the case."""

from . import clang, memcpy, numpy_, onnxruntime_, owl, pytorch
from .native import Run, Unsupported

SYSTEMS = {
    "owl": owl.prepare,
    "numpy": numpy_.prepare,
    "torch": pytorch.prepare,
    "onnxruntime": onnxruntime_.prepare,
    "clang": clang.prepare,
    "clang-reassociate": clang.prepare_reassociating,
    "memcpy": memcpy.prepare,
}

__all__ = ["SYSTEMS", "Run", "Unsupported"]
