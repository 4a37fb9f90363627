//===- BasicMath.cpp - Rounding, remainders, minima, classification -------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops for which some target would call a library, or crash, and whose expansion
// is exact.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::owl;

namespace {

template <typename Op> struct BasicPattern : public OpRewritePattern<Op> {
  BasicPattern(MLIRContext *context, const ExpandMathConfig &config,
               PatternBenefit benefit = 1)
      : OpRewritePattern<Op>(context, benefit), config(config) {}
  ExpandMathConfig config;
};

/// True for f32, f64 and vectors of these.
bool isStandard(Type type) {
  Type element = getElementTypeOrSelf(type);
  return !isa<TensorType>(type) && (element.isF32() || element.isF64());
}

template <typename Op, Num (*expand)(Num)>
struct ExpandRounding : public BasicPattern<Op> {
  using BasicPattern<Op>::BasicPattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const final {
    if (!isStandard(op.getType()))
      return rewriter.notifyMatchFailure(op, "expected f32 or f64");
    Emitter e{rewriter, op.getLoc(), this->config};
    rewriter.replaceOp(op, expand(Num(e, op.getOperand())).v);
    return success();
  }
};

struct ExpandCopySign : public BasicPattern<math::CopySignOp> {
  using BasicPattern::BasicPattern;
  LogicalResult matchAndRewrite(math::CopySignOp op,
                                PatternRewriter &rewriter) const final {
    if (!isStandard(op.getType()))
      return rewriter.notifyMatchFailure(op, "expected f32 or f64");
    Emitter e{rewriter, op.getLoc(), config};
    Num x(e, op.getLhs()), sign(e, op.getRhs());
    rewriter.replaceOp(op, copySign(x, sign).v);
    return success();
  }
};

struct ExpandFma : public BasicPattern<math::FmaOp> {
  using BasicPattern::BasicPattern;
  LogicalResult matchAndRewrite(math::FmaOp op,
                                PatternRewriter &rewriter) const final {
    if (!isStandard(op.getType()))
      return rewriter.notifyMatchFailure(op, "expected f32 or f64");
    Emitter e{rewriter, op.getLoc(), config};
    Num a(e, op.getA()), b(e, op.getB()), c(e, op.getC());
    rewriter.replaceOp(op, (a.isWide() ? fma64(a, b, c) : fma32(a, b, c)).v);
    return success();
  }
};

struct ExpandVectorFma : public BasicPattern<vector::FMAOp> {
  using BasicPattern::BasicPattern;
  LogicalResult matchAndRewrite(vector::FMAOp op,
                                PatternRewriter &rewriter) const final {
    rewriter.replaceOpWithNewOp<math::FmaOp>(op, op.getLhs(), op.getRhs(),
                                             op.getAcc());
    return success();
  }
};

/// maxnum and minnum: the number, where one operand is NaN.
template <typename Op, arith::CmpFPredicate better>
struct ExpandExtremeNumber : public BasicPattern<Op> {
  using BasicPattern<Op>::BasicPattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const final {
    if (!isStandard(op.getType()))
      return rewriter.notifyMatchFailure(op, "expected f32 or f64");
    Emitter e{rewriter, op.getLoc(), this->config};
    Num a(e, op.getLhs()), b(e, op.getRhs());
    Num chosen = select(a.compare(better, b), a, b);
    rewriter.replaceOp(op, select(b.isNaN(), a, chosen).v);
    return success();
  }
};

struct ExpandClamp : public BasicPattern<math::ClampFOp> {
  using BasicPattern::BasicPattern;
  LogicalResult matchAndRewrite(math::ClampFOp op,
                                PatternRewriter &rewriter) const final {
    if (isa<TensorType>(op.getType()))
      return rewriter.notifyMatchFailure(op, "expected a scalar or a vector");
    Value low = arith::MaximumFOp::create(rewriter, op.getLoc(), op.getValue(),
                                          op.getMin());
    rewriter.replaceOpWithNewOp<arith::MinimumFOp>(op, low, op.getMax());
    return success();
  }
};

/// isnan and the like, on the bits of any format.
template <typename Op> struct ExpandClassification : public BasicPattern<Op> {
  // Before f16 is widened, which would make its denormals normal.
  ExpandClassification(MLIRContext *context, const ExpandMathConfig &config)
      : BasicPattern<Op>(context, config, /*benefit=*/2) {}
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const final {
    Type type = op.getOperand().getType();
    auto element = dyn_cast<FloatType>(getElementTypeOrSelf(type));
    if (isa<TensorType>(type) || !element || element.getWidth() > 64 ||
        element.getWidth() < 16)
      return rewriter.notifyMatchFailure(op, "expected f16, bf16, f32 or f64");
    Emitter e{rewriter, op.getLoc(), this->config};
    const llvm::fltSemantics &format = element.getFloatSemantics();
    auto bitsOf = [](const APFloat &x) {
      return int64_t(x.bitcastToAPInt().getZExtValue());
    };
    int64_t infinity = bitsOf(APFloat::getInf(format));
    int64_t least = bitsOf(APFloat::getSmallestNormalized(format));
    int64_t signBit = int64_t(1) << (element.getWidth() - 1);
    Int size = asInt(Num(e, op.getOperand())) & (signBit - 1);
    Bool result = size == infinity;
    if constexpr (std::is_same_v<Op, math::IsNaNOp>)
      result = size > infinity;
    else if constexpr (std::is_same_v<Op, math::IsFiniteOp>)
      result = size < infinity;
    else if constexpr (std::is_same_v<Op, math::IsNormalOp>)
      result = (size - least).below(infinity - least);
    rewriter.replaceOp(op, result.v);
    return success();
  }
};

/// One i1: whether any lane of `condition` is set.
Value any(Bool condition) {
  OpBuilder &b = condition.e->builder;
  Location loc = condition.e->loc;
  auto type = dyn_cast<VectorType>(condition.v.getType());
  if (!type)
    return condition.v;
  Value flat = condition.v;
  if (type.getRank() != 1) {
    assert(!type.isScalable() && "no scalable vectors of higher rank");
    auto flatType =
        VectorType::get({type.getNumElements()}, type.getElementType());
    flat = vector::ShapeCastOp::create(b, loc, flatType, flat);
  }
  return vector::ReductionOp::create(b, loc, vector::CombiningKind::OR, flat);
}

/// Repeats `step` on `state` while a lane needs it.
SmallVector<Value>
whileAny(Emitter &e, ArrayRef<Value> state,
         function_ref<Bool(Emitter &, ValueRange)> condition,
         function_ref<SmallVector<Value>(Emitter &, ValueRange)> step) {
  auto loop = scf::WhileOp::create(
      e.builder, e.loc, TypeRange(ValueRange(state)), state,
      [&](OpBuilder &b, Location loc, ValueRange args) {
        Emitter inner{b, loc, e.config};
        Value more = any(condition(inner, args));
        scf::ConditionOp::create(b, loc, more, args);
      },
      [&](OpBuilder &b, Location loc, ValueRange args) {
        Emitter inner{b, loc, e.config};
        scf::YieldOp::create(b, loc, step(inner, args));
      });
  return llvm::to_vector_of<Value>(loop.getResults());
}

/// x modulo y with the sign of x, exactly, by long division: each step takes 50
/// bits off the quotient, so that most arguments need one. f32 in f64 needs six
/// at most.
Num remainder(Num x, Num y) {
  Num size = abs(x), divisor = abs(y);
  Bool invalid = !((size < kInf) & (divisor > 0.0));
  Bool whole = invalid | (divisor == kInf);
  Num start = select(whole, 0.0, size);
  divisor = select(whole, 1.0, divisor);
  Num exponent = split64(divisor).k;

  Value rest = whileAny(
      *x.e, start.v,
      [&](Emitter &e, ValueRange args) { return Num(e, args[0]) >= divisor; },
      [&](Emitter &e, ValueRange args) -> SmallVector<Value> {
        Num d(e, divisor.v), k(e, exponent.v), r(e, args[0]);
        // d * 2^shift, no more than 2^51 times smaller than r.
        Num shift = split64(select(r > 0.0, r, 1.0)).k - k - 50.0;
        shift = select(shift > 0.0, shift, 0.0);
        Num first = select(shift > 1000.0, 1000.0, shift);
        Num step = scale(d * pow2(first), shift - first);
        Num quotient = trunc(r / step);
        // The largest numbers would overflow inside the product.
        Bool large = r > 0x1p1000;
        Num down = select(large, constantLike(r, 0x1p-64), 1.0);
        Num up = select(large, constantLike(r, 0x1p64), 1.0);
        Twice product = twoProd(quotient, step * down);
        Num next = ((r * down - product.hi) - product.lo) * up;
        // The quotient may have been rounded up.
        next = select(next < 0.0, next + step, next);
        return {select(r < d, r, next).v};
      })[0];

  Num result = select(whole, size, Num(*x.e, rest));
  return select(invalid, kNaN, copySign(result, x));
}

struct ExpandRemF : public BasicPattern<arith::RemFOp> {
  using BasicPattern::BasicPattern;
  LogicalResult matchAndRewrite(arith::RemFOp op,
                                PatternRewriter &rewriter) const final {
    if (!isStandard(op.getType()))
      return rewriter.notifyMatchFailure(op, "expected f32 or f64");
    Emitter e{rewriter, op.getLoc(), config};
    Num x(e, op.getLhs()), y(e, op.getRhs());
    Num result =
        x.isWide() ? remainder(x, y) : toF32(remainder(toF64(x), toF64(y)));
    rewriter.replaceOp(op, result.v);
    return success();
  }
};

/// Square and multiply, wrapping. A negative exponent gives 1/x^|n| truncated:
/// 0 but for x = 1 or -1.
struct ExpandIPowI : public BasicPattern<math::IPowIOp> {
  using BasicPattern::BasicPattern;
  LogicalResult matchAndRewrite(math::IPowIOp op,
                                PatternRewriter &rewriter) const final {
    if (isa<TensorType>(op.getType()) ||
        !isa<IntegerType>(getElementTypeOrSelf(op.getType())))
      return rewriter.notifyMatchFailure(op, "expected integers");
    Emitter e{rewriter, op.getLoc(), config};
    Int x(e, op.getLhs()), n(e, op.getRhs());
    Bool inverse = n < 0;
    Bool unit = (x == 1) | (x == -1);
    // Only the parity matters for a power of 1 or -1.
    Int count = select(unit, n & 1, select(inverse, constantLike(n, 0), n));
    auto results = whileAny(
        e, {count.v, x.v, constantLike(x, 1).v},
        [&](Emitter &e, ValueRange args) { return Int(e, args[0]) != 0; },
        [&](Emitter &e, ValueRange args) -> SmallVector<Value> {
          Int n(e, args[0]), base(e, args[1]), product(e, args[2]);
          Int next = select((n & 1) != 0, product * base, product);
          return {(n >> 1).v, (base * base).v, next.v};
        });
    Int power(e, results[2]);
    rewriter.replaceOp(op,
                       select(inverse & !unit, constantLike(x, 0), power).v);
    return success();
  }
};

} // namespace

void owl::populateMathBasicPatterns(RewritePatternSet &patterns,
                                    const ExpandMathConfig &config) {
  MLIRContext *context = patterns.getContext();
  patterns.add<ExpandRounding<math::RoundOp, expandRound>, ExpandVectorFma,
               ExpandExtremeNumber<arith::MaxNumFOp, arith::CmpFPredicate::OGT>,
               ExpandExtremeNumber<arith::MinNumFOp, arith::CmpFPredicate::OLT>,
               ExpandClamp, ExpandClassification<math::IsNaNOp>,
               ExpandClassification<math::IsInfOp>,
               ExpandClassification<math::IsFiniteOp>,
               ExpandClassification<math::IsNormalOp>, ExpandRemF, ExpandIPowI,
               ExpandCopySign>(context, config);
  if (!config.hasFMA)
    patterns.add<ExpandFma>(context, config);
  if (!config.hasRounding)
    patterns.add<ExpandRounding<math::FloorOp, expandFloor>,
                 ExpandRounding<math::CeilOp, expandCeil>,
                 ExpandRounding<math::TruncOp, expandTrunc>,
                 ExpandRounding<math::RoundEvenOp, expandRoundEven>>(context,
                                                                     config);
}
