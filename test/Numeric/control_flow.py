# RUN: %python %s --backend host
# RUN: %python %s --backend aarch64
# RUN: %python %s --backend wasm32
# RUN: %python %s --backend jit
# RUN: %python %s --backend unikernel-x86_64 --every 3
# RUN: %python %s --backend unikernel-aarch64 --every 3
#
# Loops and branches of scf that compute new tensors, carry and swap them, on
# static and on dynamic shapes. Integers wrap, so that all is exact.

import numpy as np

from owltest import driver, elements, values
from owltest.case import Call, Expected, Function, Tensor

i1, i32 = elements.i1, elements.i32
BAD_SHAPE = 1
V4, VN = Tensor(i32, (4,)), Tensor(i32, (None,))
YES = Tensor(i1, scalar=True)

CONSTANTS = """\
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
"""


def array(key, *shape):
    return values.plain(values.generator(key), i32, shape)


def function(name, arguments, results, body, result="%r"):
    """`body` computes `result`: a name, or %r:2 for two."""
    names = result if len(results) == 1 else ", ".join(
        f"{result}#{i}" for i in range(len(results)))
    return Function(name, arguments, results, CONSTANTS + body +
                    f"\n  return {names} : {', '.join(map(str, results))}")


def call(fn, arguments, *results, status=0):
    types = fn.results
    return Call(fn, arguments, [
        Expected(t.element, r) if not isinstance(r, tuple)
        else Expected(t.element, None, shape=r) for t, r in zip(types, results)],
        status)


def both(name, arguments, results, body, shapes=(1, 4, 9, 0)):
    """The function on static vectors of 4 and on dynamic ones; `T` in the body
    is the type, `%n` the size and `N` how to write it in a list."""
    for t, sizes in ((V4, (4,)), (VN, shapes)):
        text = body.replace("T", str(t)).replace(
            "<N", "<4" if t is V4 else "<?")
        head = "  %n = tensor.dim %a0, %c0 : " + str(t) + "\n"
        if t is V4:
            head = "  %n = arith.constant 4 : index\n"
        change = lambda ts: [t if x is VN else x for x in ts]
        suffix = "static" if t is V4 else "dynamic"
        yield function(f"{name}_{suffix}", change(arguments), change(results),
                       head + text), sizes


def total(x):
    """x with its sum in place of every element."""
    return np.full_like(x, x.sum(dtype=np.int32))


# owl.repeat and owl.reduce make new buffers. %e becomes total(%b).
TOTAL = """\
    %s = owl.reduce <sum> %b axes = [0] keep_dims : T -> tensor<1xi32>
    %e = owl.repeat %s by [%n] : tensor<1xi32> -> T
"""


def branches():
    for fn, sizes in both("branches", [VN, YES], [VN], """\
  %r = scf.if %a1 -> T {
    %b = arith.addi %a0, %a0 : T
""" + TOTAL + """\
    scf.yield %e : T
  } else {
    %b = arith.muli %a0, %a0 : T
""" + TOTAL + """\
    %f = arith.subi %a0, %e : T
    scf.yield %f : T
  }"""):
        for n in sizes:
            x = array("branches", n)
            yield call(fn, [x, True], total(x + x))
            yield call(fn, [x, False], x - total(x * x))

    # One of the branches yields what was there.
    for fn, sizes in both("one_branch", [VN, YES], [VN, VN], """\
  %d = arith.addi %a0, %a0 : T
  %q = scf.if %a1 -> T {
    %b = arith.muli %a0, %d : T
""" + TOTAL + """\
    scf.yield %e : T
  } else {
    scf.yield %d : T
  }
  %b = arith.addi %d, %q : T
""" + TOTAL + """\
  %r:2 = scf.execute_region -> (T, T) {
    scf.yield %q, %e : T, T
  }"""):
        for n in sizes:
            x = array("one_branch", n)
            for yes in (True, False):
                q = total(x * (x + x)) if yes else x + x
                yield call(fn, [x, yes], q, total(x + x + q))

    nested = function("nested_branches", [V4, YES, YES], [V4], ("""\
  %n = arith.constant 4 : index
  %r = scf.if %a1 -> T {
    %b = arith.addi %a0, %a0 : T
    %y = scf.if %a2 -> T {
""" + TOTAL + """\
      scf.yield %e : T
    } else {
      scf.yield %b : T
    }
    %z = arith.subi %y, %a0 : T
    scf.yield %z : T
  } else {
    scf.yield %a0 : T
  }""").replace("T", str(V4)))
    x = array("nested", 4)
    yield call(nested, [x, True, True], total(x + x) - x)
    yield call(nested, [x, True, False], x)
    yield call(nested, [x, False, True], x)


def branches_of_sizes():
    """The shape of the result is that of the branch, which shapes decide."""
    fn = function("sized_branches", [VN], [VN], """\
  %n = tensor.dim %a0, %c0 : tensor<?xi32>
  %few = arith.cmpi slt, %n, %c5 : index
  %r = scf.if %few -> tensor<?xi32> {
    %e = owl.repeat %a0 by [3] : tensor<?xi32> -> tensor<?xi32>
    scf.yield %e : tensor<?xi32>
  } else {
    %k = arith.subi %n, %c5 : index
    %e = owl.tile %a0 by [%k] : tensor<?xi32> -> tensor<?xi32>
    scf.yield %e : tensor<?xi32>
  }""")
    for n in (0, 1, 4):
        x = array("sized", n)
        yield call(fn, [x], x.repeat(3))
    # What a branch that is not taken would need does not count: for fewer than
    # 5 elements it has a count below 0.
    for n in (5, 6, 8):
        x = array("sized", n)
        yield call(fn, [x], np.tile(x, n - 5))

    guarded = function("guarded_division", [VN], [VN], """\
  %n = tensor.dim %a0, %c0 : tensor<?xi32>
  %some = arith.cmpi sgt, %n, %c0 : index
  %r = scf.if %some -> tensor<?xi32> {
    %k = arith.divui %c5, %n : index
    %e = owl.repeat %a0 by [%k] : tensor<?xi32> -> tensor<?xi32>
    scf.yield %e : tensor<?xi32>
  } else {
    scf.yield %a0 : tensor<?xi32>
  }""")
    for n in (0, 1, 2, 7):
        x = array("guarded", n)
        yield call(guarded, [x], x.repeat(5 // n) if n else x)


def loops():
    header = "scf.for %i = %c0 to %c3 step %c1 iter_args"
    for fn, sizes in both("loop", [VN], [VN], f"""\
  %r = {header}(%b = %a0) -> T {{
""" + TOTAL + """\
    %f = arith.subi %b, %e : T
    scf.yield %f : T
  }"""):
        for n in sizes:
            x = y = array("loop", n)
            for _ in range(3):
                y = y - total(y)
            yield call(fn, [x], y)

    # What is yielded is in a buffer of its own, or all of it is from outside.
    for fn, sizes in both("new_each_time", [VN], [VN], f"""\
  %r = {header}(%b = %a0) -> T {{
""" + TOTAL + """\
    scf.yield %e : T
  }"""):
        for n in sizes:
            x = array("new", n)
            yield call(fn, [x], total(total(total(x))))
    for fn, sizes in both("outside", [VN, VN], [VN], f"""\
  %r = {header}(%b = %a0) -> T {{
    scf.yield %a1 : T
  }}"""):
        for n in sizes:
            x, y = array("outside", n), array("y", n)
            yield call(fn, [x, y], y)

    for fn, sizes in both("swap", [VN, VN], [VN, VN], f"""\
  %r:2 = {header}(%b = %a0, %c = %a1) -> (T, T) {{
    scf.yield %c, %b : T, T
  }}"""):
        for n in sizes:
            x, y = array("swap", n), array("with", n)
            yield call(fn, [x, y], y, x)

    for fn, sizes in both("turn", [VN, VN, VN], [VN, VN, VN], f"""\
  %r:3 = {header}(%b = %a0, %c = %a1, %d = %a2) -> (T, T, T) {{
""" + TOTAL + """\
    %yes = arith.cmpi eq, %i, %c1 : index
    %x = scf.if %yes -> T {
      scf.yield %b : T
    } else {
      scf.yield %c : T
    }
    scf.yield %d, %x, %e : T, T, T
  }"""):
        for n in sizes:
            b, c, d = x = [array(key, n) for key in "abc"]
            for i in range(3):
                b, c, d = d, b if i == 1 else c, total(b)
            yield call(fn, x, b, c, d)

    for fn, sizes in both("sequence", [VN, VN], [VN, VN], f"""\
  %r:2 = {header}(%b = %a0, %c = %a1) -> (T, T) {{
    %d = arith.addi %b, %c : T
    scf.yield %c, %d : T, T
  }}"""):
        for n in sizes:
            b, c = x = [array(key, n) for key in "ab"]
            for _ in range(3):
                b, c = c, b + c
            yield call(fn, x, b, c)

    for fn, sizes in both("nested_loops", [VN], [VN], f"""\
  %r = {header}(%g = %a0) -> T {{
    %h = scf.for %j = %c0 to %c2 step %c1 iter_args(%b = %g) -> T {{
""" + TOTAL + """\
      %f = arith.subi %e, %g : T
      scf.yield %f : T
    }
    %k = arith.addi %h, %g : T
    scf.yield %k : T
  }"""):
        for n in sizes:
            g = x = array("nests", n)
            for _ in range(3):
                b = g
                for _ in range(2):
                    b = total(b) - g
                g = b + g
            yield call(fn, [x], g)


def loops_that_move():
    """What an iteration reads it may not have overwritten yet."""
    square = Tensor(i32, (3, 3))
    body = f"""\
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%b = %a0) -> {square} {{
    %e = tensor.empty() : {square}
    %t = linalg.transpose ins(%b : {square}) outs(%e : {square}) permutation = [1, 0]
    %l = owl.tile %t by [2, 1] : {square} -> tensor<6x3xi32>
    %s = tensor.extract_slice %l[1, 0] [3, 3] [1, 1] : tensor<6x3xi32> to {square}
    %f = arith.addi %s, %b : {square}
    %g = tensor.insert_slice %s into %f[0, 0] [3, 3] [1, 1] : {square} into {square}
    %h = arith.subi %g, %t : {square}
    scf.yield YIELD : {square}
  }}"""
    x = array("square", 3, 3)

    def run(step):
        y = x
        for _ in range(3):
            t = y.T
            s = np.roll(t, -1, axis=0)
            y = step(y, t, s)
        return y
    for name, step in (("t", lambda b, t, s: t), ("s", lambda b, t, s: s),
                       ("f", lambda b, t, s: s + b), ("h", lambda b, t, s: s - t)):
        fn = function(f"move_{name}", [square], [square],
                      body.replace("YIELD", f"%{name}"))
        yield call(fn, [x], np.ascontiguousarray(run(step)))


def loops_in_loops():
    """An inner loop carries what the outer one does, in the same order or not."""
    header = "scf.for %i = %c0 to %c3 step %c1 iter_args"
    inner = "scf.for %j = %c0 to %c2 step %c1 iter_args"
    for fn, sizes in both("carried_on", [VN, VN], [VN], f"""\
  %r = {header}(%g = %a0) -> T {{
    %q = {inner}(%b = %g) -> T {{
      %s = arith.addi %b, %a1 : T
      scf.yield %s : T
    }}
    scf.yield %q : T
  }}"""):
        for n in sizes:
            x, y = [array(key, n) for key in "xy"]
            yield call(fn, [x, y], x + 6 * y)

    for fn, sizes in both("element_wise", [VN], [VN], f"""\
  %r = {header}(%g = %a0) -> T {{
    %q = {inner}(%b = %g) -> T {{
      %v = tensor.extract %b[%j] : T
      %w = arith.addi %v, %v : i32
      %s = tensor.insert %w into %b[%i] : T
      scf.yield %s : T
    }}
    scf.yield %q : T
  }}""", (4, 9)):
        for n in sizes:
            x = array("element_wise", n)
            y = x.copy()
            for i in range(3):
                for j in range(2):
                    y[i] = y[j] + y[j]
            yield call(fn, [x], y)

    # What the outer loop still reads afterwards.
    for fn, sizes in both("read_again", [VN, VN], [VN, VN], f"""\
  %r:2 = {header}(%g = %a0, %h = %a1) -> (T, T) {{
    %q = {inner}(%b = %g) -> T {{
      %s = arith.addi %b, %h : T
      scf.yield %s : T
    }}
    %p = arith.muli %g, %h : T
    scf.yield %q, %p : T, T
  }}"""):
        for n in sizes:
            g, h = x = [array(key, n) for key in "xy"]
            for _ in range(3):
                g, h = g + 2 * h, g * h
            yield call(fn, x, g, h)

    for name, inits, yields in (
            ("crossed", "ba", "%q#0, %q#1"), ("crossed_twice", "ba", "%q#0, %q#0"),
            ("crossed_half", "ba", "%b, %q#0"), ("same_twice", "aa", "%b, %q#1")):
        for fn, sizes in both(name, [VN, VN], [VN, VN], f"""\
  %r:2 = {header}(%a = %a0, %b = %a1) -> (T, T) {{
    %q:2 = {inner}(%c = %{inits[0]}, %d = %{inits[1]}) -> (T, T) {{
      %s = arith.addi %c, %d : T
      scf.yield %d, %s : T, T
    }}
    scf.yield {yields} : T, T
  }}"""):
            for n in sizes:
                a, b = x = [array(key, n) for key in "xy"]
                for _ in range(3):
                    m = {"a": a, "b": b}
                    c, d = m[inits[0]], m[inits[1]]
                    for _ in range(2):
                        c, d = d, c + d
                    m = {"%b": b, "%q#0": c, "%q#1": d}
                    a, b = (m[y] for y in yields.split(", "))
                yield call(fn, x, a, b)


def loops_that_share():
    """A loop yields one new tensor twice, or parts of it."""
    header = "scf.for %i = %c0 to %c3 step %c1 iter_args"
    for fn, sizes in both("twice", [VN, VN], [VN, VN], f"""\
  %r:2 = {header}(%a = %a0, %b = %a1) -> (T, T) {{
    %s = arith.addi %a0, %a1 : T
    scf.yield %s, %s : T, T
  }}"""):
        for n in sizes:
            x, y = [array(key, n) for key in "xy"]
            yield call(fn, [x, y], x + y, x + y)

    for fn, sizes in both("inserted_twice", [VN, VN], [VN, VN], f"""\
  %k = arith.constant 5 : i32
  %r:2 = {header}(%a = %a0, %b = %a1) -> (T, T) {{
    %p = tensor.insert %k into %a[%i] : T
    scf.yield %p, %p : T, T
  }}""", (4, 9)):
        for n in sizes:
            x, y = [array(key, n) for key in "xy"]
            z = x.copy()
            z[:3] = 5
            yield call(fn, [x, y], z, z)

    for fn, sizes in both("and_a_change", [VN, VN], [VN, VN], f"""\
  %r:2 = {header}(%a = %a0, %b = %a1) -> (T, T) {{
    %s = arith.addi %a0, %a1 : T
    %w = tensor.extract %b[%i] : T
    %t = tensor.insert %w into %s[%c0] : T
    scf.yield %t, %s : T, T
  }}""", (4, 9)):
        for n in sizes:
            x, y = [array(key, n) for key in "xy"]
            a, b = x, y
            for i in range(3):
                s = x + y
                a = s.copy()
                a[0] = b[i]
                b = s
            yield call(fn, [x, y], a, b)

    for fn, sizes in both("while_twice", [VN, VN], [VN, VN], """\
  %r:3 = scf.while (%a = %a0, %b = %a1, %i = %c0) : (T, T, index) -> (T, T, index) {
    %go = arith.cmpi slt, %i, %c3 : index
    scf.condition(%go) %a, %b, %i : T, T, index
  } do {
  ^bb0(%c: T, %d: T, %j: index):
    %s = arith.addi %c, %d : T
    %k = arith.addi %j, %c1 : index
    scf.yield %s, %s, %k : T, T, index
  }"""):
        for n in sizes:
            x, y = [array(key, n) for key in "xy"]
            yield call(fn, [x, y], 4 * (x + y), 4 * (x + y))


def loops_of_data():
    """How often depends on data, or on shapes."""
    for fn, sizes in both("until", [VN], [VN], """\
  %some = arith.constant 100 : i32
  %r = scf.while (%b = %a0) : (T) -> T {
    %z = owl.reduce <max> %b axes = [0] : T -> tensor<i32>
    %v = tensor.extract %z[] : tensor<i32>
    %k = arith.cmpi slt, %v, %some : i32
    scf.condition(%k) %b : T
  } do {
  ^bb0(%b: T):
""" + TOTAL + """\
    %f = arith.addi %b, %e : T
    scf.yield %f : T
  }""", (1, 3)):
        for n in sizes:
            x = y = np.arange(1, n + 1, dtype=np.int32)
            while y.max() < 100:
                y = y + total(y)
            yield call(fn, [x], y)

    # More is forwarded than is carried.
    for fn, sizes in both("forwarded", [VN, VN], [VN, VN], """\
  %some = arith.constant 100 : i32
  %r:2 = scf.while (%a = %a0) : (T) -> (T, T) {
    %t = arith.addi %a, %a1 : T
    %v = tensor.extract %t[%c0] : T
    %k = arith.cmpi slt, %v, %some : i32
    scf.condition(%k) %t, %a : T, T
  } do {
  ^bb0(%p: T, %q: T):
    %z = arith.addi %p, %q : T
    scf.yield %z : T
  }""", (1, 3)):
        if fn.name.endswith("dynamic"):
            continue
        x, y = [np.arange(i, i + 4, dtype=np.int32) for i in (1, 2)]
        a = x
        while (t := a + y)[0] < 100:
            a = t + a
        yield call(fn, [x, y], t, a)

    rows = function("rows", [Tensor(i32, (None, None))], [VN], """\
  %n = tensor.dim %a0, %c0 : tensor<?x?xi32>
  %m = tensor.dim %a0, %c1 : tensor<?x?xi32>
  %z = arith.constant 1 : i32
  %s = tensor.splat %z[%m] : tensor<?xi32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %s) -> tensor<?xi32> {
    %row = tensor.extract_slice %a0[%i, 0] [1, %m] [1, 1] : tensor<?x?xi32> to tensor<?xi32>
    %t = owl.repeat %row by [2] : tensor<?xi32> -> tensor<?xi32>
    %u = tensor.extract_slice %t[0] [%m] [2] : tensor<?xi32> to tensor<?xi32>
    %p = arith.muli %a, %a : tensor<?xi32>
    %q = arith.addi %p, %u : tensor<?xi32>
    scf.yield %q : tensor<?xi32>
  }""")
    for shape in ((3, 4), (0, 2), (1, 1), (5, 0)):
        x = array("rows", *shape)
        y = np.ones(shape[1], np.int32)
        for row in x:
            y = y * y + row
        yield call(rows, [x], y)


def changing_shapes():
    """A tensor that a loop carries keeps its shape, if the loop runs."""
    fn = function("growing", [VN, VN], [VN], """\
  %n = tensor.dim %a1, %c0 : tensor<?xi32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %a0) -> tensor<?xi32> {
    %e = owl.tile %a by [2] : tensor<?xi32> -> tensor<?xi32>
    scf.yield %e : tensor<?xi32>
  }""")
    x = array("growing", 3)
    yield call(fn, [x, array("n", 0)], x)
    yield call(fn, [x, array("n", 1)], (3,), status=BAD_SHAPE)
    yield call(fn, [x[:0], array("n", 1)], x[:0])


if __name__ == "__main__":
    with np.errstate(over="ignore"):
        driver.main([*branches(), *branches_of_sizes(), *loops(), *loops_that_move(),
                     *loops_in_loops(), *loops_that_share(),
                     *loops_of_data(), *changing_shapes()])
