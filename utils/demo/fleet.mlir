// Five requests to an encoder layer of a transformer and five to a residual block
// of a convolutional network, for a fleet of four devices: see docs/devices.md.

// The Raspberry Pi 4 is as owl-bench-device --target=aarch64 --cpu=cortex-a72 says,
// with its sources. The others are made up: a server, a laptop's browser, and a
// virtual machine with a vCPU for a unikernel, without AVX. Ethernet with 1 Gbit/s
// lies between the server and the unikernel, Wi-Fi before the browser.
owl.device @server {target = "x86_64", bandwidth = 2.0e10, flops = 6.4e10,
    transcendentals = 4.0e9, launch = 1.0e-7, cache = 1048576, memory = 68719476736}
owl.device @rpi4 {target = "aarch64", cpu = "cortex-a72", bandwidth = 4.0e9,
    flops = 1.2e10, transcendentals = 2.6e8, launch = 2.0e-7, cache = 1048576,
    memory = 4294967296}
owl.device @browser {target = "wasm32", bandwidth = 1.0e10, flops = 2.4e10,
    transcendentals = 1.0e9, launch = 5.0e-7, cache = 524288, memory = 2147483648}
owl.device @unikernel {target = "unikernel-x86_64", bandwidth = 8.0e9, flops = 1.6e10,
    transcendentals = 8.0e8, launch = 1.0e-7, cache = 524288, memory = 134217728}
owl.link @server, @rpi4 {bandwidth = 1.25e8, latency = 2.0e-4}
owl.link @server, @browser {bandwidth = 3.75e7, latency = 2.0e-3}
owl.link @server, @unikernel {bandwidth = 1.25e8, latency = 1.0e-4}

func.func private @layer_norm(%x: tensor<64x128xf32>, %gain: tensor<128xf32>,
                              %bias: tensor<128xf32>) -> tensor<64x128xf32> {
  %epsilon = arith.constant dense<1.0e-5> : tensor<64x1xf32>
  %n = arith.constant dense<128.0> : tensor<64x1xf32>
  %mean = owl.reduce <mean> %x axes = [1] keep_dims : tensor<64x128xf32> -> tensor<64x1xf32>
  %means = owl.repeat %mean by [1, 128] : tensor<64x1xf32> -> tensor<64x128xf32>
  %centred = arith.subf %x, %means : tensor<64x128xf32>
  %squares = owl.reduce <sumsq> %centred axes = [1] keep_dims : tensor<64x128xf32> -> tensor<64x1xf32>
  %variance = arith.divf %squares, %n : tensor<64x1xf32>
  %shifted = arith.addf %variance, %epsilon : tensor<64x1xf32>
  %factor = math.rsqrt %shifted : tensor<64x1xf32>
  %factors = owl.repeat %factor by [1, 128] : tensor<64x1xf32> -> tensor<64x128xf32>
  %normal = arith.mulf %centred, %factors : tensor<64x128xf32>
  %empty = tensor.empty() : tensor<64x128xf32>
  %gains = linalg.broadcast ins(%gain : tensor<128xf32>) outs(%empty : tensor<64x128xf32>) dimensions = [0]
  %biases = linalg.broadcast ins(%bias : tensor<128xf32>) outs(%empty : tensor<64x128xf32>) dimensions = [0]
  %scaled = arith.mulf %normal, %gains : tensor<64x128xf32>
  %y = arith.addf %scaled, %biases : tensor<64x128xf32>
  return %y : tensor<64x128xf32>
}

func.func private @softmax(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %max = owl.reduce <max> %x axes = [1] keep_dims : tensor<64x64xf32> -> tensor<64x1xf32>
  %maxima = owl.repeat %max by [1, 64] : tensor<64x1xf32> -> tensor<64x64xf32>
  %less = arith.subf %x, %maxima : tensor<64x64xf32>
  %exp = math.exp %less : tensor<64x64xf32>
  %sum = owl.reduce <sum> %exp axes = [1] keep_dims : tensor<64x64xf32> -> tensor<64x1xf32>
  %sums = owl.repeat %sum by [1, 64] : tensor<64x1xf32> -> tensor<64x64xf32>
  %y = arith.divf %exp, %sums : tensor<64x64xf32>
  return %y : tensor<64x64xf32>
}

// x w, as of a linear layer.
func.func private @project(%x: tensor<64x128xf32>, %w: tensor<128x128xf32>) -> tensor<64x128xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<64x128xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<64x128xf32>) -> tensor<64x128xf32>
  %y = linalg.matmul ins(%x, %w : tensor<64x128xf32>, tensor<128x128xf32>)
      outs(%zeros : tensor<64x128xf32>) -> tensor<64x128xf32>
  return %y : tensor<64x128xf32>
}

func.func private @attention(%x: tensor<64x128xf32>, %wq: tensor<128x128xf32>, %wk: tensor<128x128xf32>,
                             %wv: tensor<128x128xf32>) -> tensor<64x128xf32> {
  %q = call @project(%x, %wq) : (tensor<64x128xf32>, tensor<128x128xf32>) -> tensor<64x128xf32>
  %k = call @project(%x, %wk) : (tensor<64x128xf32>, tensor<128x128xf32>) -> tensor<64x128xf32>
  %v = call @project(%x, %wv) : (tensor<64x128xf32>, tensor<128x128xf32>) -> tensor<64x128xf32>
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<128x64xf32>
  %kt = linalg.transpose ins(%k : tensor<64x128xf32>) outs(%e0 : tensor<128x64xf32>) permutation = [1, 0]
  %e1 = tensor.empty() : tensor<64x64xf32>
  %z1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<64x64xf32>) -> tensor<64x64xf32>
  %scores = linalg.matmul ins(%q, %kt : tensor<64x128xf32>, tensor<128x64xf32>)
      outs(%z1 : tensor<64x64xf32>) -> tensor<64x64xf32>
  %scale = arith.constant dense<0.08838834764> : tensor<64x64xf32>
  %scaled = arith.mulf %scores, %scale : tensor<64x64xf32>
  %p = call @softmax(%scaled) : (tensor<64x64xf32>) -> tensor<64x64xf32>
  %e2 = tensor.empty() : tensor<64x128xf32>
  %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<64x128xf32>) -> tensor<64x128xf32>
  %y = linalg.matmul ins(%p, %v : tensor<64x64xf32>, tensor<64x128xf32>)
      outs(%z2 : tensor<64x128xf32>) -> tensor<64x128xf32>
  return %y : tensor<64x128xf32>
}

// x / 2 (1 + erf(x / sqrt(2))).
func.func private @gelu(%x: tensor<64x128xf32>) -> tensor<64x128xf32> {
  %half = arith.constant dense<0.5> : tensor<64x128xf32>
  %one = arith.constant dense<1.0> : tensor<64x128xf32>
  %root = arith.constant dense<0.70710678> : tensor<64x128xf32>
  %scaled = arith.mulf %x, %root : tensor<64x128xf32>
  %erf = math.erf %scaled : tensor<64x128xf32>
  %more = arith.addf %erf, %one : tensor<64x128xf32>
  %halves = arith.mulf %x, %half : tensor<64x128xf32>
  %y = arith.mulf %halves, %more : tensor<64x128xf32>
  return %y : tensor<64x128xf32>
}

func.func private @encoder(%x: tensor<64x128xf32>, %w: tensor<5x128x128xf32>,
                           %affine: tensor<4x128xf32>) -> tensor<64x128xf32> {
  %g0 = tensor.extract_slice %affine[0, 0] [1, 128] [1, 1] : tensor<4x128xf32> to tensor<128xf32>
  %b0 = tensor.extract_slice %affine[1, 0] [1, 128] [1, 1] : tensor<4x128xf32> to tensor<128xf32>
  %g1 = tensor.extract_slice %affine[2, 0] [1, 128] [1, 1] : tensor<4x128xf32> to tensor<128xf32>
  %b1 = tensor.extract_slice %affine[3, 0] [1, 128] [1, 1] : tensor<4x128xf32> to tensor<128xf32>
  %wq = tensor.extract_slice %w[0, 0, 0] [1, 128, 128] [1, 1, 1] : tensor<5x128x128xf32> to tensor<128x128xf32>
  %wk = tensor.extract_slice %w[1, 0, 0] [1, 128, 128] [1, 1, 1] : tensor<5x128x128xf32> to tensor<128x128xf32>
  %wv = tensor.extract_slice %w[2, 0, 0] [1, 128, 128] [1, 1, 1] : tensor<5x128x128xf32> to tensor<128x128xf32>
  %w0 = tensor.extract_slice %w[3, 0, 0] [1, 128, 128] [1, 1, 1] : tensor<5x128x128xf32> to tensor<128x128xf32>
  %w1 = tensor.extract_slice %w[4, 0, 0] [1, 128, 128] [1, 1, 1] : tensor<5x128x128xf32> to tensor<128x128xf32>
  %n0 = call @layer_norm(%x, %g0, %b0) : (tensor<64x128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<64x128xf32>
  %a = call @attention(%n0, %wq, %wk, %wv)
      : (tensor<64x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>) -> tensor<64x128xf32>
  %r0 = arith.addf %x, %a : tensor<64x128xf32>
  %n1 = call @layer_norm(%r0, %g1, %b1) : (tensor<64x128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<64x128xf32>
  %h = call @project(%n1, %w0) : (tensor<64x128xf32>, tensor<128x128xf32>) -> tensor<64x128xf32>
  %g = call @gelu(%h) : (tensor<64x128xf32>) -> tensor<64x128xf32>
  %f = call @project(%g, %w1) : (tensor<64x128xf32>, tensor<128x128xf32>) -> tensor<64x128xf32>
  %y = arith.addf %r0, %f : tensor<64x128xf32>
  return %y : tensor<64x128xf32>
}

// Batch normalisation by the statistics of the batch, and a ReLU.
func.func private @normalise(%x: tensor<1x48x24x24xf32>) -> tensor<1x48x24x24xf32> {
  %epsilon = arith.constant dense<1.0e-5> : tensor<1x48x1x1xf32>
  %n = arith.constant dense<576.0> : tensor<1x48x1x1xf32>
  %zero = arith.constant dense<0.0> : tensor<1x48x24x24xf32>
  %mean = owl.reduce <mean> %x axes = [0, 2, 3] keep_dims : tensor<1x48x24x24xf32> -> tensor<1x48x1x1xf32>
  %means = owl.repeat %mean by [1, 1, 24, 24] : tensor<1x48x1x1xf32> -> tensor<1x48x24x24xf32>
  %centred = arith.subf %x, %means : tensor<1x48x24x24xf32>
  %squares = owl.reduce <sumsq> %centred axes = [0, 2, 3] keep_dims : tensor<1x48x24x24xf32> -> tensor<1x48x1x1xf32>
  %variance = arith.divf %squares, %n : tensor<1x48x1x1xf32>
  %shifted = arith.addf %variance, %epsilon : tensor<1x48x1x1xf32>
  %factor = math.rsqrt %shifted : tensor<1x48x1x1xf32>
  %factors = owl.repeat %factor by [1, 1, 24, 24] : tensor<1x48x1x1xf32> -> tensor<1x48x24x24xf32>
  %normal = arith.mulf %centred, %factors : tensor<1x48x24x24xf32>
  %y = arith.maximumf %normal, %zero : tensor<1x48x24x24xf32>
  return %y : tensor<1x48x24x24xf32>
}

func.func private @convolve(%x: tensor<1x48x24x24xf32>, %w: tensor<48x48x3x3xf32>) -> tensor<1x48x24x24xf32> {
  %zero = arith.constant 0.0 : f32
  %padded = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %zero : f32
  } : tensor<1x48x24x24xf32> to tensor<1x48x26x26xf32>
  %empty = tensor.empty() : tensor<1x48x24x24xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x48x24x24xf32>) -> tensor<1x48x24x24xf32>
  %y = linalg.conv_2d_nchw_fchw ins(%padded, %w : tensor<1x48x26x26xf32>, tensor<48x48x3x3xf32>)
      outs(%zeros : tensor<1x48x24x24xf32>) -> tensor<1x48x24x24xf32>
  return %y : tensor<1x48x24x24xf32>
}

// Two convolutions around which the image goes, too.
func.func private @residual(%x: tensor<1x48x24x24xf32>, %w0: tensor<48x48x3x3xf32>,
                            %w1: tensor<48x48x3x3xf32>) -> tensor<1x48x24x24xf32> {
  %c0 = call @convolve(%x, %w0) : (tensor<1x48x24x24xf32>, tensor<48x48x3x3xf32>) -> tensor<1x48x24x24xf32>
  %n0 = call @normalise(%c0) : (tensor<1x48x24x24xf32>) -> tensor<1x48x24x24xf32>
  %c1 = call @convolve(%n0, %w1) : (tensor<1x48x24x24xf32>, tensor<48x48x3x3xf32>) -> tensor<1x48x24x24xf32>
  %n1 = call @normalise(%c1) : (tensor<1x48x24x24xf32>) -> tensor<1x48x24x24xf32>
  %y = arith.addf %x, %n1 : tensor<1x48x24x24xf32>
  return %y : tensor<1x48x24x24xf32>
}

// Tokens and images: requests that share the weights, and the fleet.
func.func @fleet(%t0: tensor<64x128xf32>, %t1: tensor<64x128xf32>, %t2: tensor<64x128xf32>,
    %t3: tensor<64x128xf32>, %t4: tensor<64x128xf32>, %i0: tensor<1x48x24x24xf32>,
    %i1: tensor<1x48x24x24xf32>, %i2: tensor<1x48x24x24xf32>, %i3: tensor<1x48x24x24xf32>,
    %i4: tensor<1x48x24x24xf32>, %weights: tensor<5x128x128xf32>, %affine: tensor<4x128xf32>,
    %w0: tensor<48x48x3x3xf32>, %w1: tensor<48x48x3x3xf32>) -> (tensor<64x128xf32>,
    tensor<64x128xf32>, tensor<64x128xf32>, tensor<64x128xf32>, tensor<64x128xf32>,
    tensor<1x48x24x24xf32>, tensor<1x48x24x24xf32>, tensor<1x48x24x24xf32>, tensor<1x48x24x24xf32>,
    tensor<1x48x24x24xf32>) {
  %u0 = call @encoder(%t0, %weights, %affine) : (tensor<64x128xf32>, tensor<5x128x128xf32>,
    tensor<4x128xf32>) -> tensor<64x128xf32>
  %u1 = call @encoder(%t1, %weights, %affine) : (tensor<64x128xf32>, tensor<5x128x128xf32>,
    tensor<4x128xf32>) -> tensor<64x128xf32>
  %u2 = call @encoder(%t2, %weights, %affine) : (tensor<64x128xf32>, tensor<5x128x128xf32>,
    tensor<4x128xf32>) -> tensor<64x128xf32>
  %u3 = call @encoder(%t3, %weights, %affine) : (tensor<64x128xf32>, tensor<5x128x128xf32>,
    tensor<4x128xf32>) -> tensor<64x128xf32>
  %u4 = call @encoder(%t4, %weights, %affine) : (tensor<64x128xf32>, tensor<5x128x128xf32>,
    tensor<4x128xf32>) -> tensor<64x128xf32>
  %j0 = call @residual(%i0, %w0, %w1) : (tensor<1x48x24x24xf32>, tensor<48x48x3x3xf32>,
    tensor<48x48x3x3xf32>) -> tensor<1x48x24x24xf32>
  %j1 = call @residual(%i1, %w0, %w1) : (tensor<1x48x24x24xf32>, tensor<48x48x3x3xf32>,
    tensor<48x48x3x3xf32>) -> tensor<1x48x24x24xf32>
  %j2 = call @residual(%i2, %w0, %w1) : (tensor<1x48x24x24xf32>, tensor<48x48x3x3xf32>,
    tensor<48x48x3x3xf32>) -> tensor<1x48x24x24xf32>
  %j3 = call @residual(%i3, %w0, %w1) : (tensor<1x48x24x24xf32>, tensor<48x48x3x3xf32>,
    tensor<48x48x3x3xf32>) -> tensor<1x48x24x24xf32>
  %j4 = call @residual(%i4, %w0, %w1) : (tensor<1x48x24x24xf32>, tensor<48x48x3x3xf32>,
    tensor<48x48x3x3xf32>) -> tensor<1x48x24x24xf32>
  return %u0, %u1, %u2, %u3, %u4, %j0, %j1, %j2, %j3, %j4 : tensor<64x128xf32>, tensor<64x128xf32>,
    tensor<64x128xf32>, tensor<64x128xf32>, tensor<64x128xf32>, tensor<1x48x24x24xf32>,
    tensor<1x48x24x24xf32>, tensor<1x48x24x24xf32>, tensor<1x48x24x24xf32>, tensor<1x48x24x24xf32>
}
