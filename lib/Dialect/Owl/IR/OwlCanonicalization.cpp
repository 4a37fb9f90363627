//===- OwlCanonicalization.cpp - Canonical forms of the ops ---------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Local algebra: what an op and the producer of its operand say together.
// Every pattern keeps NumPy's values, NaN and empty sets included, and gives up
// where it would turn a program that fails at run time into an invalid one.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/PatternMatch.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace mlir::owl;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

/// Replaces `op` by `value`, through a cast where their types differ.
static void replaceWithCast(PatternRewriter &rewriter, Operation *op,
                            Value value) {
  Type type = op->getResult(0).getType();
  if (value.getType() != type)
    value = tensor::CastOp::create(rewriter, op->getLoc(), type, value);
  rewriter.replaceOp(op, value);
}

/// The dimensions of `a`, and those of `b` where `a` leaves them dynamic, with
/// the element type of `b`; null where the two contradict one another or are
/// too large together.
static RankedTensorType refine(ArrayRef<int64_t> a, RankedTensorType b) {
  SmallVector<int64_t> shape(b.getShape());
  for (auto [size, known] : llvm::zip_equal(shape, a)) {
    if (ShapedType::isDynamic(known))
      continue;
    if (!ShapedType::isDynamic(size) && size != known)
      return {};
    size = known;
  }
  if (!hasAddressableSize(shape, b.getElementType()))
    return {};
  return b.clone(shape);
}

/// The type that the operands and attributes of `op` imply for its result; null
/// where they imply none that is valid.
static RankedTensorType inferType(ReduceOp op, RankedTensorType source) {
  if (isReductionOfNothing(op.getKind(), source.getShape(), op.getAxes()))
    return {};
  return refine(
      getReducedShape(source.getShape(), op.getAxes(), op.getKeepDims()),
      cast<RankedTensorType>(op.getDestType()));
}

static RankedTensorType inferType(FoldOp op, RankedTensorType source) {
  return refine(
      getReducedShape(source.getShape(), op.getAxes(), op.getKeepDims()),
      cast<RankedTensorType>(op.getDestType()));
}

template <typename OpTy>
static RankedTensorType inferRepeatedType(OpTy op, RankedTensorType source,
                                          ArrayRef<int64_t> counts) {
  FailureOr<SmallVector<int64_t>> shape =
      getRepeatedShape(source.getShape(), counts);
  if (failed(shape))
    return {};
  return refine(*shape, cast<RankedTensorType>(op.getDestType()));
}

static RankedTensorType inferType(RepeatOp op, RankedTensorType source) {
  return inferRepeatedType(op, source, op.getStaticCounts());
}

static RankedTensorType inferType(TileOp op, RankedTensorType source) {
  return inferRepeatedType(op, source, op.getStaticCounts());
}

namespace {
/// Takes what is known of the source's and the result's dimensions from casts:
///
///   %c = tensor.cast %x : tensor<4x8xf32> to tensor<?x?xf32>
///   %s = owl.reduce <sum> %c axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
///   // becomes
///   %s = owl.reduce <sum> %x axes = [1] : tensor<4x8xf32> -> tensor<4xf32>
///   %r = tensor.cast %s : tensor<4xf32> to tensor<?xf32>
template <typename OpTy> struct RefineTypes : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasTensorSemantics())
      return rewriter.notifyMatchFailure(op, "not in tensor form");
    Value source = op.getSource();
    auto castOp = source.getDefiningOp<tensor::CastOp>();
    if (castOp && tensor::canFoldIntoConsumerOp(castOp))
      source = castOp.getSource();
    auto sourceType = cast<RankedTensorType>(source.getType());

    RankedTensorType type = inferType(op, sourceType);
    if (!type ||
        !hasAddressableSize(sourceType.getShape(), sourceType.getElementType()))
      return rewriter.notifyMatchFailure(op, "the result would be invalid");
    if (source == op.getSource() && type == op.getResult().getType())
      return rewriter.notifyMatchFailure(op, "nothing new is known");

    auto refined = cast<OpTy>(rewriter.clone(*op));
    refined.getSourceMutable().assign(source);
    refined.getResult().setType(type);
    replaceWithCast(rewriter, op, refined.getResult());
    return success();
  }
};

/// The mirror image: a cast of the result to a type that says more.
///
///   %s = owl.reduce <sum> %x axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
///   %r = tensor.cast %s : tensor<?xf32> to tensor<4xf32>
///   // becomes
///   %r = owl.reduce <sum> %x axes = [1] : tensor<?x?xf32> -> tensor<4xf32>
template <typename OpTy> struct AbsorbResultCast : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasTensorSemantics() || !op->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not the only user's operand");
    auto castOp = dyn_cast<tensor::CastOp>(*op->user_begin());
    if (!castOp || !tensor::canFoldIntoProducerOp(castOp))
      return rewriter.notifyMatchFailure(op, "no cast that says more");
    auto type = dyn_cast<RankedTensorType>(castOp.getType());
    RankedTensorType known =
        inferType(op, cast<RankedTensorType>(op.getSource().getType()));
    if (!type || !known || refine(known.getShape(), type) != type)
      return rewriter.notifyMatchFailure(op, "the result would be invalid");
    rewriter.modifyOpInPlace(op, [&] { op.getResult().setType(type); });
    rewriter.replaceOp(castOp, op.getResult());
    return success();
  }
};

/// The axes are a set: in ascending order, equal reductions look equal.
template <typename OpTy> struct SortAxes : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (llvm::is_sorted(op.getAxes()))
      return rewriter.notifyMatchFailure(op, "already sorted");
    SmallVector<int64_t> axes(op.getAxes());
    llvm::sort(axes);
    rewriter.modifyOpInPlace(op, [&] { op.setAxes(axes); });
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Reductions of reductions
//===----------------------------------------------------------------------===//

/// The one kind that does what `outer` after `inner` does, if there is one.
static std::optional<ReduceKind> composeKinds(ReduceKind outer,
                                              ReduceKind inner, bool isFloat) {
  using Kind = ReduceKind;
  switch (outer) {
  case Kind::Sum:
    if (inner == Kind::Sum || inner == Kind::SumSq || inner == Kind::L1)
      return inner;
    return std::nullopt;
  case Kind::Prod:
  case Kind::Max:
  case Kind::Min:
  case Kind::Any:
  case Kind::All:
    if (inner == outer)
      return inner;
    return std::nullopt;
  // Integers would be rounded or wrapped between the two. The groups of the
  // inner mean all have the same size, so their means have equal weights.
  case Kind::Mean:
  case Kind::L1:
  case Kind::L2:
  case Kind::LogSumExp:
    if (isFloat && inner == outer)
      return inner;
    return std::nullopt;
  case Kind::LogSum:
    if (isFloat && inner == Kind::Sum)
      return outer;
    return std::nullopt;
  default:
    return std::nullopt;
  }
}

/// One pass instead of two:
///
///   %a = owl.reduce <sum> %x axes = [1] : tensor<4x5x6xf32> -> tensor<4x6xf32>
///   %b = owl.reduce <sum> %a axes = [1] : tensor<4x6xf32> -> tensor<4xf32>
///   // becomes
///   %b = owl.reduce <sum> %x axes = [1, 2] : tensor<4x5x6xf32> ->
///       tensor<4xf32>
struct MergeReductions : OpRewritePattern<ReduceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReduceOp outer,
                                PatternRewriter &rewriter) const override {
    auto inner = outer.getSource().getDefiningOp<ReduceOp>();
    if (!inner || !outer.hasTensorSemantics())
      return rewriter.notifyMatchFailure(outer, "no reduction to merge with");
    if (!inner->hasOneUse())
      return rewriter.notifyMatchFailure(outer, "the operand has other users");
    Type element = inner.getSourceType().getElementType();
    std::optional<ReduceKind> kind =
        composeKinds(outer.getKind(), inner.getKind(), isa<FloatType>(element));
    if (!kind)
      return rewriter.notifyMatchFailure(outer, "the kinds do not compose");
    bool isBoolean = *kind == ReduceKind::Any || *kind == ReduceKind::All;
    if (!isBoolean && outer.hasUnsignedSource() != inner.hasUnsignedSource())
      return rewriter.notifyMatchFailure(outer, "the signs differ");

    // Source dimensions of the dimensions that are left between the two.
    SmallVector<int64_t> between;
    int64_t rank = inner.getSourceType().getRank();
    for (int64_t dim = 0; dim < rank; ++dim)
      if (inner.getKeepDims() || !inner.isReduced(dim))
        between.push_back(dim);
    llvm::SmallBitVector reduced(rank);
    for (int64_t axis : inner.getAxes())
      reduced.set(axis);
    for (int64_t axis : outer.getAxes())
      reduced.set(between[axis]);

    // Both keep, or what the inner one keeps the outer one drops.
    bool keepsBoth = inner.getKeepDims() && outer.getKeepDims();
    bool keepsNone =
        !outer.getKeepDims() &&
        outer.getAxes().size() + rank - between.size() == reduced.count();
    bool nothingInner = inner.getAxes().empty();
    if (!keepsBoth && !keepsNone && !nothingInner)
      return rewriter.notifyMatchFailure(outer, "one keeps what the other "
                                                "drops");

    SmallVector<int64_t> axes(reduced.set_bits_begin(), reduced.set_bits_end());
    auto sourceType = cast<RankedTensorType>(inner.getSource().getType());
    if (isReductionOfNothing(*kind, sourceType.getShape(), axes) ||
        !refine(
            getReducedShape(sourceType.getShape(), axes, outer.getKeepDims()),
            cast<RankedTensorType>(outer.getDestType())))
      return rewriter.notifyMatchFailure(outer, "the result would be invalid");
    rewriter.replaceOpWithNewOp<ReduceOp>(
        outer, outer.getResult().getType(), *kind, inner.getSource(),
        /*dest=*/Value(), axes, outer.getKeepDims(), inner.getIsUnsigned());
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Reductions of repetitions
//===----------------------------------------------------------------------===//

/// How often each value is counted in a reduction of a repetition changes what
/// it is in exact numbers: not at all, by that factor, or in a way that has no
/// simple form.
enum class Multiplicity { Ignored, Factor, Other };

static Multiplicity getMultiplicity(ReduceKind kind, Type element) {
  switch (kind) {
  case ReduceKind::Max:
  case ReduceKind::Min:
  case ReduceKind::Any:
  case ReduceKind::All:
    return Multiplicity::Ignored;
  case ReduceKind::Mean:
  case ReduceKind::Variance:
    // Sums of wide integers are not exact in f64.
    return isa<FloatType>(element) || element.getIntOrFloatBitWidth() <= 16
               ? Multiplicity::Ignored
               : Multiplicity::Other;
  case ReduceKind::Sum:
  case ReduceKind::L1:
    return Multiplicity::Factor;
  case ReduceKind::SumSq:
    // A sum of squares that underflows may not when it is repeated.
    return isa<FloatType>(element) ? Multiplicity::Other : Multiplicity::Factor;
  default:
    return Multiplicity::Other;
  }
}

/// `factor` as an element of `type`, wrapped if an integer. Null where a float
/// would be rounded once more for it: only powers of 2 keep sums exact.
static TypedAttr getFactor(Type type, int64_t factor) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return IntegerAttr::get(type, APInt(integer.getWidth(), factor,
                                        /*isSigned=*/true,
                                        /*implicitTrunc=*/true));
  if (!llvm::isPowerOf2_64(factor))
    return {};
  APFloat value(cast<FloatType>(type).getFloatSemantics());
  if (value.convertFromAPInt(APInt(64, factor), /*IsSigned=*/true,
                             APFloat::rmNearestTiesToEven) != APFloat::opOK)
    return {};
  return FloatAttr::get(type, value);
}

/// `factor` times each element of `value`.
static Value multiply(OpBuilder &builder, Location loc, Value value,
                      TypedAttr factor) {
  Value splat = createSplat(builder, loc, factor, value);
  if (isa<FloatType>(factor.getType()))
    return arith::MulFOp::create(builder, loc, value, splat);
  return arith::MulIOp::create(builder, loc, value, splat);
}

/// Reduces each value once instead of each of its copies (sums of floats where
/// the factor is a power of 2, which keeps them exact):
///
///   %r = owl.repeat %x by [3, 4] : tensor<4x5xf32> -> tensor<12x20xf32>
///   %s = owl.reduce <sum> %r axes = [1] : tensor<12x20xf32> -> tensor<12xf32>
///   // becomes
///   %a = owl.reduce <sum> %x axes = [1] : tensor<4x5xf32> -> tensor<4xf32>
///   %b = arith.mulf %a, dense<4.0> : tensor<4xf32>
///   %s = owl.repeat %b by [3] : tensor<4xf32> -> tensor<12xf32>
template <typename RepetitionOp>
struct ReduceRepetition : OpRewritePattern<ReduceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReduceOp op,
                                PatternRewriter &rewriter) const override {
    auto repetition = op.getSource().template getDefiningOp<RepetitionOp>();
    if (!repetition || !op.hasTensorSemantics())
      return rewriter.notifyMatchFailure(op, "not of a repetition");
    auto sourceType = cast<RankedTensorType>(repetition.getSource().getType());
    SmallVector<OpFoldResult> mixedCounts = repetition.getMixedCounts();

    // The factor, and the counts that remain for the result.
    int64_t factor = 1;
    bool mayReduceNothing = false, mayHaveNoResult = false;
    SmallVector<OpFoldResult> counts;
    for (auto [dim, count] : llvm::enumerate(mixedCounts)) {
      std::optional<int64_t> number = getConstantIntValue(count);
      if (!op.isReduced(dim)) {
        counts.push_back(count);
        mayHaveNoResult |= !number || *number == 0;
        continue;
      }
      if (op.getKeepDims())
        counts.push_back(rewriter.getIndexAttr(1));
      int64_t size = sourceType.getDimSize(dim);
      mayReduceNothing |= size == 0 || ShapedType::isDynamic(size);
      std::optional<int64_t> product = number && *number > 0
                                           ? llvm::checkedMul(factor, *number)
                                           : std::nullopt;
      if (!product)
        return rewriter.notifyMatchFailure(
            op, "a reduced axis is not repeated a positive, static number of "
                "times");
      factor = *product;
    }
    // A result without elements needs no value, one with elements does.
    if (isUndefinedOnEmpty(op.getKind()) && mayReduceNothing && mayHaveNoResult)
      return rewriter.notifyMatchFailure(op, "may reduce nothing");

    TypedAttr multiplier;
    Type element = sourceType.getElementType();
    if (factor != 1) {
      switch (getMultiplicity(op.getKind(), element)) {
      case Multiplicity::Ignored:
        break;
      case Multiplicity::Factor:
        multiplier = getFactor(element, factor);
        if (multiplier && element.isSignlessIntOrFloat())
          break;
        return rewriter.notifyMatchFailure(op, "the factor is not exact");
      case Multiplicity::Other:
        return rewriter.notifyMatchFailure(
            op, "the kind counts values in a way of its own");
      }
    }
    SmallVector<int64_t> staticCounts;
    SmallVector<Value> dynamicCounts;
    dispatchIndexOpFoldResults(counts, dynamicCounts, staticCounts);
    FailureOr<SmallVector<int64_t>> shape = getRepeatedShape(
        getReducedShape(sourceType.getShape(), op.getAxes(), op.getKeepDims()),
        staticCounts);
    if (isReductionOfNothing(op.getKind(), sourceType.getShape(),
                             op.getAxes()) ||
        failed(shape) ||
        !refine(*shape, cast<RankedTensorType>(op.getDestType())))
      return rewriter.notifyMatchFailure(op, "the result would be invalid");

    Value value = ReduceOp::create(rewriter, op.getLoc(), op.getKind(),
                                   repetition.getSource(), op.getAxes(),
                                   op.getKeepDims(), op.getIsUnsigned())
                      .getResult();
    if (multiplier)
      value = multiply(rewriter, op.getLoc(), value, multiplier);
    if (llvm::all_of(counts, isOneInteger)) {
      replaceWithCast(rewriter, op, value);
      return success();
    }
    rewriter.replaceOpWithNewOp<RepetitionOp>(op, op.getResult().getType(),
                                              value, /*dest=*/Value(),
                                              dynamicCounts, staticCounts);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Repetitions
//===----------------------------------------------------------------------===//

/// Repeats once instead of twice; the same for tile.
///
///   %a = owl.repeat %x by [2, %n] : tensor<4x1xf32> -> tensor<8x?xf32>
///   %b = owl.repeat %a by [3, 5] : tensor<8x?xf32> -> tensor<24x?xf32>
///   // becomes
///   %m = arith.muli %n, %c5 : index
///   %b = owl.repeat %x by [6, %m] : tensor<4x1xf32> -> tensor<24x?xf32>
template <typename OpTy> struct MergeRepetitions : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy outer,
                                PatternRewriter &rewriter) const override {
    auto inner = outer.getSource().template getDefiningOp<OpTy>();
    if (!inner || !outer.hasTensorSemantics())
      return rewriter.notifyMatchFailure(outer, "not of the same op");

    // First without creating anything: the static products must fit.
    SmallVector<int64_t> products;
    for (auto [a, b] :
         llvm::zip_equal(inner.getStaticCounts(), outer.getStaticCounts())) {
      if (ShapedType::isDynamic(a) || ShapedType::isDynamic(b)) {
        if (hidesNegativeCount({a, b}))
          return rewriter.notifyMatchFailure(outer, "hides a count below 0");
        products.push_back(ShapedType::kDynamic);
        continue;
      }
      std::optional<int64_t> product = llvm::checkedMul(a, b);
      if (!product)
        return rewriter.notifyMatchFailure(outer, "the counts overflow");
      products.push_back(*product);
    }
    auto sourceType = cast<RankedTensorType>(inner.getSource().getType());
    if (!inferRepeatedType(outer, sourceType, products))
      return rewriter.notifyMatchFailure(outer, "the result would be invalid");

    SmallVector<OpFoldResult> innerCounts = inner.getMixedCounts();
    SmallVector<OpFoldResult> outerCounts = outer.getMixedCounts();
    SmallVector<Value> dynamicCounts;
    for (auto [dim, product] : llvm::enumerate(products)) {
      if (!ShapedType::isDynamic(product))
        continue;
      Value a = getValueOrCreateConstantIndexOp(rewriter, outer.getLoc(),
                                                innerCounts[dim]);
      Value b = getValueOrCreateConstantIndexOp(rewriter, outer.getLoc(),
                                                outerCounts[dim]);
      dynamicCounts.push_back(
          rewriter.createOrFold<arith::MulIOp>(outer.getLoc(), a, b));
    }
    rewriter.replaceOpWithNewOp<OpTy>(outer, outer.getResult().getType(),
                                      inner.getSource(), /*dest=*/Value(),
                                      dynamicCounts, products);
    return success();
  }
};

/// Counts that are constants become attributes, unless they are invalid: what
/// to do about those is for run time to say.
template <typename OpTy> struct ConstantCounts : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasTensorSemantics() || op.getCounts().empty())
      return rewriter.notifyMatchFailure(op, "no dynamic count");
    SmallVector<int64_t> staticCounts(op.getStaticCounts());
    SmallVector<Value> dynamicCounts;
    unsigned next = 0;
    auto sourceType = cast<RankedTensorType>(op.getSource().getType());
    RankedTensorType type;
    for (int64_t &count : staticCounts) {
      if (!ShapedType::isDynamic(count))
        continue;
      Value value = op.getCounts()[next++];
      std::optional<int64_t> number = getConstantIntValue(value);
      if (number && *number >= 0) {
        count = *number;
        if (RankedTensorType known =
                inferRepeatedType(op, sourceType, staticCounts)) {
          type = known;
          continue;
        }
        count = ShapedType::kDynamic;
      }
      dynamicCounts.push_back(value);
    }
    if (!type)
      return rewriter.notifyMatchFailure(op, "no valid constant count");
    Value result = OpTy::create(rewriter, op.getLoc(), type, op.getSource(),
                                /*dest=*/Value(), dynamicCounts, staticCounts)
                       .getResult();
    replaceWithCast(rewriter, op, result);
    return success();
  }
};

/// Along a dimension of 1 tile and repeat do the same; the latter is the
/// canonical broadcast.
struct BroadcastByRepeat : OpRewritePattern<TileOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TileOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasTensorSemantics())
      return rewriter.notifyMatchFailure(op, "not in tensor form");
    for (auto [size, count] :
         llvm::zip_equal(op.getSourceType().getShape(), op.getStaticCounts()))
      if (size != 1 && count != 1)
        return rewriter.notifyMatchFailure(op, "tiles more than one element");
    rewriter.replaceOpWithNewOp<RepeatOp>(op, op.getResult().getType(),
                                          op.getSource(), /*dest=*/Value(),
                                          op.getCounts(), op.getStaticCounts());
    return success();
  }
};
} // namespace

void ReduceOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<RefineTypes<ReduceOp>, AbsorbResultCast<ReduceOp>,
               SortAxes<ReduceOp>, MergeReductions, ReduceRepetition<RepeatOp>,
               ReduceRepetition<TileOp>>(context);
}

void FoldOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns.add<RefineTypes<FoldOp>, AbsorbResultCast<FoldOp>, SortAxes<FoldOp>>(
      context);
}

void RepeatOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<RefineTypes<RepeatOp>, AbsorbResultCast<RepeatOp>,
               MergeRepetitions<RepeatOp>, ConstantCounts<RepeatOp>>(context);
}

void TileOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns
      .add<RefineTypes<TileOp>, AbsorbResultCast<TileOp>,
           MergeRepetitions<TileOp>, ConstantCounts<TileOp>, BroadcastByRepeat>(
          context);
}
