# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A graph of ops that knows its own values.

Each node carries its reference value and a bound on how far compiled code may be
from it, element by element. A bound of zero says that the value is exact, which
is what an op with jumps (a comparison, an arg-reduction, a cast to integers)
asks of its operands. An op that cannot say what it gives raises Reject.
"""

from dataclasses import dataclass, field

import numpy as np

from owltest.case import Call, Expected, Function, Tensor
from owltest.elements import Wide


class Reject(Exception):
    """This op on these operands has no result that can be compared."""


@dataclass
class Value:
    """A type, the reference and the error bound (floats only; zero is exact)."""

    type: Tensor
    data: np.ndarray
    bound: np.ndarray = None

    def __post_init__(self):
        self.data = np.asarray(self.data)
        if self.bound is None:
            self.bound = np.zeros(self.data.shape, Wide)

    @property
    def element(self):
        return self.type.element

    @property
    def shape(self):
        return self.data.shape

    @property
    def is_exact(self):
        return not self.bound.any()


@dataclass(eq=False)
class Node:
    """An op with its operands; arguments are nodes without an op."""

    op: object
    operands: list
    attributes: dict = field(default_factory=dict)
    value: Value = None

    def __repr__(self):
        return f"{self.op.name if self.op else 'argument'} : {self.value.type}"


def apply(op, operands, **attributes):
    """The node of `op`; raises Reject."""
    node = Node(op, list(operands), attributes)
    with np.errstate(all="ignore"):
        node.value = op.evaluate(node, *[operand.value for operand in operands])
    return node


def argument(value):
    return Node(None, [], value=value)


def cone(outputs):
    """What `outputs` depend on, operands first."""
    order, seen = [], set()

    def visit(node):
        stack = [(node, False)]
        while stack:
            current, done = stack.pop()
            if done:
                order.append(current)
            elif id(current) not in seen:
                seen.add(id(current))
                stack.append((current, True))
                stack.extend((o, False) for o in reversed(current.operands))

    for output in outputs:
        visit(output)
    return order


def to_call(name, outputs):
    """The graph as a function and a call of it."""
    nodes = cone(outputs)
    names, arguments, lines = {}, [], []
    for node in nodes:
        if node.op is None:
            names[id(node)] = f"%a{len(arguments)}"
            arguments.append(node)
        else:
            names[id(node)] = f"%v{len(names)}"
            operands = [names[id(o)] for o in node.operands]
            lines += node.op.lines(node, names[id(node)], operands)
    types = [o.value.type for o in outputs]
    lines.append(
        f"return {', '.join(names[id(o)] for o in outputs)} : "
        f"{', '.join(map(str, types))}")
    function = Function(
        name, [a.value.type for a in arguments], types,
        "\n".join("  " + line for line in lines))
    expected = [
        Expected(o.value.element, o.value.data,
                 o.value.bound if o.value.element.is_float else None)
        for o in outputs
    ]
    return Call(function, [a.value.data for a in arguments], expected)
