# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""An op of a random graph, and what all kinds of them need.

Each op proposes a node for a graph (`propose`), evaluates itself with NumPy and
bounds its error (`evaluate`), and prints itself (`lines`).
"""

import numpy as np

from graph import Reject, Value
from owltest.elements import Wide

LIMIT = 1 << 16  # elements of a value, at most


class Op:
    name = "?"

    def lines(self, node, name, operands):
        raise NotImplementedError


def same_type(graph, rng, value):
    """A node of the type and shape of `value`, perhaps its own."""
    fits = [n for n in graph
            if n.value.type == value.type and n.value.shape == value.shape]
    return fits[rng.integers(len(fits))]


def pick(graph, rng, test):
    """A node whose value passes `test`; late ones are likelier."""
    fits = [n for n in graph if test(n.value)]
    if not fits:
        raise Reject
    return fits[max(rng.integers(len(fits), size=2))]


def require(condition):
    if not condition:
        raise Reject


def with_bound(value_type, exact, bound):
    """A float whose data is `exact` (Wide), off by `bound` and then rounded.

    Where the bound is not zero the data must be finite and stay clear of
    overflow, else a difference could not be told from an error.
    """
    element = value_type.element
    bound = np.where(np.isnan(exact) | np.isinf(exact), 0, bound)
    data = element.round(exact)
    loose = bound > 0
    require(not (np.isnan(bound) | np.isinf(bound)).any())
    require(not (loose & ((np.abs(exact) + bound) > element.max / 4)).any())
    unit = element.ulp(np.where(np.isfinite(exact), np.abs(exact) + bound, 0))
    bound = np.where(loose, bound + unit, bound)
    # Errors as large as the values themselves find nothing.
    require(not (loose & (bound > 1e3 * (1 + np.abs(exact)))).any())
    return Value(value_type, data.astype(element.values), bound)


def clean(*operands):
    """Non-finite elements must be exact."""
    for value in operands:
        require(not (~np.isfinite(value.data.astype(Wide)) & (value.bound > 0)).any())


def is_float(value):
    return value.element.is_float


def is_signless(value):
    """What arith works on: no ui8 and the like."""
    return value.element.kind != "u"


def is_int(value):
    return value.element.kind in "sb"
