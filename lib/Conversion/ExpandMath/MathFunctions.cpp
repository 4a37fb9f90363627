//===- MathFunctions.cpp - Patterns for the math dialect's functions ------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Maps each op to the expression that replaces it.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "llvm/ADT/APSInt.h"

using namespace mlir;
using namespace mlir::owl;

namespace {

using Unary = Num (*)(Num);
using Binary = Num (*)(Num, Num);

/// f32 or f64, or a vector of these: what the expressions are written for.
LogicalResult checkType(Type type, Operation *op, PatternRewriter &rewriter) {
  if (isa<TensorType>(type))
    return rewriter.notifyMatchFailure(op, "expected a scalar or a vector");
  Type element = getElementTypeOrSelf(type);
  if (!element.isF32() && !element.isF64())
    return rewriter.notifyMatchFailure(op, "expected f32 or f64 elements");
  return success();
}

/// A function computed in binary64 for both formats.
template <Unary wide> Num throughF64(Num x) { return toF32(wide(toF64(x))); }
template <Binary wide> Num throughF64(Num x, Num y) {
  return toF32(wide(toF64(x), toF64(y)));
}

template <typename Op> struct FunctionPattern : public OpRewritePattern<Op> {
  FunctionPattern(MLIRContext *context, const ExpandMathConfig &config)
      : OpRewritePattern<Op>(context), config(config) {}
  ExpandMathConfig config;
};

template <typename Op, Unary single, Unary wide>
struct ExpandUnary : public FunctionPattern<Op> {
  using FunctionPattern<Op>::FunctionPattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const final {
    if (failed(checkType(op.getType(), op, rewriter)))
      return failure();
    Emitter e{rewriter, op.getLoc(), this->config};
    Num x(e, op.getOperand());
    rewriter.replaceOp(op, (x.isWide() ? wide(x) : single(x)).v);
    return success();
  }
};

template <typename Op, Binary single, Binary wide>
struct ExpandBinary : public FunctionPattern<Op> {
  using FunctionPattern<Op>::FunctionPattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const final {
    if (failed(checkType(op.getType(), op, rewriter)))
      return failure();
    Emitter e{rewriter, op.getLoc(), this->config};
    Num x(e, op.getLhs()), y(e, op.getRhs());
    rewriter.replaceOp(op, (x.isWide() ? wide(x, y) : single(x, y)).v);
    return success();
  }
};

SinCos sinCos(Num x) { return x.isWide() ? sinCos64(x) : sinCos32(x); }
Num sine(Num x) { return sinCos(x).sin; }
Num cosine(Num x) { return sinCos(x).cos; }

struct ExpandSinCos : public FunctionPattern<math::SincosOp> {
  using FunctionPattern::FunctionPattern;
  LogicalResult matchAndRewrite(math::SincosOp op,
                                PatternRewriter &rewriter) const final {
    if (failed(checkType(op.getOperand().getType(), op, rewriter)))
      return failure();
    Emitter e{rewriter, op.getLoc(), config};
    SinCos result = sinCos(Num(e, op.getOperand()));
    rewriter.replaceOp(op, {result.sin.v, result.cos.v});
    return success();
  }
};

struct ExpandFPowI : public FunctionPattern<math::FPowIOp> {
  using FunctionPattern::FunctionPattern;
  LogicalResult matchAndRewrite(math::FPowIOp op,
                                PatternRewriter &rewriter) const final {
    if (failed(checkType(op.getType(), op, rewriter)))
      return failure();
    Emitter e{rewriter, op.getLoc(), config};
    Num x(e, op.getLhs());
    rewriter.replaceOp(op, powInteger(x, Int(e, op.getRhs())).v);
    return success();
  }
};

struct ExpandExp : public FunctionPattern<math::ExpOp> {
  using FunctionPattern::FunctionPattern;
  LogicalResult matchAndRewrite(math::ExpOp op,
                                PatternRewriter &rewriter) const final {
    if (failed(checkType(op.getType(), op, rewriter)))
      return failure();
    Emitter e{rewriter, op.getLoc(), config};
    Num x(e, op.getOperand());
    Num result =
        OwlDialect::NonpositiveAttrHelper(op.getContext()).isAttrPresent(op)
            ? (x.isWide() ? nonPositiveExp64(x) : nonPositiveExp32(x))
            : (x.isWide() ? exp64(x) : exp32(x));
    rewriter.replaceOp(op, result.v);
    return success();
  }
};

/// A division by the same number again and again is one of 1, and for each
/// quotient a product and what it lacks (Markstein). That has the bits of
/// `arith.divf` unless what is lacking is too small to be a number, which
/// `owl.fraction` excludes but for quotients below 2^-100.
struct ExpandFraction : public FunctionPattern<arith::DivFOp> {
  using FunctionPattern::FunctionPattern;
  LogicalResult matchAndRewrite(arith::DivFOp op,
                                PatternRewriter &rewriter) const final {
    if (!config.hasFMA ||
        !OwlDialect::FractionAttrHelper(op.getContext()).isAttrPresent(op))
      return rewriter.notifyMatchFailure(op, "is no fraction, or without FMA");
    auto broadcast = op.getRhs().getDefiningOp<vector::BroadcastOp>();
    if (!broadcast || isa<VectorType>(broadcast.getSourceType()) ||
        failed(checkType(op.getType(), op, rewriter)))
      return rewriter.notifyMatchFailure(op, "expected f32 or f64, by a splat");
    Emitter e{rewriter, op.getLoc(), config};
    Num x(e, op.getLhs()), y(e, op.getRhs());
    Num inverse = Num(1.0) / Num(e, broadcast.getSource());
    Num splat(e, vector::BroadcastOp::create(rewriter, op.getLoc(),
                                             op.getType(), inverse.v));
    Num quotient = x * splat;
    rewriter.replaceOp(op, mad(mad(-quotient, y, x), splat, quotient).v);
    return success();
  }
};

/// Vectors are divided by a small odd number in the same way, with the bits of
/// `arith.divf`: what is lacking is a number, for it is some multiple of the
/// quotient's last place; no quotient is halfway between two numbers, however
/// small; and where it is infinite, or exact, it stays.
struct ExpandOddDivision : public FunctionPattern<arith::DivFOp> {
  using FunctionPattern::FunctionPattern;
  LogicalResult matchAndRewrite(arith::DivFOp op,
                                PatternRewriter &rewriter) const final {
    APFloat divisor(0.0);
    if (!config.hasFMA || !isa<VectorType>(op.getType()) ||
        failed(checkType(op.getType(), op, rewriter)) ||
        !matchPattern(op.getRhs(), m_ConstantFloat(&divisor)))
      return rewriter.notifyMatchFailure(
          op, "expected a vector of f32 or f64, a constant and FMA");
    // What is lacking is up to twice the divisor, in units of the quotient's
    // last place, which an f32 has to hold, and its product is off by less than
    // the least distance to what is halfway: 1 / (2 divisor) of such a unit.
    llvm::APSInt integer(20, /*isUnsigned=*/false);
    bool isExact;
    if (divisor.convertToInteger(integer, APFloat::rmTowardZero, &isExact) !=
            APFloat::opOK ||
        !integer[0] || integer.abs().isOne())
      return rewriter.notifyMatchFailure(op, "expected a small odd number");
    APFloat inverse(divisor.getSemantics(), 1);
    inverse.divide(divisor, APFloat::rmNearestTiesToEven);
    Emitter e{rewriter, op.getLoc(), config};
    Num x(e, op.getLhs()), y(e, op.getRhs());
    Num factor = constantLike(x, inverse.convertToDouble());
    Num quotient = x * factor;
    Num lacking = mad(-quotient, y, x);
    rewriter.replaceOp(
        op,
        select(abs(lacking) > 0.0, mad(lacking, factor, quotient), quotient).v);
    return success();
  }
};

} // namespace

void owl::populateMathFunctionPatterns(RewritePatternSet &patterns,
                                       const ExpandMathConfig &config) {
  patterns.add<ExpandExp, ExpandUnary<math::Exp2Op, exp2_32, exp2_64>,
               ExpandUnary<math::ExpM1Op, throughF64<expm1_64>, expm1_64>,
               ExpandUnary<math::SinhOp, throughF64<sinh64>, sinh64>,
               ExpandUnary<math::CoshOp, throughF64<cosh64>, cosh64>,
               ExpandUnary<math::TanhOp, tanh32, tanh64>,
               ExpandUnary<math::LogOp, log32, log64>,
               ExpandUnary<math::Log2Op, throughF64<log2_64>, log2_64>,
               ExpandUnary<math::Log10Op, throughF64<log10_64>, log10_64>,
               ExpandUnary<math::Log1pOp, throughF64<log1p64>, log1p64>,
               ExpandUnary<math::AsinhOp, throughF64<asinh64>, asinh64>,
               ExpandUnary<math::AcoshOp, throughF64<acosh64>, acosh64>,
               ExpandUnary<math::AtanhOp, throughF64<atanh64>, atanh64>,
               ExpandUnary<math::RsqrtOp, rsqrt, rsqrt>,
               ExpandUnary<math::CbrtOp, cbrt32, cbrt64>,
               ExpandUnary<math::SinOp, sine, sine>,
               ExpandUnary<math::CosOp, cosine, cosine>,
               ExpandUnary<math::TanOp, tan32, tan64>,
               ExpandUnary<math::AsinOp, throughF64<asin64>, asin64>,
               ExpandUnary<math::AcosOp, throughF64<acos64>, acos64>,
               ExpandUnary<math::AtanOp, throughF64<atan64>, atan64>,
               ExpandUnary<math::ErfOp, erf32, erf64>,
               ExpandUnary<math::ErfcOp, throughF64<erfc64>, erfc64>,
               ExpandBinary<math::PowFOp, pow32, pow64>,
               ExpandBinary<math::Atan2Op, throughF64<atan2_64>, atan2_64>,
               ExpandSinCos, ExpandFPowI, ExpandFraction, ExpandOddDivision>(
      patterns.getContext(), config);
}
