# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions, calls of them, and what a call must give."""

from dataclasses import dataclass, field

import numpy as np

from owltest.elements import Element, Wide


@dataclass(frozen=True)
class Tensor:
    """A tensor type; None is a dynamic dimension. `scalar` for a bare type."""

    element: Element
    shape: tuple = ()
    scalar: bool = False

    def __str__(self):
        if self.scalar:
            return self.element.name
        dims = "".join("?x" if d is None else f"{d}x" for d in self.shape)
        return f"tensor<{dims}{self.element}>"


@dataclass(eq=False)
class Function:
    """A public function. Its body refers to its arguments as %a0, %a1, ..."""

    name: str
    arguments: list
    results: list
    body: str
    # What the body refers to outside: private functions and the like.
    prelude: str = ""

    @property
    def text(self):
        arguments = ", ".join(f"%a{i}: {t}" for i, t in enumerate(self.arguments))
        results = ", ".join(str(t) for t in self.results)
        return (
            f"{self.prelude}func.func @{self.name}({arguments}) -> ({results}) {{\n"
            f"{self.body.rstrip()}\n}}\n"
        )

    @property
    def has_out_shape(self):
        return any(None in t.shape for t in self.results)


@dataclass
class Expected:
    """A result: its values, and how far off each may be (None: not at all).

    `value` may be wider than the element type. `signed_zero` says that the sign
    of a zero counts. A `value` of None has only a shape: nothing is compared.
    """

    element: Element
    value: np.ndarray
    bound: np.ndarray = None
    signed_zero: bool = False
    shape: tuple = None

    def __post_init__(self):
        if self.value is not None:
            self.value = np.asarray(self.value)
            self.shape = self.value.shape

    def mismatch(self, got):
        """What is wrong with `got`, an array of values, or None."""
        if self.value is None or self.value.size == 0:
            return None
        if not self.element.is_float:
            wrong = got != self.value
        else:
            with np.errstate(all="ignore"):
                wrong = self._wrong_floats(got)
        if not wrong.any():
            return None
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        text = (
            f"{int(wrong.sum())} of {wrong.size} differ, first at {list(index)}: "
            f"got {got[index]!r}, expected {self.value[index]!r}"
        )
        if self.bound is not None:
            bound = np.broadcast_to(self.bound, self.value.shape)[index]
            text += f" within {float(bound):.3g}"
        return text

    def _wrong_floats(self, got):
        value, wide = self.value.astype(Wide), got.astype(Wide)
        both_nan = np.isnan(value) & np.isnan(wide)
        if self.bound is None:
            right = wide == value
            if self.signed_zero:
                right &= np.signbit(wide) == np.signbit(value)
            return ~(right | both_nan)
        bound = np.broadcast_to(np.asarray(self.bound, Wide), value.shape)
        near = np.abs(wide - value) <= bound
        # A result that may round to infinity may be infinite, and the other
        # way round.
        top = self.element.max + self.element.ulp(self.element.max) / 2
        overflow = np.isinf(wide) & (np.abs(value) + bound >= top)
        same_sign = np.signbit(wide) == np.signbit(value)
        return ~(near | (wide == value) | both_nan | (overflow & same_sign))


@dataclass
class Call:
    """One call of a function: its arguments as values, and its outcome."""

    function: Function
    arguments: list
    expected: list
    status: int = 0
    label: str = ""
    # In place of the dynamic dimensions of the arguments.
    given_dims: list = None

    @property
    def name(self):
        shapes = "; ".join(
            "x".join(map(str, np.shape(a))) or "scalar" for a in self.arguments
        )
        label = f" {self.label}" if self.label else ""
        return f"{self.function.name}({shapes}){label}"

    @property
    def dims(self):
        """The values of d0, d1, ...: the dynamic dimensions of the arguments."""
        if self.given_dims is not None:
            return self.given_dims
        return [
            size
            for t, a in zip(self.function.arguments, self.arguments)
            for dim, size in zip(t.shape, np.shape(a))
            if dim is None
        ]

    def encoded(self):
        """The arguments as storage."""
        return [
            np.ascontiguousarray(t.element.encode(a))
            for t, a in zip(self.function.arguments, self.arguments)
        ]


@dataclass
class Outcome:
    """What a back end made of a call."""

    status: int = 0
    results: list = field(default_factory=list)
    shapes: list = None  # by _out_shape, where there is one
    error: str = None

    def same(self, other):
        """Whether `other` is this, bit by bit."""
        return self.status == other.status and (
            [bytes(result) for result in self.results]
            == [bytes(result) for result in other.results])

    def problem(self, call):
        """Why this is not what the call must give, or None."""
        if self.error:
            return self.error
        if self.status != call.status:
            return f"status {self.status}, expected {call.status}"
        if self.status:
            return None
        for i, expected in enumerate(call.expected):
            if self.shapes and tuple(self.shapes[i]) != expected.shape:
                return f"result {i}: shape {self.shapes[i]}, expected {expected.shape}"
            try:
                got = self.results[i]
                if not isinstance(got, np.ndarray):
                    got = expected.element.decode(
                        np.frombuffer(got, expected.element.storage)
                    )
                got = got.reshape(expected.shape)
            except ValueError as error:
                return f"result {i}: {error}"
            text = expected.mismatch(got)
            if text:
                return f"result {i}: {text}"
        return None
