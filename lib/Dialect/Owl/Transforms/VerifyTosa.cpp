//===- VerifyTosa.cpp - What of TOSA can be compiled ----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upstream lowers most of TOSA. It says of the rest that an op "failed to
// legalize", which may be another than the user's, and it knows hardly of
// unsigned integers.
//
//===----------------------------------------------------------------------===//

#include "Verify.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::owl;

/// Whether upstream has no loops for `op`, whatever its types.
static bool hasNoLoops(Operation *op) {
  return isa<tosa::CastFromBlockScaledOp, tosa::CastToBlockScaledOp,
             tosa::CustomOp, tosa::MatmulTBlockScaledOp, tosa::ScatterOp,
             tosa::VariableOp, tosa::VariableReadOp, tosa::VariableWriteOp>(
             op) ||
         (!isa<tosa::ConstShapeOp>(op) &&
          llvm::any_of(op->getResultTypes(), llvm::IsaPred<tosa::shapeType>));
}

/// Whether TOSA allows integers for `op`, for which upstream has loops over
/// floats only.
static bool isOnFloats(Operation *op) {
  return isa<tosa::CeilOp, tosa::ErfOp, tosa::ExpOp, tosa::FloorOp, tosa::LogOp,
             tosa::PowOp, tosa::ReciprocalOp, tosa::RsqrtOp, tosa::SigmoidOp,
             tosa::TanhOp>(op);
}

/// Whether `op` gives the same bits for signed and for unsigned integers, or is
/// on truth values.
static bool ignoresSign(Operation *op) {
  if (auto mul = dyn_cast<tosa::MulOp>(op))
    return getElementTypeOrSelf(mul.getInput1()) ==
               getElementTypeOrSelf(mul.getOutput()) &&
           matchPattern(mul.getShift(), m_Zero());
  if (auto resize = dyn_cast<tosa::ResizeOp>(op))
    return resize.getMode() == tosa::ResizeMode::NEAREST_NEIGHBOR;
  return isa<tosa::AddOp, tosa::BitwiseAndOp, tosa::BitwiseNotOp,
             tosa::BitwiseOrOp, tosa::BitwiseXorOp, tosa::ClzOp, tosa::ConcatOp,
             tosa::ConstOp, tosa::EqualOp, tosa::GatherOp, tosa::IdentityOp,
             tosa::IfOp, tosa::LogicalAndOp, tosa::LogicalNotOp,
             tosa::LogicalOrOp, tosa::LogicalXorOp, tosa::LogicalLeftShiftOp,
             tosa::LogicalRightShiftOp, tosa::PadOp, tosa::ReduceAllOp,
             tosa::ReduceAnyOp, tosa::ReduceProductOp, tosa::ReduceSumOp,
             tosa::ReshapeOp, tosa::ReverseOp, tosa::SelectOp, tosa::SliceOp,
             tosa::SubOp, tosa::TileOp, tosa::TransposeOp, tosa::WhileOp,
             tosa::YieldOp>(op);
}

/// owl-strip-signedness looks after unsigned sources.
static LogicalResult verifyCast(tosa::CastOp op) {
  Type from = getElementTypeOrSelf(op.getInput());
  Type to = getElementTypeOrSelf(op.getOutput());
  if (isa<FloatType>(from) && to.isUnsignedInteger())
    return op.emitError("expects a cast from floats to signed integers, got ")
           << op.getType();
  if (from != to && isa<FloatType>(from) && isa<FloatType>(to) &&
      from.getIntOrFloatBitWidth() == to.getIntOrFloatBitWidth())
    return op.emitError("expects a cast between f16 and bf16 by way of f32");
  return success();
}

static LogicalResult verifyRescale(tosa::RescaleOp op) {
  tosa::RoundingMode mode = op.getRoundingMode();
  if (op.getInputUnsigned() || op.getOutputUnsigned())
    return op.emitError("expects signed integers, got 'input_unsigned' or "
                        "'output_unsigned'");
  if (mode == tosa::RoundingMode::INEXACT_ROUND ||
      (mode == tosa::RoundingMode::DOUBLE_ROUND && !op.getScale32()))
    return op.emitError("expects SINGLE_ROUND, or DOUBLE_ROUND with 'scale32', "
                        "got ")
           << tosa::stringifyRoundingMode(mode);
  return success();
}

static LogicalResult verifyResize(tosa::ResizeOp op) {
  Type from = getElementTypeOrSelf(op.getInput());
  Type to = getElementTypeOrSelf(op.getOutput());
  if (op.getMode() != tosa::ResizeMode::BILINEAR) {
    if (from != to)
      return op.emitError("expects elements of type ")
             << from << " in the result, got " << op.getType();
  } else if (from.isInteger() &&
             from.getIntOrFloatBitWidth() >= to.getIntOrFloatBitWidth()) {
    return op.emitError("expects wider integers in a bilinear result, got ")
           << op.getType();
  }
  return success();
}

static LogicalResult verifyTable(tosa::TableOp op) {
  Type from = getElementTypeOrSelf(op.getInput1());
  Type table = getElementTypeOrSelf(op.getTable());
  Type to = getElementTypeOrSelf(op.getOutput());
  if (from == table && ((from.isInteger(8) && to.isInteger(8)) ||
                        (from.isInteger(16) && to.isInteger(32))))
    return success();
  return op.emitError("expects a table of i8 that gives i8, or of i16 that "
                      "gives i32, got ")
         << op.getTable().getType() << " and " << op.getType();
}

/// The operands that upstream's lowering of `op` needs the values of: zero
/// points and the shift of a product.
static OperandRange getConstantOperands(Operation *op) {
  OperandRange operands = op->getOperands();
  if (isa<tosa::AvgPool2dOp, tosa::Conv2DOp, tosa::Conv3DOp,
          tosa::DepthwiseConv2DOp, tosa::MatMulOp, tosa::TransposeConv2DOp>(op))
    return operands.take_back(2);
  if (isa<tosa::MulOp>(op) && getElementTypeOrSelf(operands[0]).isInteger())
    return operands.take_back(1);
  return operands.take_front(0);
}

/// i1 is unsigned, like the types that say so.
static bool isUnsigned(Type element) {
  return element.isUnsignedInteger() || element.isInteger(1);
}

static LogicalResult verifySign(Operation *op) {
  if (ignoresSign(op))
    return success();
  auto refuse = [&](Type type) {
    return op->emitError("expects signed integers, which '")
           << op->getName() << "' takes all integers to be, got " << type;
  };
  for (Type type : op->getOperandTypes())
    if (isUnsigned(getElementTypeOrSelf(type)))
      return refuse(type);
  for (Type type : op->getResultTypes())
    if (getElementTypeOrSelf(type).isUnsignedInteger())
      return refuse(type);
  return success();
}

LogicalResult owl::verifyTosa(Operation *op) {
  if (hasNoLoops(op))
    return op->emitError("expects ops that Owl has loops for, which it has not "
                         "for '")
           << op->getName() << "'";
  if (isOnFloats(op))
    for (Type type : op->getOperandTypes())
      if (!isa<FloatType>(getElementTypeOrSelf(type)))
        return op->emitError("expects elements of a floating-point type for '")
               << op->getName() << "', got " << type;
  if (auto cast = dyn_cast<tosa::CastOp>(op))
    return verifyCast(cast);
  if (failed(verifySign(op)))
    return failure();
  for (Value operand : getConstantOperands(op))
    if (!matchPattern(operand, m_Constant()))
      return op->emitError("expects constants as zero points and shifts of '")
             << op->getName() << "'";
  if (auto rescale = dyn_cast<tosa::RescaleOp>(op))
    return verifyRescale(rescale);
  if (auto resize = dyn_cast<tosa::ResizeOp>(op))
    return verifyResize(resize);
  if (auto table = dyn_cast<tosa::TableOp>(op))
    return verifyTable(table);
  if (auto pool = dyn_cast<tosa::AvgPool2dOp>(op))
    if (getElementTypeOrSelf(pool.getInput()).isInteger(64))
      return op->emitError("expects elements of at most 32 bits for '")
             << op->getName() << "', got " << pool.getInput().getType();
  return success();
}
