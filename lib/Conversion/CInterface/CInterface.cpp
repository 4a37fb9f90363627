//===- CInterface.cpp - Functions that C can call -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// After bufferization a model is a function from memrefs to memrefs that it
// allocates. C has neither descriptors nor results of that kind, and Owl's code
// never allocates. So each public function
//
//   func.func @f(%x: memref<?x4xf32>) -> memref<?xf32>
//
// becomes one over bare pointers (memrefs of rank 0), with the caller's buffer
// for each result, the dynamic dimensions, and one workspace for what the body
// used to allocate:
//
//   func.func @owl_f(%x: memref<f32>, %y: memref<f32>, %d0: i64,
//                    %ws: memref<i8>) -> i32
//   func.func @owl_f_workspace_size(%d0: i64) -> index
//   func.func @owl_f_out_shape(%result: i32, %d0: i64, %shape: memref<i64>)
//
// All that the last two compute, and the checks (`cf.assert`) that become the
// status, are functions of the dimensions alone: the slices of the body that
// compute them are cloned to where they are needed.
//
//===----------------------------------------------------------------------===//

#include "Pointers.h"
#include "ShapeSlicer.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "owl/Conversion/Passes.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::owl {
#define GEN_PASS_DEF_EMITCINTERFACE
#include "owl/Conversion/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// The status codes of the C interface.
static constexpr int32_t kBadShape = 1;
static constexpr int32_t kEmptyReduction = 2;

/// Buffers in the workspace start at multiples of a cache line.
static constexpr int64_t kAlignment = 64;

//===----------------------------------------------------------------------===//
// One function
//===----------------------------------------------------------------------===//

namespace {
/// The size of a buffer: `bytes` for its static part, times `sizes`.
struct Extent {
  int64_t bytes = 0;
  SmallVector<Value> sizes;
};

/// Rewrites one function. The steps of `run` are in the order in which they
/// must happen.
class Wrapper {
public:
  Wrapper(func::FuncOp func, StringRef symbol, unsigned indexBits)
      : func(func), symbol(symbol), b(func.getContext()), loc(func.getLoc()),
        maxBytes(llvm::maxIntN(indexBits)) {}

  LogicalResult run();

private:
  LogicalResult checkBody();
  /// The extent of a buffer of `type`; fails where its static part is too large
  /// for the target.
  FailureOr<Extent> getExtent(MemRefType type, ValueRange sizes, Operation *op);
  LogicalResult collectExtents();
  /// Whether `extent` fits an index together with `total` bytes before it,
  /// which it is added to. All in i64.
  FailureOr<Value> emitFits(const Extent &extent, Value &total,
                            ShapeSlicer &slicer);
  /// Creates @owl_f around the body, its arguments viewed as the body's.
  void createEntry();
  /// Appends the dynamic dimensions of the results to the return, so that they
  /// are kept up to date until the slices are taken.
  void exposeResultDims();
  LogicalResult emitOutShape();
  /// Writes results into the caller's buffers.
  LogicalResult writeResults();
  /// Replaces allocations by parts of the workspace.
  LogicalResult placeAllocs();
  LogicalResult emitChecks();
  FailureOr<Value> computeCondition(cf::AssertOp op, ShapeSlicer &slicer);

  /// A slicer that computes in the function itself, anywhere: it starts from
  /// the dimensions alone.
  ShapeSlicer createSlicer() { return createSlicer(entry, numBuffers); }
  /// The allocation's size in bytes, up to the alignment.
  FailureOr<Value> getBytes(memref::AllocOp alloc, ShapeSlicer &slicer);
  ArrayRef<BlockArgument> dimArguments() {
    return entry.getArguments().drop_front(numBuffers).drop_back(1);
  }
  /// A new function with the dimensions among its arguments, and a slicer that
  /// computes there.
  func::FuncOp createShapeFunction(StringRef suffix, ArrayRef<Type> before,
                                   ArrayRef<Type> after, TypeRange results);
  ShapeSlicer createSlicer(func::FuncOp target, unsigned firstDim);

  func::FuncOp func, entry;
  std::string symbol;
  OpBuilder b;
  Location loc;
  func::ReturnOp returnOp;
  SmallVector<Type> argumentTypes, resultTypes;
  size_t numBuffers = 0, numDims = 0;
  /// The most that an index counts.
  int64_t maxBytes;
  /// What the body allocates and what it returns, to be checked before anything
  /// is computed from it.
  SmallVector<Extent> allocated, returned;
};
} // namespace

LogicalResult Wrapper::checkBody() {
  if (!func.getBody().hasOneBlock())
    return func.emitOpError("expects a body of one block to compile");
  returnOp = cast<func::ReturnOp>(func.getBody().front().getTerminator());
  WalkResult walk = func.walk([&](Operation *op) {
    if (auto call = dyn_cast<func::CallOp>(op)) {
      call.emitError("expects calls that can be inlined: '")
          << call.getCallee() << "' is recursive or has no body";
      return WalkResult::interrupt();
    }
    if (isa<memref::AllocOp>(op) && op->getParentOp() != func) {
      op->emitError("expects no tensor to be allocated inside a loop or branch "
                    "of the model");
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

void Wrapper::createEntry() {
  llvm::append_range(argumentTypes, func.getArgumentTypes());
  llvm::append_range(resultTypes, func.getResultTypes());
  SmallVector<Type> types;
  for (Type type : llvm::concat<Type>(argumentTypes, resultTypes))
    types.push_back(getPointerType(type));
  numBuffers = types.size();
  for (Type type : argumentTypes)
    if (auto memref = dyn_cast<MemRefType>(type))
      numDims += memref.getNumDynamicDims();
  types.append(numDims, b.getI64Type());
  types.push_back(MemRefType::get({}, b.getI8Type()));

  b.setInsertionPoint(func);
  entry = func::FuncOp::create(b, loc, symbol,
                               b.getFunctionType(types, b.getI32Type()));
  // No two buffers of a call overlap: that is in the contract.
  for (size_t i = 0; i < types.size(); ++i)
    if (isa<MemRefType>(types[i]))
      entry.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                       b.getUnitAttr());
  entry.getBody().takeBody(func.getBody());
  Block &block = entry.getBody().front();
  size_t oldArguments = block.getNumArguments();
  for (Type type : types)
    block.addArgument(type, loc);

  b.setInsertionPointToStart(&block);
  SmallVector<Value> dims;
  for (size_t i = 0; i < numDims; ++i)
    dims.push_back(arith::IndexCastOp::create(
        b, loc, b.getIndexType(),
        block.getArgument(oldArguments + numBuffers + i)));
  ArrayRef<Value> nextDims(dims);
  for (size_t i = 0; i < oldArguments; ++i) {
    Value pointer = block.getArgument(oldArguments + i);
    Value view;
    if (auto type = dyn_cast<MemRefType>(argumentTypes[i])) {
      size_t count = type.getNumDynamicDims();
      view = viewPointer(b, loc, pointer, type, nextDims.take_front(count));
      nextDims = nextDims.drop_front(count);
    } else {
      view = memref::LoadOp::create(b, loc, pointer);
      if (argumentTypes[i].isIndex())
        view = arith::IndexCastOp::create(b, loc, b.getIndexType(), view);
    }
    block.getArgument(i).replaceAllUsesWith(view);
  }
  block.eraseArguments(0, oldArguments);
}

void Wrapper::exposeResultDims() {
  b.setInsertionPoint(returnOp);
  SmallVector<Value> dims;
  for (Value result : returnOp.getOperands()) {
    auto type = dyn_cast<MemRefType>(result.getType());
    for (int64_t dim = 0; type && dim < type.getRank(); ++dim)
      if (type.isDynamicDim(dim))
        dims.push_back(memref::DimOp::create(b, loc, result, dim));
  }
  returnOp->insertOperands(returnOp->getNumOperands(), dims);
}

func::FuncOp Wrapper::createShapeFunction(StringRef suffix,
                                          ArrayRef<Type> before,
                                          ArrayRef<Type> after,
                                          TypeRange results) {
  SmallVector<Type> types(before);
  types.append(numDims, b.getI64Type());
  llvm::append_range(types, after);
  b.setInsertionPointAfter(entry);
  auto target = func::FuncOp::create(b, loc, symbol + suffix.str(),
                                     b.getFunctionType(types, results));
  b.setInsertionPointToStart(target.addEntryBlock());
  return target;
}

ShapeSlicer Wrapper::createSlicer(func::FuncOp target, unsigned firstDim) {
  ShapeSlicer slicer(b);
  for (size_t i = 0; i < numDims; ++i)
    slicer.map(dimArguments()[i], target.getArgument(firstDim + i));
  return slicer;
}

LogicalResult Wrapper::emitOutShape() {
  OperandRange dims = returnOp.getOperands().drop_front(resultTypes.size());
  if (dims.empty())
    return success();
  func::FuncOp target = createShapeFunction(
      "_out_shape", b.getI32Type(), MemRefType::get({}, b.getI64Type()), {});
  ShapeSlicer slicer = createSlicer(target, 1);
  SmallVector<SmallVector<Value>> shapes;
  int64_t maxRank = 0;
  for (Type type : resultTypes) {
    SmallVector<Value> &shape = shapes.emplace_back();
    auto memref = dyn_cast<MemRefType>(type);
    if (!memref)
      continue;
    maxRank = std::max(maxRank, memref.getRank());
    for (int64_t size : memref.getShape()) {
      if (!ShapedType::isDynamic(size)) {
        shape.push_back(arith::ConstantIndexOp::create(b, loc, size));
        continue;
      }
      FailureOr<Value> dim = slicer.compute(dims.front());
      if (failed(dim))
        return returnOp.emitError("expects the shapes of results to depend on "
                                  "the shapes of arguments alone");
      dims = dims.drop_front();
      shape.push_back(*dim);
    }
  }
  Value out = viewPointer(b, loc, target.getArguments().back(),
                          MemRefType::get({maxRank}, b.getI64Type()), {});
  for (size_t i = 0; i < shapes.size(); ++i) {
    Value index = arith::ConstantIntOp::create(b, loc, i, 32);
    Value isThis = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                         target.getArgument(0), index);
    scf::IfOp::create(b, loc, isThis, [&](OpBuilder &b, Location loc) {
      for (auto [dim, size] : llvm::enumerate(shapes[i]))
        memref::StoreOp::create(
            b, loc, arith::IndexCastOp::create(b, loc, b.getI64Type(), size),
            out, arith::ConstantIndexOp::create(b, loc, dim).getResult());
      scf::YieldOp::create(b, loc);
    });
  }
  func::ReturnOp::create(b, loc);
  return success();
}

LogicalResult Wrapper::writeResults() {
  Block &block = entry.getBody().front();
  OperandRange dims = returnOp.getOperands().drop_front(resultTypes.size());
  for (size_t i = 0; i < resultTypes.size(); ++i) {
    Value result = returnOp.getOperand(i);
    Value pointer = block.getArgument(argumentTypes.size() + i);
    auto type = dyn_cast<MemRefType>(result.getType());
    if (!type) {
      b.setInsertionPoint(returnOp);
      if (result.getType().isIndex())
        result = arith::IndexCastOp::create(b, loc, b.getI64Type(), result);
      memref::StoreOp::create(b, loc, result, pointer);
      continue;
    }
    SmallVector<Value> resultDims(dims.take_front(type.getNumDynamicDims()));
    dims = dims.drop_front(type.getNumDynamicDims());
    // What the body allocates only to return it is written in place.
    if (memref::AllocOp alloc = getReshapedAlloc(result)) {
      b.setInsertionPointToStart(&block);
      ShapeSlicer slicer = createSlicer();
      SmallVector<Value> sizes;
      for (Value size : alloc.getDynamicSizes()) {
        FailureOr<Value> computed = slicer.compute(size);
        if (failed(computed))
          return alloc.emitError("expects the shapes of tensors to depend on "
                                 "the shapes of arguments alone");
        sizes.push_back(*computed);
      }
      alloc.replaceAllUsesWith(
          viewPointer(b, loc, pointer, alloc.getType(), sizes));
      alloc.erase();
      continue;
    }
    b.setInsertionPoint(returnOp);
    Value out = viewPointer(
        b, loc, pointer,
        MemRefType::get(type.getShape(), type.getElementType()), resultDims);
    memref::CopyOp::create(b, loc, result, out);
  }
  b.setInsertionPoint(returnOp);
  func::ReturnOp::create(
      b, loc, arith::ConstantIntOp::create(b, loc, 0, 32).getResult());
  returnOp.erase();
  return success();
}

FailureOr<Extent> Wrapper::getExtent(MemRefType type, ValueRange sizes,
                                     Operation *op) {
  Type element = type.getElementType();
  Extent extent;
  extent.bytes = element.isIndex()
                     ? 8
                     : llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
  bool isEmpty = llvm::is_contained(type.getShape(), 0);
  for (int64_t size : type.getShape()) {
    if (ShapedType::isDynamic(size))
      continue;
    if (!isEmpty && size > maxBytes / extent.bytes)
      return op->emitError("expects the size of a tensor in bytes to fit the "
                           "target's address space, got ")
             << RankedTensorType::get(type.getShape(), element);
    extent.bytes = isEmpty ? 0 : extent.bytes * size;
  }
  llvm::append_range(extent.sizes, sizes);
  return extent;
}

FailureOr<Value> Wrapper::getBytes(memref::AllocOp alloc, ShapeSlicer &slicer) {
  FailureOr<Extent> extent =
      getExtent(alloc.getType(), alloc.getDynamicSizes(), alloc);
  if (failed(extent))
    return failure();
  OpFoldResult bytes = b.getIndexAttr(extent->bytes);
  AffineExpr s0 = b.getAffineSymbolExpr(0), s1 = b.getAffineSymbolExpr(1);
  for (Value size : extent->sizes) {
    FailureOr<Value> computed = slicer.compute(size);
    if (failed(computed))
      return alloc.emitError("expects the shapes of tensors to depend on the "
                             "shapes of arguments alone");
    bytes = affine::makeComposedFoldedAffineApply(
        b, loc, s0 * s1, {bytes, OpFoldResult(*computed)});
  }
  bytes = affine::makeComposedFoldedAffineApply(
      b, loc, s0.ceilDiv(kAlignment) * kAlignment, {bytes});
  return getValueOrCreateConstantIndexOp(b, loc, bytes);
}

LogicalResult Wrapper::collectExtents() {
  ValueRange dims = returnOp.getOperands().drop_front(resultTypes.size());
  for (Type type : resultTypes) {
    auto memref = dyn_cast<MemRefType>(type);
    if (!memref)
      continue;
    FailureOr<Extent> extent = getExtent(
        memref, dims.take_front(memref.getNumDynamicDims()), returnOp);
    if (failed(extent))
      return failure();
    dims = dims.drop_front(memref.getNumDynamicDims());
    returned.push_back(*extent);
  }
  int64_t total = 0;
  for (auto alloc : entry.getBody().front().getOps<memref::AllocOp>()) {
    FailureOr<Extent> extent =
        getExtent(alloc.getType(), alloc.getDynamicSizes(), alloc);
    if (failed(extent))
      return failure();
    allocated.push_back(*extent);
    // Together with dynamic ones they are checked at run time.
    if (!extent->sizes.empty())
      continue;
    if (extent->bytes > maxBytes - kAlignment - total)
      return alloc.emitError("expects the tensors between ops to fit the "
                             "target's address space together");
    total += llvm::alignTo(extent->bytes, kAlignment);
  }
  return success();
}

FailureOr<Value> Wrapper::emitFits(const Extent &extent, Value &total,
                                   ShapeSlicer &slicer) {
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(b, loc, value, 64);
  };
  Value bytes = number(extent.bytes);
  Value fits = arith::ConstantIntOp::create(b, loc, 1, 1);
  auto requireAtMost = [&](Value lhs, Value rhs) {
    fits = arith::AndIOp::create(
        b, loc, fits,
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, lhs, rhs));
  };
  for (Value size : extent.sizes) {
    FailureOr<Value> computed = slicer.compute(size);
    if (failed(computed))
      return failure();
    Value wide = *computed;
    if (wide.getType().isIndex())
      wide = arith::IndexCastOp::create(b, loc, b.getI64Type(), wide);
    Value divisor = arith::MaxSIOp::create(b, loc, bytes, number(1));
    Value most = arith::DivSIOp::create(b, loc, number(maxBytes), divisor);
    requireAtMost(wide, most);
    // A size that the model computes may be anything.
    requireAtMost(number(0), wide);
    bytes = arith::MulIOp::create(b, loc, bytes, wide);
  }
  // The rounding up to the alignment is part of the size.
  Value rest =
      arith::SubIOp::create(b, loc, number(maxBytes - kAlignment), total);
  requireAtMost(bytes, rest);
  total = arith::AddIOp::create(b, loc, total, bytes);
  total = arith::AddIOp::create(b, loc, total, number(kAlignment));
  return fits;
}

LogicalResult Wrapper::placeAllocs() {
  SmallVector<memref::AllocOp> allocs(
      entry.getBody().front().getOps<memref::AllocOp>());

  func::FuncOp sizeFunction =
      createShapeFunction("_workspace_size", {}, {}, b.getIndexType());
  ShapeSlicer sizeSlicer = createSlicer(sizeFunction, 0);
  Value total = arith::ConstantIndexOp::create(b, loc, 0);
  for (memref::AllocOp alloc : allocs) {
    FailureOr<Value> bytes = getBytes(alloc, sizeSlicer);
    if (failed(bytes))
      return failure();
    total = arith::AddIOp::create(b, loc, total, *bytes);
  }
  func::ReturnOp::create(b, loc, total);
  if (allocs.empty())
    return success();

  b.setInsertionPointToStart(&entry.getBody().front());
  ShapeSlicer slicer = createSlicer();
  Value offset = arith::ConstantIndexOp::create(b, loc, 0);
  SmallVector<Value> offsets;
  for (memref::AllocOp alloc : allocs) {
    offsets.push_back(offset);
    FailureOr<Value> bytes = getBytes(alloc, slicer);
    if (failed(bytes))
      return failure();
    offset = arith::AddIOp::create(b, loc, offset, *bytes);
  }
  Value workspace = viewPointer(
      b, loc, entry.getArguments().back(),
      MemRefType::get({ShapedType::kDynamic}, b.getI8Type()), {offset});
  for (auto [alloc, offset] : llvm::zip_equal(allocs, offsets)) {
    b.setInsertionPoint(alloc);
    Value view = memref::ViewOp::create(b, loc, alloc.getType(), workspace,
                                        offset, alloc.getDynamicSizes());
    alloc.replaceAllUsesWith(view);
    alloc.erase();
  }
  return success();
}

/// What `op` asserts, with what it is nested in: below `scf.if %c` it holds
/// where %c does not.
FailureOr<Value> Wrapper::computeCondition(cf::AssertOp op,
                                           ShapeSlicer &slicer) {
  FailureOr<Value> condition = slicer.compute(op.getArg());
  for (Operation *parent = op->getParentOp(); parent != entry;
       parent = parent->getParentOp()) {
    auto ifOp = dyn_cast<scf::IfOp>(parent);
    if (failed(condition) || !ifOp ||
        !ifOp.getThenRegion().isAncestor(op->getParentRegion()))
      return failure();
    FailureOr<Value> guard = slicer.compute(ifOp.getCondition());
    if (failed(guard))
      return failure();
    Value yes = arith::ConstantIntOp::create(b, loc, 1, 1);
    condition =
        arith::SelectOp::create(b, loc, *guard, *condition, yes).getResult();
  }
  return condition;
}

LogicalResult Wrapper::emitChecks() {
  SmallVector<cf::AssertOp> asserts;
  entry.walk([&](cf::AssertOp op) { asserts.push_back(op); });
  if (asserts.empty() && numDims == 0)
    return success();

  // The first check that fails gives the status, so the last is tested first.
  // The checks come before the views, whose sizes they vouch for.
  Block &block = entry.getBody().front();
  b.setInsertionPointToStart(&block);
  ShapeSlicer slicer = createSlicer();
  Value status = arith::ConstantIntOp::create(b, loc, 0, 32);
  Value ok = status;
  for (cf::AssertOp op : llvm::reverse(asserts)) {
    FailureOr<Value> condition = computeCondition(op, slicer);
    if (failed(condition))
      return op.emitError("expects a condition on the shapes of arguments "
                          "alone");
    int32_t code =
        op.getMsg().contains("empty reduction") ? kEmptyReduction : kBadShape;
    status = arith::SelectOp::create(
        b, loc, *condition, status,
        arith::ConstantIntOp::create(b, loc, code, 32).getResult());
    op.erase();
  }
  Value zero = arith::ConstantIntOp::create(b, loc, 0, 64);
  Value bad = arith::ConstantIntOp::create(b, loc, kBadShape, 32);
  // Sizes in bytes: of each argument, and of all that the body allocates.
  auto require = [&](Value condition) {
    status = arith::SelectOp::create(b, loc, condition, status, bad);
  };
  ArrayRef<BlockArgument> dims = dimArguments();
  for (Type type : argumentTypes) {
    auto memref = dyn_cast<MemRefType>(type);
    if (!memref || memref.hasStaticShape())
      continue;
    SmallVector<Value> sizes(dims.take_front(memref.getNumDynamicDims()));
    dims = dims.drop_front(memref.getNumDynamicDims());
    FailureOr<Extent> extent = getExtent(memref, sizes, entry);
    Value total = zero;
    FailureOr<Value> fits = emitFits(*extent, total, slicer);
    if (succeeded(fits))
      require(*fits);
  }
  Value total = zero;
  auto requireFit = [&](const Extent &extent) -> LogicalResult {
    FailureOr<Value> fits = emitFits(extent, total, slicer);
    if (failed(fits))
      return entry.emitError("expects the shapes of tensors to depend on the "
                             "shapes of arguments alone");
    require(*fits);
    return success();
  };
  for (const Extent &extent : allocated)
    if (failed(requireFit(extent)))
      return failure();
  for (const Extent &extent : returned) {
    total = zero;
    if (failed(requireFit(extent)))
      return failure();
  }
  for (BlockArgument dim : dimArguments())
    status = arith::SelectOp::create(
        b, loc,
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, dim, zero),
        status, bad);
  Value isOk =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, status, ok);
  Block *body = block.splitBlock(b.getInsertionPoint());
  Block *exit = b.createBlock(&entry.getBody(), entry.getBody().end());
  func::ReturnOp::create(b, loc, status);
  b.setInsertionPointToEnd(&block);
  cf::CondBranchOp::create(b, loc, isOk, body, exit);
  return success();
}

LogicalResult Wrapper::run() {
  if (failed(checkBody()))
    return failure();
  for (Type type : func.getArgumentTypes())
    if (auto memref = dyn_cast<MemRefType>(type))
      if (failed(getExtent(memref, {}, func)))
        return failure();
  createEntry();
  exposeResultDims();
  resolveDims(entry);
  returnOp = cast<func::ReturnOp>(entry.getBody().front().getTerminator());
  if (failed(collectExtents()) || failed(emitOutShape()) ||
      failed(writeResults()) || failed(placeAllocs()) || failed(emitChecks()))
    return failure();
  func.erase();
  return success();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct EmitCInterface : public owl::impl::EmitCInterfaceBase<EmitCInterface> {
  using EmitCInterfaceBase::EmitCInterfaceBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (indexBits != 32 && indexBits != 64) {
      module.emitError("expected index-bits of 32 or 64, got ") << indexBits;
      return signalPassFailure();
    }
    SmallVector<func::FuncOp> functions(module.getOps<func::FuncOp>());
    for (func::FuncOp func : functions) {
      if (func.isPrivate()) {
        // Inlined wherever it was called, or never called at all.
        if (SymbolTable::symbolKnownUseEmpty(func, module))
          func.erase();
        continue;
      }
      std::string symbol = symbolPrefix + func.getSymName().str();
      if (failed(Wrapper(func, symbol, indexBits).run()))
        return signalPassFailure();
    }
  }
};
} // namespace
