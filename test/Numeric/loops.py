# RUN: %python %s --backend host
# RUN: %python %s --backend aarch64
# RUN: %python %s --backend wasm32
# RUN: %python %s --backend jit
# RUN: %python %s --backend unikernel-x86_64
# RUN: %python %s --backend unikernel-aarch64
#
# Loops and branches of scf that write in place: on scalars, on whole
# tensors, and loops that insert into the tensor that they carry.

import numpy as np

from owltest import driver, elements, values
from owltest.case import Call, Expected, Function, Tensor

f32, i1, i32 = elements.f32, elements.i1, elements.i32
BOUNDS = """\
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
"""


def array(*shape):
    return values.plain(values.generator("control flow", shape), f32, shape)


def rows():
    """Row by row from the end: a slice at the index of the loop, read and inserted."""
    for name, shape, dims in (("static", (5, 3), ""), ("dynamic", (None, 3), "%n"),
                              ("dynamic_rows", (None, None), "%n, %m")):
        t = Tensor(f32, shape)
        row = f"tensor<{'?' if shape[1] is None else 3}xf32>"
        width = "%m" if shape[1] is None else "3"
        fn = Function(f"reverse_{name}", [t], [t], BOUNDS + f"""\
  %n = tensor.dim %a0, %c0 : {t}
  %m = tensor.dim %a0, %c1 : {t}
  %e = tensor.empty({dims}) : {t}
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %e) -> ({t}) {{
    %s = tensor.extract_slice %a0[%i, 0] [1, {width}] [1, 1] : {t} to {row}
    %j = arith.subi %n, %i : index
    %k = arith.subi %j, %c1 : index
    %y = tensor.insert_slice %s into %x[%k, 0] [1, {width}] [1, 1] : {row} into {t}
    scf.yield %y : {t}
  }}
  return %r : {t}""")
        for size in ((5, 3),) if name == "static" else ((5, 3), (1, 3), (0, 3)):
            x = array(*size)
            yield Call(fn, [x], [Expected(f32, x[::-1])])


def work_on_rows():
    """What the loop computes goes into a slice of what it carries."""
    t = Tensor(f32, (None, 3))
    fn = Function("add_neighbours", [t, t], [t], BOUNDS + f"""\
  %n = tensor.dim %a0, %c0 : {t}
  %r = scf.for %i = %c1 to %n step %c1 iter_args(%x = %a1) -> ({t}) {{
    %h = arith.subi %i, %c1 : index
    %p = tensor.extract_slice %a0[%h, 0] [1, 3] [1, 1] : {t} to tensor<3xf32>
    %q = tensor.extract_slice %a0[%i, 0] [1, 3] [1, 1] : {t} to tensor<3xf32>
    %o = tensor.extract_slice %x[%i, 0] [1, 3] [1, 1] : {t} to tensor<3xf32>
    %s = linalg.map {{ arith.addf }} ins(%p, %q : tensor<3xf32>, tensor<3xf32>)
        outs(%o : tensor<3xf32>)
    %y = tensor.insert_slice %s into %x[%i, 0] [1, 3] [1, 1] : tensor<3xf32> into {t}
    scf.yield %y : {t}
  }}
  return %r : {t}""")
    for size in (4, 1):
        x, y = array(size, 3), np.zeros((size, 3), np.float32)
        z = y.copy()
        z[1:] = x[1:] + x[:-1]
        yield Call(fn, [x, y], [Expected(f32, z)])


def elementwise_loops():
    """One element at a time."""
    t = Tensor(i32, (None,))
    fn = Function("indices", [t], [t], BOUNDS + f"""\
  %n = tensor.dim %a0, %c0 : {t}
  %r = scf.for %i = %c0 to %n step %c3 iter_args(%x = %a0) -> ({t}) {{
    %k = arith.index_cast %i : index to i32
    %y = tensor.insert %k into %x[%i] : {t}
    scf.yield %y : {t}
  }}
  return %r : {t}""")
    for size in (10, 3, 0):
        x = np.full(size, -1, np.int32)
        y = np.where(np.arange(size) % 3 == 0, np.arange(size), -1).astype(np.int32)
        yield Call(fn, [x], [Expected(i32, y)])


def scalars():
    n, x = Tensor(i32, scalar=True), Tensor(f32, scalar=True)
    fn = Function("power", [n, x], [x], BOUNDS + """\
  %one = arith.constant 1.0 : f32
  %n = arith.index_cast %a0 : i32 to index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%y = %one) -> (f32) {
    %z = arith.mulf %y, %a1 : f32
    scf.yield %z : f32
  }
  return %r : f32""")
    for count in (0, 1, 5):
        yield Call(fn, [np.int32(count), np.float32(1.5)],
                   [Expected(f32, np.float32(1.5**count))])
    fn = Function("collatz", [n], [n], """\
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %r:2 = scf.while (%x = %a0, %k = %c0) : (i32, i32) -> (i32, i32) {
    %go = arith.cmpi ne, %x, %c1 : i32
    scf.condition(%go) %x, %k : i32, i32
  } do {
  ^bb0(%x: i32, %k: i32):
    %odd = arith.trunci %x : i32 to i1
    %y = scf.if %odd -> i32 {
      %m = arith.muli %x, %c3 : i32
      %a = arith.addi %m, %c1 : i32
      scf.yield %a : i32
    } else {
      %h = arith.divsi %x, %c2 : i32
      scf.yield %h : i32
    }
    %l = arith.addi %k, %c1 : i32
    scf.yield %y, %l : i32, i32
  }
  return %r#1 : i32""")
    for start, steps in ((1, 0), (6, 8), (27, 111)):
        yield Call(fn, [np.int32(start)], [Expected(i32, np.int32(steps))])


def branches():
    """On whole tensors, and on scalars that element-wise work then uses."""
    p = Tensor(i1, scalar=True)
    for name, shape in (("static", (2, 3)), ("dynamic", (None, 3))):
        t = Tensor(f32, shape)
        dims = "" if name == "static" else "%n"
        fn = Function(f"choose_{name}", [p, t, t], [t], BOUNDS + f"""\
  %n = tensor.dim %a1, %c0 : {t}
  %zero = arith.constant 0.0 : f32
  %k = scf.if %a0 -> f32 {{
    %e = tensor.extract %a1[%c0, %c1] : {t}
    scf.yield %e : f32
  }} else {{
    scf.yield %zero : f32
  }}
  %s = tensor.splat %k{'[%n]' if dims else ''} : {t}
  %x = arith.addf %a1, %s : {t}
  %y = arith.subf %a1, %a2 : {t}
  %r = scf.if %a0 -> {t} {{
    scf.yield %x : {t}
  }} else {{
    scf.yield %y : {t}
  }}
  return %r : {t}""")
        x, y = array(2, 3), array(2, 3)[::-1].copy()
        yield Call(fn, [True, x, y], [Expected(f32, x + x[0, 1])], label="yes")
        yield Call(fn, [False, x, y], [Expected(f32, x - y)], label="no")


if __name__ == "__main__":
    driver.main([*rows(), *work_on_rows(), *elementwise_loops(), *scalars(), *branches()])
