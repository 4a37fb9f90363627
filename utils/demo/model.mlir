// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The model of utils/demo.sh. It takes a photograph, rows of pixels of red,
// green and blue bytes, and returns it normalised, twice as large and activated,
// and how much of the activation each colour has.

func.func @demo(%photo: tensor<240x320x3xi8>)
    -> (tensor<480x640x3xf32>, tensor<3xf32>) {
  %x = arith.uitofp %photo : tensor<240x320x3xi8> to tensor<240x320x3xf32>

  // Normalise each colour: subtract its mean, divide by its deviation.
  %mean = owl.reduce <mean> %x axes = [0, 1] keep_dims
      : tensor<240x320x3xf32> -> tensor<1x1x3xf32>
  %means = owl.repeat %mean by [240, 320, 1]
      : tensor<1x1x3xf32> -> tensor<240x320x3xf32>
  %centred = arith.subf %x, %means : tensor<240x320x3xf32>
  %squares = arith.mulf %centred, %centred : tensor<240x320x3xf32>
  %variance = owl.reduce <mean> %squares axes = [0, 1] keep_dims
      : tensor<240x320x3xf32> -> tensor<1x1x3xf32>
  %epsilon = arith.constant dense<1.0e-5> : tensor<1x1x3xf32>
  %positive = arith.addf %variance, %epsilon : tensor<1x1x3xf32>
  %scale = math.rsqrt %positive : tensor<1x1x3xf32>
  %scales = owl.repeat %scale by [240, 320, 1]
      : tensor<1x1x3xf32> -> tensor<240x320x3xf32>
  %normal = arith.mulf %centred, %scales : tensor<240x320x3xf32>

  // Four pixels for each one.
  %large = owl.repeat %normal by [2, 2, 1]
      : tensor<240x320x3xf32> -> tensor<480x640x3xf32>

  // SiLU, x / (1 + exp(-x)).
  %one = arith.constant dense<1.0> : tensor<480x640x3xf32>
  %negative = arith.negf %large : tensor<480x640x3xf32>
  %exp = math.exp %negative : tensor<480x640x3xf32>
  %divisor = arith.addf %one, %exp : tensor<480x640x3xf32>
  %active = arith.divf %large, %divisor : tensor<480x640x3xf32>

  // The mean of each colour, then a softmax over the three.
  %pooled = owl.reduce <mean> %active axes = [0, 1]
      : tensor<480x640x3xf32> -> tensor<3xf32>
  %max = owl.reduce <max> %pooled axes = [0] keep_dims
      : tensor<3xf32> -> tensor<1xf32>
  %maxes = owl.repeat %max by [3] : tensor<1xf32> -> tensor<3xf32>
  %below = arith.subf %pooled, %maxes : tensor<3xf32>
  %weights = math.exp %below : tensor<3xf32>
  %sum = owl.reduce <sum> %weights axes = [0] keep_dims
      : tensor<3xf32> -> tensor<1xf32>
  %sums = owl.repeat %sum by [3] : tensor<1xf32> -> tensor<3xf32>
  %shares = arith.divf %weights, %sums : tensor<3xf32>
  return %active, %shares : tensor<480x640x3xf32>, tensor<3xf32>
}
