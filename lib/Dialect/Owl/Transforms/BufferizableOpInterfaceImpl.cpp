//===- BufferizableOpInterfaceImpl.cpp - owl ops on buffers ---------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One-Shot Bufferize turns the tensor form of an op into its buffer form, which
// writes into a new allocation: no op of the dialect can write over its source.
// A window is a view, and a transfer what it transfers.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace mlir::owl;

static void createBufferForm(OpBuilder &builder, ReduceOp op, Value source,
                             Value dest) {
  ReduceOp::create(builder, op.getLoc(), TypeRange(), op.getKindAttr(), source,
                   dest, op.getAxesAttr(), op.getKeepDimsAttr(),
                   op.getIsUnsignedAttr());
}

static void createBufferForm(OpBuilder &builder, FoldOp op, Value source,
                             Value dest) {
  auto fold =
      FoldOp::create(builder, op.getLoc(), TypeRange(), source, op.getInit(),
                     dest, op.getAxesAttr(), op.getKeepDimsAttr());
  fold.getCombiner().takeBody(op.getCombiner());
}

template <typename OpTy>
static void createBufferForm(OpBuilder &builder, OpTy op, Value source,
                             Value dest) {
  OpTy::create(builder, op.getLoc(), TypeRange(), source, dest, op.getCounts(),
               op.getStaticCountsAttr());
}

/// `sum` + `by` * `stride`, also where affine.apply takes no such operands.
static OpFoldResult addScaled(OpBuilder &b, Location loc, OpFoldResult sum,
                              int64_t by, OpFoldResult stride) {
  std::optional<int64_t> x = getConstantIntValue(sum),
                         y = getConstantIntValue(stride);
  if (x && y)
    return b.getIndexAttr(*x + by * *y);
  Value scaled = getValueOrCreateConstantIndexOp(b, loc, stride);
  if (by != 1)
    scaled = arith::MulIOp::create(b, loc, scaled,
                                   arith::ConstantIndexOp::create(b, loc, by));
  if (x == 0)
    return scaled;
  return arith::AddIOp::create(
             b, loc, getValueOrCreateConstantIndexOp(b, loc, sum), scaled)
      .getResult();
}

namespace {
template <typename OpTy>
struct OwlBufferization
    : public BufferizableOpInterface::ExternalModel<OwlBufferization<OpTy>,
                                                    OpTy> {
  bool bufferizesToAllocation(Operation *, Value) const { return true; }

  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }

  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }

  AliasingValueList getAliasingValues(Operation *, OpOperand &,
                                      const AnalysisState &) const {
    return {};
  }

  /// A new allocation is dense, which branches that yield it shall know.
  FailureOr<BufferLikeType> getBufferType(Operation *, Value value,
                                          const BufferizationOptions &,
                                          const BufferizationState &,
                                          SmallVector<Value> &) const {
    return cast<BufferLikeType>(getMemRefTypeWithStaticIdentityLayout(
        cast<TensorType>(value.getType())));
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto owlOp = cast<OpTy>(op);
    if (!owlOp.hasTensorSemantics())
      return success();
    FailureOr<Value> source =
        getBuffer(rewriter, owlOp.getSource(), options, state);
    FailureOr<Value> tensor = allocateTensorForShapedValue(
        rewriter, op->getLoc(), owlOp.getResult(), options, state,
        /*copy=*/false);
    if (failed(source) || failed(tensor))
      return failure();
    FailureOr<Value> dest = getBuffer(rewriter, *tensor, options, state);
    if (failed(dest))
      return failure();
    createBufferForm(rewriter, owlOp, *source, *dest);
    replaceOpWithBufferizedValues(rewriter, op, *dest);
    return success();
  }
};

/// A view of the source, which nobody may write to: its elements may be one.
struct WindowBufferization
    : public BufferizableOpInterface::ExternalModel<WindowBufferization,
                                                    WindowOp> {
  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return false;
  }

  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }

  AliasingValueList getAliasingValues(Operation *op, OpOperand &operand,
                                      const AnalysisState &) const {
    if (operand.get() != cast<WindowOp>(op).getSource())
      return {};
    return {{op->getOpResult(0), BufferRelation::Unknown}};
  }

  bool isWritable(Operation *, Value, const AnalysisState &) const {
    return false;
  }

  /// Strides are computed in the types of what they are made of.
  FailureOr<BufferLikeType>
  getBufferType(Operation *op, Value value, const BufferizationOptions &options,
                const BufferizationState &state,
                SmallVector<Value> &invocationStack) const {
    auto window = cast<WindowOp>(op);
    FailureOr<BufferLikeType> source = bufferization::getBufferType(
        window.getSource(), options, state, invocationStack);
    if (failed(source))
      return failure();
    auto [strides, offset] = cast<MemRefType>(*source).getStridesAndOffset();
    auto add = [](int64_t sum, int64_t by, int64_t stride) {
      if (by == 0)
        return sum;
      return ShapedType::isDynamic(sum) || ShapedType::isDynamic(stride)
                 ? ShapedType::kDynamic
                 : sum + by * stride;
    };
    AffineMap map = window.getMap();
    SmallVector<int64_t> windowStrides(map.getNumDims());
    for (unsigned i = 0; i < map.getNumResults(); ++i) {
      SmallVector<int64_t> by = *WindowOp::getCoefficients(map, i);
      for (unsigned dim = 0; dim < map.getNumDims(); ++dim)
        windowStrides[dim] = add(windowStrides[dim], by[dim], strides[i]);
      offset = add(offset, by.back(), strides[i]);
    }
    return cast<BufferLikeType>(MemRefType::get(
        window.getType().getShape(), window.getType().getElementType(),
        StridedLayoutAttr::get(op->getContext(), offset, windowStrides),
        cast<MemRefType>(*source).getMemorySpace()));
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto window = cast<WindowOp>(op);
    Location loc = op->getLoc();
    FailureOr<Value> source =
        getBuffer(rewriter, window.getSource(), options, state);
    FailureOr<BufferLikeType> type =
        bufferization::getBufferType(window.getResult(), options, state);
    if (failed(source) || failed(type))
      return failure();
    auto metadata =
        memref::ExtractStridedMetadataOp::create(rewriter, loc, *source);
    SmallVector<OpFoldResult> strides = metadata.getConstifiedMixedStrides();
    OpFoldResult offset = metadata.getConstifiedMixedOffset();
    auto add = [&](OpFoldResult &sum, int64_t by, OpFoldResult stride) {
      if (by != 0)
        sum = addScaled(rewriter, loc, sum, by, stride);
    };
    AffineMap map = window.getMap();
    SmallVector<OpFoldResult> windowStrides(map.getNumDims(),
                                            rewriter.getIndexAttr(0));
    for (unsigned i = 0; i < map.getNumResults(); ++i) {
      SmallVector<int64_t> by = *WindowOp::getCoefficients(map, i);
      for (unsigned dim = 0; dim < map.getNumDims(); ++dim)
        add(windowStrides[dim], by[dim], strides[i]);
      add(offset, by.back(), strides[i]);
    }
    replaceOpWithNewBufferizedOp<memref::ReinterpretCastOp>(
        rewriter, op, cast<MemRefType>(*type), *source, offset,
        window.getMixedSizes(), windowStrides);
    return success();
  }
};

/// Within one module a transfer is the value itself.
struct TransferBufferization
    : public BufferizableOpInterface::ExternalModel<TransferBufferization,
                                                    TransferOp> {
  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return false;
  }

  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }

  AliasingValueList getAliasingValues(Operation *op, OpOperand &,
                                      const AnalysisState &) const {
    return {{op->getOpResult(0), BufferRelation::Equivalent}};
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    FailureOr<Value> source =
        getBuffer(rewriter, cast<TransferOp>(op).getSource(), options, state);
    if (failed(source))
      return failure();
    replaceOpWithBufferizedValues(rewriter, op, *source);
    return success();
  }
};

/// The region stays as it is: its tensors stand for the buffers.
struct GroupBufferization
    : public DstBufferizableOpInterfaceExternalModel<GroupBufferization,
                                                     GroupOp> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return !isInit(op, operand);
  }

  bool bufferizesToMemoryWrite(Operation *op, OpOperand &operand,
                               const AnalysisState &) const {
    return isInit(op, operand);
  }

  /// Asked of all uses of a tensor for each of them: isDpsInit makes an
  /// attribute to answer.
  static bool isInit(Operation *op, OpOperand &operand) {
    return operand.getOperandNumber() >= cast<GroupOp>(op).getInputs().size();
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto group = cast<GroupOp>(op);
    auto toBuffers = [&](ValueRange values,
                         SmallVector<Value> &buffers) -> LogicalResult {
      for (Value value : values) {
        if (!isa<TensorType>(value.getType())) {
          buffers.push_back(value);
          continue;
        }
        FailureOr<Value> buffer = getBuffer(rewriter, value, options, state);
        if (failed(buffer))
          return failure();
        buffers.push_back(*buffer);
      }
      return success();
    };
    SmallVector<Value> inputs, inits;
    if (failed(toBuffers(group.getInputs(), inputs)) ||
        failed(toBuffers(group.getInits(), inits)))
      return failure();
    auto onBuffers =
        GroupOp::create(rewriter, op->getLoc(), TypeRange(), inputs, inits,
                        group.getEdgesAttr(), group.getDeviceAttr());
    onBuffers.getBody().takeBody(group.getBody());
    replaceOpWithBufferizedValues(rewriter, op, inits);
    return success();
  }
};
} // namespace

void owl::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OwlDialect *) {
    ReduceOp::attachInterface<OwlBufferization<ReduceOp>>(*context);
    FoldOp::attachInterface<OwlBufferization<FoldOp>>(*context);
    RepeatOp::attachInterface<OwlBufferization<RepeatOp>>(*context);
    TileOp::attachInterface<OwlBufferization<TileOp>>(*context);
    WindowOp::attachInterface<WindowBufferization>(*context);
    TransferOp::attachInterface<TransferBufferization>(*context);
    GroupOp::attachInterface<GroupBufferization>(*context);
  });
}
