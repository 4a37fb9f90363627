//===- SplitFunctions.cpp - Long functions become several -----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM asks of a loop what holds where it begins, and walks back to the start
// of the function for an answer: the time to compile grows with the square of
// the number of loops in a function. So loops become functions, one after the
// other:
//
//   func @f(%x, %y, %w) {           func @f(%x, %y, %w) {
//     %a = view %w[0]                 %p = view %w[0]
//     for { %x -> %a }       ->       call @f_part_0(%x, %p)
//     for { %a -> %y }                call @f_part_1(%p, %y)
//   }                               }
//                                   func private @f_part_0(%x, %p) {
//                                     for { %x -> %p }
//                                   } ...
//
// Models repeat themselves, and so do these functions: of those that are equal
// there is one. Where a buffer lies in the workspace is therefore not part of
// them.
//
//===----------------------------------------------------------------------===//

#include "../BarePointers.h"
#include "../CInterface/Pointers.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "owl/Conversion/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_SPLITFUNCTIONS
#include "owl/Conversion/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// The ops of `block` that stay in the same order, with what is computed from
/// their results. Others are computed wherever they are needed.
static llvm::SetVector<Operation *> getWork(Block &block) {
  llvm::SetVector<Operation *> work;
  for (Operation &op : block.without_terminator())
    if (!isa<memref::AllocaOp>(op) &&
        (op.getNumRegions() > 0 || !isMemoryEffectFree(&op) ||
         llvm::any_of(op.getOperands(), [&](Value operand) {
           return work.contains(operand.getDefiningOp());
         })))
      work.insert(&op);
  return work;
}

namespace {
/// Ops of a block that are to become a function.
class Run {
public:
  /// One of several of which the ops together are `work`.
  explicit Run(const llvm::SetVector<Operation *> &work) : work(&work) {}
  void add(Operation *op) {
    ops.push_back(op);
    inside.insert(op);
  }
  /// Finds what the function needs. Fails where that cannot be handed on.
  LogicalResult close();
  /// Makes a function `name` that follows `function`, and returns the call.
  func::CallOp outline(func::FuncOp function, StringRef name,
                       SymbolTable &symbols);

private:
  LogicalResult capture(Value value);
  /// Whether no other buffer that the function is called with shares memory
  /// with `place`.
  bool isAlone(memref::ViewOp place) const;
  bool contains(Operation *op) const {
    Operation *here = ops.front()->getBlock()->findAncestorOpInBlock(*op);
    return inside.contains(here);
  }
  /// Whether nothing else uses `memory`, or a view of it.
  bool usesAlone(Value memory) const {
    return llvm::all_of(memory.getUsers(), [&](Operation *user) {
      return contains(user) ||
             (isa<ViewLikeOpInterface>(user) && usesAlone(user->getResult(0)));
    });
  }

  const llvm::SetVector<Operation *> *work;
  SmallVector<Operation *> ops;
  DenseSet<Operation *> inside;
  /// What the function is called with, and what it computes that others use.
  SmallVector<Value> arguments, results;
  /// The places in the workspace that it is called with as well.
  SmallVector<memref::ViewOp> places;
  /// Pairs of those that one op needs.
  DenseSet<std::pair<Value, Value>> neededTogether;
  /// What is computed again in it, in order.
  SmallVector<Operation *> copied;
  DenseSet<Value> captured;
};
} // namespace

/// The views that `buffer` is a view of, the innermost first.
static SmallVector<Operation *> getViews(Value buffer) {
  SmallVector<Operation *> views;
  for (Operation *op = buffer.getDefiningOp();
       isa_and_present<ViewLikeOpInterface>(op);
       op = cast<ViewLikeOpInterface>(op).getViewSource().getDefiningOp())
    views.push_back(op);
  return views;
}

bool Run::isAlone(memref::ViewOp place) const {
  Value workspace =
      memref::skipViewLikeOps(cast<MemrefValue>(place.getSource()));
  return !captured.contains(workspace) &&
         llvm::all_of(places, [&](memref::ViewOp other) {
           return other == place || neededTogether.contains({place, other});
         });
}

LogicalResult Run::capture(Value value) {
  if (!captured.insert(value).second)
    return success();
  Operation *op = value.getDefiningOp();
  auto view = dyn_cast_if_present<memref::ViewOp>(op);
  if (view && !work->contains(op)) {
    for (Value size : view.getSizes())
      if (failed(capture(size)))
        return failure();
    places.push_back(view);
    copied.push_back(op);
    return success();
  }
  bool isBuffer = isa<MemRefType>(value.getType());
  // A number is handed on: computing it may take a long chain of others.
  bool isCopied =
      op && (isa<memref::AllocaOp>(op)
                 ? usesAlone(value)
                 : !work->contains(op) &&
                       (isBuffer || matchPattern(op, m_Constant())));
  if (isCopied) {
    for (Value operand : op->getOperands())
      if (failed(capture(operand)))
        return failure();
    copied.push_back(op);
    return success();
  }
  if (!isPassable(value.getType()))
    return failure();
  arguments.push_back(value);
  return success();
}

LogicalResult Run::close() {
  Region *body = ops.front()->getParentRegion();
  for (Operation *op : ops) {
    SetVector<Value> needed;
    WalkResult walk = op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands()) {
        if (operand.getParentRegion() != body ||
            inside.contains(operand.getDefiningOp()))
          continue;
        if (failed(capture(operand)))
          return WalkResult::interrupt();
        for (Operation *view : getViews(operand))
          if (isa<memref::ViewOp>(view))
            needed.insert(view->getResult(0));
      }
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      return failure();
    for (Value place : needed)
      for (Value other : needed)
        neededTogether.insert({place, other});
    for (Value value : op->getResults())
      if (!llvm::all_of(value.getUsers(),
                        [&](Operation *user) { return contains(user); })) {
        if (isa<MemRefType>(value.getType()))
          return failure();
        results.push_back(value);
      }
  }
  return success();
}

/// LLVM moves f16 and bf16 between functions by way of f32, and calls a library
/// for that: their bits are handed on.
static bool isNarrow(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return isa<Float16Type, BFloat16Type>(vector ? vector.getElementType()
                                               : type);
}

/// The type of the bits of a narrow `type`; any other as it is.
static Type getBitsType(Type type) {
  if (!isNarrow(type))
    return type;
  Type bits = IntegerType::get(type.getContext(), 16);
  auto vector = dyn_cast<VectorType>(type);
  return vector ? vector.clone(bits) : bits;
}

static Value toBits(OpBuilder &b, Value value) {
  Type type = value.getType(), bits = getBitsType(type);
  return bits == type ? value
                      : arith::BitcastOp::create(b, value.getLoc(), bits, value)
                            .getResult();
}

static Value fromBits(OpBuilder &b, Value bits, Type type) {
  return isNarrow(type) ? arith::BitcastOp::create(b, bits.getLoc(), type, bits)
                              .getResult()
                        : bits;
}

func::CallOp Run::outline(func::FuncOp function, StringRef name,
                          SymbolTable &symbols) {
  Location loc = ops.front()->getLoc();
  // Numbers may be computed between the ops that need them.
  OpBuilder b(ops.back());
  SmallVector<Value> passed = llvm::map_to_vector(
      arguments, [&](Value value) { return toBits(b, value); });
  for (memref::ViewOp place : places)
    passed.push_back(memref::ViewOp::create(
        b, loc, getPointerType(place.getType()), place.getSource(),
        place.getByteShift(), ValueRange()));
  auto returned = llvm::map_to_vector(
      results, [&](Value value) { return getBitsType(value.getType()); });
  auto type = b.getFunctionType(ValueRange(passed).getTypes(), returned);
  auto part = func::FuncOp::create(loc, name, type);
  part.setPrivate();
  // Inlined, it would be part of a long function again.
  part->setAttr("passthrough", b.getStrArrayAttr({"noinline"}));
  part->setAttr("llvm.linkage", LLVM::LinkageAttr::get(
                                    b.getContext(), LLVM::Linkage::Internal));
  symbols.insert(part, std::next(function->getIterator()));
  auto call = func::CallOp::create(b, loc, part, passed);
  SmallVector<Value> outside;
  for (auto [result, value] : llvm::zip_equal(call.getResults(), results))
    outside.push_back(fromBits(b, result, value.getType()));

  Block *body = part.addEntryBlock();
  b.setInsertionPointToEnd(body);
  IRMapping mapping;
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    mapping.map(argument,
                fromBits(b, body->getArgument(i), argument.getType()));
    if (auto outer = dyn_cast<BlockArgument>(argument))
      if (outer.getOwner() == &function.getBody().front())
        part.setArgAttrs(i, function.getArgAttrDict(outer.getArgNumber()));
  }
  DenseMap<Operation *, Value> pointers;
  for (auto [i, place] : llvm::enumerate(places)) {
    unsigned number = arguments.size() + i;
    pointers[place] = body->getArgument(number);
    if (isAlone(place))
      part.setArgAttr(number, LLVM::LLVMDialect::getNoAliasAttrName(),
                      b.getUnitAttr());
  }
  for (Operation *op : copied) {
    auto place = dyn_cast<memref::ViewOp>(op);
    if (!place) {
      b.clone(*op, mapping);
      continue;
    }
    auto sizes = llvm::map_to_vector(
        place.getSizes(), [&](Value size) { return mapping.lookup(size); });
    mapping.map(place.getResult(), viewPointer(b, loc, pointers.lookup(op),
                                               place.getType(), sizes));
  }
  for (Operation *op : ops) {
    op->moveBefore(body, body->end());
    op->walk([&](Operation *inner) {
      for (OpOperand &operand : inner->getOpOperands())
        operand.set(mapping.lookupOrDefault(operand.get()));
    });
  }
  b.setInsertionPointToEnd(body);
  func::ReturnOp::create(b, loc, llvm::map_to_vector(results, [&](Value value) {
                           return toBits(b, value);
                         }));
  for (auto [inner, outer] : llvm::zip_equal(results, outside))
    inner.replaceUsesWithIf(outer, [&](OpOperand &use) {
      return !part->isAncestor(use.getOwner());
    });
  return call;
}

/// The loops in `op`; what becomes loops later counts as one.
static unsigned countLoops(Operation *op) {
  unsigned loops = 0;
  op->walk([&](Operation *inner) {
    loops += isa<LoopLikeOpInterface, linalg::LinalgOp, memref::CopyOp>(inner);
  });
  return loops;
}

/// Runs of one op with loops each, or one where there are `maxLoops` at most.
static std::vector<Run> getRuns(const llvm::SetVector<Operation *> &work,
                                unsigned maxLoops) {
  std::vector<Run> runs = {Run(work)};
  unsigned loops = 0;
  bool hasLoops = false;
  for (Operation *op : work) {
    unsigned inside = countLoops(op);
    loops += inside;
    if (inside && std::exchange(hasLoops, true))
      runs.emplace_back(work);
    runs.back().add(op);
  }
  if (loops > maxLoops)
    return runs;
  return {};
}

namespace {
/// Functions, each of which does something else. Upstream's
/// duplicate-function-elimination erases public functions, too.
class DistinctFunctions {
public:
  /// The function that does what `function` does: an earlier one, or itself.
  func::FuncOp find(func::FuncOp function);

private:
  DenseMap<unsigned, SmallVector<func::FuncOp, 1>> functions;
};
} // namespace

static unsigned hash(func::FuncOp function) {
  llvm::hash_code code = hash_value(function.getFunctionType());
  function.getBody().walk([&](Operation *op) {
    code =
        llvm::hash_combine(code, OperationEquivalence::computeHash(
                                     op, OperationEquivalence::ignoreHashValue,
                                     OperationEquivalence::ignoreHashValue,
                                     OperationEquivalence::IgnoreLocations));
  });
  return static_cast<size_t>(code);
}

func::FuncOp DistinctFunctions::find(func::FuncOp function) {
  SmallVector<func::FuncOp, 1> &alike = functions[hash(function)];
  for (func::FuncOp other : alike)
    if (other.getFunctionType() == function.getFunctionType() &&
        other.getArgAttrsAttr() == function.getArgAttrsAttr() &&
        OperationEquivalence::isRegionEquivalentTo(
            &other.getBody(), &function.getBody(),
            OperationEquivalence::IgnoreLocations))
      return other;
  alike.push_back(function);
  return function;
}

namespace {
struct SplitFunctions : public owl::impl::SplitFunctionsBase<SplitFunctions> {
  using SplitFunctionsBase::SplitFunctionsBase;

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    DistinctFunctions parts;
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
      for (Block &block : function.getBody()) {
        llvm::SetVector<Operation *> work = getWork(block);
        std::vector<Run> runs = getRuns(work, maxLoops);
        if (llvm::any_of(runs, [](Run &run) { return failed(run.close()); }))
          continue;
        // The last one comes first: each follows the function.
        for (size_t i = runs.size(); i-- > 0;) {
          func::CallOp call = runs[i].outline(
              function, (function.getSymName() + "_part_" + Twine(i)).str(),
              symbols);
          auto part = symbols.lookup<func::FuncOp>(call.getCallee());
          func::FuncOp distinct = parts.find(part);
          if (distinct == part)
            continue;
          call.setCallee(distinct.getSymName());
          symbols.erase(part);
        }
      }
  }
};
} // namespace
