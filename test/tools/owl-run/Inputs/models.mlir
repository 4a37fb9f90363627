func.func @row_sums(%x: tensor<2x3xf32>) -> tensor<2xf32> {
  %s = owl.reduce <sum> %x axes = [1] : tensor<2x3xf32> -> tensor<2xf32>
  return %s : tensor<2xf32>
}

func.func @add(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %s = arith.addf %x, %y : tensor<?x?xf32>
  return %s : tensor<?x?xf32>
}

func.func @double(%x: tensor<?xi32>) -> tensor<?xi32> {
  %r = owl.repeat %x by [2] : tensor<?xi32> -> tensor<?xi32>
  return %r : tensor<?xi32>
}

func.func @max(%x: tensor<?xf32>) -> tensor<f32> {
  %m = owl.reduce <max> %x axes = [0] : tensor<?xf32> -> tensor<f32>
  return %m : tensor<f32>
}

func.func @swap(%x: tensor<2xi64>, %y: f64) -> (f64, tensor<2xi64>) {
  return %y, %x : f64, tensor<2xi64>
}

func.func private @hidden(%x: tensor<2xi64>) -> tensor<2xi64> {
  return %x : tensor<2xi64>
}

func.func @columns(%x: tensor<?x?xf32>) -> tensor<f32> {
  %s = owl.reduce <sum> %x axes = [0] : tensor<?x?xf32> -> tensor<?xf32>
  %l = owl.reduce <logsumexp> %s axes = [0] : tensor<?xf32> -> tensor<f32>
  return %l : tensor<f32>
}
