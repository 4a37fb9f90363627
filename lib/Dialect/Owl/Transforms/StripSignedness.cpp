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

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/BuiltinOps.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_STRIPSIGNEDNESS
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

namespace {
struct StripSignedness
    : public owl::impl::StripSignednessBase<StripSignedness> {
  void runOnOperation() override {
    // The types still tell which sources are unsigned: note that first.
    getOperation()->walk([](ReduceOp op) {
      if (op.getSourceType().getElementType().isUnsignedInteger())
        op.setIsUnsigned(true);
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
    getOperation()->walk([](tensor::BitcastOp op) {
      if (op.getType() != op.getSource().getType())
        return;
      op.replaceAllUsesWith(op.getSource());
      op.erase();
    });
  }
};
} // namespace
