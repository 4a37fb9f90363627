//===- NarrowFloatsToBits.cpp - f16 and bf16 are loaded as i16 ------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Keeps 16-bit floats out of registers altogether.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "owl/Conversion/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_NARROWFLOATSTOBITS
#include "owl/Conversion/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

static bool isNarrow(Type type) {
  return isa<Float16Type, BFloat16Type>(getElementTypeOrSelf(type));
}

/// `type`, a scalar, vector or memref, with i16 for its elements.
static Type toBits(Type type) {
  auto bits = IntegerType::get(type.getContext(), 16);
  if (auto shaped = dyn_cast<ShapedType>(type))
    return shaped.clone(bits);
  return bits;
}

/// Makes `operand`, the buffer of a load or store, one of i16.
static void viewBuffer(OpBuilder &b, OpOperand &operand) {
  Value buffer = operand.get();
  operand.set(UnrealizedConversionCastOp::create(
                  b, buffer.getLoc(), toBits(buffer.getType()), buffer)
                  .getResult(0));
}

/// Makes the result of `op` bits, of which its users get the number.
static void returnBits(OpBuilder &b, Operation *op) {
  Value result = op->getResult(0);
  Type type = result.getType();
  result.setType(toBits(type));
  b.setInsertionPointAfter(op);
  Value value = arith::BitcastOp::create(b, op->getLoc(), type, result);
  result.replaceAllUsesExcept(value, value.getDefiningOp());
}

/// Lets `op`, which only moves what its operands have, do so to their bits.
static void moveBits(OpBuilder &b, Operation *op) {
  for (OpOperand &operand : op->getOpOperands())
    if (Type type = operand.get().getType(); isNarrow(type))
      operand.set(arith::BitcastOp::create(b, op->getLoc(), toBits(type),
                                           operand.get()));
  returnBits(b, op);
}

namespace {
struct NarrowFloatsToBits
    : public owl::impl::NarrowFloatsToBitsBase<NarrowFloatsToBits> {
  void runOnOperation() override {
    OpBuilder b(&getContext());
    getOperation()->walk([&](Operation *op) {
      b.setInsertionPoint(op);
      if (isa<affine::AffineLoadOp, affine::AffineVectorLoadOp, memref::LoadOp,
              vector::LoadOp>(op)) {
        if (!isNarrow(op->getResult(0).getType()))
          return;
        viewBuffer(b, op->getOpOperand(0));
        returnBits(b, op);
      } else if (isa<affine::AffineStoreOp, affine::AffineVectorStoreOp,
                     memref::StoreOp, vector::StoreOp>(op)) {
        Value value = op->getOperand(0);
        if (!isNarrow(value.getType()))
          return;
        viewBuffer(b, op->getOpOperand(1));
        op->setOperand(0, arith::BitcastOp::create(
                              b, op->getLoc(), toBits(value.getType()), value));
      } else if (isa<vector::BroadcastOp, vector::ExtractOp,
                     vector::ExtractStridedSliceOp, vector::FromElementsOp,
                     vector::InsertStridedSliceOp, vector::ShuffleOp>(op)) {
        if (isNarrow(op->getResult(0).getType()))
          moveBits(b, op);
      }
    });
  }
};
} // namespace
