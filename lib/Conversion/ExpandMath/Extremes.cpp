//===- Extremes.cpp - Extremes of many numbers ----------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// x86 and WebAssembly engines on it have no maximum that propagates NaN: each
// takes three instructions, a comparison that selects being one of them. Of
// many numbers the extreme is taken by comparisons that select alone, which
// take one instruction and may lose a NaN. Whether there is one is asked of two
// numbers at once.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::owl;

/// How many numbers are taken together at most.
static constexpr size_t kMostLeaves = 64;

namespace {

/// The code for an extreme.
template <typename Op, arith::CmpFPredicate better> struct Tree {
  OpBuilder &b;
  Location loc;

  /// Whether the sign of zero does not matter to `op`: comparisons ignore it.
  static bool isSupported(Op op) {
    Type element = getElementTypeOrSelf(op.getType());
    return (element.isF32() || element.isF64()) &&
           !isa<TensorType>(op.getType()) &&
           bitEnumContainsAll(op.getFastmath(), arith::FastMathFlags::nsz);
  }

  /// Whether only a larger tree uses `op`.
  static bool isInner(Op op) {
    if (!op->hasOneUse())
      return false;
    auto user = dyn_cast<Op>(*op->user_begin());
    return user && user->getBlock() == op->getBlock() && isSupported(user);
  }

  /// What `root` is the extreme of: itself, if it is no extreme.
  static SmallVector<Value> getLeaves(Value root) {
    SmallVector<Value> leaves, left = {root};
    while (!left.empty()) {
      Value value = left.pop_back_val();
      auto op = value.getDefiningOp<Op>();
      if (!op || !isSupported(op) || (value != root && !isInner(op)) ||
          leaves.size() + left.size() + 2 > kMostLeaves) {
        leaves.push_back(value);
        continue;
      }
      left.push_back(op.getRhs());
      left.push_back(op.getLhs());
    }
    return leaves;
  }

  Value choose(Value x, Value y) const {
    Value isBetter = arith::CmpFOp::create(b, loc, better, x, y);
    return arith::SelectOp::create(b, loc, isBetter, x, y);
  }

  /// Where `leaves` are all numbers; null if there are none.
  Value areOrdered(ArrayRef<Value> leaves) const {
    if (leaves.size() <= 2)
      return leaves.empty()
                 ? Value()
                 : arith::CmpFOp::create(b, loc, arith::CmpFPredicate::ORD,
                                         leaves.front(), leaves.back())
                       .getResult();
    size_t half = llvm::alignTo(leaves.size() / 2, 2);
    return arith::AndIOp::create(b, loc, areOrdered(leaves.take_front(half)),
                                 areOrdered(leaves.drop_front(half)));
  }

  /// The extreme of `leaves`, where they are numbers.
  Value chooseAmong(ArrayRef<Value> leaves) const {
    if (leaves.size() == 1)
      return leaves.front();
    size_t half = leaves.size() / 2;
    Value x = chooseAmong(leaves.take_front(half));
    return choose(x, chooseAmong(leaves.drop_front(half)));
  }

  /// `value` where `isOrdered`, else NaN.
  Value orNaN(Value value, Value isOrdered) const {
    auto element = cast<FloatType>(getElementTypeOrSelf(value.getType()));
    TypedAttr nan =
        b.getFloatAttr(element, APFloat::getNaN(element.getFloatSemantics()));
    if (auto vector = dyn_cast<VectorType>(value.getType()))
      nan = DenseElementsAttr::get(vector, Attribute(nan));
    return arith::SelectOp::create(b, loc, isOrdered, value,
                                   arith::ConstantOp::create(b, loc, nan));
  }
};

/// max(max(a, b), max(c, d))
template <typename Op, arith::CmpFPredicate better>
struct ExpandExtremes : public OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const final {
    using Numbers = Tree<Op, better>;
    if (!Numbers::isSupported(op) || Numbers::isInner(op))
      return rewriter.notifyMatchFailure(op, "not the root of a tree");
    SmallVector<Value> leaves = Numbers::getLeaves(op.getResult());
    // Of two, the target's own sequence is as short.
    if (leaves.size() <= 2)
      return rewriter.notifyMatchFailure(op, "expected more than two numbers");
    Numbers numbers{rewriter, op.getLoc()};
    // Comparisons with NaN choose the second operand: a last leaf that is NaN
    // stays. It is what a loop carries, if there is such, and joins late.
    ArrayRef<Value> others = ArrayRef(leaves).drop_back();
    Value extreme = numbers.choose(numbers.chooseAmong(others), leaves.back());
    rewriter.replaceOp(op, numbers.orNaN(extreme, numbers.areOrdered(others)));
    return success();
  }
};

/// The extreme of the lanes of a vector.
template <typename Op, arith::CmpFPredicate better>
struct ExpandExtremeOfLanes : public OpRewritePattern<vector::ReductionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(vector::ReductionOp op,
                                PatternRewriter &rewriter) const final {
    bool isMax = std::is_same_v<Op, arith::MaximumFOp>;
    if (op.getKind() != (isMax ? vector::CombiningKind::MAXIMUMF
                               : vector::CombiningKind::MINIMUMF) ||
        op.getAcc() ||
        !bitEnumContainsAll(op.getFastmath(), arith::FastMathFlags::nsz))
      return rewriter.notifyMatchFailure(op, "expected a plain extreme");
    int64_t lanes = op.getSourceVectorType().getNumElements();
    if (!llvm::isPowerOf2_64(lanes))
      return rewriter.notifyMatchFailure(op, "expected a power of 2 of lanes");
    Location loc = op.getLoc();
    Tree<Op, better> numbers{rewriter, loc};
    Value value = op.getVector();
    Value isOrdered = vector::ReductionOp::create(
        rewriter, loc, vector::CombiningKind::AND, numbers.areOrdered(value));
    for (int64_t half = lanes / 2; half > 0; half /= 2) {
      auto slice = [&](int64_t begin) -> Value {
        return vector::ExtractStridedSliceOp::create(
            rewriter, loc, value, ArrayRef<int64_t>{begin},
            ArrayRef<int64_t>{half}, ArrayRef<int64_t>{1});
      };
      Value low = slice(0);
      value = numbers.choose(low, slice(half));
    }
    value = vector::ExtractOp::create(rewriter, loc, value, 0);
    rewriter.replaceOp(op, numbers.orNaN(value, isOrdered));
    return success();
  }
};

} // namespace

void owl::populateExtremePatterns(RewritePatternSet &patterns) {
  using P = arith::CmpFPredicate;
  patterns.add<ExpandExtremes<arith::MaximumFOp, P::OGT>,
               ExpandExtremes<arith::MinimumFOp, P::OLT>,
               ExpandExtremeOfLanes<arith::MaximumFOp, P::OGT>,
               ExpandExtremeOfLanes<arith::MinimumFOp, P::OLT>>(
      patterns.getContext());
}
