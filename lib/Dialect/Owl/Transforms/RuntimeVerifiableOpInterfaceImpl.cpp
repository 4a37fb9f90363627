//===- RuntimeVerifiableOpInterfaceImpl.cpp - Checks left to run time -----===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a verifier cannot know of dynamic shapes becomes a `cf.assert` on
// dimensions and counts. Its message begins with the class of the error,
// "empty reduction" or "bad shape", which users of the C interface get as a
// status code.
//
//===----------------------------------------------------------------------===//

#include "CheckedProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/RuntimeVerifiableOpInterface.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"
#include "owl/Support/Status.h"

using namespace mlir;
using namespace mlir::owl;

static Value createIndex(OpBuilder &builder, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

static Value createDim(OpBuilder &builder, Location loc, Value shaped,
                       int64_t dim) {
  if (isa<MemRefType>(shaped.getType()))
    return builder.createOrFold<memref::DimOp>(loc, shaped, dim);
  return builder.createOrFold<tensor::DimOp>(loc, shaped, dim);
}

static Value compare(OpBuilder &builder, Location loc,
                     arith::CmpIPredicate predicate, Value value,
                     int64_t number) {
  return arith::CmpIOp::create(builder, loc, predicate, value,
                               createIndex(builder, loc, number));
}

/// Asserts that `size`, of dimension `dim` of the result, is what the type of
/// the result says.
static void assertSize(OpBuilder &builder, Location loc, int64_t dim,
                       Value size, int64_t expected) {
  cf::AssertOp::create(
      builder, loc,
      compare(builder, loc, arith::CmpIPredicate::eq, size, expected),
      ("bad shape: expected dimension " + Twine(dim) + " of the result to be " +
       Twine(expected))
          .str());
}

/// Asserts the static dimensions of the result of `op` that its source leaves
/// dynamic.
template <typename OpTy>
static void verifyReducedShape(OpTy op, OpBuilder &builder, Location loc) {
  ArrayRef<int64_t> shape = op.getSourceType().getShape();
  ArrayRef<int64_t> result = op.getDestType().getShape();
  int64_t next = 0;
  for (auto [dim, size] : llvm::enumerate(shape)) {
    bool isReduced = op.isReduced(dim);
    if (isReduced && !op.getKeepDims())
      continue;
    int64_t resultDim = next++;
    if (!isReduced && ShapedType::isDynamic(size) &&
        !ShapedType::isDynamic(result[resultDim]))
      assertSize(builder, loc, resultDim,
                 createDim(builder, loc, op.getSource(), dim),
                 result[resultDim]);
  }
}

namespace {
using GenerateErrorMessage = function_ref<std::string(Operation *, StringRef)>;

struct ReduceVerification
    : public RuntimeVerifiableOpInterface::ExternalModel<ReduceVerification,
                                                         ReduceOp> {
  void generateRuntimeVerification(Operation *op, OpBuilder &builder,
                                   Location loc, GenerateErrorMessage) const {
    auto reduce = cast<ReduceOp>(op);
    verifyReducedShape(reduce, builder, loc);
    if (isUndefinedOnEmpty(reduce.getKind()))
      verifyNotEmpty(reduce, builder, loc);
  }

  /// Asserts that there is an element to reduce, or no result that needs one.
  void verifyNotEmpty(ReduceOp op, OpBuilder &builder, Location loc) const {
    ArrayRef<int64_t> shape = op.getSourceType().getShape();
    SmallVector<int64_t> reduced, kept;
    for (auto [dim, size] : llvm::enumerate(shape)) {
      bool isReduced = op.isReduced(dim);
      if (size == 0 && !isReduced)
        return;
      if (size == 0 || ShapedType::isDynamic(size))
        (isReduced ? reduced : kept).push_back(dim);
    }
    if (reduced.empty())
      return;
    Value isDefined;
    auto combine = [&](Value condition, bool isAnd) {
      if (!isDefined)
        isDefined = condition;
      else if (isAnd)
        isDefined = arith::AndIOp::create(builder, loc, isDefined, condition);
      else
        isDefined = arith::OrIOp::create(builder, loc, isDefined, condition);
    };
    for (int64_t dim : reduced)
      combine(compare(builder, loc, arith::CmpIPredicate::ne,
                      createDim(builder, loc, op.getSource(), dim), 0),
              /*isAnd=*/true);
    for (int64_t dim : kept)
      combine(compare(builder, loc, arith::CmpIPredicate::eq,
                      createDim(builder, loc, op.getSource(), dim), 0),
              /*isAnd=*/false);
    cf::AssertOp::create(builder, loc, isDefined,
                         (kEmptyReduction +
                          ": expected at least one element "
                          "for '" +
                          stringifyReduceKind(op.getKind()) + "'")
                             .str());
  }
};

struct FoldVerification
    : public RuntimeVerifiableOpInterface::ExternalModel<FoldVerification,
                                                         FoldOp> {
  void generateRuntimeVerification(Operation *op, OpBuilder &builder,
                                   Location loc, GenerateErrorMessage) const {
    verifyReducedShape(cast<FoldOp>(op), builder, loc);
  }
};

template <typename OpTy>
struct RepetitionVerification
    : public RuntimeVerifiableOpInterface::ExternalModel<
          RepetitionVerification<OpTy>, OpTy> {
  void generateRuntimeVerification(Operation *op, OpBuilder &builder,
                                   Location loc, GenerateErrorMessage) const {
    auto repetition = cast<OpTy>(op);
    ArrayRef<int64_t> shape = repetition.getSourceType().getShape();
    ArrayRef<int64_t> counts = repetition.getStaticCounts();
    ArrayRef<int64_t> result = repetition.getDestType().getShape();
    unsigned next = 0;
    for (auto [dim, size, staticCount, resultSize] :
         llvm::enumerate(shape, counts, result)) {
      Value count;
      if (ShapedType::isDynamic(staticCount)) {
        count = repetition.getCounts()[next++];
        cf::AssertOp::create(
            builder, loc,
            compare(builder, loc, arith::CmpIPredicate::sge, count, 0),
            ("bad shape: expected the count of dimension " + Twine(dim) +
             " to be 0 or more")
                .str());
      }
      bool isKnown = size == 0 || staticCount == 0 ||
                     (!ShapedType::isDynamic(size) && !count);
      if (isKnown)
        continue;
      Value extent = createDim(builder, loc, repetition.getSource(), dim);
      if (staticCount == 1) {
        if (!ShapedType::isDynamic(resultSize))
          assertSize(builder, loc, dim, extent, resultSize);
        continue;
      }
      if (!count)
        count = createIndex(builder, loc, staticCount);
      cf::AssertOp::create(builder, loc,
                           productFits(builder, loc, extent, count),
                           ("bad shape: expected dimension " + Twine(dim) +
                            " of the result to fit an index")
                               .str());
      if (ShapedType::isDynamic(resultSize))
        continue;
      Value product = arith::MulIOp::create(builder, loc, extent, count);
      assertSize(builder, loc, dim, product, resultSize);
    }
  }
};

struct WindowVerification
    : public RuntimeVerifiableOpInterface::ExternalModel<WindowVerification,
                                                         WindowOp> {
  /// Asserts that sizes are no less than 0 and windows inside of the source.
  void generateRuntimeVerification(Operation *op, OpBuilder &builder,
                                   Location loc, GenerateErrorMessage) const {
    auto window = cast<WindowOp>(op);
    RankedTensorType source = window.getSource().getType();
    if (source.hasStaticShape() && window.getSizes().empty())
      return;
    Value hasAll =
        arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
    SmallVector<Value> sizes;
    for (OpFoldResult size : window.getMixedSizes()) {
      sizes.push_back(getValueOrCreateConstantIndexOp(builder, loc, size));
      if (isa<Value>(size))
        cf::AssertOp::create(
            builder, loc,
            compare(builder, loc, arith::CmpIPredicate::sge, sizes.back(), 0),
            "bad shape: expected sizes of windows of 0 or more");
      hasAll = arith::AndIOp::create(
          builder, loc, hasAll,
          compare(builder, loc, arith::CmpIPredicate::ne, sizes.back(), 0));
    }
    Value one = createIndex(builder, loc, 1),
          zero = createIndex(builder, loc, 0);
    auto require = [&](arith::CmpIPredicate predicate, Value lhs, Value rhs) {
      cf::AssertOp::create(
          builder, loc,
          arith::CmpIOp::create(
              builder, loc, predicate,
              arith::SelectOp::create(builder, loc, hasAll, lhs, zero), rhs),
          "bad shape: expected windows inside of their source");
    };
    AffineMap map = window.getMap();
    for (unsigned dim = 0; dim < map.getNumResults(); ++dim) {
      SmallVector<int64_t> by = *WindowOp::getCoefficients(map, dim);
      Value extent = createDim(builder, loc, window.getSource(), dim);
      // Of no elements, where they begin does not matter.
      Value end = arith::SelectOp::create(builder, loc, hasAll, extent, one);
      Value last = createIndex(builder, loc, by.back());
      for (auto [size, step] :
           llvm::zip_equal(sizes, ArrayRef(by).drop_back())) {
        if (step == 0)
          continue;
        // So that the sum does not wrap.
        require(arith::CmpIPredicate::sle, size, end);
        Value steps = arith::SubIOp::create(builder, loc, size, one);
        last = arith::AddIOp::create(
            builder, loc, last,
            arith::MulIOp::create(builder, loc, steps,
                                  createIndex(builder, loc, step)));
      }
      require(arith::CmpIPredicate::slt, last, end);
    }
  }
};
} // namespace

void owl::registerRuntimeVerifiableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OwlDialect *) {
    context->loadDialect<arith::ArithDialect, cf::ControlFlowDialect,
                         memref::MemRefDialect, tensor::TensorDialect>();
    ReduceOp::attachInterface<ReduceVerification>(*context);
    FoldOp::attachInterface<FoldVerification>(*context);
    RepeatOp::attachInterface<RepetitionVerification<RepeatOp>>(*context);
    TileOp::attachInterface<RepetitionVerification<TileOp>>(*context);
    WindowOp::attachInterface<WindowVerification>(*context);
  });
}
