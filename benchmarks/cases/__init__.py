# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The cases, in the order of the tables."""

from . import activations, convolutions, movement, norms, reductions
from .case import Case, Problem, buffer

CASES = [*movement.CASES, *reductions.CASES, *activations.CASES, *norms.CASES,
         *convolutions.CASES]

__all__ = ["CASES", "Case", "Problem", "buffer"]
