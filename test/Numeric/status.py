# RUN: %python %s --backend host
# RUN: %python %s --backend aarch64
# RUN: %python %s --backend wasm32 --filter '^(?!lies)'
# RUN: %python %s --backend jit --filter '^(?!lies)'
# RUN: %python %s --backend unikernel-x86_64 --filter '^(?!lies)'
# RUN: %python %s --backend unikernel-aarch64 --filter '^(?!lies)'
#
# What shows only at run time: a reduction of nothing, dimensions that disagree,
# counts below 0, dimensions no array can have. The status tells, and nothing
# outside of the results is written.

import numpy as np

from owltest import driver, elements, values
from owltest.case import Call, Expected, Function, Tensor

BAD_SHAPE, EMPTY_REDUCTION = 1, 2
f32 = elements.f32


def vector(*shape):
    return Tensor(f32, shape)


def array(*shape):
    return values.plain(values.generator(shape), f32, shape)


def nothing(element, *shape):
    """A result that is not compared."""
    return Expected(element, None, shape=shape)


def empty_reductions():
    for kind, element in (("max", f32), ("min", f32), ("argmax", elements.i64),
                          ("argmin", elements.i64)):
        result = Tensor(element, (None,))
        fn = Function(
            f"empty_{kind}", [vector(None, None)], [result],
            f"  %r = owl.reduce <{kind}> %a0 axes = [1] : {vector(None, None)} -> "
            f"{result}\n  return %r : {result}")
        yield Call(fn, [array(3, 0)], [nothing(element, 3)], EMPTY_REDUCTION)
        # No result, so nothing is missing.
        yield Call(fn, [array(0, 0)], [Expected(element, np.zeros(0, element.values))])
        x = array(3, 4)
        y = {"max": np.max, "min": np.min, "argmax": np.argmax,
             "argmin": np.argmin}[kind](x, axis=1)
        yield Call(fn, [x], [Expected(element, y)])


def disagreeing_shapes():
    fn = Function("add", [vector(None), vector(None)], [vector(None)],
                  "  %r = arith.addf %a0, %a1 : tensor<?xf32>\n"
                  "  return %r : tensor<?xf32>")
    yield Call(fn, [array(4), array(5)], [nothing(f32, 4)], BAD_SHAPE)
    yield Call(fn, [array(5), array(4)], [nothing(f32, 5)], BAD_SHAPE)
    yield Call(fn, [array(0), array(1)], [nothing(f32, 0)], BAD_SHAPE)
    x, y = array(6), array(6)
    yield Call(fn, [x, y], [Expected(f32, x + y)])

    chain = Function("chain", [vector(None, None), vector(None)], [vector(None)], """\
  %s = owl.reduce <sum> %a0 axes = [0] : tensor<?x?xf32> -> tensor<?xf32>
  %r = arith.addf %s, %a1 : tensor<?xf32>
  return %r : tensor<?xf32>""")
    yield Call(chain, [array(3, 4), array(3)], [nothing(f32, 4)], BAD_SHAPE)
    x, y = np.float32([[1, 2], [3, 4]]), array(2)
    yield Call(chain, [x, y], [Expected(f32, np.float32([4, 6]) + y)])


def counts():
    fn = Function("counts_below_zero", [vector(None), vector(None)], [vector(None)], """\
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : index
  %d = tensor.dim %a1, %c0 : tensor<?xf32>
  %n = arith.subi %d, %c5 : index
  %r = owl.repeat %a0 by [%n] : tensor<?xf32> -> tensor<?xf32>
  return %r : tensor<?xf32>""")
    yield Call(fn, [array(3), array(4)], [nothing(f32, 0)], BAD_SHAPE)
    x = array(3)
    yield Call(fn, [x, array(5)], [Expected(f32, x[:0])])
    yield Call(fn, [x, array(7)], [Expected(f32, x.repeat(2))])


def computed_sizes():
    """A size that the model computes may be below 0: of what lies between ops,
    beside which other buffers lie, and of a result."""
    fn = Function("computed", [vector(None), vector(4096)], [vector(), vector()], """\
  %c0 = arith.constant 0 : index
  %c42 = arith.constant 42 : index
  %one = arith.constant 1.0 : f32
  %d = tensor.dim %a0, %c0 : tensor<?xf32>
  %n = arith.subi %d, %c42 : index
  %e = tensor.empty(%n) : tensor<?xf32>
  %f = linalg.fill ins(%one : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %s = owl.reduce <sum> %f axes = [0] : tensor<?xf32> -> tensor<f32>
  %g = math.absf %a1 : tensor<4096xf32>
  %t = owl.reduce <max> %g axes = [0] : tensor<4096xf32> -> tensor<f32>
  return %s, %t : tensor<f32>, tensor<f32>""")
    y = np.float32(np.arange(4096))
    scalars = [Expected(f32, np.float32(8)), Expected(f32, np.float32(4095))]
    yield Call(fn, [array(50), y], scalars)
    yield Call(fn, [array(10), y], [nothing(f32), nothing(f32)], BAD_SHAPE)
    result = Function("computed_result", [vector(None)], [vector(None)], """\
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : index
  %one = arith.constant 1.0 : f32
  %d = tensor.dim %a0, %c0 : tensor<?xf32>
  %n = arith.subi %d, %c5 : index
  %e = tensor.empty(%n) : tensor<?xf32>
  %f = linalg.fill ins(%one : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %f : tensor<?xf32>""")
    yield Call(result, [array(7)], [Expected(f32, np.ones(2, np.float32))])
    yield Call(result, [array(3)], [nothing(f32, 0)], BAD_SHAPE)


def branches():
    """A size may be that of the branch taken."""
    fn = Function("branches", [vector(None)], [vector(None)], """\
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %d = tensor.dim %a0, %c0 : tensor<?xf32>
  %isLong = arith.cmpi ugt, %d, %c3 : index
  %n = scf.if %isLong -> index {
    %q = arith.addi %c1, %c1 : index
    scf.yield %q : index
  } else {
    scf.yield %c3 : index
  }
  %r = owl.repeat %a0 by [%n] : tensor<?xf32> -> tensor<?xf32>
  return %r : tensor<?xf32>""")
    for size in (2, 5):
        x = array(size)
        yield Call(fn, [x], [Expected(f32, x.repeat(2 if size > 3 else 3))])


def claimed_sizes():
    """A result type may promise a size that the arguments do not keep."""
    fn = Function("claimed", [vector(None, None)], [vector(4)], """\
  %r = owl.reduce <sum> %a0 axes = [0] : tensor<?x?xf32> -> tensor<4xf32>
  return %r : tensor<4xf32>""")
    x = np.float32(np.arange(12).reshape(3, 4))
    yield Call(fn, [x], [Expected(f32, x.sum(axis=0))])
    yield Call(fn, [array(3, 5)], [nothing(f32, 4)], BAD_SHAPE)
    cast = Function("cast", [vector(None)], [vector(4)], """\
  %r = tensor.cast %a0 : tensor<?xf32> to tensor<4xf32>
  return %r : tensor<4xf32>""")
    yield Call(cast, [x[0]], [Expected(f32, x[0])])
    yield Call(cast, [array(3)], [nothing(f32, 4)], BAD_SHAPE)


def slices():
    """A slice of static or of dynamic sizes may not be there."""
    fn = Function("slice", [vector(None, None), vector(None)], [vector(None)], """\
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a1, %c0 : tensor<?xf32>
  %s = tensor.extract_slice %a0[1, 0] [%n, 3] [1, 1] : tensor<?x?xf32> to tensor<?x3xf32>
  %r = owl.reduce <sum> %s axes = [1] : tensor<?x3xf32> -> tensor<?xf32>
  return %r : tensor<?xf32>""")
    x = np.float32(np.arange(20).reshape(4, 5))
    yield Call(fn, [x, array(2)], [Expected(f32, x[1:3, :3].sum(axis=1))])
    yield Call(fn, [x, array(0)], [nothing(f32, 0)])
    yield Call(fn, [x, array(4)], [nothing(f32, 4)], BAD_SHAPE)
    yield Call(fn, [array(4, 2), array(2)], [nothing(f32, 2)], BAD_SHAPE)
    insert = Function("insert", [vector(None), vector(None)], [vector(None)], """\
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a1, %c0 : tensor<?xf32>
  %r = tensor.insert_slice %a1 into %a0[2] [%n] [1] : tensor<?xf32> into tensor<?xf32>
  return %r : tensor<?xf32>""")
    y, z = array(7), array(3) + 1
    yield Call(insert, [y, z], [Expected(f32, np.concatenate([y[:2], z, y[5:]]))])
    yield Call(insert, [array(4), z], [nothing(f32, 4)], BAD_SHAPE)
    other = Function("insert_other", [vector(None), vector(None)], [vector(None)], """\
  %s = tensor.cast %a1 : tensor<?xf32> to tensor<3xf32>
  %r = tensor.insert_slice %s into %a0[2] [3] [1] : tensor<3xf32> into tensor<?xf32>
  return %r : tensor<?xf32>""")
    yield Call(other, [y, array(4)], [nothing(f32, 7)], BAD_SHAPE)


def expansions():
    """The sizes of a dimension that is cut into several must multiply to it."""
    fn = Function("expand", [vector(None), vector(None)], [vector(None)], """\
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a1, %c0 : tensor<?xf32>
  %e = tensor.expand_shape %a0 [[0, 1]] output_shape [%n, 3] : tensor<?xf32> into tensor<?x3xf32>
  %r = owl.reduce <sum> %e axes = [1] : tensor<?x3xf32> -> tensor<?xf32>
  return %r : tensor<?xf32>""")
    x = np.float32(np.arange(12))
    yield Call(fn, [x, array(4)], [Expected(f32, x.reshape(4, 3).sum(axis=1))])
    yield Call(fn, [x, array(5)], [nothing(f32, 5)], BAD_SHAPE)
    yield Call(fn, [x[:11], array(4)], [nothing(f32, 4)], BAD_SHAPE)


def impossible_expansions():
    """Sizes below 0, and sizes that multiply to what they must only modulo 2**64."""
    def expand(name, size):
        return Function(name, [vector(None), vector(None)], [vector(None)], f"""\
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c65536 = arith.constant 65536 : index
  %d = tensor.dim %a1, %c0 : tensor<?xf32>
{size}
  %e = tensor.expand_shape %a0 [[0, 1]] output_shape [%n, %n] : tensor<?xf32> into tensor<?x?xf32>
  %r = owl.reduce <sum> %e axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  return %r : tensor<?xf32>""")
    fn = expand("expand_below_zero", "  %n = arith.subi %d, %c4 : index")
    x = array(4)
    yield Call(fn, [x, array(2)], [nothing(f32, 0)], BAD_SHAPE)
    yield Call(fn, [x, array(6)], [Expected(f32, x.reshape(2, 2).sum(axis=1))])
    fn = expand("lies_expand_wraps", "  %m = arith.muli %d, %c65536 : index\n"
                "  %n = arith.muli %m, %c65536 : index")
    yield Call(fn, [array(0), array(1)], [nothing(f32, 0)], BAD_SHAPE)


def reshapes():
    """A static result has to have as many elements as there are."""
    fn = Function("reshape", [vector(None)], [vector(2, 3)], """\
  %s = arith.constant dense<[2, 3]> : tensor<2xi32>
  %r = tensor.reshape %a0(%s) : (tensor<?xf32>, tensor<2xi32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>""")
    x = array(6)
    yield Call(fn, [x], [Expected(f32, x.reshape(2, 3))])
    yield Call(fn, [array(5)], [nothing(f32, 2, 3)], BAD_SHAPE)


def concatenations():
    fn = Function("concat", [vector(None, None)] * 2, [vector(None, None)], """\
  %r = tensor.concat dim(0) %a0, %a1 : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>""")
    x, y = array(2, 3), array(1, 3) + 1
    yield Call(fn, [x, y], [Expected(f32, np.concatenate([x, y]))])
    yield Call(fn, [x, array(1, 2)], [nothing(f32, 3, 3)], BAD_SHAPE)
    yield Call(fn, [x, array(1, 4)], [nothing(f32, 3, 3)], BAD_SHAPE)


def windows():
    fn = Function("convolve", [vector(None)] * 3, [vector(None)], """\
  %r = linalg.conv_1d ins(%a0, %a1 : tensor<?xf32>, tensor<?xf32>) outs(%a2 : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>""")
    # Whole numbers: whether products are rounded makes no difference.
    x, w, out = np.round(8 * array(5)), np.round(8 * array(3)), np.zeros(3, np.float32)
    yield Call(fn, [x, w, out], [Expected(f32, np.correlate(x, w))])
    yield Call(fn, [x, w, array(4)], [nothing(f32, 4)], BAD_SHAPE)
    # As many windows of three as another tensor has elements, none of them outside.
    fn = Function("window", [vector(None)] * 2, [vector(None, 3)], """\
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a1, %c0 : tensor<?xf32>
  %r = owl.window %a0[%n, 3] through affine_map<(i, j) -> (2 * i + j)> : tensor<?xf32> -> tensor<?x3xf32>
  return %r : tensor<?x3xf32>""")
    yield Call(fn, [x, array(2)], [Expected(f32, np.stack([x[:3], x[2:]]))])
    yield Call(fn, [x, array(0)], [nothing(f32, 0, 3)])
    yield Call(fn, [array(0), array(0)], [nothing(f32, 0, 3)])
    yield Call(fn, [x, array(3)], [nothing(f32, 3, 3)], BAD_SHAPE)
    yield Call(fn, [array(0), array(1)], [nothing(f32, 1, 3)], BAD_SHAPE)


def divisions():
    """A size of 0 divides no other."""
    fn = Function("divide", [vector(None)], [vector(None)], """\
  %c0 = arith.constant 0 : index
  %c7 = arith.constant 7 : index
  %d = tensor.dim %a0, %c0 : tensor<?xf32>
  %n = arith.divui %c7, %d : index
  %r = owl.repeat %a0 by [%n] : tensor<?xf32> -> tensor<?xf32>
  return %r : tensor<?xf32>""")
    x = array(3)
    yield Call(fn, [x], [Expected(f32, x.repeat(2))])
    yield Call(fn, [array(0)], [Expected(f32, array(0))])


def guarded_divisions():
    """Nor does it where a branch makes sure of that: a size is computed from both."""
    fn = Function("divide_in_branch", [vector(None), vector(None)], [vector(None)], """\
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %d = tensor.dim %a1, %c0 : tensor<?xf32>
  %some = arith.cmpi ne, %d, %c0 : index
  %n = scf.if %some -> index {
    %q = arith.divui %c7, %d : index
    scf.yield %q : index
  } else {
    scf.yield %c1 : index
  }
  %r = owl.repeat %a0 by [%n] : tensor<?xf32> -> tensor<?xf32>
  return %r : tensor<?xf32>""")
    x = array(3)
    yield Call(fn, [x, array(3)], [Expected(f32, x.repeat(2))])
    yield Call(fn, [x, array(0)], [Expected(f32, x)])


def hidden_counts():
    """Merging and folding leave the checks in place."""
    fn = Function("two_below_zero", [vector(None), vector(None)], [vector(None)], """\
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : index
  %d = tensor.dim %a1, %c0 : tensor<?xf32>
  %n = arith.subi %d, %c5 : index
  %s = owl.repeat %a0 by [%n] : tensor<?xf32> -> tensor<?xf32>
  %r = owl.repeat %s by [%n] : tensor<?xf32> -> tensor<?xf32>
  return %r : tensor<?xf32>""")
    yield Call(fn, [array(3), array(4)], [nothing(f32, 3)], BAD_SHAPE)
    splat = Function("splat", [vector(None)], [vector(6)], """\
  %c0 = arith.constant 0 : index
  %d = tensor.dim %a0, %c0 : tensor<?xf32>
  %x = arith.constant dense<1.0> : tensor<2xf32>
  %r = owl.repeat %x by [%d] : tensor<2xf32> -> tensor<6xf32>
  return %r : tensor<6xf32>""")
    yield Call(splat, [array(3)], [Expected(f32, np.ones(6, np.float32))])
    yield Call(splat, [array(4)], [nothing(f32, 6)], BAD_SHAPE)
    arg = Function("argmax", [vector(None, 1)], [Tensor(elements.i64, (4,))], """\
  %r = owl.reduce <argmax> %a0 axes = [1] : tensor<?x1xf32> -> tensor<4xi64>
  return %r : tensor<4xi64>""")
    yield Call(arg, [array(3, 1)], [nothing(elements.i64, 4)], BAD_SHAPE)


def impossible_dims():
    """Dimensions given by the caller, not taken from an array."""
    fn = Function("lies_negative", [vector(None)], [vector()], """\
  %r = owl.reduce <sum> %a0 axes = [0] : tensor<?xf32> -> tensor<f32>
  return %r : tensor<f32>""")
    yield Call(fn, [array(0)], [nothing(f32)], BAD_SHAPE, given_dims=[-1])
    yield Call(fn, [array(0)], [nothing(f32)], BAD_SHAPE, given_dims=[-(2**63)])
    # More bytes than the address space has.
    yield Call(fn, [array(0)], [nothing(f32)], BAD_SHAPE, given_dims=[2**62])
    # Each buffer could be addressed, but not four at a time, whose sizes sum to 0.
    fn = Function("lies_workspace", [vector(None)] * 2, [vector()], """\
  %t = owl.tile %a0 by [256] : tensor<?xf32> -> tensor<?xf32>
  %u = owl.repeat %a0 by [256] : tensor<?xf32> -> tensor<?xf32>
  %v = owl.tile %a1 by [256] : tensor<?xf32> -> tensor<?xf32>
  %w = arith.mulf %t, %u : tensor<?xf32>
  %x = arith.mulf %v, %w : tensor<?xf32>
  %r = owl.reduce <sum> %x axes = [0] : tensor<?xf32> -> tensor<f32>
  return %r : tensor<f32>""")
    yield Call(fn, [array(0)] * 2, [nothing(f32)], BAD_SHAPE, given_dims=[2**52] * 2)
    yield Call(fn, [array(0)] * 2, [Expected(f32, np.float32(0))])


if __name__ == "__main__":
    driver.main([
        *empty_reductions(), *disagreeing_shapes(), *counts(),
        *computed_sizes(), *branches(), *claimed_sizes(),
        *slices(), *expansions(), *impossible_expansions(), *reshapes(),
        *concatenations(), *windows(), *divisions(), *guarded_divisions(),
        *hidden_counts(), *impossible_dims(),
    ])
