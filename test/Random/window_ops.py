# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Convolutions and pooling."""

import math

import numpy as np

from graph import Value, apply, argument
from op import Op, clean, pick, require, with_bound
from owltest import values
from owltest.case import Tensor
from owltest.elements import Wide


class Window(Op):
    """A convolution, dense or of each channel by itself, or a pooling, along one
    or two dimensions, as a `linalg.generic` that reads windows."""

    name = "windows"

    def propose(self, graph, rng):
        x = pick(graph, rng, lambda v: 1 <= len(v.shape) <= 4 and v.data.size
                 and v.element.kind in "fs")
        rank, element = len(x.value.shape), x.value.element
        along = [axis for axis in range(rank) if rng.random() < 0.6][:2]
        require(along)
        windows = []
        for axis in along:
            size, step, gap = (int(rng.integers(1, 4)) for _ in range(3))
            if rng.random() < 0.5:
                step = gap = 1
            reach = (size - 1) * gap + 1
            require(x.value.shape[axis] >= reach)
            count = (x.value.shape[axis] - reach) // step + 1
            windows.append((axis, size, step, gap, count))
        form = str(rng.choice(["dense", "depthwise", "max", "sum"]))
        channel = None
        if form == "dense":
            others = [axis for axis in range(rank) if axis not in along]
            require(others)
            channel = int(rng.choice(others))
        sizes = [w[1] for w in windows]
        kept = [x.value.shape[axis] for axis in range(rank)
                if axis not in along and axis != channel]
        if form == "dense":
            shape = (*sizes, x.value.shape[channel], int(rng.choice([1, 3, 8, 20])))
        elif form == "depthwise":
            shape = (*sizes, *kept[-1:])
        else:
            shape = tuple(sizes)
        kernel = argument(Value(Tensor(element, shape), values.plain(rng, element, shape)))
        counts = [w[4] for w in windows]
        shape = (*counts, *kept) if form != "dense" else (*counts, *kept, kernel.value.shape[-1])
        pattern = tuple(None if rng.random() < 0.3 else size for size in shape)
        init = argument(Value(Tensor(element, pattern), values.plain(rng, element, shape)))
        return apply(self, [x, kernel, init], windows=windows, form=form, channel=channel)

    def maps(self, node, x):
        """The loops as letters, and what each operand reads."""
        windows, channel = node.attributes["windows"], node.attributes["channel"]
        form = node.attributes["form"]
        along = {w[0]: i for i, w in enumerate(windows)}
        counts = "hw"[:len(windows)]
        inner = "ij"[:len(windows)]
        source, kept = [], []
        for axis in range(len(x.shape)):
            if axis in along:
                _, _, step, gap, _ = windows[along[axis]]
                source.append(f"{step} * {counts[along[axis]]} + {gap} * {inner[along[axis]]}")
            elif axis == channel:
                source.append("c")
            else:
                source.append("abde"[axis])
                kept.append("abde"[axis])
        kernel = list(inner)
        result = [*counts, *kept]
        if form == "dense":
            kernel += ["c", "f"]
            result.append("f")
        elif form == "depthwise":
            kernel += kept[-1:]
        reduced = [*inner, *(["c"] if form == "dense" else [])]
        return source, kernel, result, reduced

    def evaluate(self, node, x, kernel, init):
        form = node.attributes["form"]
        clean(x, kernel, init)
        if x.element.is_float:
            require(np.isfinite(x.data.astype(Wide)).all())
        _, weights, result, reduced = self.maps(node, x)
        letters, shape, strides = [], [], []
        number = Wide if x.element.is_float else np.int64
        data, bound = x.data.astype(number), x.bound.astype(Wide)
        along = {w[0]: (i, w) for i, w in enumerate(node.attributes["windows"])}
        for axis, size in enumerate(x.shape):
            if axis in along:
                i, (_, count_inner, step, gap, count) = along[axis]
                letters += ["hw"[i], "ij"[i]]
                shape += [count, count_inner]
                strides += [(axis, step), (axis, gap)]
            else:
                letters.append("c" if axis == node.attributes["channel"] else "abde"[axis])
                shape.append(size)
                strides.append((axis, 1))

        def see(array):
            array = np.ascontiguousarray(array)
            return np.lib.stride_tricks.as_strided(
                array, shape, [array.strides[axis] * by for axis, by in strides])

        def total(a, w):
            return np.einsum(f"{''.join(letters)},{''.join(weights)}->{''.join(result)}",
                             see(a), w)

        axes = tuple(i for i, letter in enumerate(letters) if letter in reduced)
        order = [letter for letter in letters if letter not in reduced]
        turn = [order.index(letter) for letter in result if letter in order]
        start = init.data.astype(number)
        if form == "max":
            best = np.maximum(see(data).max(axis=axes).transpose(turn), start)
            off = see(bound).max(axis=axes).transpose(turn)
            return Value(init.type, best.astype(x.element.values), np.maximum(off, init.bound))
        w = kernel.data.astype(number) if form != "sum" else np.ones(kernel.shape, number)
        exact = start + total(data, w)
        if not x.element.is_float:
            return Value(init.type, exact.astype(x.element.values))
        magnitude = np.abs(start) + total(np.abs(data), np.abs(w))
        terms = math.prod(shape[i] for i in axes) + 3
        off = total(bound, np.abs(w)) + init.bound
        require((magnitude < x.element.max / 4).all())
        return with_bound(init.type, exact, off + terms * x.element.eps * magnitude)

    def lines(self, node, name, operands):
        source, kernel, result, reduced = self.maps(node, node.operands[0].value)
        loops = [*result, *reduced]
        maps = ", ".join(f"affine_map<({', '.join(loops)}) -> ({', '.join(m)})>"
                         for m in (source, kernel, result))
        kinds = ", ".join('"reduction"' if loop in reduced else '"parallel"' for loop in loops)
        types = [operand.value.type for operand in node.operands]
        element, form = types[0].element, node.attributes["form"]
        kind = "f" if element.is_float else "i"
        body = {"max": ["%n = arith.maximumf %z, %x" if kind == "f" else
                        "%n = arith.maxsi %z, %x"],
                "sum": [f"%n = arith.add{kind} %z, %x"]}.get(
                    form, [f"%m = arith.mul{kind} %x, %y", f"%n = arith.add{kind} %z, %m"])
        return [f"{name} = linalg.generic {{indexing_maps = [{maps}], iterator_types = [{kinds}]}}",
                f"    ins({operands[0]}, {operands[1]} : {types[0]}, {types[1]})"
                f" outs({operands[2]} : {types[2]}) {{",
                f"^bb0(%x: {element}, %y: {element}, %z: {element}):",
                *(f"  {line} : {element}" for line in body),
                f"  linalg.yield %n : {element}",
                f"}} -> {node.value.type}"]
