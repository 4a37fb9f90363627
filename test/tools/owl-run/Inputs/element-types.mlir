// Every element type in and out; results must be the arguments, twice.
func.func @f16(%x: tensor<3xf16>) -> tensor<6xf16> {
  %y = owl.tile %x by [2] : tensor<3xf16> -> tensor<6xf16>
  return %y : tensor<6xf16>
}
func.func @bf16(%x: tensor<3xbf16>) -> tensor<6xbf16> {
  %y = owl.tile %x by [2] : tensor<3xbf16> -> tensor<6xbf16>
  return %y : tensor<6xbf16>
}
func.func @f32(%x: tensor<3xf32>) -> tensor<6xf32> {
  %y = owl.tile %x by [2] : tensor<3xf32> -> tensor<6xf32>
  return %y : tensor<6xf32>
}
func.func @f64(%x: tensor<3xf64>) -> tensor<6xf64> {
  %y = owl.tile %x by [2] : tensor<3xf64> -> tensor<6xf64>
  return %y : tensor<6xf64>
}
func.func @i1(%x: tensor<3xi1>) -> tensor<6xi1> {
  %y = owl.tile %x by [2] : tensor<3xi1> -> tensor<6xi1>
  return %y : tensor<6xi1>
}
func.func @i8(%x: tensor<3xi8>) -> tensor<6xi8> {
  %y = owl.tile %x by [2] : tensor<3xi8> -> tensor<6xi8>
  return %y : tensor<6xi8>
}
func.func @i16(%x: tensor<3xi16>) -> tensor<6xi16> {
  %y = owl.tile %x by [2] : tensor<3xi16> -> tensor<6xi16>
  return %y : tensor<6xi16>
}
func.func @i32(%x: tensor<3xi32>) -> tensor<6xi32> {
  %y = owl.tile %x by [2] : tensor<3xi32> -> tensor<6xi32>
  return %y : tensor<6xi32>
}
func.func @i64(%x: tensor<3xi64>) -> tensor<6xi64> {
  %y = owl.tile %x by [2] : tensor<3xi64> -> tensor<6xi64>
  return %y : tensor<6xi64>
}
func.func @ui8(%x: tensor<3xui8>) -> tensor<6xui8> {
  %y = owl.tile %x by [2] : tensor<3xui8> -> tensor<6xui8>
  return %y : tensor<6xui8>
}
func.func @ui16(%x: tensor<3xui16>) -> tensor<6xui16> {
  %y = owl.tile %x by [2] : tensor<3xui16> -> tensor<6xui16>
  return %y : tensor<6xui16>
}
func.func @ui32(%x: tensor<3xui32>) -> tensor<6xui32> {
  %y = owl.tile %x by [2] : tensor<3xui32> -> tensor<6xui32>
  return %y : tensor<6xui32>
}
func.func @ui64(%x: tensor<3xui64>) -> tensor<6xui64> {
  %y = owl.tile %x by [2] : tensor<3xui64> -> tensor<6xui64>
  return %y : tensor<6xui64>
}
