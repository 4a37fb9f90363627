//===- NarrowFloats.cpp - f16 and bf16 as storage formats -----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arithmetic on f16 and bf16 happens in f32, one op at a time, so that the
// rounding is that of the narrow format: f32 has more than twice its bits,
// which makes +, -, *, / and sqrt correctly rounded. Conversions are integer
// arithmetic where the target has no instruction.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::owl;

namespace {

bool isNarrow(Type type) {
  if (isa<TensorType>(type))
    return false;
  Type element = getElementTypeOrSelf(type);
  return element.isF16() || element.isBF16();
}

Type inF32(Type type) {
  return withElement(type, Float32Type::get(type.getContext()));
}

/// A float of another format, zero-extended or truncated bits.
Int resize(Int x, unsigned bits) {
  OpBuilder &b = x.e->builder;
  Type type = withElement(x.type(), b.getIntegerType(bits));
  if (bits > x.bits())
    return {*x.e, arith::ExtUIOp::create(b, x.e->loc, type, x.v)};
  return {*x.e, arith::TruncIOp::create(b, x.e->loc, type, x.v)};
}

/// Exact. The exponent is rebiased by a multiplication, which also normalises
/// denormals; infinity and NaN then get the largest exponent.
Num f16ToF32(Num x) {
  Int bits = resize(asInt(x), 32);
  Int size = bits & 0x7fff;
  Type type = inF32(x.type());
  Int scaled = asInt(asNum(size << 13, type) * 0x1p112);
  Int special = select(size > 0x7bff, constantLike(size, 0x7f800000),
                       constantLike(size, 0));
  return asNum(scaled | special | ((bits & 0x8000) << 16), type);
}

Num bf16ToF32(Num x) {
  return asNum(resize(asInt(x), 32) << 16, inF32(x.type()));
}

/// Correctly rounded. Normal results round in the integer; denormal ones by
/// adding a number whose last bit is that of a denormal f16.
Int f32ToF16(Num x) {
  Int bits = asInt(x), sign = (bits >> 16) & 0x8000;
  Int size = bits & 0x7fffffff;
  // The exponent is rebiased by 127 - 15 = 112.
  Int normal = (size + (0xfff - (112 << 23)) + ((size >> 13) & 1)) >> 13;
  Int denormal = asInt(asNum(size, x.type()) + 0.5) - 0x3f000000;
  Int result = select(size < 0x38800000, denormal, normal);
  // 65520 is the least that rounds to infinity.
  result = select(size < 0x477ff000, result, constantLike(size, 0x7c00));
  // A NaN keeps its upper bits and becomes quiet.
  result = select(size > 0x7f800000, ((size >> 13) & 0x3ff) | 0x7e00, result);
  return resize(result | sign, 16);
}

/// Correctly rounded.
Int f32ToBF16(Num x) {
  Int bits = asInt(x);
  Int rounded = (bits + ((bits >> 16) & 1) + 0x7fff) >> 16;
  Int nan = (bits >> 16) | 0x40;
  return resize(select(x.isNaN(), nan, rounded), 16);
}

/// Rounded to odd, so that rounding once more to f16 or bf16 is right.
Num f64ToOddF32(Num x) {
  Num nearest = toF32(x);
  Num back = toF64(nearest);
  Int bits = asInt(nearest);
  Num size = abs(x), backSize = abs(back);
  Int neighbour = select(backSize < size, bits + 1, bits - 1);
  Bool change = ((size < backSize) | (size > backSize)) & ((bits & 1) == 0);
  return asNum(select(change, neighbour, bits), nearest.type());
}

template <typename Op> struct NarrowPattern : public OpRewritePattern<Op> {
  NarrowPattern(MLIRContext *context, const ExpandMathConfig &config)
      : OpRewritePattern<Op>(context, /*benefit=*/2), config(config) {}
  ExpandMathConfig config;
};

struct ExpandExtF : public NarrowPattern<arith::ExtFOp> {
  using NarrowPattern::NarrowPattern;
  LogicalResult matchAndRewrite(arith::ExtFOp op,
                                PatternRewriter &rewriter) const final {
    Type from = op.getIn().getType();
    if (!isNarrow(from))
      return rewriter.notifyMatchFailure(op, "expected f16 or bf16");
    Emitter e{rewriter, op.getLoc(), config};
    Num x(e, op.getIn());
    bool half = getElementTypeOrSelf(from).isF16();
    bool wide = getElementTypeOrSelf(op.getType()).isF64();
    if (half && config.hasF16Conversion && !wide)
      return rewriter.notifyMatchFailure(op, "the target has an instruction");
    Num result = x;
    if (half && config.hasF16Conversion)
      result = {e, arith::ExtFOp::create(rewriter, op.getLoc(), inF32(from),
                                         op.getIn())};
    else
      result = half ? f16ToF32(x) : bf16ToF32(x);
    rewriter.replaceOp(op, wide ? toF64(result).v : result.v);
    return success();
  }
};

struct ExpandTruncF : public NarrowPattern<arith::TruncFOp> {
  using NarrowPattern::NarrowPattern;
  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const final {
    if (!isNarrow(op.getType()))
      return rewriter.notifyMatchFailure(op, "expected f16 or bf16");
    auto mode = op.getRoundingmode();
    if (mode && *mode != arith::RoundingMode::to_nearest_even)
      return rewriter.notifyMatchFailure(op, "expected rounding to nearest");
    Emitter e{rewriter, op.getLoc(), config};
    Num x(e, op.getIn());
    bool half = getElementTypeOrSelf(op.getType()).isF16();
    if (half && config.hasF16Conversion && !x.isWide())
      return rewriter.notifyMatchFailure(op, "the target has an instruction");
    if (x.isWide())
      x = f64ToOddF32(x);
    if (half && config.hasF16Conversion) {
      rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), x.v);
      return success();
    }
    Int bits = half ? f32ToF16(x) : f32ToBF16(x);
    rewriter.replaceOp(op, asNum(bits, op.getType()).v);
    return success();
  }
};

/// Integers of at most 32 bits are exact in f64 (or i24 in f32). Of 64, those
/// beyond 2^53 get the bits that f64 would round off collected in one that it
/// keeps.
template <typename Op> struct ExpandIntToFloat : public NarrowPattern<Op> {
  using NarrowPattern<Op>::NarrowPattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const final {
    if (!isNarrow(op.getType()))
      return rewriter.notifyMatchFailure(op, "expected f16 or bf16");
    Emitter e{rewriter, op.getLoc(), this->config};
    Int x(e, op.getIn());
    bool exact = x.bits() <= 24;
    if (x.bits() > 64)
      return rewriter.notifyMatchFailure(op, "expected at most 64 bits");
    if (x.bits() == 64) {
      Bool fits = (x + (int64_t(1) << 53)).below(int64_t(1) << 54);
      Int sticky = ((x & 0xfff) + 0xfff) & 0x1000;
      x = select(fits, x, (x & ~int64_t(0xfff)) | sticky);
    }
    Type type = withElement(op.getType(), exact ? rewriter.getF32Type()
                                                : rewriter.getF64Type());
    Value converted = Op::create(rewriter, op.getLoc(), type, x.v);
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), converted);
    return success();
  }
};

/// Ops on the sign bit alone.
template <typename Op> struct ExpandSignOp : public NarrowPattern<Op> {
  using NarrowPattern<Op>::NarrowPattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const final {
    if (!isNarrow(op.getType()))
      return rewriter.notifyMatchFailure(op, "expected f16 or bf16");
    Emitter e{rewriter, op.getLoc(), this->config};
    Int bits = asInt(Num(e, op->getOperand(0)));
    if constexpr (std::is_same_v<Op, arith::NegFOp>)
      bits = bits ^ 0x8000;
    else
      bits = bits & 0x7fff;
    if constexpr (std::is_same_v<Op, math::CopySignOp>)
      bits = bits | (asInt(Num(e, op.getRhs())) & 0x8000);
    rewriter.replaceOp(op, asNum(bits, op.getType()).v);
    return success();
  }
};

/// In f32 it would be rounded twice.
struct ExpandNarrowFma : public NarrowPattern<math::FmaOp> {
  using NarrowPattern::NarrowPattern;
  LogicalResult matchAndRewrite(math::FmaOp op,
                                PatternRewriter &rewriter) const final {
    if (!isNarrow(op.getType()))
      return rewriter.notifyMatchFailure(op, "expected f16 or bf16");
    Emitter e{rewriter, op.getLoc(), config};
    auto widen = [&](Value v) { return toF64(Num(e, v)); };
    Num wide = fmaToOdd64(widen(op.getA()), widen(op.getB()), widen(op.getC()));
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), wide.v);
    return success();
  }
};

/// Any other op of arith and math, and vector's arithmetic:
///   %c = math.exp %a : f16
/// becomes
///   %0 = arith.extf %a : f16 to f32
///   %1 = math.exp %0 : f32
///   %c = arith.truncf %1 : f32 to f16
struct ComputeInF32 : public RewritePattern {
  ComputeInF32(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const final {
    bool known = isa<vector::ReductionOp, vector::OuterProductOp,
                     vector::ContractionOp, vector::MultiDimReductionOp>(op) ||
                 isa<arith::ArithDialect, math::MathDialect>(op->getDialect());
    if (!known || op->getNumRegions() ||
        isa<arith::ConstantOp, arith::BitcastOp, arith::SelectOp, arith::ExtFOp,
            arith::TruncFOp>(op))
      return rewriter.notifyMatchFailure(op, "not arithmetic");
    if (llvm::none_of(op->getOperandTypes(), isNarrow) &&
        llvm::none_of(op->getResultTypes(), isNarrow))
      return rewriter.notifyMatchFailure(op, "no f16 or bf16");

    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      if (isNarrow(operand.getType()))
        operand = arith::ExtFOp::create(rewriter, op->getLoc(),
                                        inF32(operand.getType()), operand);
      operands.push_back(operand);
    }
    SmallVector<Type> types;
    for (Type type : op->getResultTypes())
      types.push_back(isNarrow(type) ? inF32(type) : type);
    OperationState state(op->getLoc(), op->getName(), operands, types,
                         op->getAttrs());
    Operation *wide = rewriter.create(state);
    SmallVector<Value> results;
    for (auto [result, type] :
         llvm::zip_equal(wide->getResults(), op->getResultTypes())) {
      Value value = result;
      if (value.getType() != type)
        value = arith::TruncFOp::create(rewriter, op->getLoc(), type, value);
      results.push_back(value);
    }
    rewriter.replaceOp(op, results);
    return success();
  }
};

} // namespace

void owl::populateNarrowFloatPatterns(RewritePatternSet &patterns,
                                      const ExpandMathConfig &config) {
  patterns.add<ExpandExtF, ExpandTruncF, ExpandIntToFloat<arith::SIToFPOp>,
               ExpandIntToFloat<arith::UIToFPOp>, ExpandSignOp<arith::NegFOp>,
               ExpandSignOp<math::AbsFOp>, ExpandSignOp<math::CopySignOp>,
               ExpandNarrowFma>(patterns.getContext(), config);
  patterns.add<ComputeInF32>(patterns.getContext());
}
