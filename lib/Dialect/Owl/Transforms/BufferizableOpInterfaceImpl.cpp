//===- BufferizableOpInterfaceImpl.cpp - owl ops on buffers ---------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One-Shot Bufferize turns the tensor form of an op into its buffer form, which
// writes into a new allocation: no op of the dialect can write over its source.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
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
    auto onBuffers = GroupOp::create(rewriter, op->getLoc(), TypeRange(),
                                     inputs, inits, group.getEdgesAttr());
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
    GroupOp::attachInterface<GroupBufferization>(*context);
  });
}
