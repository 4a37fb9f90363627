# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Ops of tensor and linalg that move elements: random graphs mix them in."""

import numpy as np

from graph import Value, apply
from op import LIMIT, Op, pick, require, same_type
from owltest.case import Tensor


class Moving(Op):
    """An op whose result holds elements of its first operand."""

    def moved(self, node, function, pattern, *operands):
        data = function(*[value.data for value in operands])
        bound = function(*[value.bound for value in operands])
        require(data.size <= LIMIT)
        first = operands[0]
        return Value(Tensor(first.element, tuple(pattern)),
                     np.ascontiguousarray(data).reshape(data.shape),
                     np.ascontiguousarray(bound).reshape(bound.shape))


class Transpose(Moving):
    name = "linalg.transpose"

    def propose(self, graph, rng):
        x = pick(graph, rng, lambda v: len(v.shape) >= 2)
        order = [int(i) for i in rng.permutation(len(x.value.shape))]
        return apply(self, [x], order=order)

    def evaluate(self, node, x):
        order = node.attributes["order"]
        pattern = [x.type.shape[i] for i in order]
        return self.moved(node, lambda a: a.transpose(order), pattern, x)

    def lines(self, node, name, operands):
        source, order = node.operands[0].value.type, node.attributes["order"]
        lines, dims = [], []
        for i, axis in enumerate(order):
            if source.shape[axis] is None:
                lines += [f"{name}_c{i} = arith.constant {axis} : index",
                          f"{name}_d{i} = tensor.dim {operands[0]}, {name}_c{i} : {source}"]
                dims.append(f"{name}_d{i}")
        t = node.value.type
        return lines + [
            f"{name}_e = tensor.empty({', '.join(dims)}) : {t}",
            f"{name} = linalg.transpose ins({operands[0]} : {source}) outs({name}_e : {t}) "
            f"permutation = {order}"]


class Collapse(Moving):
    """Two neighbouring dimensions become one."""

    name = "tensor.collapse_shape"

    def propose(self, graph, rng):
        x = pick(graph, rng, lambda v: len(v.shape) >= 2)
        return apply(self, [x], axis=int(rng.integers(len(x.value.shape) - 1)))

    def evaluate(self, node, x):
        axis = node.attributes["axis"]
        merge = lambda shape, size: (*shape[:axis], size, *shape[axis + 2 :])
        a, b = x.type.shape[axis : axis + 2]
        pattern = merge(x.type.shape, None if a is None or b is None else a * b)
        shape = merge(x.shape, x.shape[axis] * x.shape[axis + 1])
        return self.moved(node, lambda v: v.reshape(shape), pattern, x)

    def lines(self, node, name, operands):
        source, axis = node.operands[0].value.type, node.attributes["axis"]
        rank = len(source.shape)
        groups = [[i] for i in range(axis)] + [[axis, axis + 1]] + [
            [i] for i in range(axis + 2, rank)]
        return [f"{name} = tensor.collapse_shape {operands[0]} {groups} : {source} into "
                f"{node.value.type}"]


class Slice(Moving):
    """A part with steps, of the static dimensions."""

    name = "tensor.extract_slice"

    def propose(self, graph, rng):
        x = pick(graph, rng, lambda v: all(v.type.shape) and v.shape)
        parts = []
        for size in x.value.shape:
            if rng.random() < 0.4:
                parts.append((0, size, 1))
                continue
            offset, step = int(rng.integers(size)), int(rng.choice([1, 1, 1, 2, 3]))
            most = (size - offset + step - 1) // step
            parts.append((offset, int(rng.integers(1, most + 1)), step))
        return apply(self, [x], parts=parts)

    def evaluate(self, node, x):
        parts = node.attributes["parts"]
        index = tuple(slice(o, o + n * s, s) for o, n, s in parts)
        return self.moved(node, lambda v: v[index], [n for _, n, _ in parts], x)

    def lines(self, node, name, operands):
        source = node.operands[0].value.type
        lists = "".join(str(list(column)) for column in zip(*node.attributes["parts"]))
        return [f"{name} = tensor.extract_slice {operands[0]}{lists} : {source} to "
                f"{node.value.type}"]


class Concat(Moving):
    name = "tensor.concat"

    def propose(self, graph, rng):
        x = pick(graph, rng, lambda v: v.shape)
        y = same_type(graph, rng, x.value)
        return apply(self, [x, y], axis=int(rng.integers(len(x.value.shape))))

    def evaluate(self, node, x, y):
        axis = node.attributes["axis"]
        pattern = list(x.type.shape)
        pattern[axis] = None if pattern[axis] is None else 2 * pattern[axis]
        return self.moved(node, lambda *v: np.concatenate(v, axis=axis), pattern, x, y)

    def lines(self, node, name, operands):
        source = node.operands[0].value.type
        return [f"{name} = tensor.concat dim({node.attributes['axis']}) "
                f"{', '.join(operands)} : ({source}, {source}) -> {node.value.type}"]


SHAPE_OPS = [Transpose(), Collapse(), Slice(), Concat()]
