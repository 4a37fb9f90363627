# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Convolutions by 3 x 3 with a bias and a ReLU: of all channels, and of each."""

import numpy as np

from .case import Case, images

# Their arithmetic grows with the channels, and memory is no limit.
LARGEST = 4 << 20


def convolution_shapes(elements, last):
    n, channels, height, width = images(elements, last)
    return [(n, channels, max(3, height), width), (channels, channels, 3, 3), (channels,)]


def depthwise_shapes(elements, last):
    x, _, bias = convolution_shapes(elements, last)
    return [x, (bias[0], 1, 3, 3), bias]


def convolution(name, kernel, features):
    """`name` is that of the linalg op."""
    def mlir(b, x, w, bias):
        element, (n, channels, height, width) = b.types[x]
        two = b.add("arith.constant 2 : index")
        sizes, dims = [], []
        for axis, size in enumerate((n, b.types[bias][1][0], height, width)):
            if size is None:
                index = b.dim(bias, 0) if axis == 1 else b.dim(x, axis)
                sizes.append(b.add(f"arith.subi {index}, {two} : index") if axis > 1 else index)
            dims.append(size and size - 2 * (axis > 1))
        result = (element, tuple(dims))
        y = b.add("", result)
        type = b.type(y)
        b.lines[-1] = f"  {y} = tensor.empty({', '.join(sizes)}) : {type}"
        start = b.add(f"linalg.broadcast ins({bias} : {b.type(bias)}) outs({y} : {type}) "
                      "dimensions = [0, 2, 3]", result)
        w = kernel(b, w)
        c = b.add(f"linalg.{name} ins({x}, {w} : {b.type(x)}, {b.type(w)}) "
                  f"outs({start} : {type}) -> {type}", result)
        return b.op("arith.maximumf", c, b.constant(0, c))

    def numpy(x, w, bias, out=None):
        height, width = x.shape[2] - 2, x.shape[3] - 2
        y = sum(features(w[:, :, i, j], x[:, :, i:i + height, j:j + width])
                for i in range(3) for j in range(3))
        return np.maximum(y + bias[:, None, None], 0, out=out)

    def torch(out, x, w, bias):
        import torch
        return torch.relu_(torch.nn.functional.conv2d(x, w, bias,
                                                      groups=x.shape[1] // w.shape[1]))

    def onnx(g, x, w, bias):
        groups = 1 if name.startswith("conv") else g.inputs[0].type.tensor_type.shape.dim[1]
        return g.op("Relu", g.op("Conv", x, w, bias, kernel_shape=[3, 3],
                                 group=groups if groups == 1 else groups.dim_value))

    return mlir, numpy, torch, onnx


def c_loops(shape, weights):
    n, channels, height, width = shape
    return f"""const long N = {n}, C = {channels}, H = {height}, W = {width}, D = {weights[1]};
for (long n = 0; n < N; ++n)
for (long f = 0; f < C; ++f)
for (long h = 0; h < H - 2; ++h) {{
  float *restrict out = y + ((n * C + f) * (H - 2) + h) * (W - 2);
  for (long v = 0; v < W - 2; ++v) out[v] = x2[f];
  for (long c = 0; c < D; ++c)
  for (long i = 0; i < 3; ++i)
  for (long j = 0; j < 3; ++j) {{
    const float *in = x0 + ((n * C + (D == 1 ? f : c)) * H + h + i) * W + j;
    float k = x1[((f * D + c) * 3 + i) * 3 + j];
    for (long v = 0; v < W - 2; ++v) out[v] += in[v] * k;
  }}
  for (long v = 0; v < W - 2; ++v) out[v] = out[v] > 0 ? out[v] : 0;
}}"""


def case(name, shapes, *functions):
    mlir, numpy, torch, onnx = convolution(*functions)
    return Case(name=name, kind="other", elements=("f32",) * 3, shapes=shapes, mlir=mlir,
                numpy=numpy, torch=torch, onnx=onnx, c=lambda x, w, _: c_loops(x, w),
                largest=LARGEST)


def channel_kernel(b, w):
    """Without the dimension of 1 that ONNX has."""
    element, (channels, _, *window) = b.types[w]
    result = (element, (channels, *window))
    value = b.add("", result)
    b.lines[-1] = (f"  {value} = tensor.collapse_shape {w} [[0, 1], [2], [3]] : "
                   f"{b.type(w)} into {b.type(value)}")
    return value


CASES = [
    case("conv3x3-bias-relu", convolution_shapes, "conv_2d_nchw_fchw", lambda b, w: w,
         lambda w, x: np.tensordot(x, w, axes=(1, 1)).transpose(0, 3, 1, 2)),
    case("depthwise3x3-bias-relu", depthwise_shapes, "depthwise_conv_2d_nchw_chw",
         channel_kernel, lambda w, x: x * w[:, :, None]),
]
