# RUN: %python %s --backend host
# RUN: %python %s --backend host --passes owl-simplify cse
# RUN: %python %s --backend aarch64
# RUN: %python %s --backend wasm32
# RUN: %python %s --backend jit
# RUN: %python %s --backend unikernel-x86_64
# RUN: %python %s --backend unikernel-aarch64
#
# The ops of tensor, linalg and tosa that models use beside owl's: reshapes,
# slices, concatenation, padding, transposition, broadcasts and named ops.

import numpy as np

from owltest import driver, elements, values
from owltest.case import Call, Expected, Function, Tensor
from owltest.elements import Wide

f32, i32 = elements.f32, elements.i32
SHAPE = (2, 3, 4)
X = Tensor(f32, SHAPE)
DYNAMIC = Tensor(f32, (None, None, None))
EXACT, ROUNDED = None, 8


def case(name, body, compute, result, sources=(X,), shapes=(SHAPE,), factor=EXACT,
         prelude=""):
    """Calls of one function; `factor` roundings may be lost, or none."""
    fn = Function(name, list(sources), [result], body + f"\n  return %r : {result}",
                  prelude)
    for shape in shapes:
        rng = values.generator(name, shape)
        arguments = [values.plain(rng, t.element, shape) for t in sources]
        if factor is EXACT:
            expected = Expected(result.element, compute(*arguments), signed_zero=True)
        else:
            y = compute(*[x.astype(Wide) for x in arguments])
            size = np.abs(y).max() if y.size else 0
            expected = Expected(result.element, y, factor * f32.eps * max(size, 1))
        yield Call(fn, arguments, [expected])


def reshapes():
    yield from case(
        "collapse",
        f"  %r = tensor.collapse_shape %a0 [[0, 1], [2]] : {X} into tensor<6x4xf32>",
        lambda x: x.reshape(6, 4), Tensor(f32, (6, 4)))
    yield from case(
        "collapse_dynamic",
        f"  %r = tensor.collapse_shape %a0 [[0, 1], [2]] : {DYNAMIC} into tensor<?x?xf32>",
        lambda x: x.reshape(-1, x.shape[2]), Tensor(f32, (None, None)), [DYNAMIC],
        [SHAPE, (1, 1, 1), (5, 1, 7), (0, 2, 3)])
    yield from case(
        "expand",
        f"  %r = tensor.expand_shape %a0 [[0], [1], [2, 3]] output_shape [2, 3, 2, 2] : "
        f"{X} into tensor<2x3x2x2xf32>",
        lambda x: x.reshape(2, 3, 2, 2), Tensor(f32, (2, 3, 2, 2)))
    yield from case(
        "collapse_to_scalar",
        "  %r = tensor.collapse_shape %a0 [] : tensor<1x1xf32> into tensor<f32>",
        lambda x: x.reshape(()), Tensor(f32), [Tensor(f32, (1, 1))], [(1, 1)])
    yield from case(
        "reshaped_reduction",
        f"  %c = tensor.collapse_shape %a0 [[0, 1, 2]] : {X} into tensor<24xf32>\n"
        "  %r = owl.reduce <max> %c axes = [0] : tensor<24xf32> -> tensor<f32>",
        lambda x: x.max(), Tensor(f32))


def destinations_read():
    """An op that reads its destination, and then copies of what it gives."""
    vector = Tensor(f32, (3,))
    yield from case(
        "accumulate_then_broadcast", """\
  %e = tensor.empty() : tensor<3x5xf32>
  %d = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%a0 : tensor<3xf32>) outs(%a1 : tensor<3xf32>) {
  ^bb0(%a: f32, %b: f32):
    %z = arith.subf %b, %a : f32
    linalg.yield %z : f32
  } -> tensor<3xf32>
  %r = linalg.broadcast ins(%d : tensor<3xf32>) outs(%e : tensor<3x5xf32>) dimensions = [1]""",
        lambda x, y: np.repeat((y - x)[:, None], 5, axis=1), Tensor(f32, (3, 5)),
        [vector, vector], [(3,)], prelude="#id = affine_map<(i) -> (i)>\n")


def slices():
    # The result is smaller than what it is a slice of.
    yield from case(
        "slice_to_scalar",
        "  %y = owl.repeat %a0 by [2] : tensor<4096xf32> -> tensor<8192xf32>\n"
        "  %s = tensor.extract_slice %y[0] [1] [1] : tensor<8192xf32> to tensor<1xf32>\n"
        "  %r = tensor.collapse_shape %s [] : tensor<1xf32> into tensor<f32>",
        lambda x: x[0], Tensor(f32), [Tensor(f32, (4096,))], [(4096,)])
    yield from case(
        "slice", f"  %r = tensor.extract_slice %a0[0, 1, 1][2, 2, 2][1, 1, 2] : {X} to "
        "tensor<2x2x2xf32>", lambda x: x[:, 1:, 1::2], Tensor(f32, (2, 2, 2)))
    yield from case(
        "slice_row", f"  %r = tensor.extract_slice %a0[1, 0, 0][1, 3, 4][1, 1, 1] : {X} to "
        "tensor<3x4xf32>", lambda x: x[1], Tensor(f32, (3, 4)))
    yield from case(
        "slice_of_one", f"  %r = tensor.extract_slice %a0[1, 1, 2][1, 1, 1][2, 3, 1] : {X} to "
        "tensor<1xf32>", lambda x: x[1, 1, 2:3], Tensor(f32, (1,)))
    yield from case(
        "slice_then_sum", f"""\
  %s = tensor.extract_slice %a0[0, 0, 1][2, 3, 2][1, 1, 1] : {X} to tensor<2x3x2xf32>
  %r = owl.reduce <sum> %s axes = [0, 2] : tensor<2x3x2xf32> -> tensor<3xf32>""",
        lambda x: x[:, :, 1:3].sum(axis=(0, 2)), Tensor(f32, (3,)), factor=ROUNDED)
    # Reduced as it lies, with the strides of the slice.
    yield from case(
        "slice_of_dynamic", """\
  %c0 = arith.constant 0 : index
  %d = tensor.dim %a0, %c0 : tensor<?x8x?xf32>
  %s = tensor.extract_slice %a0[0, 0, 0] [%d, 4, 2] [1, 1, 1] : tensor<?x8x?xf32> to tensor<?x4x2xf32>
  %r = owl.reduce <max> %s axes = [1, 2] : tensor<?x4x2xf32> -> tensor<?xf32>""",
        lambda x: x[:, :4, :2].max(axis=(1, 2)), Tensor(f32, (None,)),
        [Tensor(f32, (None, 8, None))], [(3, 8, 5), (1, 8, 2), (0, 8, 3)])
    # Returned, which takes a dense copy: of a size that is not known, or not said.
    yield from case(
        "slice_of_some", """\
  %c2 = arith.constant 2 : index
  %d = tensor.dim %a0, %c2 : tensor<?x8x?xf32>
  %n = arith.ceildivui %d, %c2 : index
  %c0 = arith.constant 0 : index
  %m = tensor.dim %a0, %c0 : tensor<?x8x?xf32>
  %r = tensor.extract_slice %a0[0, 0, 0] [%m, 8, %n] [1, 1, 1] : tensor<?x8x?xf32> to tensor<?x8x?xf32>""",
        lambda x: x[:, :, :-(-x.shape[2] // 2)], Tensor(f32, (None, 8, None)),
        [Tensor(f32, (None, 8, None))], [(3, 8, 5), (1, 8, 2), (0, 8, 3)])
    yield from case(
        "slice_then_cast", f"""\
  %s = tensor.extract_slice %a0[0, 0, 1][2, 3, 2][1, 1, 1] : {X} to tensor<2x3x2xf32>
  %r = tensor.cast %s : tensor<2x3x2xf32> to tensor<2x3x?xf32>""",
        lambda x: x[:, :, 1:3], Tensor(f32, (2, 3, None)))
    yield from case(
        "insert", f"""\
  %c = arith.constant dense<-1.0> : tensor<4x4x4xf32>
  %r = tensor.insert_slice %a0 into %c[1, 0, 0][2, 3, 4][1, 1, 1] : {X} into tensor<4x4x4xf32>""",
        lambda x: np.pad(x, ((1, 1), (0, 1), (0, 0)), constant_values=-1),
        Tensor(f32, (4, 4, 4)))
    yield from case(
        "pad", f"""\
  %c = arith.constant 1.0 : f32
  %r = tensor.pad %a0 low[0, 1, 2] high[1, 0, 0] {{
  ^bb0(%i: index, %j: index, %k: index):
    tensor.yield %c : f32
  }} : {X} to tensor<3x4x6xf32>""",
        lambda x: np.pad(x, ((0, 1), (1, 0), (2, 0)), constant_values=1),
        Tensor(f32, (3, 4, 6)))
    yield from case(
        "concat", f"  %r = tensor.concat dim(1) %a0, %a1 : ({X}, {X}) -> tensor<2x6x4xf32>",
        lambda x, y: np.concatenate([x, y], axis=1), Tensor(f32, (2, 6, 4)), [X, X])
    yield from case(
        "concat_dynamic",
        f"  %r = tensor.concat dim(1) %a0, %a1 : ({DYNAMIC}, {DYNAMIC}) -> {DYNAMIC}",
        lambda x, y: np.concatenate([x, y], axis=1), DYNAMIC, [DYNAMIC, DYNAMIC],
        [SHAPE, (1, 1, 1), (3, 7, 2), (2, 0, 2)])
    yield from case(
        "generate", f"""\
  %c2 = arith.constant 2 : index
  %r = tensor.generate {{
  ^bb0(%i: index, %j: index):
    %v = tensor.extract %a0[%j, %i, %c2] : {X}
    tensor.yield %v : f32
  }} : tensor<3x2xf32>""",
        lambda x: x[:, :, 2].T, Tensor(f32, (3, 2)))


def indices():
    """Tensors of index are made, and kept, like others."""
    t, wide = Tensor(elements.i8, (6, 40)), Tensor(elements.i64, (40,))
    yield from case(
        "indices", """\
  %c = arith.constant dense<3> : tensor<6x40xindex>
  %i = arith.index_cast %a0 : tensor<6x40xi8> to tensor<6x40xindex>
  %p = arith.muli %i, %c : tensor<6x40xindex>
  %s = tensor.extract_slice %p[2, 0] [1, 40] [1, 1] : tensor<6x40xindex> to tensor<40xindex>
  %d = arith.subi %s, %s : tensor<40xindex>
  %t = arith.addi %s, %d : tensor<40xindex>
  %r = arith.index_cast %t : tensor<40xindex> to tensor<40xi64>""",
        lambda x: 3 * x[2].astype(np.int64), wide, [t], [(6, 40)])


def transpose(name, element, order, pattern, shapes):
    source = Tensor(element, pattern)
    result = Tensor(element, tuple(pattern[d] for d in order))
    sizes = [d for d in order if pattern[d] is None]
    body = "".join(f"  %c{d} = arith.constant {d} : index\n"
                   f"  %d{d} = tensor.dim %a0, %c{d} : {source}\n" for d in sizes)
    return case(name, f"""{body}\
  %e = tensor.empty({", ".join(f"%d{d}" for d in sizes)}) : {result}
  %r = linalg.transpose ins(%a0 : {source}) outs(%e : {result}) permutation = {list(order)}""",
                lambda x: x.transpose(order), result, [source], shapes)


def transposes():
    """Squares of vectors, blocks of them and the edges that they leave."""
    for element in (f32, elements.f64, elements.f16, elements.i8, elements.i1):
        for name, order in (("inner", (0, 2, 1)), ("cycle", (2, 0, 1)), ("all", (2, 1, 0)),
                            ("rows", (1, 0, 2))):
            yield from transpose(f"transpose_{name}_{element}", element, order,
                                 (None, None, None),
                                 [(9, 19, 70), (1, 3, 5), (130, 2, 64), (3, 0, 8)])
        for shape in ((37, 70), (8, 128), (3, 100)):
            yield from transpose(f"transpose_{shape[0]}x{shape[1]}_{element}", element,
                                 (1, 0), shape, [shape])


def structured():
    yield from case(
        "transpose", f"""\
  %e = tensor.empty() : tensor<4x2x3xf32>
  %r = linalg.transpose ins(%a0 : {X}) outs(%e : tensor<4x2x3xf32>) permutation = [2, 0, 1]""",
        lambda x: x.transpose(2, 0, 1), Tensor(f32, (4, 2, 3)))
    yield from case(
        "broadcast", f"""\
  %e = tensor.empty() : tensor<2x3x4x5xf32>
  %r = linalg.broadcast ins(%a0 : {X}) outs(%e : tensor<2x3x4x5xf32>) dimensions = [3]""",
        lambda x: np.broadcast_to(x[..., None], (2, 3, 4, 5)), Tensor(f32, (2, 3, 4, 5)))
    yield from case(
        "generic", f"""\
  %e = tensor.empty() : tensor<3x2x4xf32>
  %r = linalg.generic {{
      indexing_maps = [affine_map<(a, b, c) -> (b, a, c)>, affine_map<(a, b, c) -> (a, b, c)>],
      iterator_types = ["parallel", "parallel", "parallel"]}}
      ins(%a0 : {X}) outs(%e : tensor<3x2x4xf32>) {{
  ^bb0(%x: f32, %o: f32):
    %y = arith.mulf %x, %x : f32
    linalg.yield %y : f32
  }} -> tensor<3x2x4xf32>""",
        lambda x: (x * x).transpose(1, 0, 2), Tensor(f32, (3, 2, 4)))
    yield from case(
        "map", f"""\
  %e = tensor.empty() : {X}
  %r = linalg.map {{ math.exp }} ins(%a0 : {X}) outs(%e : {X})""", np.exp, X,
        factor=ROUNDED)
    # owl-simplify does it before the repetition, unless it reads what it writes to.
    Y = Tensor(f32, (2, 6, 4))
    for name, operand, compute in (
            ("map_of_repeat", "%e", lambda x, y: np.repeat(x + x, 2, axis=1)),
            ("map_of_repeat_reads_init", "%d",
             lambda x, y: np.repeat(x, 2, axis=1) + np.repeat(y, 2, axis=1))):
        yield from case(
            name, f"""\
  %x = owl.repeat %a0 by [1, 2, 1] : {X} -> {Y}
  %o = owl.repeat %a1 by [1, 2, 1] : {X} -> {Y}
  %r = linalg.map ins(%x : {Y}) outs(%o : {Y}) (%e: f32, %d: f32) {{
    %s = arith.addf %e, {operand} : f32
    linalg.yield %s : f32
  }}""", compute, Y, [X, X])
    yield from case(
        "named", f"""\
  %e = tensor.empty() : {X}
  %s = linalg.sub ins(%a0, %a1 : {X}, {X}) outs(%e : {X}) -> {X}
  %r = linalg.abs ins(%s : {X}) outs(%e : {X}) -> {X}""",
        lambda x, y: np.abs(x - y), X, [X, X])
    yield from case(
        "linalg_reduce", f"""\
  %c = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4xf32>
  %z = linalg.fill ins(%c : f32) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %r = linalg.reduce {{ arith.addf }} ins(%a0 : {X}) outs(%z : tensor<2x4xf32>) dimensions = [1]""",
        lambda x: x.sum(axis=1), Tensor(f32, (2, 4)), factor=ROUNDED)
    yield from case(
        "matmul", f"""\
  %c = arith.constant dense<0.0> : tensor<2x3x3xf32>
  %d = arith.constant dense<0.5> : tensor<2x4x3xf32>
  %r = linalg.batch_matmul ins(%a0, %d : {X}, tensor<2x4x3xf32>)
      outs(%c : tensor<2x3x3xf32>) -> tensor<2x3x3xf32>""",
        lambda x: x @ np.full((2, 4, 3), 0.5, x.dtype), Tensor(f32, (2, 3, 3)),
        factor=ROUNDED * 4)
    yield from case(
        "constant", f"""\
  %c = arith.constant dense<[[[1.0, 2.0, 3.0, 4.0]]]> : tensor<1x1x4xf32>
  %t = owl.tile %c by [2, 3, 1] : tensor<1x1x4xf32> -> {X}
  %r = arith.addf %a0, %t : {X}""",
        lambda x: x + np.float32([1, 2, 3, 4]), X)
    yield from case(
        "call", f"  %y = func.call @twice(%a0) : ({X}) -> {X}\n"
        f"  %r = func.call @twice(%y) : ({X}) -> {X}", lambda x: x * 4, X,
        prelude=f"func.func private @twice(%x: {X}) -> {X} {{\n"
        f"  %y = arith.addf %x, %x : {X}\n  return %y : {X}\n}}\n")
    yield from case("identity", "  %r = tensor.cast %a0 : "
                    f"{X} to {X}", lambda x: x, X)


def tosa():
    yield from case("tosa_add", f"  %r = tosa.add %a0, %a1 : ({X}, {X}) -> {X}", np.add, X,
                    [X, X])
    yield from case("tosa_sigmoid", f"  %r = tosa.sigmoid %a0 : ({X}) -> {X}",
                    lambda x: 1 / (1 + np.exp(-x)), X, factor=ROUNDED)
    yield from case("tosa_tanh", f"  %r = tosa.tanh %a0 : ({X}) -> {X}", np.tanh, X,
                    factor=ROUNDED)
    yield from case(
        "tosa_clamp", "  %r = tosa.clamp %a0 {min_val = -1.0 : f32, max_val = 1.5 : f32} : "
        f"({X}) -> {X}", lambda x: np.clip(x, np.float32(-1), np.float32(1.5)), X)
    yield from case(
        "tosa_reduce", f"  %r = tosa.reduce_sum %a0 {{axis = 1 : i32}} : ({X}) -> "
        "tensor<2x1x4xf32>", lambda x: x.sum(axis=1, keepdims=True),
        Tensor(f32, (2, 1, 4)), factor=ROUNDED)
    yield from case(
        "tosa_argmax", f"  %r = tosa.argmax %a0 {{axis = 1 : i32}} : ({X}) -> "
        "tensor<2x4xi32>", lambda x: x.argmax(axis=1).astype(np.int32),
        Tensor(i32, (2, 4)))
    yield from case(
        "tosa_transpose", f"  %r = tosa.transpose %a0 {{perms = array<i32: 2, 0, 1>}} : "
        f"({X}) -> tensor<4x2x3xf32>", lambda x: x.transpose(2, 0, 1),
        Tensor(f32, (4, 2, 3)))
    yield from case(
        "tosa_reverse", f"  %r = tosa.reverse %a0 {{axis = 1 : i32}} : ({X}) -> {X}",
        lambda x: x[:, ::-1], X)


if __name__ == "__main__":
    driver.main([*reshapes(), *destinations_read(), *slices(), *indices(),
                 *transposes(), *structured(), *tosa()])
