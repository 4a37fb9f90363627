# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Normalisations: of rows (layer, RMS, L2) and of channels (batch)."""

import numpy as np

from .case import Case, images, rows
from .movement import shape_of

EPSILON = 1e-5


def row_loop(shape, body):
    """C for each row of the first input and of the result."""
    return f"""for (long i = 0; i < {shape[0]}; ++i) {{
  const long C = {shape[1]};
  const float *row = x0 + i * C;
  float *out = y + i * C;
  {body}
}}"""


def normalised(b, x, axes):
    """(x - mean) / sqrt(variance + epsilon), as it is written out by hand."""
    centred = b.op("arith.subf", x, b.broadcast(b.reduce("mean", x, axes), x))
    variance = b.reduce("mean", b.op("arith.mulf", centred, centred), axes)
    shifted = b.op("arith.addf", variance, b.constant(EPSILON, variance))
    return b.op("arith.mulf", centred, b.broadcast(b.op("math.rsqrt", shifted), x))


def scaled(b, x, gain, bias, axis):
    """x * gain + bias, which may be rounded once, as C compilers do by default."""
    x = b.op("arith.mulf", x, b.along(gain, x, axis), fastmath="contract")
    return b.op("arith.addf", x, b.along(bias, x, axis), fastmath="contract")


def normalise_numpy(x, axes, gain, bias, out=None):
    """In place where there is an `out`."""
    y = np.subtract(x, x.mean(axis=axes, keepdims=True), out=out)
    variance = np.square(y).mean(axis=axes, keepdims=True)
    y *= 1 / np.sqrt(variance + EPSILON)
    y *= gain
    y += bias
    return y


def layer_norm_torch(out, x, gain, bias):
    import torch
    return torch.layer_norm(x, x.shape[1:], gain, bias, EPSILON)


def layer_norm_onnx(g, x, gain, bias):
    return g.op("LayerNormalization", x, gain, bias, axis=-1, epsilon=EPSILON)


LAYER_NORM_C = """float mean = 0, square = 0;
  for (long j = 0; j < C; ++j) mean += ROW;
  mean /= C;
  for (long j = 0; j < C; ++j) square += (ROW - mean) * (ROW - mean);
  float scale = 1 / sqrtf(square / C + 1e-5f);
  for (long j = 0; j < C; ++j) out[j] = (ROW - mean) * scale * GAIN[j] + BIAS[j];"""


def layer_norm_c(row, gain, bias):
    return LAYER_NORM_C.replace("ROW", row).replace("GAIN", gain).replace("BIAS", bias)


LAYER_NORM = Case(
    name="layer-norm", kind="norm",
    shapes=lambda elements, last: [(s := rows(elements, last)), s[1:], s[1:]],
    elements=("f32",) * 3,
    mlir=lambda b, x, gain, bias: scaled(b, normalised(b, x, [1]), gain, bias, 1),
    numpy=lambda x, gain, bias, out=None: normalise_numpy(x, 1, gain, bias, out),
    torch=layer_norm_torch, onnx=layer_norm_onnx,
    c=lambda shape, *_: row_loop(shape, layer_norm_c("row[j]", "x1", "x2")),
    tfjs=f"""(() => {{
      const {{ mean, variance }} = tf.moments(x0, 1, true);
      return tf.add(tf.mul(tf.mul(tf.sub(x0, mean),
        tf.rsqrt(tf.add(variance, {EPSILON}))), x1), x2);
    }})()""")


def residual_mlir(b, x, residual, gain, bias):
    total = b.op("arith.addf", x, residual)
    return scaled(b, normalised(b, total, [1]), gain, bias, 1)


def residual_numpy(x, residual, gain, bias, out=None):
    total = np.add(x, residual, out=out)
    return normalise_numpy(total, 1, gain, bias, total)


RESIDUAL_LAYER_NORM = Case(
    name="residual-layer-norm", kind="norm",
    shapes=lambda elements, last: [(s := rows(elements, last)), s, s[1:], s[1:]],
    elements=("f32",) * 4,
    mlir=residual_mlir, numpy=residual_numpy,
    torch=lambda out, x, r, gain, bias: layer_norm_torch(out, x + r, gain, bias),
    onnx=lambda g, x, r, gain, bias: layer_norm_onnx(g, g.op("Add", x, r), gain, bias),
    c=lambda shape, *_: row_loop(shape, f"""const float *other = x1 + i * C;
  for (long j = 0; j < C; ++j) out[j] = row[j] + other[j];
  {layer_norm_c("out[j]", "x2", "x3")}"""),
    tfjs=f"""(() => {{
      const x = tf.add(x0, x1);
      const {{ mean, variance }} = tf.moments(x, 1, true);
      return tf.add(tf.mul(tf.mul(tf.sub(x, mean),
        tf.rsqrt(tf.add(variance, {EPSILON}))), x2), x3);
    }})()""")


def rms_mlir(b, x, gain):
    square = b.reduce("mean", b.op("arith.mulf", x, x), [1])
    shifted = b.op("arith.addf", square, b.constant(EPSILON, square))
    y = b.op("arith.mulf", x, b.broadcast(b.op("math.rsqrt", shifted), x))
    return b.op("arith.mulf", y, b.along(gain, y, 1))


def rms_numpy(x, gain, out=None):
    square = np.square(x, out=out).mean(axis=1, keepdims=True)
    y = np.multiply(x, 1 / np.sqrt(square + EPSILON), out=out)
    y *= gain
    return y


def rms_torch(out, x, gain):
    import torch
    square = torch.mean(x * x, 1, keepdim=True)
    return torch.mul(x * torch.rsqrt(square + EPSILON), gain, out=out)


def rms_onnx(g, x, gain):
    square = g.op("ReduceMean", g.op("Pow", x, g.floats(2)), axes=[-1])
    root = g.op("Sqrt", g.op("Add", square, g.floats(EPSILON)))
    return g.op("Mul", g.op("Div", x, root), gain)


RMS_NORM = Case(
    name="rms-norm", kind="norm",
    shapes=lambda elements, last: [(s := rows(elements, last)), s[1:]],
    elements=("f32",) * 2,
    mlir=rms_mlir, numpy=rms_numpy, torch=rms_torch, onnx=rms_onnx,
    c=lambda shape, *_: row_loop(shape, """float square = 0;
  for (long j = 0; j < C; ++j) square += row[j] * row[j];
  float scale = 1 / sqrtf(square / C + 1e-5f);
  for (long j = 0; j < C; ++j) out[j] = row[j] * scale * x1[j];"""),
    tfjs=f"""tf.mul(tf.mul(x0, tf.rsqrt(tf.add(
      tf.mean(tf.square(x0), 1, true), {EPSILON}))), x1)""")


def l2_numpy(x, out=None):
    norm = np.sqrt(np.square(x, out=out).sum(axis=1, keepdims=True))
    return np.divide(x, norm, out=out)


def l2_torch(out, x):
    import torch
    return torch.nn.functional.normalize(x, dim=1, out=out)


L2_NORMALISE = Case(
    name="l2-normalise", kind="norm",
    shapes=lambda elements, last: [rows(elements, last)],
    mlir=lambda b, x: b.op(
        "arith.divf", x, b.broadcast(b.reduce("l2", x, [1]), x)),
    numpy=l2_numpy, torch=l2_torch,
    onnx=lambda g, x: g.op("LpNormalization", x, axis=-1, p=2),
    c=lambda shape: row_loop(shape, """float square = 0;
  for (long j = 0; j < C; ++j) square += row[j] * row[j];
  float norm = sqrtf(square);
  for (long j = 0; j < C; ++j) out[j] = row[j] / norm;"""),
    tfjs="tf.div(x0, tf.sqrt(tf.sum(tf.square(x0), 1, true)))")

CHANNELS = (1, -1, 1, 1)


def channel_loop(shape, body):
    """C for each row of a channel in each image."""
    images, channels, height, width = shape
    return f"""for (long n = 0; n < {images}; ++n) for (long c = 0; c < {channels}; ++c) {{
  const long plane = {height * width};
  const float *in = x0 + (n * {channels} + c) * plane;
  float *out = y + (n * {channels} + c) * plane;
  {body}
}}"""


# A caller who has thought about it folds the four vectors into two; so do PyTorch
# and ONNX Runtime by themselves.


def inference_mlir(b, x, mean, variance, gain, bias):
    shifted = b.op("arith.addf", variance, b.constant(EPSILON, variance))
    scale = b.op("arith.mulf", gain, b.op("math.rsqrt", shifted))
    shift = b.op("arith.subf", bias, b.op("arith.mulf", mean, scale))
    return scaled(b, x, scale, shift, 1)


def inference_numpy(x, mean, variance, gain, bias, out=None):
    scale = gain / np.sqrt(variance + EPSILON)
    y = np.multiply(x, scale.reshape(CHANNELS), out=out)
    y += (bias - mean * scale).reshape(CHANNELS)
    return y


def inference_torch(out, x, mean, variance, gain, bias):
    import torch
    return torch.batch_norm(
        x, gain, bias, mean, variance, False, 0.1, EPSILON, False)


BATCH_NORM = Case(
    name="batch-norm", kind="norm",
    shapes=lambda elements, last: [(s := images(elements, last)), *[s[1:2]] * 4],
    elements=("f32",) * 5, positive=(2,),
    mlir=inference_mlir, numpy=inference_numpy, torch=inference_torch,
    onnx=lambda g, x, mean, variance, gain, bias: g.op(
        "BatchNormalization", x, gain, bias, mean, variance, epsilon=EPSILON),
    c=lambda shape, *_: channel_loop(shape, """float scale = x3[c] / sqrtf(x2[c] + 1e-5f);
  float shift = x4[c] - x1[c] * scale;
  for (long i = 0; i < plane; ++i) out[i] = in[i] * scale + shift;"""))


def statistics_torch(out, x, gain, bias):
    import torch
    return torch.batch_norm(x, gain, bias, None, None, True, 0.1, EPSILON, False)


def statistics_onnx(g, x, gain, bias):
    """Channels first, an op normalises each: in 0.6 of the time of ops of arithmetic,
    and a quarter of that with MeanVarianceNormalization."""
    images, channels, height, width = shape_of(g, x)
    y = g.op("Transpose", x, perm=[1, 0, 2, 3])
    y = g.op("Reshape", y, g.ints([1, channels, images * height * width]))
    y = g.op("InstanceNormalization", y, gain, bias, epsilon=EPSILON)
    y = g.op("Reshape", y, g.ints([channels, images, height, width]))
    return g.op("Transpose", y, perm=[1, 0, 2, 3])


def statistics_c(shape, *_):
    images, channels, height, width = shape
    plane = height * width
    return f"""for (long c = 0; c < {channels}; ++c) {{
  float mean = 0, square = 0;
  for (long n = 0; n < {images}; ++n) {{
    const float *in = x0 + (n * {channels} + c) * {plane};
    for (long i = 0; i < {plane}; ++i) mean += in[i];
  }}
  mean /= {images * plane};
  for (long n = 0; n < {images}; ++n) {{
    const float *in = x0 + (n * {channels} + c) * {plane};
    for (long i = 0; i < {plane}; ++i) square += (in[i] - mean) * (in[i] - mean);
  }}
  float scale = x1[c] / sqrtf(square / {images * plane} + 1e-5f);
  for (long n = 0; n < {images}; ++n) {{
    const float *in = x0 + (n * {channels} + c) * {plane};
    float *out = y + (n * {channels} + c) * {plane};
    for (long i = 0; i < {plane}; ++i) out[i] = (in[i] - mean) * scale + x2[c];
  }}
}}"""


BATCH_NORM_STATISTICS = Case(
    name="batch-norm-statistics", kind="norm", passes=2,
    shapes=lambda elements, last: [(s := images(elements, last)), s[1:2], s[1:2]],
    elements=("f32",) * 3,
    mlir=lambda b, x, gain, bias: scaled(
        b, normalised(b, x, [0, 2, 3]), gain, bias, 1),
    numpy=lambda x, gain, bias, out=None: normalise_numpy(
        x, (0, 2, 3), gain.reshape(CHANNELS), bias.reshape(CHANNELS), out),
    torch=statistics_torch, onnx=statistics_onnx, c=statistics_c)

CASES = [
    LAYER_NORM, RESIDUAL_LAYER_NORM, RMS_NORM, L2_NORMALISE, BATCH_NORM,
    BATCH_NORM_STATISTICS,
]
