//===- OwlOps.cpp - Types, shapes and verification of the ops -------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Result types, reified shapes, effects and verifiers. Folders are in
// OwlFolders.cpp, canonical forms in OwlCanonicalization.cpp.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Support/ByteSize.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::owl;

//===----------------------------------------------------------------------===//
// Shapes and types
//===----------------------------------------------------------------------===//

Type owl::getReducedElementType(ReduceKind kind, Type source) {
  switch (kind) {
  case ReduceKind::Any:
  case ReduceKind::All:
    return IntegerType::get(source.getContext(), 1);
  case ReduceKind::ArgMax:
  case ReduceKind::ArgMin:
    return IntegerType::get(source.getContext(), 64);
  default:
    return source;
  }
}

bool owl::isElementType(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return !integer.isSigned() &&
           llvm::is_contained({1u, 8u, 16u, 32u, 64u}, integer.getWidth()) &&
           !(integer.isUnsigned() && integer.getWidth() == 1);
  return isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(type);
}

bool owl::isUndefinedOnEmpty(ReduceKind kind) {
  return kind == ReduceKind::Max || kind == ReduceKind::Min ||
         kind == ReduceKind::ArgMax || kind == ReduceKind::ArgMin;
}

bool owl::isReductionOfNothing(ReduceKind kind, ArrayRef<int64_t> shape,
                               ArrayRef<int64_t> axes) {
  if (!isUndefinedOnEmpty(kind))
    return false;
  bool reducesNothing = false;
  for (auto [dim, size] : llvm::enumerate(shape)) {
    if (llvm::is_contained(axes, static_cast<int64_t>(dim)))
      reducesNothing |= size == 0;
    else if (size == 0 || ShapedType::isDynamic(size))
      return false;
  }
  return reducesNothing;
}

SmallVector<int64_t> owl::getReducedShape(ArrayRef<int64_t> shape,
                                          ArrayRef<int64_t> axes,
                                          bool keepDims) {
  SmallVector<int64_t> reduced;
  for (auto [dim, size] : llvm::enumerate(shape)) {
    if (!llvm::is_contained(axes, static_cast<int64_t>(dim)))
      reduced.push_back(size);
    else if (keepDims)
      reduced.push_back(1);
  }
  return reduced;
}

bool owl::hidesNegativeCount(ArrayRef<int64_t> counts) {
  int64_t numDynamic = llvm::count_if(counts, ShapedType::isDynamic);
  return numDynamic > 1 || (numDynamic == 1 && llvm::is_contained(counts, 0));
}

FailureOr<SmallVector<int64_t>>
owl::getRepeatedShape(ArrayRef<int64_t> shape, ArrayRef<int64_t> counts) {
  SmallVector<int64_t> repeated;
  for (auto [size, count] : llvm::zip_equal(shape, counts)) {
    if (size == 0 || count == 0) {
      repeated.push_back(0);
      continue;
    }
    if (ShapedType::isDynamic(size) || ShapedType::isDynamic(count)) {
      repeated.push_back(ShapedType::kDynamic);
      continue;
    }
    std::optional<int64_t> product = llvm::checkedMul(size, count);
    if (!product)
      return failure();
    repeated.push_back(*product);
  }
  return repeated;
}

/// Static and dynamic dimensions fit each other; static ones must be equal.
static bool areCompatible(TypeRange inferred, TypeRange actual) {
  if (inferred.size() != actual.size())
    return false;
  return llvm::all_of(llvm::zip_equal(inferred, actual), [](auto pair) {
    auto [a, b] = pair;
    return getElementTypeOrSelf(a) == getElementTypeOrSelf(b) &&
           succeeded(verifyCompatibleShape(a, b));
  });
}

bool ReduceOp::isCompatibleReturnTypes(TypeRange l, TypeRange r) {
  return areCompatible(l, r);
}
bool FoldOp::isCompatibleReturnTypes(TypeRange l, TypeRange r) {
  return areCompatible(l, r);
}
bool RepeatOp::isCompatibleReturnTypes(TypeRange l, TypeRange r) {
  return areCompatible(l, r);
}
bool TileOp::isCompatibleReturnTypes(TypeRange l, TypeRange r) {
  return areCompatible(l, r);
}
bool WindowOp::isCompatibleReturnTypes(TypeRange l, TypeRange r) {
  return areCompatible(l, r);
}

/// Axes are distinct dimensions of a source of rank `rank`.
static LogicalResult verifyAxes(ArrayRef<int64_t> axes, int64_t rank,
                                function_ref<InFlightDiagnostic()> emitError) {
  llvm::SmallBitVector seen(rank);
  for (int64_t axis : axes) {
    if (axis < 0 || axis >= rank) {
      InFlightDiagnostic diag = emitError() << "expects each axis in [0, "
                                            << rank << "), got " << axis;
      if (axis < 0 && axis >= -rank)
        diag << "; did you mean " << axis + rank << "?";
      return diag;
    }
    if (seen.test(axis))
      return emitError() << "expects distinct axes, got " << axis << " twice";
    seen.set(axis);
  }
  return success();
}

bool owl::hasAddressableSize(ArrayRef<int64_t> shape, Type elementType) {
  return getStaticBytes(shape, elementType).has_value();
}

std::optional<int64_t> ReduceOp::getCount() {
  int64_t count = 1;
  ArrayRef<int64_t> shape = getSourceType().getShape();
  for (int64_t axis : getAxes())
    if (shape[axis] == 0)
      return 0;
  for (int64_t axis : getAxes()) {
    if (ShapedType::isDynamic(shape[axis]))
      return std::nullopt;
    std::optional<int64_t> product = llvm::checkedMul(count, shape[axis]);
    if (!product)
      return std::nullopt;
    count = *product;
  }
  return count;
}

Value owl::createSplat(OpBuilder &builder, Location loc, OpFoldResult element,
                       Value like) {
  auto type = cast<RankedTensorType>(like.getType());
  auto scalar = dyn_cast<Value>(element);
  if (!scalar) {
    auto constant = cast<TypedAttr>(cast<Attribute>(element));
    if (type.hasStaticShape())
      return arith::ConstantOp::create(
          builder, loc,
          DenseElementsAttr::get(type.clone(constant.getType()), constant));
    scalar = arith::ConstantOp::create(builder, loc, constant);
  }
  return tensor::SplatOp::create(builder, loc, scalar,
                                 tensor::getMixedSizes(builder, loc, like));
}

static LogicalResult verifySize(ShapedType type,
                                function_ref<InFlightDiagnostic()> emitError) {
  if (hasAddressableSize(type.getShape(), type.getElementType()))
    return success();
  return emitError() << "expects the size of a tensor in bytes to fit a 64-bit "
                        "integer, got "
                     << type;
}

//===----------------------------------------------------------------------===//
// Effects: the tensor form has none, the buffer form reads and writes.
//===----------------------------------------------------------------------===//

template <typename OpTy>
static void
addEffects(OpTy op, SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  if (op.hasTensorSemantics())
    return;
  effects.emplace_back(MemoryEffects::Read::get(), &op.getSourceMutable());
  effects.emplace_back(MemoryEffects::Write::get(),
                       &*op.getDestMutable().begin());
}

#define OWL_SHAPED_OP_EFFECTS(OP)                                              \
  void OP::getEffects(                                                         \
      SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {               \
    addEffects(*this, effects);                                                \
  }

OWL_SHAPED_OP_EFFECTS(ReduceOp)
OWL_SHAPED_OP_EFFECTS(RepeatOp)
OWL_SHAPED_OP_EFFECTS(TileOp)
#undef OWL_SHAPED_OP_EFFECTS

void FoldOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  addEffects(*this, effects);
  if (hasTensorSemantics())
    return;
  // The region is empty while the op is being built.
  for (Block &block : getCombiner())
    for (Operation &op : block)
      if (auto inner = getEffectsRecursively(&op))
        llvm::append_range(effects, *inner);
}

// An op may run where the program would not have run it, unless it can fail
// there: by having nothing to reduce, or by a count below 0.

static Speculation::Speculatability speculatableIf(bool condition) {
  return condition ? Speculation::Speculatable : Speculation::NotSpeculatable;
}

Speculation::Speculatability ReduceOp::getSpeculatability() {
  ArrayRef<int64_t> shape = getSourceType().getShape();
  bool mayBeEmpty = llvm::any_of(getAxes(), [&](int64_t axis) {
    return shape[axis] == 0 || ShapedType::isDynamic(shape[axis]);
  });
  return speculatableIf(hasTensorSemantics() &&
                        !(isUndefinedOnEmpty(getKind()) && mayBeEmpty));
}

Speculation::Speculatability FoldOp::getSpeculatability() {
  return speculatableIf(
      hasTensorSemantics() &&
      llvm::all_of(getCombiner().front().without_terminator(),
                   [](Operation &op) { return isSpeculatable(&op); }));
}

Speculation::Speculatability RepeatOp::getSpeculatability() {
  return speculatableIf(hasTensorSemantics() && getCounts().empty());
}

Speculation::Speculatability TileOp::getSpeculatability() {
  return speculatableIf(hasTensorSemantics() && getCounts().empty());
}

//===----------------------------------------------------------------------===//
// Assembly
//===----------------------------------------------------------------------===//

/// A list of integers in brackets. The parser of the attribute itself would
/// report what is no integer twice.
static ParseResult parseAxes(OpAsmParser &parser, DenseI64ArrayAttr &axes) {
  SmallVector<int64_t> values;
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
        return parser.parseInteger(values.emplace_back());
      }))
    return failure();
  axes = parser.getBuilder().getDenseI64ArrayAttr(values);
  return success();
}

static void printAxes(OpAsmPrinter &printer, Operation *,
                      DenseI64ArrayAttr axes) {
  printer << '[' << axes.asArrayRef() << ']';
}

/// The type after `->` is the destination's in the buffer form and the result's
/// in the tensor form.
static ParseResult parseResultOrDest(OpAsmParser &parser, Type &destType,
                                     Type &resultType) {
  Type type;
  if (parser.parseType(type))
    return failure();
  (isa<BaseMemRefType>(type) ? destType : resultType) = type;
  return success();
}

static void printResultOrDest(OpAsmPrinter &printer, Operation *, Type destType,
                              Type resultType) {
  printer << (destType ? destType : resultType);
}

//===----------------------------------------------------------------------===//
// What the verifiers share
//===----------------------------------------------------------------------===//

/// A tensor goes with a result, a buffer with a destination of the type that
/// the result would have.
template <typename OpTy>
static LogicalResult verifyForm(OpTy op, ArrayRef<int64_t> shape,
                                Type elementType) {
  bool isTensor = isa<RankedTensorType>(op.getSource().getType());
  if (isTensor != !op.getDest() || isTensor != !!op.getResult())
    return op.emitOpError("expects a tensor and a result, or a buffer and a "
                          "destination given by 'into'");
  ShapedType type = op.getDestType();
  if (type.getElementType() != elementType)
    return op.emitOpError("expects elements of type ")
           << elementType << " in the result, got " << type;
  if (failed(verifyCompatibleShape(shape, type.getShape())))
    return op.emitOpError("expects a result of type ")
           << RankedTensorType::get(shape, elementType) << ", got " << type;
  auto emitError = [&] { return op.emitOpError(); };
  return success(succeeded(verifySize(op.getSourceType(), emitError)) &&
                 succeeded(verifySize(type, emitError)));
}

/// The result types of `op`'s tensor form; nothing in the buffer form.
template <typename AdaptorTy>
static void inferResult(AdaptorTy adaptor, ArrayRef<int64_t> shape,
                        Type elementType, SmallVectorImpl<Type> &inferred) {
  if (isa<RankedTensorType>(adaptor.getSource().getType()))
    inferred.push_back(RankedTensorType::get(shape, elementType));
}

static OpFoldResult getDim(OpBuilder &builder, Location loc, Value shaped,
                           int64_t dim) {
  if (isa<MemRefType>(shaped.getType()))
    return memref::getMixedSize(builder, loc, shaped, dim);
  return tensor::getMixedSize(builder, loc, shaped, dim);
}

/// Reifies a dimension of the result, from its type where that is static.
template <typename OpTy>
static LogicalResult reifyDims(OpTy op, OpBuilder &builder,
                               ReifiedRankedShapedTypeDims &reified,
                               function_ref<OpFoldResult(int64_t)> reifyDim) {
  if (!op.hasTensorSemantics())
    return failure();
  SmallVector<OpFoldResult> &dims = reified.emplace_back();
  for (auto [dim, size] : llvm::enumerate(op.getDestType().getShape()))
    dims.push_back(ShapedType::isDynamic(size)
                       ? reifyDim(dim)
                       : OpFoldResult(builder.getIndexAttr(size)));
  return success();
}

/// Reifies the result of a reduction: its dimensions are the kept ones.
template <typename OpTy>
static LogicalResult reifyReducedDims(OpTy op, OpBuilder &builder,
                                      ReifiedRankedShapedTypeDims &reified) {
  SmallVector<int64_t> sourceDims;
  for (int64_t dim = 0, rank = op.getSourceType().getRank(); dim < rank; ++dim)
    if (op.getKeepDims() || !op.isReduced(dim))
      sourceDims.push_back(dim);
  return reifyDims(op, builder, reified, [&](int64_t dim) -> OpFoldResult {
    if (op.isReduced(sourceDims[dim]))
      return builder.getIndexAttr(1);
    return getDim(builder, op.getLoc(), op.getSource(), sourceDims[dim]);
  });
}

//===----------------------------------------------------------------------===//
// ReduceOp
//===----------------------------------------------------------------------===//

void ReduceOp::build(OpBuilder &builder, OperationState &state, ReduceKind kind,
                     Value source, ArrayRef<int64_t> axes, bool keepDims,
                     bool isUnsigned) {
  build(builder, state, kind, source, /*dest=*/Value(), axes, keepDims,
        isUnsigned);
}

LogicalResult
ReduceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                           ValueRange operands, DictionaryAttr attributes,
                           OpaqueProperties properties, RegionRange regions,
                           SmallVectorImpl<Type> &inferred) {
  Adaptor adaptor(operands, attributes, properties, regions);
  auto source = dyn_cast<ShapedType>(adaptor.getSource().getType());
  if (!source || !source.hasRank())
    return emitOptionalError(loc, "expects a ranked source");
  inferResult(adaptor,
              getReducedShape(source.getShape(), adaptor.getAxes(),
                              adaptor.getKeepDims()),
              getReducedElementType(adaptor.getKind(), source.getElementType()),
              inferred);
  return success();
}

LogicalResult
ReduceOp::reifyResultShapes(OpBuilder &builder,
                            ReifiedRankedShapedTypeDims &reified) {
  return reifyReducedDims(*this, builder, reified);
}

LogicalResult ReduceOp::verify() {
  ShapedType source = getSourceType();
  if (failed(verifyAxes(getAxes(), source.getRank(),
                        [&] { return emitOpError(); })))
    return failure();
  Type elementType = source.getElementType();
  if (getIsUnsigned() && !elementType.isSignlessInteger())
    return emitOpError("expects signless integers where 'unsigned' is given, "
                       "got ")
           << elementType;
  if (isReductionOfNothing(getKind(), source.getShape(), getAxes()))
    return emitOpError("expects at least one element to reduce: ")
           << stringifyReduceKind(getKind()) << " of an empty set has no value";
  return verifyForm(
      *this, getReducedShape(source.getShape(), getAxes(), getKeepDims()),
      getReducedElementType(getKind(), elementType));
}

//===----------------------------------------------------------------------===//
// FoldOp
//===----------------------------------------------------------------------===//

LogicalResult
FoldOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                         ValueRange operands, DictionaryAttr attributes,
                         OpaqueProperties properties, RegionRange regions,
                         SmallVectorImpl<Type> &inferred) {
  Adaptor adaptor(operands, attributes, properties, regions);
  auto source = dyn_cast<ShapedType>(adaptor.getSource().getType());
  if (!source || !source.hasRank())
    return emitOptionalError(loc, "expects a ranked source");
  inferResult(adaptor,
              getReducedShape(source.getShape(), adaptor.getAxes(),
                              adaptor.getKeepDims()),
              adaptor.getInit().getType(), inferred);
  return success();
}

LogicalResult FoldOp::reifyResultShapes(OpBuilder &builder,
                                        ReifiedRankedShapedTypeDims &reified) {
  return reifyReducedDims(*this, builder, reified);
}

LogicalResult FoldOp::verify() {
  ShapedType source = getSourceType();
  if (failed(verifyAxes(getAxes(), source.getRank(),
                        [&] { return emitOpError(); })))
    return failure();
  return verifyForm(
      *this, getReducedShape(source.getShape(), getAxes(), getKeepDims()),
      getInit().getType());
}

LogicalResult FoldOp::verifyRegions() {
  Block &body = getCombiner().front();
  Type element = getSourceType().getElementType();
  Type accumulator = getInit().getType();
  if (body.getArgumentTypes() != ArrayRef<Type>{element, accumulator})
    return emitOpError("expects a region that takes an element and the "
                       "accumulator, of types ")
           << element << " and " << accumulator;
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (!yield)
    return emitOpError("expects its region to end with 'owl.yield'");
  if (yield.getValues().getTypes() != TypeRange(accumulator))
    return yield.emitOpError("expects a value of the accumulator's type ")
           << accumulator << ", got " << yield.getValues().getTypes();
  // A tensor that the region reads is a buffer after bufferization.
  auto isAllowed = [&](const MemoryEffects::EffectInstance &effect) {
    return !hasTensorSemantics() &&
           isa<MemoryEffects::Read>(effect.getEffect());
  };
  for (Operation &op : body.without_terminator()) {
    auto effects = getEffectsRecursively(&op);
    if (!effects || !llvm::all_of(*effects, isAllowed))
      return emitOpError("expects a region without side effects")
                 .attachNote(op.getLoc())
             << "this op has or may have side effects";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// RepeatOp and TileOp
//===----------------------------------------------------------------------===//

template <typename OpTy>
static LogicalResult
inferRepetition(std::optional<Location> loc, ValueRange operands,
                DictionaryAttr attributes, OpaqueProperties properties,
                RegionRange regions, SmallVectorImpl<Type> &inferred) {
  typename OpTy::Adaptor adaptor(operands, attributes, properties, regions);
  auto source = dyn_cast<ShapedType>(adaptor.getSource().getType());
  if (!source || !source.hasRank())
    return emitOptionalError(loc, "expects a ranked source");
  if (static_cast<int64_t>(adaptor.getStaticCounts().size()) !=
      source.getRank())
    return emitOptionalError(loc, "expects ", source.getRank(),
                             " counts, one for each dimension of the source, "
                             "got ",
                             adaptor.getStaticCounts().size());
  FailureOr<SmallVector<int64_t>> shape =
      getRepeatedShape(source.getShape(), adaptor.getStaticCounts());
  if (failed(shape))
    return emitOptionalError(loc, "expects each dimension of the result to fit "
                                  "a 64-bit integer");
  inferResult(adaptor, *shape, source.getElementType(), inferred);
  return success();
}

/// The product of two sizes that is not known at compile time.
static OpFoldResult multiply(OpBuilder &builder, Location loc, OpFoldResult a,
                             OpFoldResult b) {
  if (isOneInteger(a))
    return b;
  if (isOneInteger(b))
    return a;
  return builder.createOrFold<arith::MulIOp>(
      loc, getValueOrCreateConstantIndexOp(builder, loc, a),
      getValueOrCreateConstantIndexOp(builder, loc, b));
}

template <typename OpTy>
static LogicalResult reifyRepetition(OpTy op, OpBuilder &builder,
                                     ReifiedRankedShapedTypeDims &reified) {
  SmallVector<OpFoldResult> counts = op.getMixedCounts();
  return reifyDims(op, builder, reified, [&](int64_t dim) {
    return multiply(builder, op.getLoc(),
                    getDim(builder, op.getLoc(), op.getSource(), dim),
                    counts[dim]);
  });
}

template <typename OpTy> static LogicalResult verifyRepetition(OpTy op) {
  // ODS checks the segments of optional operands only.
  if (op.getProperties().operandSegmentSizes[0] != 1)
    return op.emitOpError("expects one source, got ")
           << op.getProperties().operandSegmentSizes[0];
  ShapedType source = op.getSourceType();
  ArrayRef<int64_t> counts = op.getStaticCounts();
  if (static_cast<int64_t>(counts.size()) != source.getRank())
    return op.emitOpError("expects ")
           << source.getRank()
           << " counts, one for each dimension of the source, got "
           << counts.size();
  if (llvm::count(counts, ShapedType::kDynamic) !=
      static_cast<int64_t>(op.getCounts().size()))
    return op.emitOpError("expects an operand for each dynamic count: ")
           << llvm::count(counts, ShapedType::kDynamic) << ", got "
           << op.getCounts().size();
  for (int64_t count : counts)
    if (count < 0 && !ShapedType::isDynamic(count))
      return op.emitOpError("expects counts of 0 or more, got ") << count;
  FailureOr<SmallVector<int64_t>> shape =
      getRepeatedShape(source.getShape(), counts);
  if (failed(shape))
    return op.emitOpError("expects each dimension of the result to fit a "
                          "64-bit integer");
  return verifyForm(op, *shape, source.getElementType());
}

#define OWL_REPETITION_OP(OP)                                                  \
  LogicalResult OP::inferReturnTypes(                                          \
      MLIRContext *, std::optional<Location> loc, ValueRange operands,         \
      DictionaryAttr attributes, OpaqueProperties properties,                  \
      RegionRange regions, SmallVectorImpl<Type> &inferred) {                  \
    return inferRepetition<OP>(loc, operands, attributes, properties, regions, \
                               inferred);                                      \
  }                                                                            \
  LogicalResult OP::reifyResultShapes(OpBuilder &builder,                      \
                                      ReifiedRankedShapedTypeDims &reified) {  \
    return reifyRepetition(*this, builder, reified);                           \
  }                                                                            \
  LogicalResult OP::verify() { return verifyRepetition(*this); }

OWL_REPETITION_OP(RepeatOp)
OWL_REPETITION_OP(TileOp)
#undef OWL_REPETITION_OP

#define GET_OP_CLASSES
#include "owl/Dialect/Owl/IR/OwlOps.cpp.inc"
