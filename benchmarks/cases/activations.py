# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Softmax and its relations, GELU, and squeeze-and-excite."""

import numpy as np

from .case import Case, images, rows
from .norms import channel_loop, row_loop


def exponentials(b, x):
    shifted = b.op("arith.subf", x, b.broadcast(b.reduce("max", x, [1]), x))
    return shifted, b.op("math.exp", shifted)


def softmax_mlir(b, x):
    _, e = exponentials(b, x)
    return b.op("arith.divf", e, b.broadcast(b.reduce("sum", e, [1]), e))


def softmax_numpy(x, out=None):
    e = np.subtract(x, x.max(axis=1, keepdims=True), out=out)
    np.exp(e, out=e)
    e /= e.sum(axis=1, keepdims=True)
    return e


def softmax_torch(out, x):
    import torch
    return torch._softmax(x, 1, False, out=out)


MAXIMUM_C = """float max = -INFINITY, sum = 0;
  for (long j = 0; j < C; ++j) max = row[j] > max ? row[j] : max;"""

SOFTMAX = Case(
    name="softmax", kind="softmax",
    shapes=lambda elements, last: [rows(elements, last)],
    mlir=softmax_mlir, numpy=softmax_numpy, torch=softmax_torch,
    onnx=lambda g, x: g.op("Softmax", x, axis=-1),
    c=lambda shape: row_loop(shape, f"""{MAXIMUM_C}
  for (long j = 0; j < C; ++j) sum += out[j] = expf(row[j] - max);
  for (long j = 0; j < C; ++j) out[j] /= sum;"""),
    tfjs="tf.softmax(x0)")


def log_softmax_mlir(b, x):
    shifted, e = exponentials(b, x)
    total = b.op("math.log", b.reduce("sum", e, [1]))
    return b.op("arith.subf", shifted, b.broadcast(total, x))


def log_softmax_numpy(x, out=None):
    shifted = np.subtract(x, x.max(axis=1, keepdims=True), out=out)
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted


def log_softmax_torch(out, x):
    import torch
    return torch._log_softmax(x, 1, False, out=out)


LOG_SOFTMAX = Case(
    name="log-softmax", kind="softmax",
    shapes=lambda elements, last: [rows(elements, last)],
    mlir=log_softmax_mlir, numpy=log_softmax_numpy, torch=log_softmax_torch,
    onnx=lambda g, x: g.op("LogSoftmax", x, axis=-1),
    c=lambda shape: row_loop(shape, f"""{MAXIMUM_C}
  for (long j = 0; j < C; ++j) sum += expf(row[j] - max);
  float shift = max + logf(sum);
  for (long j = 0; j < C; ++j) out[j] = row[j] - shift;"""),
    tfjs="tf.logSoftmax(x0)")

# A class is picked by comparing: what a label points to is not known before.
PICK = """linalg.generic {{
    indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>,
                     affine_map<(i, j) -> (i, j)>],
    iterator_types = ["parallel", "parallel"]}}
    ins({x}, {labels} : {type}, {label_type}) outs({empty} : {type}) {{
  ^bb0(%logit: f32, %label: i64, %out: f32):
    %column = linalg.index 1 : index
    %class = arith.index_cast %column : index to i64
    %is = arith.cmpi eq, %class, %label : i64
    %zero = arith.constant 0.0 : f32
    %picked = arith.select %is, %logit, %zero : f32
    linalg.yield %picked : f32
  }} -> {type}"""


def cross_entropy_mlir(b, x, labels):
    dims = [b.dim(x, axis) for axis, d in enumerate(b.types[x][1]) if d is None]
    empty = b.add(f"tensor.empty({', '.join(dims)}) : {b.type(x)}")
    picked = b.add(PICK.format(
        x=x, labels=labels, type=b.type(x), label_type=b.type(labels), empty=empty),
        b.types[x])
    picked = b.reduce("sum", picked, [1], keep_dims=False)
    total = b.reduce("logsumexp", x, [1], keep_dims=False)
    return b.reduce("mean", b.op("arith.subf", total, picked), [0], keep_dims=False)


def cross_entropy_numpy(x, labels, out=None):
    top = x.max(axis=1, keepdims=True)
    total = np.log(np.exp(x - top).sum(axis=1)) + top[:, 0]
    return np.mean(total - x[np.arange(len(x)), labels], out=out)


def cross_entropy_torch(out, x, labels):
    import torch
    return torch.nn.functional.cross_entropy(x, labels)


CROSS_ENTROPY = Case(
    name="cross-entropy", kind="softmax", elements=("f32", "i64"),
    shapes=lambda elements, last: [(s := rows(elements, last)), s[:1]],
    mlir=cross_entropy_mlir, numpy=cross_entropy_numpy, torch=cross_entropy_torch,
    onnx=lambda g, x, labels: g.op(
        "SoftmaxCrossEntropyLoss", x, labels, reduction="mean"),
    c=lambda shape, _: f"""const long C = {shape[1]};
float loss = 0;
for (long i = 0; i < {shape[0]}; ++i) {{
  const float *row = x0 + i * C;
  {MAXIMUM_C}
  for (long j = 0; j < C; ++j) sum += expf(row[j] - max);
  loss += max + logf(sum) - row[x1[i]];
}}
*y = loss / {shape[0]};""")


def erf(x):
    """Abramowitz and Stegun, 7.1.26: within 1.5e-7. NumPy has none."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    p = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t
         + 0.254829592) * t
    return np.copysign(1 - p * np.exp(-x * x), x)


def gelu_mlir(b, x, bias):
    x = b.op("arith.addf", x, b.along(bias, x, 1))
    inner = b.op("math.erf", b.op("arith.mulf", x, b.constant(0.5**0.5, x)))
    gate = b.op("arith.addf", inner, b.constant(1, x))
    return b.op("arith.mulf", b.op("arith.mulf", x, b.constant(0.5, x)), gate)


def gelu_numpy(x, bias, out=None):
    y = np.add(x, bias, out=out)
    y *= 0.5 * (1 + erf(y * y.dtype.type(0.5**0.5)))
    return y


def gelu_torch(out, x, bias):
    import torch
    return torch._C._nn.gelu(x + bias, out=out)


def gelu_onnx(g, x, bias):
    x = g.op("Add", x, bias)
    inner = g.op("Erf", g.op("Div", x, g.floats(2**0.5)))
    gate = g.op("Add", inner, g.floats(1))
    return g.op("Mul", g.op("Mul", x, gate), g.floats(0.5))


BIAS_GELU = Case(
    name="bias-gelu", kind="other", elements=("f32", "f32"),
    shapes=lambda elements, last: [(s := rows(elements, last)), s[1:]],
    mlir=gelu_mlir, numpy=gelu_numpy, torch=gelu_torch, onnx=gelu_onnx,
    c=lambda shape, _: row_loop(shape, """for (long j = 0; j < C; ++j) {
    float v = row[j] + x1[j];
    out[j] = 0.5f * v * (1 + erff(v * 0.70710678f));
  }"""),
    tfjs="""(() => {
      const x = tf.add(x0, x1);
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
    })()""")


def excite_mlir(b, x):
    pooled = b.reduce("mean", x, [2, 3])
    one = b.constant(1, pooled)
    e = b.op("math.exp", b.op("arith.negf", pooled))
    gate = b.op("arith.divf", one, b.op("arith.addf", one, e))
    return b.op("arith.mulf", x, b.broadcast(gate, x))


def excite_numpy(x, out=None):
    gate = 1 / (1 + np.exp(-x.mean(axis=(2, 3), keepdims=True)))
    return np.multiply(x, gate, out=out)


def excite_torch(out, x):
    import torch
    return torch.mul(x, torch.sigmoid(torch.mean(x, (2, 3), keepdim=True)), out=out)


SQUEEZE_EXCITE = Case(
    name="squeeze-excite", kind="other",
    shapes=lambda elements, last: [images(elements, last)],
    mlir=excite_mlir, numpy=excite_numpy, torch=excite_torch,
    onnx=lambda g, x: g.op("Mul", x, g.op("Sigmoid", g.op("GlobalAveragePool", x))),
    c=lambda shape: channel_loop(shape, """float sum = 0;
  for (long i = 0; i < plane; ++i) sum += in[i];
  float gate = 1 / (1 + expf(-sum / plane));
  for (long i = 0; i < plane; ++i) out[i] = in[i] * gate;"""),
    tfjs="tf.mul(x0, tf.sigmoid(tf.mean(x0, [2, 3], true)))")

CASES = [SOFTMAX, LOG_SOFTMAX, CROSS_ENTROPY, BIAS_GELU, SQUEEZE_EXCITE]
