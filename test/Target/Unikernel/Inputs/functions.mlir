// The signatures of functions.ll. The bodies are never compiled.
func.func @double(%x0: tensor<?xf32>) -> tensor<?xf32> {
  return %x0 : tensor<?xf32>
}
func.func @outer(%x0: tensor<?xi32>, %x1: tensor<?xi32>) -> (tensor<?x?xi32>,
    tensor<i64>) {
  %y0 = "test.value"() : () -> tensor<?x?xi32>
  %y1 = "test.value"() : () -> tensor<i64>
  return %y0, %y1 : tensor<?x?xi32>, tensor<i64>
}
func.func @increment(%x0: tensor<2x3xf64>) -> tensor<2x3xf64> {
  return %x0 : tensor<2x3xf64>
}
func.func @types(%x0: tensor<2xi1>, %x1: tensor<2xi8>, %x2: tensor<2xi16>,
    %x3: tensor<2xi32>, %x4: tensor<2xi64>, %x5: tensor<2xui8>, %x6:
    tensor<2xui16>, %x7: tensor<2xui32>, %x8: tensor<2xui64>, %x9:
    tensor<2xf16>, %x10: tensor<2xbf16>, %x11: tensor<2xf32>, %x12:
    tensor<2xf64>) -> (tensor<2xi1>, tensor<2xi8>, tensor<2xi16>,
    tensor<2xi32>, tensor<2xi64>, tensor<2xui8>, tensor<2xui16>,
    tensor<2xui32>, tensor<2xui64>, tensor<2xf16>, tensor<2xbf16>,
    tensor<2xf32>, tensor<2xf64>) {
  return %x0, %x1, %x2, %x3, %x4, %x5, %x6, %x7, %x8, %x9, %x10, %x11, %x12
    : tensor<2xi1>, tensor<2xi8>, tensor<2xi16>, tensor<2xi32>,
    tensor<2xi64>, tensor<2xui8>, tensor<2xui16>, tensor<2xui32>,
    tensor<2xui64>, tensor<2xf16>, tensor<2xbf16>, tensor<2xf32>,
    tensor<2xf64>
}
func.func @status(%x0: tensor<i32>) -> tensor<i32> {
  return %x0 : tensor<i32>
}
func.func @reverse(%x0: tensor<?xf32>) -> tensor<?xf32> {
  return %x0 : tensor<?xf32>
}
func.func @unaligned(%x0: tensor<?xi8>) -> tensor<i64> {
  %y0 = "test.value"() : () -> tensor<i64>
  return %y0 : tensor<i64>
}
func.func @huge(%x0: tensor<?xi8>) -> tensor<1099511627776xi8> {
  %y0 = "test.value"() : () -> tensor<1099511627776xi8>
  return %y0 : tensor<1099511627776xi8>
}
func.func @load(%x0: tensor<i64>) -> tensor<i64> {
  return %x0 : tensor<i64>
}
func.func @trap() {
  return
}
func.func @recurse(%x0: tensor<i64>) -> tensor<i64> {
  return %x0 : tensor<i64>
}
