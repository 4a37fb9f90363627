# RUN: %python %s --backend host
# RUN: %python %s --backend aarch64
# RUN: %python %s --backend wasm32
# RUN: %python %s --backend jit --every 3 --calls 2
# RUN: %python %s --backend unikernel-x86_64 --every 4
# RUN: %python %s --backend unikernel-aarch64 --every 4
#
# owl.fold: the combiner runs in row-major order and is not reassociated, so the
# results are exactly those of a Python loop in the same arithmetic.

import numpy as np

from owltest import driver, elements, reference, values
from owltest.case import Call, Expected, Function, Tensor

SHAPES = [(1, 1, 1), (3, 4, 5), (2, 1, 33), (7, 16, 2), (0, 2, 3), (2, 0, 3), (2, 3, 0)]


def fold(step, x, init, axes, keep_dims, dtype):
    """The reference: `step(element, accumulator)` in row-major order."""
    kept = [dim for dim in range(x.ndim) if dim not in axes]
    out = np.full([x.shape[dim] for dim in kept], init, dtype)
    for index in np.ndindex(*x.shape):
        at = tuple(index[dim] for dim in kept)
        out[at] = step(x[index], out[at])
    return out.reshape(reference.result_shape(x.shape, axes, keep_dims))


# name, element, accumulator, initial value, body of the region, the same in NumPy
COMBINERS = [
    ("widening_sum", elements.i8, elements.i32, "7", 7,
     "%w = arith.extsi %e : i8 to i32\n    %n = arith.addi %acc, %w : i32",
     lambda e, acc: acc + np.int32(e)),
    ("horner", elements.f32, elements.f32, "0.0", 0,
     "%h = arith.constant 0.5 : f32\n    %m = arith.mulf %acc, %h : f32\n"
     "    %n = arith.addf %m, %e : f32",
     lambda e, acc: np.float32(np.float32(acc * np.float32(0.5)) + e)),
    ("subtract", elements.f64, elements.f64, "1.0", 1,
     "%n = arith.subf %e, %acc : f64",
     lambda e, acc: e - acc),
    ("last", elements.i16, elements.i16, "-1", -1,
     "%n = arith.addi %e, %z : i16",
     lambda e, acc: e),
    ("count_positive", elements.f32, elements.i64, "0", 0,
     "%zf = arith.constant 0.0 : f32\n"
     "    %p = arith.cmpf ogt, %e, %zf : f32\n"
     "    %w = arith.extui %p : i1 to i64\n    %n = arith.addi %acc, %w : i64",
     lambda e, acc: acc + np.int64(e > 0)),
    ("parity", elements.i1, elements.i1, "true", True,
     "%n = arith.xori %e, %acc : i1",
     lambda e, acc: e ^ acc),
    ("narrowing_max", elements.f32, elements.f16, "-4.0", -4,
     "%w = arith.truncf %e : f32 to f16\n"
     "    %n = arith.maximumf %acc, %w : f16",
     lambda e, acc: np.maximum(acc, np.float16(e))),
    ("bf16_sum", elements.bf16, elements.bf16, "0.0", 0,
     "%n = arith.addf %acc, %e : bf16",
     lambda e, acc: values.as_values(elements.bf16, np.float32(acc) + e)),
    ("select", elements.i32, elements.i32, "-2147483648", -(2**31),
     "%p = arith.cmpi sgt, %e, %acc : i32\n"
     "    %n = arith.select %p, %e, %acc : i32",
     lambda e, acc: max(e, acc)),
]


def calls():
    for name, element, accumulator, init, first, region, step in COMBINERS:
        rng = values.generator(name)
        zero = "    %z = arith.constant 0 : i16\n" if name == "last" else ""
        for axes, keep_dims, dynamic in (
            ([2], False, True), ([0, 2], True, True), ([0], False, True),
            ([0, 1, 2], False, True), ([], False, True), ([1], False, False),
            ([1, 2], True, False),
        ):
            for shape in SHAPES if dynamic else [(3, 4, 5)]:
                tag = "".join(map(str, axes)) + ("d" if dynamic else "s")
                pattern = (None,) * 3 if dynamic else shape
                source = Tensor(element, pattern)
                result = Tensor(
                    accumulator, reference.result_shape(pattern, axes, keep_dims))
                flag = " keep_dims" if keep_dims else ""
                body = f"""\
  %i = arith.constant {init}{'' if init == 'true' else f' : {accumulator}'}
  %r = owl.fold %a0 init %i axes = {axes}{flag} {{
  ^bb0(%e: {element}, %acc: {accumulator}):
{zero}    {region}
    owl.yield %n : {accumulator}
  }} : {source}, {accumulator} -> {result}
  return %r : {result}"""
                key = f"{name}_{tag}"
                fn = functions.setdefault(key, Function(key, [source], [result], body))
                x = values.plain(rng, element, shape)
                if name == "widening_sum":
                    x = values.small(rng, element, shape)
                y = fold(step, x, first, axes, keep_dims, accumulator.values)
                yield Call(fn, [x], [Expected(accumulator, y)])


def initial_value_from_argument():
    """The initial value need not be a constant."""
    source, scalar = Tensor(elements.f32, (None,)), Tensor(elements.f32, scalar=True)
    result = Tensor(elements.f32)
    body = """\
  %r = owl.fold %a0 init %a1 axes = [0] {
  ^bb0(%e: f32, %acc: f32):
    %n = arith.addf %acc, %e : f32
    owl.yield %n : f32
  } : tensor<?xf32>, f32 -> tensor<f32>
  return %r : tensor<f32>"""
    fn = Function("init_argument", [source, scalar], [result], body)
    for size in (0, 1, 100):
        x = values.plain(values.generator(size), elements.f32, (size,))
        total = np.float32(2.5)
        for element in x:
            total = np.float32(total + element)
        yield Call(fn, [x, np.float32(2.5)], [Expected(elements.f32, total)])


def captured_in_a_loop():
    """The region may read a tensor, also below a loop or a branch of its own."""
    source, weights = Tensor(elements.f32, (None,)), Tensor(elements.f32, (3,))
    body = """\
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0.0 : f32
  %r = owl.fold %a0 init %zero axes = [0] {
  ^bb0(%e: f32, %acc: f32):
    %n = scf.for %i = %c0 to %c3 step %c1 iter_args(%a = %acc) -> (f32) {
      %w = tensor.extract %a1[%i] : tensor<3xf32>
      %p = arith.mulf %w, %e : f32
      %b = arith.addf %a, %p : f32
      scf.yield %b : f32
    }
    %positive = arith.cmpf ogt, %e, %zero : f32
    %m = scf.if %positive -> f32 {
      %w = tensor.extract %a1[%c0] : tensor<3xf32>
      %b = arith.addf %n, %w : f32
      scf.yield %b : f32
    } else {
      scf.yield %n : f32
    }
    owl.yield %m : f32
  } : tensor<?xf32>, f32 -> tensor<f32>
  return %r : tensor<f32>"""
    fn = Function("captured_in_a_loop", [source, weights], [Tensor(elements.f32)], body)
    rng = values.generator("captured")
    for size in (0, 1, 9):
        x, w = (values.plain(rng, elements.f32, (n,)) for n in (size, 3))
        total = np.float32(0)
        for element in x:
            for weight in w:
                total = np.float32(total + np.float32(weight * element))
            if element > 0:
                total = np.float32(total + w[0])
        yield Call(fn, [x, w], [Expected(elements.f32, total)])


def unsigned():
    """arith works on signless integers, which casts make of unsigned ones."""
    for element in elements.unsigned[:3]:
        i, u = element.mlir_int, element
        fn = Function(f"unsigned_sum_{u}", [Tensor(u, (None,))], [Tensor(elements.ui64)], f"""\
  %z = arith.constant 0 : i64
  %init = builtin.unrealized_conversion_cast %z : i64 to ui64
  %r = owl.fold %a0 init %init axes = [0] {{
  ^bb0(%e: {u}, %acc: ui64):
    %s = builtin.unrealized_conversion_cast %e : {u} to {i}
    %a = builtin.unrealized_conversion_cast %acc : ui64 to i64
    %w = arith.extui %s : {i} to i64
    %n = arith.addi %a, %w : i64
    %b = builtin.unrealized_conversion_cast %n : i64 to ui64
    owl.yield %b : ui64
  }} : tensor<?x{u}>, ui64 -> tensor<ui64>
  return %r : tensor<ui64>""")
        x = values.plain(values.generator("unsigned"), u, (50,))
        x[:2] = u.max
        yield Call(fn, [x], [Expected(elements.ui64, x.sum(dtype=np.uint64))])


functions = {}

if __name__ == "__main__":
    driver.main([*calls(), *initial_value_from_argument(), *captured_in_a_loop(),
                 *unsigned()])
