//===- VerifyModel.cpp - What can be compiled -----------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Refuses, before anything is rewritten and with the user's own op at hand,
// what the lowering could only refuse later and in terms of its own.
//
//===----------------------------------------------------------------------===//

#include "Verify.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/TypeUtilities.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"
#include "owl/Support/ByteSize.h"

namespace mlir::owl {
#define GEN_PASS_DEF_VERIFYMODEL
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

static bool isSupportedScalar(Type type) {
  return type.isIndex() || isElementType(type);
}

/// Why a value of `type` cannot be compiled; empty if it can.
static StringRef getTypeProblem(Type type) {
  if (isa<tosa::shapeType>(type) || isSupportedScalar(type))
    return "";
  if (isa<BaseMemRefType>(type))
    return "expects a model on tensors";
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return "expects ranked tensors, and scalars of type f16, bf16, f32, f64, "
           "i1, i8, i16, i32, i64, ui8, ui16, ui32, ui64 or index";
  if (tensor.getEncoding())
    return "expects tensors without an encoding";
  if (!isSupportedScalar(tensor.getElementType()))
    return "expects elements of type f16, bf16, f32, f64, i1, i8, i16, i32, "
           "i64, ui8, ui16, ui32, ui64 or index";
  if (!getStaticBytes(tensor.getShape(), tensor.getElementType()))
    return "expects the size of a tensor in bytes to fit a 64-bit integer";
  return "";
}

/// Whether all that `op` changes is the sign in a type, which is no more than
/// owl-strip-signedness does.
static bool isSignCast(Operation *op) {
  if (!isa<tensor::BitcastOp, UnrealizedConversionCastOp>(op) ||
      op->getNumOperands() != 1 || op->getNumResults() != 1)
    return false;
  Type from = op->getOperand(0).getType(), to = op->getResult(0).getType();
  Type element = getElementTypeOrSelf(to);
  if (!getElementTypeOrSelf(from).isInteger() || !element.isInteger() ||
      getElementTypeOrSelf(from).getIntOrFloatBitWidth() !=
          element.getIntOrFloatBitWidth())
    return false;
  auto tensor = dyn_cast<RankedTensorType>(from);
  return (tensor ? tensor.clone(element) : element) == to;
}

/// Not `op->emitError` for functions, which would show all of them.
static InFlightDiagnostic emitShortError(Operation *op) {
  return isa<func::FuncOp>(op) ? mlir::emitError(op->getLoc())
                               : op->emitError();
}

static LogicalResult verifyTypes(Operation *op, TypeRange types) {
  for (Type type : types) {
    StringRef problem = getTypeProblem(type);
    if (!problem.empty())
      return emitShortError(op) << problem << ", got " << type;
  }
  return success();
}

static LogicalResult verifyFunction(func::FuncOp func) {
  if (failed(verifyTypes(func, func.getArgumentTypes())) ||
      failed(verifyTypes(func, func.getResultTypes())))
    return failure();
  if (func.isExternal() && func.isPublic())
    return emitShortError(func) << "expects a public function to have a body";
  if (!func.isExternal() && !func.getBody().hasOneBlock())
    return emitShortError(func)
           << "expects a body of one block, without branches";
  return success();
}

static LogicalResult verifyOp(Operation *op) {
  if (isSignCast(op))
    return verifyTypes(op, op->getOperandTypes());
  if (!isa_and_nonnull<OwlDialect, arith::ArithDialect, func::FuncDialect,
                       linalg::LinalgDialect, math::MathDialect,
                       scf::SCFDialect, tensor::TensorDialect,
                       tosa::TosaDialect>(op->getDialect()) &&
      !isa<affine::AffineApplyOp, affine::AffineMinOp, affine::AffineMaxOp>(op))
    return op->emitError("expects ops of the dialects owl, arith, func, "
                         "linalg, math, scf, tensor and tosa, got '")
           << op->getName() << "'";
  if (isa<arith::ScalingExtFOp, arith::ScalingTruncFOp, tensor::BitcastOp,
          tensor::GatherOp, tensor::ScatterOp, linalg::PackOp, linalg::UnPackOp,
          linalg::WinogradFilterTransformOp, linalg::WinogradInputTransformOp,
          linalg::WinogradOutputTransformOp, scf::ForallOp, scf::ParallelOp>(
          op))
    return op->emitError("expects ops that Owl has loops for, which it has not "
                         "for '")
           << op->getName() << "'";
  if (isa<ParallelForOp, ParallelCallOp>(op))
    return op->emitError("expects a model to leave threads to --threads, got '")
           << op->getName() << "'";
  if (auto truncate = dyn_cast<arith::TruncFOp>(op))
    if (truncate.getRoundingmode().value_or(
            arith::RoundingMode::to_nearest_even) !=
        arith::RoundingMode::to_nearest_even)
      return op->emitError("expects rounding to nearest even, got ")
             << stringifyRoundingMode(*truncate.getRoundingmode());
  if (auto softmax = dyn_cast<linalg::SoftmaxOp>(op))
    if (!isa<FloatType>(getElementTypeOrSelf(softmax.getInput())))
      return op->emitError("expects elements of a floating-point type for '")
             << op->getName() << "', got " << softmax.getInput().getType();
  if (auto reshape = dyn_cast<tensor::ReshapeOp>(op))
    if (!cast<ShapedType>(reshape.getType()).hasStaticShape())
      return op->emitError("expects a result of a static shape for '")
             << op->getName() << "', got " << reshape.getType()
             << ": tensor.expand_shape takes sizes";
  // The op itself cannot say so of what it does not own.
  if (auto repeat = dyn_cast<RepeatOp>(op))
    for (Value count : repeat.getCounts())
      if (std::optional<int64_t> value = getConstantIntValue(count);
          value && *value < 0)
        return op->emitOpError("expects counts of 0 or more, got ") << *value;
  if (auto func = dyn_cast<func::FuncOp>(op))
    return verifyFunction(func);
  if (failed(verifyTypes(op, op->getOperandTypes())) ||
      failed(verifyTypes(op, op->getResultTypes())))
    return failure();
  return isa<tosa::TosaDialect>(op->getDialect()) ? verifyTosa(op) : success();
}

namespace {
struct VerifyModel : public owl::impl::VerifyModelBase<VerifyModel> {
  void runOnOperation() override {
    WalkResult walk =
        getOperation()->walk<WalkOrder::PreOrder>([&](Operation *op) {
          if (op == getOperation())
            return WalkResult::advance();
          return WalkResult(verifyOp(op));
        });
    if (walk.wasInterrupted() || failed(verifyCalls(getOperation())))
      signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
