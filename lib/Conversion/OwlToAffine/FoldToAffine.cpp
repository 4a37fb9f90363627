//===- FoldToAffine.cpp - Folds with a region of their own ----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A fold keeps its order, the row-major one: a scalar accumulator for each
// element of the result.
//
//===----------------------------------------------------------------------===//

#include "FoldToAffine.h"
#include "LoopBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "owl/Dialect/Owl/IR/Owl.h"

using namespace mlir;
using namespace mlir::owl;

/// The result of the combiner of `op`.
static Value combine(OpBuilder &b, FoldOp op, Value element, Value acc) {
  Block &body = op.getCombiner().front();
  IRMapping mapping;
  mapping.map(body.getArguments(), ValueRange{element, acc});
  for (Operation &inner : body.without_terminator())
    b.clone(inner, mapping);
  auto yield = cast<YieldOp>(body.getTerminator());
  return mapping.lookupOrDefault(yield.getValues().front());
}

/// `x` in the integer type `type`, which differs in its signedness only.
static Value castSign(OpBuilder &b, Location loc, Value x, Type type) {
  if (x.getType() == type)
    return x;
  return UnrealizedConversionCastOp::create(b, loc, type, x).getResult(0);
}

void owl::convertFold(OpBuilder &b, FoldOp op) {
  Location loc = op.getLoc();
  LoopBuilder loops(b, loc);
  Value source = viewAsStorage(b, loc, op.getSource());
  Value dest = viewAsStorage(b, loc, op.getDest());
  SmallVector<OpFoldResult> kept, reduced;
  int64_t rank = op.getSourceType().getRank();
  for (auto [dim, size] :
       llvm::enumerate(memref::getMixedSizes(b, loc, source)))
    (op.isReduced(dim) ? reduced : kept).push_back(size);

  SmallVector<Value> indices(rank);
  auto place = [&](ArrayRef<Value> ivs, bool areReduced) {
    for (int64_t dim = 0; dim < rank; ++dim)
      if (op.isReduced(dim) == areReduced) {
        indices[dim] = ivs.front();
        ivs = ivs.drop_front();
      }
  };
  Type element = op.getSourceType().getElementType();
  loops.nest(kept, {}, [&](ArrayRef<Value> ivs, ArrayRef<Value>) {
    place(ivs, /*areReduced=*/false);
    Value acc = loops.nest(
        reduced, op.getInit(), [&](ArrayRef<Value> ivs, ArrayRef<Value> acc) {
          place(ivs, /*areReduced=*/true);
          Value x = loops.load(source, indices, 1);
          x = castSign(b, loc, fromStorage(b, loc, x, element), element);
          return SmallVector<Value>{combine(b, op, x, acc[0])};
        })[0];
    SmallVector<Value> destIndices;
    for (int64_t dim = 0; dim < rank; ++dim) {
      if (!op.isReduced(dim))
        destIndices.push_back(indices[dim]);
      else if (op.getKeepDims())
        destIndices.push_back(arith::ConstantIndexOp::create(b, loc, 0));
    }
    Type storage = cast<MemRefType>(dest.getType()).getElementType();
    loops.store(castSign(b, loc, toStorage(b, loc, acc), storage), dest,
                destIndices);
    return SmallVector<Value>();
  });
  op.erase();
}
