//===- GroupOp.cpp - Fusion groups ----------------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The verifier and the effects of `owl.group`.
//
//===----------------------------------------------------------------------===//

#include "owl/Dialect/Owl/IR/Owl.h"

using namespace mlir;
using namespace mlir::owl;

YieldOp GroupOp::getYield() {
  return cast<YieldOp>(getBody().front().getTerminator());
}

Type GroupOp::getInnerType(Type type) {
  auto buffer = dyn_cast<MemRefType>(type);
  if (!buffer)
    return type;
  return RankedTensorType::get(buffer.getShape(), buffer.getElementType());
}

static LogicalResult verifyTypes(GroupOp op, TypeRange given, TypeRange outer,
                                 StringRef what, StringRef where) {
  if (given.size() != outer.size())
    return op.emitOpError("expects ")
           << what << " for each " << where << ": " << outer.size() << ", got "
           << given.size();
  for (auto [type, operand] : llvm::zip_equal(given, outer))
    if (type != GroupOp::getInnerType(operand))
      return op.emitOpError("expects ")
             << what << " of type " << GroupOp::getInnerType(operand)
             << ", got " << type;
  return success();
}

LogicalResult GroupOp::verifyRegions() {
  for (Type type : getInputs().getTypes())
    if (!isa<MemRefType, RankedTensorType>(type) && !type.isIntOrIndexOrFloat())
      return emitOpError("expects inputs that are tensors, buffers or scalars, "
                         "got ")
             << type;
  bool hasBuffers = llvm::any_of(getOperandTypes(), llvm::IsaPred<MemRefType>);
  bool hasTensors =
      llvm::any_of(getOperandTypes(), llvm::IsaPred<RankedTensorType>);
  if (hasBuffers && hasTensors)
    return emitOpError("expects either tensors or buffers, not both");
  if (hasBuffers && getNumResults())
    return emitOpError("expects no results on buffers");
  if (failed(verifyTypes(*this, getBody().getArgumentTypes(),
                         getInputs().getTypes(), "an argument of the region",
                         "input")))
    return failure();
  return verifyTypes(*this, getYield().getValues().getTypes(),
                     getInits().getTypes(), "a yielded value", "init");
}

void GroupOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  for (OpOperand &operand : getInputsMutable())
    if (isa<MemRefType>(operand.get().getType()))
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
  for (OpOperand &operand : getInitsMutable())
    if (isa<MemRefType>(operand.get().getType()))
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
}

Speculation::Speculatability GroupOp::getSpeculatability() {
  bool safe = hasTensorSemantics() &&
              llvm::all_of(getBody().front().without_terminator(),
                           [](Operation &op) { return isSpeculatable(&op); });
  return safe ? Speculation::Speculatable : Speculation::NotSpeculatable;
}
