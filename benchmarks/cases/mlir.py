# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a function in MLIR op by op, on static or on dynamic shapes."""


class Builder:
    """The function `@f` under construction. A value is its name; `types` has its
    element type and its dimensions, None where they are dynamic."""

    def __init__(self, arguments, dynamic):
        """`arguments` are (element type, shape); `dynamic` hides every size."""
        self.lines, self.types, self.arguments = [], {}, []
        for i, (element, shape) in enumerate(arguments):
            dims = tuple(None if dynamic else d for d in shape)
            self.types[f"%x{i}"] = (element, dims)
            self.arguments.append(f"%x{i}")

    def type(self, value):
        return tensor(*self.types[value])

    def add(self, text, result=None):
        name = f"%{len(self.lines)}"
        self.lines.append(f"  {name} = {text}")
        self.types[name] = result
        return name

    def op(self, name, *operands, fastmath=None):
        """An element-wise op of upstream's on operands of one type."""
        flags = f" fastmath<{fastmath}>" if fastmath else ""
        return self.add(
            f"{name} {', '.join(operands)}{flags} : {self.type(operands[0])}",
            self.types[operands[0]])

    def constant(self, value, like):
        """A tensor of `value` everywhere, in the shape of `like`."""
        element, dims = self.types[like]
        if None not in dims:
            return self.add(f"arith.constant dense<{value:e}> : {self.type(like)}",
                            self.types[like])
        scalar = self.add(f"arith.constant {value:e} : {element}")
        sizes = [self.dim(like, i) for i, d in enumerate(dims) if d is None]
        return self.add(f"tensor.splat {scalar}[{', '.join(sizes)}] : {self.type(like)}",
                        self.types[like])

    def dim(self, value, axis):
        index = self.add(f"arith.constant {axis} : index")
        return self.add(f"tensor.dim {value}, {index} : {self.type(value)}")

    def reduce(self, kind, value, axes, keep_dims=True):
        element, dims = self.types[value]
        result = tuple(
            1 if axis in axes else d
            for axis, d in enumerate(dims) if keep_dims or axis not in axes)
        if kind == "argmax":
            element = "i64"
        return self.add(
            f"owl.reduce <{kind}> {value} axes = {list(axes)}"
            f"{' keep_dims' if keep_dims else ''} : "
            f"{self.type(value)} -> {tensor(element, result)}", (element, result))

    def expand(self, op, value, counts):
        """`owl.repeat` or `owl.tile` by numbers."""
        element, dims = self.types[value]
        result = tuple(d and d * c for d, c in zip(dims, counts))
        return self._expand(op, value, counts, (element, result))

    def _expand(self, op, value, counts, result):
        return self.add(
            f"owl.{op} {value} by [{', '.join(map(str, counts))}] : "
            f"{self.type(value)} -> {tensor(*result)}", result)

    def broadcast(self, value, like):
        """`value`, of the rank of `like`, repeated along its dimensions of 1."""
        target = self.types[like][1]
        counts = [
            1 if have != 1 else self.dim(like, axis) if want is None else want
            for axis, (have, want) in enumerate(zip(self.types[value][1], target))]
        return self._expand("repeat", value, counts, (self.types[value][0], target))

    def along(self, vector, like, axis):
        """A vector laid along one axis of `like` and repeated along the others."""
        element, (size,) = self.types[vector]
        target = self.types[like][1]
        dims = tuple(size if i == axis else 1 for i in range(len(target)))
        groups = ", ".join(map(str, range(len(target))))
        sizes = ", ".join(
            str(d) if d is not None else self.dim(vector, 0) for d in dims)
        value = self.add(
            f"tensor.expand_shape {vector} [[{groups}]] output_shape [{sizes}] : "
            f"{self.type(vector)} into {tensor(element, dims)}", (element, dims))
        counts = [
            1 if i == axis else self.dim(like, i) if d is None else d
            for i, d in enumerate(target)]
        return self._expand("repeat", value, counts, (element, target))

    def text(self, result):
        arguments = ", ".join(f"{a}: {self.type(a)}" for a in self.arguments)
        lines = [f"func.func @f({arguments}) -> {self.type(result)} {{", *self.lines,
                 f"  return {result} : {self.type(result)}", "}"]
        return "\n".join(lines) + "\n"


def tensor(element, dims):
    sizes = "".join(f"{'?' if d is None else d}x" for d in dims)
    return f"tensor<{sizes}{element}>"
