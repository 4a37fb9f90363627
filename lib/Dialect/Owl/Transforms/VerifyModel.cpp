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

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
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
  if (auto integer = dyn_cast<IntegerType>(type))
    return !integer.isSigned() &&
           llvm::is_contained({1u, 8u, 16u, 32u, 64u}, integer.getWidth());
  return isa<Float16Type, BFloat16Type, Float32Type, Float64Type, IndexType>(
      type);
}

/// Why a value of `type` cannot be compiled; empty if it can.
static StringRef getTypeProblem(Type type) {
  if (isa<tosa::shapeType>(type) || isSupportedScalar(type))
    return "";
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

static LogicalResult verifyTypes(Operation *op, TypeRange types) {
  for (Type type : types) {
    StringRef problem = getTypeProblem(type);
    if (!problem.empty())
      return op->emitError() << problem << ", got " << type;
  }
  return success();
}

static LogicalResult verifyOp(Operation *op) {
  if (!isa_and_nonnull<OwlDialect, arith::ArithDialect, func::FuncDialect,
                       linalg::LinalgDialect, math::MathDialect,
                       scf::SCFDialect, tensor::TensorDialect,
                       tosa::TosaDialect>(op->getDialect()) &&
      !isa<affine::AffineApplyOp, affine::AffineMinOp, affine::AffineMaxOp>(op))
    return op->emitError("expects ops of the dialects owl, arith, func, "
                         "linalg, math, scf, tensor and tosa, got '")
           << op->getName() << "'";
  if (isa<tensor::BitcastOp, tensor::GatherOp, tensor::ScatterOp,
          linalg::PackOp, linalg::UnPackOp, tosa::CustomOp, tosa::ScatterOp,
          scf::ForallOp, scf::ParallelOp>(op))
    return op->emitError("expects ops that Owl has loops for, which it has not "
                         "for '")
           << op->getName() << "'";
  if (auto truncate = dyn_cast<arith::TruncFOp>(op))
    if (truncate.getRoundingmode().value_or(
            arith::RoundingMode::to_nearest_even) !=
        arith::RoundingMode::to_nearest_even)
      return op->emitError("expects rounding to nearest even, got ")
             << stringifyRoundingMode(*truncate.getRoundingmode());
  if (auto func = dyn_cast<func::FuncOp>(op)) {
    if (func.isExternal() && func.isPublic())
      return op->emitError("expects a public function to have a body");
    if (!func.isExternal() && !func.getBody().hasOneBlock())
      return op->emitError("expects a body of one block, without branches");
    return verifyTypes(op, func.getArgumentTypes());
  }
  if (failed(verifyTypes(op, op->getOperandTypes())))
    return failure();
  return verifyTypes(op, op->getResultTypes());
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
    if (walk.wasInterrupted())
      signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
