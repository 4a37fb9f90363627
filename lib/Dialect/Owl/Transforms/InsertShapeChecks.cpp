//===- InsertShapeChecks.cpp - Dynamic shapes must agree ------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What verifiers check of static shapes is asserted of dynamic ones.
//
//===----------------------------------------------------------------------===//

#include "CheckedProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/RuntimeVerifiableOpInterface.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_INSERTSHAPECHECKS
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

static Value toValue(OpBuilder &b, Location loc, OpFoldResult value) {
  return getValueOrCreateConstantIndexOp(b, loc, value);
}

static void require(OpBuilder &b, Location loc, arith::CmpIPredicate predicate,
                    Value lhs, Value rhs, StringRef message) {
  Value holds = arith::CmpIOp::create(b, loc, predicate, lhs, rhs);
  cf::AssertOp::create(b, loc, holds, message);
}

/// Asserts that dimension `lhsDim` of `lhs` is as large as `rhsDim` of `rhs`.
static void requireEqualDims(OpBuilder &b, Location loc, Value lhs,
                             int64_t lhsDim, Value rhs, int64_t rhsDim) {
  Value lhsSize = tensor::DimOp::create(b, loc, lhs, lhsDim);
  Value rhsSize = tensor::DimOp::create(b, loc, rhs, rhsDim);
  require(b, loc, arith::CmpIPredicate::eq, lhsSize, rhsSize,
          "bad shape: dimensions that must be equal differ");
}

/// Asserts that the dimensions of `op`'s operands that one loop walks are
/// equal. (Upstream's own check of linalg ops also computes the ranges of all
/// affine maps, in code as long as the model's.)
static void checkLoops(OpBuilder &b, linalg::LinalgOp op) {
  struct Extent {
    Value operand;
    int64_t dim, size;
  };
  SmallVector<std::optional<Extent>> extents(op.getNumLoops());
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    if (!type)
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
      auto loop = dyn_cast<AffineDimExpr>(expr);
      if (!loop)
        continue;
      std::optional<Extent> &extent = extents[loop.getPosition()];
      Extent here{operand.get(), static_cast<int64_t>(dim),
                  type.getDimSize(dim)};
      if (!extent) {
        extent = here;
        continue;
      }
      if (extent->operand == here.operand && extent->dim == here.dim)
        continue;
      if (!ShapedType::isDynamic(extent->size) &&
          !ShapedType::isDynamic(here.size))
        continue;
      requireEqualDims(b, op.getLoc(), extent->operand, extent->dim,
                       here.operand, here.dim);
    }
  }
}

/// Asserts that the slice is inside the destination and as large as what is
/// inserted. (Upstream has a check for slices that are read only.)
static void checkInsertion(OpBuilder &b, tensor::InsertSliceOp op) {
  using arith::CmpIPredicate;
  Location loc = op.getLoc();
  llvm::SmallBitVector dropped = op.getDroppedDims();
  int64_t sourceDim = 0;
  Value zero = toValue(b, loc, b.getIndexAttr(0));
  Value one = toValue(b, loc, b.getIndexAttr(1));
  for (int64_t dim = 0; dim < op.getDestType().getRank(); ++dim) {
    Value offset = toValue(b, loc, op.getMixedOffsets()[dim]);
    Value size = toValue(b, loc, op.getMixedSizes()[dim]);
    Value stride = toValue(b, loc, op.getMixedStrides()[dim]);
    if (!dropped.test(dim))
      require(b, loc, CmpIPredicate::eq, size,
              tensor::DimOp::create(b, loc, op.getSource(), sourceDim++),
              "bad shape: expected the sizes of a slice to be those of what is "
              "inserted there");
    Value extent = tensor::DimOp::create(b, loc, op.getDest(), dim);
    // Of no elements, where they begin does not matter. Both ends are checked,
    // for a stride may be negative.
    Value isEmpty =
        arith::CmpIOp::create(b, loc, CmpIPredicate::sle, size, zero);
    Value last = arith::AddIOp::create(
        b, loc, offset,
        arith::MulIOp::create(b, loc, arith::SubIOp::create(b, loc, size, one),
                              stride));
    for (Value end : {offset, last})
      require(b, loc, CmpIPredicate::ult,
              arith::SelectOp::create(b, loc, isEmpty, zero, end),
              arith::SelectOp::create(b, loc, isEmpty, one, extent),
              "bad shape: expected a slice inside of what it is inserted into");
  }
}

/// Asserts that all operands are as large but for the dimension along which
/// they are put.
static void checkConcatenation(OpBuilder &b, tensor::ConcatOp op) {
  Value first = op.getInputs().front();
  for (Value input : op.getInputs().drop_front())
    for (int64_t dim = 0; dim < op.getRank(); ++dim)
      if (dim != static_cast<int64_t>(op.getDim()))
        requireEqualDims(b, op.getLoc(), input, dim, first, dim);
}

/// Asserts that the dimensions that `op` makes of one hold as many elements:
/// neither two negative ones nor a product that wraps may pass for it.
static void checkExpansion(OpBuilder &b, tensor::ExpandShapeOp op) {
  Location loc = op.getLoc();
  SmallVector<OpFoldResult> sizes = op.getMixedOutputShape();
  Value zero = toValue(b, loc, b.getIndexAttr(0));
  for (auto [dim, group] : llvm::enumerate(op.getReassociationIndices())) {
    Value product;
    for (int64_t inner : group) {
      Value size = toValue(b, loc, sizes[inner]);
      if (isa<Value>(sizes[inner]))
        require(b, loc, arith::CmpIPredicate::sge, size, zero,
                "bad shape: expected the sizes of an expanded dimension to be "
                "0 or more");
      if (!product) {
        product = size;
        continue;
      }
      cf::AssertOp::create(b, loc, productFits(b, loc, product, size),
                           "bad shape: expected the sizes of an expanded "
                           "dimension to multiply to what fits an index");
      product = arith::MulIOp::create(b, loc, product, size);
    }
    require(b, loc, arith::CmpIPredicate::eq, product,
            tensor::DimOp::create(b, loc, op.getSrc(), dim),
            "bad shape: expected the sizes of an expanded dimension to "
            "multiply to its own");
  }
}

/// Asserts that the source has as many elements as the static result.
static void checkReshape(OpBuilder &b, tensor::ReshapeOp op) {
  auto source = dyn_cast<RankedTensorType>(op.getSource().getType());
  auto result = cast<ShapedType>(op.getType());
  if (!source || source.hasStaticShape() || !result.hasStaticShape())
    return;
  Location loc = op.getLoc();
  Value product = toValue(b, loc, b.getIndexAttr(1));
  for (int64_t dim = 0; dim < source.getRank(); ++dim) {
    Value size = tensor::DimOp::create(b, loc, op.getSource(), dim);
    cf::AssertOp::create(b, loc, productFits(b, loc, product, size),
                         "bad shape: expected a number of elements that fits "
                         "an index");
    product = arith::MulIOp::create(b, loc, product, size);
  }
  require(b, loc, arith::CmpIPredicate::eq, product,
          toValue(b, loc, b.getIndexAttr(result.getNumElements())),
          "bad shape: expected as many elements as the result has");
}

/// Whether `op` is below a loop, which is no place to compute a status in: what
/// is right may depend on how often it has run. Branches are none, both are
/// computed.
static bool isInLoop(Operation *op) {
  do
    op = op->getParentOp();
  while (isa<scf::IfOp>(op));
  return !isa<func::FuncOp>(op);
}

/// Lets `op` divide by 1 where it would divide by 0, or the least number by -1,
/// which traps as well. Sizes are computed before any check is made, and in
/// more places than the program says: of an `scf.if` from both branches.
static void guardDivision(OpBuilder &b, Operation *op) {
  Location loc = op->getLoc();
  OpOperand &divisor = op->getOpOperand(1);
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(
        b, loc, b.getIntegerAttr(divisor.get().getType(), value));
  };
  Value isZero = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                       divisor.get(), constant(0));
  Value isBad = isZero;
  if (isa<arith::DivSIOp, arith::CeilDivSIOp, arith::FloorDivSIOp,
          arith::RemSIOp>(op)) {
    Value isMinusOne = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                             divisor.get(), constant(-1));
    // The least number is minus itself, whatever the width of an index; for 0,
    // which is too, the quotient is the same.
    Value dividend = op->getOperand(0);
    Value minus = arith::SubIOp::create(b, loc, constant(0), dividend);
    Value isOpposite = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                             dividend, minus);
    Value overflows = arith::AndIOp::create(b, loc, isMinusOne, isOpposite);
    isBad = arith::OrIOp::create(b, loc, isZero, overflows);
  }
  divisor.set(
      arith::SelectOp::create(b, loc, isBad, constant(1), divisor.get()));
}

static std::string getMessage(Operation *, StringRef message) {
  return message.str();
}

namespace {
struct InsertShapeChecks
    : public owl::impl::InsertShapeChecksBase<InsertShapeChecks> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) { ops.push_back(op); });
    OpBuilder b(&getContext());
    for (Operation *op : ops) {
      b.setInsertionPoint(op);
      if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
        checkLoops(b, linalgOp);
        // Windows and the like. For plain maps the equalities are enough, and
        // upstream's check would be as long as the model's code.
        auto checked = dyn_cast<RuntimeVerifiableOpInterface>(op);
        if (checked &&
            !llvm::all_of(linalgOp.getIndexingMapsArray(), [](AffineMap map) {
              return map.isProjectedPermutation(
                  /*allowZeroInResults=*/true);
            }))
          checked.generateRuntimeVerification(b, op->getLoc(), getMessage);
      } else if (isa<arith::DivSIOp, arith::DivUIOp, arith::CeilDivSIOp,
                     arith::CeilDivUIOp, arith::FloorDivSIOp, arith::RemSIOp,
                     arith::RemUIOp>(op)) {
        // But not element by element.
        Operation *parent = op->getParentOp();
        if ((isa<func::FuncOp>(parent) ||
             isa<scf::SCFDialect>(parent->getDialect())) &&
            op->getOperand(1).getType().isIntOrIndex())
          guardDivision(b, op);
      } else if (auto concat = dyn_cast<tensor::ConcatOp>(op)) {
        checkConcatenation(b, concat);
      } else if (isa<tensor::InsertSliceOp, tensor::ExtractSliceOp>(op) &&
                 isInLoop(op)) {
        // Where a slice lies that a loop takes is for the loop to get right.
      } else if (auto insert = dyn_cast<tensor::InsertSliceOp>(op)) {
        checkInsertion(b, insert);
      } else if (auto reshape = dyn_cast<tensor::ReshapeOp>(op)) {
        checkReshape(b, reshape);
      } else if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
        checkExpansion(b, expand);
      } else if (auto empty = dyn_cast<tensor::EmptyOp>(op)) {
        // It may take no memory, and nobody else would ask.
        for (Value size : empty.getDynamicSizes())
          if (!size.getDefiningOp<tensor::DimOp>() && !isInLoop(op))
            require(b, op->getLoc(), arith::CmpIPredicate::sge, size,
                    toValue(b, op->getLoc(), b.getIndexAttr(0)),
                    "bad shape: expected sizes of 0 or more");
      } else if (isa<OwlDialect, tensor::TensorDialect>(op->getDialect()) &&
                 !isa<tensor::DimOp, tensor::ExtractOp, tensor::InsertOp>(op)) {
        // Where one element lies may depend on data, which no caller can be
        // told about beforehand, and so may which size is asked for.
        if (auto checked = dyn_cast<RuntimeVerifiableOpInterface>(op))
          checked.generateRuntimeVerification(b, op->getLoc(), getMessage);
      }
    }
  }
};
} // namespace
