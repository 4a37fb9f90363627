// A model by hand as owl-partition leaves it: a module for each of five devices,
// and schedules. Values stay such that all of them compute the same bits.

module @pc {
  owl.device @pc {target = "x86_64"}
  func.func @triple(%s: tensor<?x0xi8>) -> index {
    %c0 = arith.constant 0 : index
    %c3 = arith.constant -3 : index
    %n = tensor.dim %s, %c0 : tensor<?x0xi8>
    %m = arith.muli %n, %c3 : index
    return %m : index
  }
  func.func @double(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
    %y = arith.addf %x, %x : tensor<?x4xf32>
    return %y : tensor<?x4xf32>
  }
  func.func @pass(%a: tensor<3xi1>, %b: tensor<?xi8>, %c: tensor<2x2xi16>, %d: tensor<8xi32>, %e: tensor<3xi64>, %f: tensor<3xui8>, %g: tensor<2xui16>, %h: tensor<2xui32>, %i: tensor<2xui64>, %j: tensor<?x2xf16>, %k: tensor<3xbf16>, %l: tensor<4xf64>, %m: tensor<f32>)
      -> (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>) {
    %p = arith.addi %d, %d : tensor<8xi32>
    %q = arith.addf %j, %j : tensor<?x2xf16>
    %r = arith.mulf %l, %l : tensor<4xf64>
    return %a, %b, %c, %p, %e, %f, %g, %h, %i, %q, %k, %r, %m
        : tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>
  }
}
module @arm {
  owl.device @arm {target = "aarch64"}
  func.func @max(%x: tensor<?x4xf32>) -> tensor<?x1xf32> {
    %m = owl.reduce <max> %x axes = [1] keep_dims : tensor<?x4xf32> -> tensor<?x1xf32>
    return %m : tensor<?x1xf32>
  }
  func.func @ratio(%x: tensor<8xi32>, %y: tensor<8xi32>) -> tensor<8xi32> {
    %q = arith.divsi %x, %y : tensor<8xi32>
    return %q : tensor<8xi32>
  }
  func.func @pass(%a: tensor<3xi1>, %b: tensor<?xi8>, %c: tensor<2x2xi16>, %d: tensor<8xi32>, %e: tensor<3xi64>, %f: tensor<3xui8>, %g: tensor<2xui16>, %h: tensor<2xui32>, %i: tensor<2xui64>, %j: tensor<?x2xf16>, %k: tensor<3xbf16>, %l: tensor<4xf64>, %m: tensor<f32>)
      -> (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>) {
    %p = arith.addi %d, %d : tensor<8xi32>
    %q = arith.addf %j, %j : tensor<?x2xf16>
    %r = arith.mulf %l, %l : tensor<4xf64>
    return %a, %b, %c, %p, %e, %f, %g, %h, %i, %q, %k, %r, %m
        : tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>
  }
}
module @web {
  owl.device @web {target = "wasm32"}
  func.func @repeat(%m: tensor<?x1xf32>) -> tensor<?x4xf32> {
    %r = owl.repeat %m by [1, 4] : tensor<?x1xf32> -> tensor<?x4xf32>
    return %r : tensor<?x4xf32>
  }
  func.func @fill(%k: index, %s: tensor<?x0xi8>) -> tensor<?x4xf32> {
    %c0 = arith.constant 0 : index
    %n = tensor.dim %s, %c0 : tensor<?x0xi8>
    %i = arith.index_cast %k : index to i64
    %f = arith.sitofp %i : i64 to f32
    %y = tensor.splat %f[%n] : tensor<?x4xf32>
    return %y : tensor<?x4xf32>
  }
  func.func @pass(%a: tensor<3xi1>, %b: tensor<?xi8>, %c: tensor<2x2xi16>, %d: tensor<8xi32>, %e: tensor<3xi64>, %f: tensor<3xui8>, %g: tensor<2xui16>, %h: tensor<2xui32>, %i: tensor<2xui64>, %j: tensor<?x2xf16>, %k: tensor<3xbf16>, %l: tensor<4xf64>, %m: tensor<f32>)
      -> (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>) {
    %p = arith.addi %d, %d : tensor<8xi32>
    %q = arith.addf %j, %j : tensor<?x2xf16>
    %r = arith.mulf %l, %l : tensor<4xf64>
    return %a, %b, %c, %p, %e, %f, %g, %h, %i, %q, %k, %r, %m
        : tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>
  }
}
module @kernel {
  owl.device @kernel {target = "unikernel-x86_64"}
  func.func @subtract(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
    %d = arith.subf %x, %y : tensor<?x4xf32>
    return %d : tensor<?x4xf32>
  }
  func.func @pass(%a: tensor<3xi1>, %b: tensor<?xi8>, %c: tensor<2x2xi16>, %d: tensor<8xi32>, %e: tensor<3xi64>, %f: tensor<3xui8>, %g: tensor<2xui16>, %h: tensor<2xui32>, %i: tensor<2xui64>, %j: tensor<?x2xf16>, %k: tensor<3xbf16>, %l: tensor<4xf64>, %m: tensor<f32>)
      -> (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>) {
    %p = arith.addi %d, %d : tensor<8xi32>
    %q = arith.addf %j, %j : tensor<?x2xf16>
    %r = arith.mulf %l, %l : tensor<4xf64>
    return %a, %b, %c, %p, %e, %f, %g, %h, %i, %q, %k, %r, %m
        : tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>
  }
}
module @tiny {
  owl.device @tiny {target = "unikernel-aarch64"}
  func.func @normalise(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
    %e = math.exp %x : tensor<?x4xf32>
    %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<?x4xf32> -> tensor<?x1xf32>
    %r = owl.repeat %s by [1, 4] : tensor<?x1xf32> -> tensor<?x4xf32>
    %y = arith.divf %e, %r : tensor<?x4xf32>
    return %y : tensor<?x4xf32>
  }
  func.func @pass(%a: tensor<3xi1>, %b: tensor<?xi8>, %c: tensor<2x2xi16>, %d: tensor<8xi32>, %e: tensor<3xi64>, %f: tensor<3xui8>, %g: tensor<2xui16>, %h: tensor<2xui32>, %i: tensor<2xui64>, %j: tensor<?x2xf16>, %k: tensor<3xbf16>, %l: tensor<4xf64>, %m: tensor<f32>)
      -> (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>) {
    %p = arith.addi %d, %d : tensor<8xi32>
    %q = arith.addf %j, %j : tensor<?x2xf16>
    %r = arith.mulf %l, %l : tensor<4xf64>
    return %a, %b, %c, %p, %e, %f, %g, %h, %i, %q, %k, %r, %m
        : tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>
  }
}

owl.link @pc, @arm {bandwidth = 1.25e8, latency = 1.0e-4}
owl.link @pc, @web {bandwidth = 1.25e7, latency = 2.0e-3}
owl.link @pc, @kernel {bandwidth = 1.25e8, latency = 1.0e-4}
owl.link @pc, @tiny {bandwidth = 1.25e6, latency = 1.0e-3}
owl.link @arm, @web {bandwidth = 1.25e7, latency = 2.0e-3}
owl.link @web, @kernel {bandwidth = 1.25e7, latency = 2.0e-3}
owl.link @kernel, @tiny {bandwidth = 1.25e6, latency = 1.0e-3}

// Exact: twice x, less the largest of each row.
func.func @centre(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x1xf32>) attributes {owl.home = @pc} {
  %y = owl.call @pc::@double(%x) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %ya = owl.transfer %y from @pc to @arm : tensor<?x4xf32>
  %m = owl.call @arm::@max(%ya) : (tensor<?x4xf32>) -> tensor<?x1xf32>
  %mp = owl.transfer %m from @arm to @pc : tensor<?x1xf32>
  %mw = owl.transfer %mp from @pc to @web : tensor<?x1xf32>
  %r = owl.call @web::@repeat(%mw) : (tensor<?x1xf32>) -> tensor<?x4xf32>
  %rp = owl.transfer %r from @web to @pc : tensor<?x4xf32>
  %rk = owl.transfer %rp from @pc to @kernel : tensor<?x4xf32>
  %yk = owl.transfer %y from @pc to @kernel : tensor<?x4xf32>
  %d = owl.call @kernel::@subtract(%yk, %rk) : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %dp = owl.transfer %d from @kernel to @pc : tensor<?x4xf32>
  return %dp, %mp : tensor<?x4xf32>, tensor<?x1xf32>
}

// To an ulp or two: another processor's exponential.
func.func @normalise(%x: tensor<?x4xf32>) -> tensor<?x4xf32> attributes {owl.home = @pc} {
  %t = owl.transfer %x from @pc to @tiny : tensor<?x4xf32>
  %y = owl.call @tiny::@normalise(%t) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %b = owl.transfer %y from @tiny to @pc : tensor<?x4xf32>
  return %b : tensor<?x4xf32>
}

// A size without the tensor that has it, and a number.
func.func @sizes(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, index, index) attributes {owl.home = @pc} {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %s = tensor.empty(%n) : tensor<?x0xi8>
  %m = owl.call @pc::@triple(%s) : (tensor<?x0xi8>) -> index
  %y = owl.call @web::@fill(%m, %s) : (index, tensor<?x0xi8>) -> tensor<?x4xf32>
  %b = owl.transfer %y from @web to @pc : tensor<?x4xf32>
  return %b, %m, %n : tensor<?x4xf32>, index, index
}

func.func @subtract(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> attributes {owl.home = @kernel} {
  %d = owl.call @kernel::@subtract(%x, %y) : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %d : tensor<?x4xf32>
}

// Every type through every device.
func.func @types(%a0: tensor<3xi1>, %a1: tensor<?xi8>, %a2: tensor<2x2xi16>, %a3: tensor<8xi32>, %a4: tensor<3xi64>, %a5: tensor<3xui8>, %a6: tensor<2xui16>, %a7: tensor<2xui32>, %a8: tensor<2xui64>, %a9: tensor<?x2xf16>, %a10: tensor<3xbf16>, %a11: tensor<4xf64>, %a12: tensor<f32>)
    -> (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>) attributes {owl.home = @pc} {
  %pc:13 = owl.call @pc::@pass(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11, %a12)
      : (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>)
     -> (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>)
  %arm_in0 = owl.transfer %pc#0 from @pc to @arm : tensor<3xi1>
  %arm_in1 = owl.transfer %pc#1 from @pc to @arm : tensor<?xi8>
  %arm_in2 = owl.transfer %pc#2 from @pc to @arm : tensor<2x2xi16>
  %arm_in3 = owl.transfer %pc#3 from @pc to @arm : tensor<8xi32>
  %arm_in4 = owl.transfer %pc#4 from @pc to @arm : tensor<3xi64>
  %arm_in5 = owl.transfer %pc#5 from @pc to @arm : tensor<3xui8>
  %arm_in6 = owl.transfer %pc#6 from @pc to @arm : tensor<2xui16>
  %arm_in7 = owl.transfer %pc#7 from @pc to @arm : tensor<2xui32>
  %arm_in8 = owl.transfer %pc#8 from @pc to @arm : tensor<2xui64>
  %arm_in9 = owl.transfer %pc#9 from @pc to @arm : tensor<?x2xf16>
  %arm_in10 = owl.transfer %pc#10 from @pc to @arm : tensor<3xbf16>
  %arm_in11 = owl.transfer %pc#11 from @pc to @arm : tensor<4xf64>
  %arm_in12 = owl.transfer %pc#12 from @pc to @arm : tensor<f32>
  %arm:13 = owl.call @arm::@pass(%arm_in0, %arm_in1, %arm_in2, %arm_in3, %arm_in4, %arm_in5, %arm_in6, %arm_in7, %arm_in8, %arm_in9, %arm_in10, %arm_in11, %arm_in12)
      : (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>)
     -> (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>)
  %web_in0 = owl.transfer %arm#0 from @arm to @web : tensor<3xi1>
  %web_in1 = owl.transfer %arm#1 from @arm to @web : tensor<?xi8>
  %web_in2 = owl.transfer %arm#2 from @arm to @web : tensor<2x2xi16>
  %web_in3 = owl.transfer %arm#3 from @arm to @web : tensor<8xi32>
  %web_in4 = owl.transfer %arm#4 from @arm to @web : tensor<3xi64>
  %web_in5 = owl.transfer %arm#5 from @arm to @web : tensor<3xui8>
  %web_in6 = owl.transfer %arm#6 from @arm to @web : tensor<2xui16>
  %web_in7 = owl.transfer %arm#7 from @arm to @web : tensor<2xui32>
  %web_in8 = owl.transfer %arm#8 from @arm to @web : tensor<2xui64>
  %web_in9 = owl.transfer %arm#9 from @arm to @web : tensor<?x2xf16>
  %web_in10 = owl.transfer %arm#10 from @arm to @web : tensor<3xbf16>
  %web_in11 = owl.transfer %arm#11 from @arm to @web : tensor<4xf64>
  %web_in12 = owl.transfer %arm#12 from @arm to @web : tensor<f32>
  %web:13 = owl.call @web::@pass(%web_in0, %web_in1, %web_in2, %web_in3, %web_in4, %web_in5, %web_in6, %web_in7, %web_in8, %web_in9, %web_in10, %web_in11, %web_in12)
      : (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>)
     -> (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>)
  %kernel_in0 = owl.transfer %web#0 from @web to @kernel : tensor<3xi1>
  %kernel_in1 = owl.transfer %web#1 from @web to @kernel : tensor<?xi8>
  %kernel_in2 = owl.transfer %web#2 from @web to @kernel : tensor<2x2xi16>
  %kernel_in3 = owl.transfer %web#3 from @web to @kernel : tensor<8xi32>
  %kernel_in4 = owl.transfer %web#4 from @web to @kernel : tensor<3xi64>
  %kernel_in5 = owl.transfer %web#5 from @web to @kernel : tensor<3xui8>
  %kernel_in6 = owl.transfer %web#6 from @web to @kernel : tensor<2xui16>
  %kernel_in7 = owl.transfer %web#7 from @web to @kernel : tensor<2xui32>
  %kernel_in8 = owl.transfer %web#8 from @web to @kernel : tensor<2xui64>
  %kernel_in9 = owl.transfer %web#9 from @web to @kernel : tensor<?x2xf16>
  %kernel_in10 = owl.transfer %web#10 from @web to @kernel : tensor<3xbf16>
  %kernel_in11 = owl.transfer %web#11 from @web to @kernel : tensor<4xf64>
  %kernel_in12 = owl.transfer %web#12 from @web to @kernel : tensor<f32>
  %kernel:13 = owl.call @kernel::@pass(%kernel_in0, %kernel_in1, %kernel_in2, %kernel_in3, %kernel_in4, %kernel_in5, %kernel_in6, %kernel_in7, %kernel_in8, %kernel_in9, %kernel_in10, %kernel_in11, %kernel_in12)
      : (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>)
     -> (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>)
  %tiny_in0 = owl.transfer %kernel#0 from @kernel to @tiny : tensor<3xi1>
  %tiny_in1 = owl.transfer %kernel#1 from @kernel to @tiny : tensor<?xi8>
  %tiny_in2 = owl.transfer %kernel#2 from @kernel to @tiny : tensor<2x2xi16>
  %tiny_in3 = owl.transfer %kernel#3 from @kernel to @tiny : tensor<8xi32>
  %tiny_in4 = owl.transfer %kernel#4 from @kernel to @tiny : tensor<3xi64>
  %tiny_in5 = owl.transfer %kernel#5 from @kernel to @tiny : tensor<3xui8>
  %tiny_in6 = owl.transfer %kernel#6 from @kernel to @tiny : tensor<2xui16>
  %tiny_in7 = owl.transfer %kernel#7 from @kernel to @tiny : tensor<2xui32>
  %tiny_in8 = owl.transfer %kernel#8 from @kernel to @tiny : tensor<2xui64>
  %tiny_in9 = owl.transfer %kernel#9 from @kernel to @tiny : tensor<?x2xf16>
  %tiny_in10 = owl.transfer %kernel#10 from @kernel to @tiny : tensor<3xbf16>
  %tiny_in11 = owl.transfer %kernel#11 from @kernel to @tiny : tensor<4xf64>
  %tiny_in12 = owl.transfer %kernel#12 from @kernel to @tiny : tensor<f32>
  %tiny:13 = owl.call @tiny::@pass(%tiny_in0, %tiny_in1, %tiny_in2, %tiny_in3, %tiny_in4, %tiny_in5, %tiny_in6, %tiny_in7, %tiny_in8, %tiny_in9, %tiny_in10, %tiny_in11, %tiny_in12)
      : (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>)
     -> (tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>)
  %back0 = owl.transfer %tiny#0 from @tiny to @pc : tensor<3xi1>
  %back1 = owl.transfer %tiny#1 from @tiny to @pc : tensor<?xi8>
  %back2 = owl.transfer %tiny#2 from @tiny to @pc : tensor<2x2xi16>
  %back3 = owl.transfer %tiny#3 from @tiny to @pc : tensor<8xi32>
  %back4 = owl.transfer %tiny#4 from @tiny to @pc : tensor<3xi64>
  %back5 = owl.transfer %tiny#5 from @tiny to @pc : tensor<3xui8>
  %back6 = owl.transfer %tiny#6 from @tiny to @pc : tensor<2xui16>
  %back7 = owl.transfer %tiny#7 from @tiny to @pc : tensor<2xui32>
  %back8 = owl.transfer %tiny#8 from @tiny to @pc : tensor<2xui64>
  %back9 = owl.transfer %tiny#9 from @tiny to @pc : tensor<?x2xf16>
  %back10 = owl.transfer %tiny#10 from @tiny to @pc : tensor<3xbf16>
  %back11 = owl.transfer %tiny#11 from @tiny to @pc : tensor<4xf64>
  %back12 = owl.transfer %tiny#12 from @tiny to @pc : tensor<f32>
  return %back0, %back1, %back2, %back3, %back4, %back5, %back6, %back7, %back8, %back9, %back10, %back11, %back12
      : tensor<3xi1>, tensor<?xi8>, tensor<2x2xi16>, tensor<8xi32>, tensor<3xi64>, tensor<3xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<?x2xf16>, tensor<3xbf16>, tensor<4xf64>, tensor<f32>
}
