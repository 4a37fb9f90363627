//===- StripSignedness.cpp - Unsigned types become signless ---------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Moves the sign of integers from their types into the ops that care.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_STRIPSIGNEDNESS
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// The op of arith that casts as `op` does where the sign of the source tells;
/// null where it does not.
static Operation *castUnsigned(tosa::CastOp op) {
  Type from = getElementTypeOrSelf(op.getInput());
  Type to = getElementTypeOrSelf(op.getOutput());
  auto source = dyn_cast<RankedTensorType>(op.getInput().getType());
  if (!source || !from.isUnsignedInteger())
    return nullptr;
  OpBuilder b(op);
  // The source is still unsigned: that this is no valid op passes with the
  // type.
  Type type = source.clone(to);
  if (isa<FloatType>(to))
    return arith::UIToFPOp::create(b, op.getLoc(), type, op.getInput());
  if (to.getIntOrFloatBitWidth() > from.getIntOrFloatBitWidth())
    return arith::ExtUIOp::create(b, op.getLoc(), type, op.getInput());
  return nullptr;
}

namespace {
struct StripSignedness
    : public owl::impl::StripSignednessBase<StripSignedness> {
  void runOnOperation() override {
    // The types still tell which sources are unsigned: note that first.
    getOperation()->walk([](ReduceOp op) {
      if (op.getSourceType().getElementType().isUnsignedInteger())
        op.setIsUnsigned(true);
    });
    getOperation()->walk([](tosa::CastOp op) {
      Operation *cast = castUnsigned(op);
      if (!cast)
        return;
      Value result = cast->getResult(0);
      OpBuilder b(op);
      if (result.getType() != op.getType())
        result = tensor::CastOp::create(b, op.getLoc(), op.getType(), result);
      op.replaceAllUsesWith(result);
      op.erase();
    });

    AttrTypeReplacer replacer;
    replacer.addReplacement([](IntegerType type) -> std::optional<Type> {
      if (!type.isUnsigned())
        return std::nullopt;
      return IntegerType::get(type.getContext(), type.getWidth());
    });
    replacer.addReplacement(
        [](DenseIntElementsAttr attr) -> std::optional<Attribute> {
          auto element = dyn_cast<IntegerType>(attr.getElementType());
          if (!element || !element.isUnsigned())
            return std::nullopt;
          return attr.bitcast(
              IntegerType::get(attr.getContext(), element.getWidth()));
        });
    replacer.recursivelyReplaceElementsIn(getOperation(), /*replaceAttrs=*/true,
                                          /*replaceLocs=*/false,
                                          /*replaceTypes=*/true);

    // What was a cast between signs is now a cast to the same type.
    getOperation()->walk([](Operation *op) {
      if (!isa<tensor::BitcastOp, UnrealizedConversionCastOp>(op) ||
          op->getOperandTypes() != op->getResultTypes())
        return;
      op->replaceAllUsesWith(op->getOperands());
      op->erase();
    });
  }
};
} // namespace
