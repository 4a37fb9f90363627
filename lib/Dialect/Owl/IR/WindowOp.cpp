//===- WindowOp.cpp - Windows into a tensor -------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Types, shapes and the verifier of `owl.window`.
//
//===----------------------------------------------------------------------===//

#include "mlir/Analysis/FlatLinearValueConstraints.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/TypeUtilities.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::owl;

std::optional<SmallVector<int64_t>> WindowOp::getCoefficients(AffineMap map,
                                                              unsigned i) {
  SmallVector<int64_t> coefficients;
  // Divisions and remainders would be columns of their own.
  if (map.getNumSymbols() > 0 ||
      failed(getFlattenedAffineExpr(map.getResult(i), map.getNumDims(), 0,
                                    &coefficients)) ||
      coefficients.size() != map.getNumDims() + 1 ||
      llvm::any_of(coefficients, [](int64_t value) { return value < 0; }))
    return std::nullopt;
  return coefficients;
}

bool WindowOp::isSupported(AffineMap map) {
  for (unsigned i = 0; i < map.getNumResults(); ++i)
    if (!getCoefficients(map, i))
      return false;
  return llvm::all_of(llvm::seq<unsigned>(0, map.getNumDims()),
                      [&](unsigned dim) { return map.isFunctionOfDim(dim); });
}

void WindowOp::build(OpBuilder &builder, OperationState &state, Value source,
                     ArrayRef<OpFoldResult> sizes, AffineMap map) {
  SmallVector<int64_t> staticSizes;
  SmallVector<Value> dynamicSizes;
  dispatchIndexOpFoldResults(sizes, dynamicSizes, staticSizes);
  build(builder, state, source, dynamicSizes, staticSizes, map);
}

LogicalResult
WindowOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                           ValueRange operands, DictionaryAttr attributes,
                           OpaqueProperties properties, RegionRange regions,
                           SmallVectorImpl<Type> &inferred) {
  Adaptor adaptor(operands, attributes, properties, regions);
  ArrayRef<int64_t> shape = adaptor.getStaticSizes();
  if (llvm::any_of(shape, [](int64_t size) {
        return size < 0 && !ShapedType::isDynamic(size);
      }))
    return emitOptionalError(loc, "expects sizes of 0 or more");
  inferred.push_back(RankedTensorType::get(
      shape, getElementTypeOrSelf(adaptor.getSource().getType())));
  return success();
}

LogicalResult
WindowOp::reifyResultShapes(OpBuilder &builder,
                            ReifiedRankedShapedTypeDims &reified) {
  SmallVector<OpFoldResult> &dims = reified.emplace_back(getMixedSizes());
  for (auto [dim, size] : llvm::enumerate(getType().getShape()))
    if (!ShapedType::isDynamic(size))
      dims[dim] = builder.getIndexAttr(size);
  return success();
}

LogicalResult WindowOp::verify() {
  RankedTensorType source = getSource().getType();
  ArrayRef<int64_t> sizes = getStaticSizes();
  AffineMap map = getMap();
  if (llvm::count(sizes, ShapedType::kDynamic) !=
      static_cast<int64_t>(getSizes().size()))
    return emitOpError("expects an operand for each dynamic size: ")
           << llvm::count(sizes, ShapedType::kDynamic) << ", got "
           << getSizes().size();
  if (map.getNumDims() != sizes.size() ||
      static_cast<int64_t>(map.getNumResults()) != source.getRank())
    return emitOpError("expects a map from ")
           << sizes.size() << " dimensions to " << source.getRank() << ", got "
           << getMapAttr();
  if (!isSupported(map))
    return emitOpError("expects a map that is linear in each dimension, with "
                       "constants of 1 or more, got ")
           << getMapAttr();
  if (!hasAddressableSize(getType().getShape(), source.getElementType()))
    return emitOpError("expects the size of a tensor in bytes to fit a 64-bit "
                       "integer, got ")
           << getType();
  if (llvm::is_contained(getType().getShape(), 0))
    return success();
  for (unsigned dim = 0; dim < map.getNumResults(); ++dim) {
    SmallVector<int64_t> coefficients = *getCoefficients(map, dim);
    uint64_t last = coefficients.back();
    // What is not known takes one step at least.
    for (auto [size, by] : llvm::zip_equal(getType().getShape(),
                                           ArrayRef(coefficients).drop_back()))
      if (!ShapedType::isDynamic(size))
        last = llvm::SaturatingMultiplyAdd<uint64_t>(size - 1, by, last);
    if (!source.isDynamicDim(dim) &&
        last >= static_cast<uint64_t>(source.getDimSize(dim)))
      return emitOpError("expects windows inside of the source: dimension ")
             << dim << " has " << source.getDimSize(dim)
             << " elements, and they reach number " << last;
  }
  return success();
}
