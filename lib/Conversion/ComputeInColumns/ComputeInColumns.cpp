//===- ComputeInColumns.cpp - Short rows, computed in columns -------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For each value of rows that is taken apart, the element-wise ops that it is
// computed by are a web, which is computed in columns, or not.
//
//===----------------------------------------------------------------------===//

#include "../VectorBits.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "owl/Conversion/Passes.h"
#include "owl/Dialect/Owl/Analysis/Cost.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::owl {
#define GEN_PASS_DEF_COMPUTEINCOLUMNS
#include "owl/Conversion/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// How many elements `x` has: 0 unless it is a vector of one dimension.
static int64_t getCount(Value x) {
  auto type = dyn_cast<VectorType>(x.getType());
  return type && type.getRank() == 1 && !type.isScalable()
             ? type.getNumElements()
             : 0;
}

/// Whether `op` takes elements of one vector only.
static bool hasOneSource(vector::ShuffleOp op) {
  return op.getV1() == op.getV2();
}

/// Whether `op` computes each element of a vector by itself. Not in f16 and
/// bf16: LLVM has no good shuffles of these.
static bool isElementwise(Operation *op) {
  if (op->getNumResults() != 1 || !getCount(op->getResult(0)) ||
      !OpTrait::hasElementwiseMappableTraits(op))
    return false;
  auto isGood = [](Type type) {
    Type element = getElementTypeOrSelf(type);
    return element.isIntOrIndexOrFloat() &&
           !isa<Float16Type, BFloat16Type>(element);
  };
  return llvm::all_of(op->getOperandTypes(), isGood) &&
         isGood(op->getResult(0).getType());
}

/// The column that `op` takes of its operand, which has rows of `width`
/// elements, if it takes one.
static std::optional<int64_t> getColumn(Operation *op, int64_t width) {
  auto shuffle = dyn_cast<vector::ShuffleOp>(op);
  if (!shuffle || !hasOneSource(shuffle))
    return std::nullopt;
  ArrayRef<int64_t> mask = shuffle.getMask();
  if (int64_t(mask.size()) * width != getCount(shuffle.getV1()) ||
      mask.front() < 0 || mask.front() >= width)
    return std::nullopt;
  for (auto [row, position] : llvm::enumerate(mask))
    if (position != mask.front() + int64_t(row) * width)
      return std::nullopt;
  return mask.front();
}

/// Whether `x` has its elements `width` times each, one after another.
static vector::ShuffleOp getSpread(Value x, int64_t width) {
  auto op = x.getDefiningOp<vector::ShuffleOp>();
  if (!op || !hasOneSource(op) || getCount(op.getV1()) * width != getCount(x))
    return {};
  for (auto [i, position] : llvm::enumerate(op.getMask()))
    if (position != int64_t(i) / width)
      return {};
  return op;
}

/// Whether all rows of `x`, which have `width` elements, are the same.
static vector::ShuffleOp getPeriodic(Value x, int64_t width) {
  auto op = x.getDefiningOp<vector::ShuffleOp>();
  if (!op || !hasOneSource(op))
    return {};
  ArrayRef<int64_t> mask = op.getMask();
  for (auto [i, position] : llvm::enumerate(mask))
    if (position != mask[i % width])
      return {};
  return op;
}

namespace {
/// The element-wise ops by which a value of rows is computed in columns.
class Web {
public:
  Web(unsigned vectorBits, Operation *seed, int64_t width);

  /// Whether columns take less: fewer shuffles, against what is computed in
  /// rows besides.
  bool isBetterInColumns() const;
  void rewrite();

private:
  /// Takes ops out of the web whose results are better taken apart.
  void cut();
  bool isLeaf(Value x) const { return !ops.contains(x.getDefiningOp()); }
  bool isTakenApart(Value x) const;
  /// Whether something outside of the web, or of what is computed in rows as
  /// well, needs the rows of `x`.
  bool isNeededInRows(Value x) const;
  int64_t countRegisters(Value x) const;
  /// The shuffles that take `x` apart.
  int64_t countShuffles(Value x) const;
  /// The shuffles that columns of `leaf` take, less those that they save.
  int64_t getLeafCost(Value leaf) const;
  /// What it costs to compute `op` in rows as well.
  int64_t getCostInRows(Operation *op) const {
    return countRegisters(op->getResult(0)) *
           Costs::getElementwise(op).getAdditions();
  }
  /// The columns of a value that the web does not compute.
  SmallVector<Value> createColumns(OpBuilder &b, Value leaf) const;
  VectorType getColumnType(Value x) const {
    return VectorType::get(numRows, getElementTypeOrSelf(x.getType()));
  }

  Operation *seed;
  Block *block;
  unsigned vectorBits;
  int64_t width, numRows;
  /// Each after those whose results it takes.
  SetVector<Operation *> ops;
  SetVector<Value> leaves;
  /// Those of `ops` that are computed in rows as well.
  DenseSet<Operation *> inRows;
};
} // namespace

Web::Web(unsigned vectorBits, Operation *seed, int64_t width)
    : seed(seed), block(seed->getBlock()), vectorBits(vectorBits), width(width),
      numRows(getCount(seed->getResult(0)) / width) {
  BackwardSliceOptions options;
  options.inclusive = true;
  options.omitBlockArguments = true;
  options.filter = [&](Operation *op) {
    return op->getBlock() == block && isElementwise(op) &&
           getCount(op->getResult(0)) == width * numRows;
  };
  // It fails on block arguments alone.
  (void)getBackwardSlice(seed, &ops, options);
  cut();
  for (Operation *op : ops)
    for (Value operand : op->getOperands())
      if (getCount(operand) && isLeaf(operand))
        leaves.insert(operand);
  for (Operation *op : llvm::reverse(ops))
    if (isNeededInRows(op->getResult(0)))
      inRows.insert(op);
}

void Web::cut() {
  // The least that columns of each result take.
  DenseMap<Value, int64_t> least;
  DenseSet<Operation *> isCut;
  for (Operation *op : ops) {
    Value result = op->getResult(0);
    int64_t cost = isNeededInRows(result) ? getCostInRows(op) : 0;
    SetVector<Value> operands(op->operand_begin(), op->operand_end());
    for (Value operand : operands)
      if (getCount(operand))
        cost += isLeaf(operand) ? getLeafCost(operand) : least[operand];
    int64_t shuffles = isTakenApart(result) ? 0 : countShuffles(result);
    if (op != seed && shuffles < cost)
      isCut.insert(op);
    least[result] = std::min(cost, shuffles);
  }
  DenseSet<Operation *> left;
  for (Operation *op : llvm::reverse(ops)) {
    bool isUsed =
        op == seed || llvm::any_of(op->getUsers(), [&](Operation *user) {
          return left.contains(user);
        });
    if (isUsed && !isCut.contains(op))
      left.insert(op);
  }
  ops.remove_if([&](Operation *op) { return !left.contains(op); });
}

bool Web::isTakenApart(Value x) const {
  return llvm::any_of(x.getUsers(), [&](Operation *user) {
    return user->getBlock() == block && getColumn(user, width);
  });
}

bool Web::isNeededInRows(Value x) const {
  return llvm::any_of(x.getUsers(), [&](Operation *user) {
    return ops.contains(user) ? inRows.contains(user) : !getColumn(user, width);
  });
}

int64_t Web::countRegisters(Value x) const {
  Type element = getElementTypeOrSelf(x.getType());
  int64_t bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  // A truth value is as wide as what was compared, on most targets.
  if (bits == 1)
    bits = 32;
  return llvm::divideCeil(width * numRows * bits, int64_t(vectorBits));
}

int64_t Web::countShuffles(Value x) const {
  // Each register of one form draws from all registers of the other.
  int64_t numRegisters = countRegisters(x);
  return numRegisters * std::max<int64_t>(1, numRegisters - 1);
}

int64_t Web::getLeafCost(Value leaf) const {
  if (getSpread(leaf, width))
    return isNeededInRows(leaf) ? 0 : -countRegisters(leaf);
  bool isInvariant = leaf.getParentBlock() != block && getPeriodic(leaf, width);
  bool isFree = isInvariant || matchPattern(leaf, m_Constant()) ||
                isTakenApart(leaf) || leaf.getDefiningOp<vector::BroadcastOp>();
  return isFree ? 0 : countShuffles(leaf);
}

bool Web::isBetterInColumns() const {
  int64_t rows = 0, columns = 0;
  for (Operation *op : ops) {
    Value result = op->getResult(0);
    // More ops than before must not do what fewer did.
    if (countRegisters(result) < width)
      return false;
    if (isTakenApart(result))
      rows += countShuffles(result);
    if (inRows.contains(op))
      columns += getCostInRows(op);
  }
  for (Value leaf : leaves)
    columns += getLeafCost(leaf);
  return columns < rows;
}

SmallVector<Value> Web::createColumns(OpBuilder &b, Value leaf) const {
  Location loc = leaf.getLoc();
  VectorType type = getColumnType(leaf);
  if (DenseElementsAttr constant; matchPattern(leaf, m_Constant(&constant))) {
    auto all = llvm::to_vector(constant.getValues<Attribute>());
    SmallVector<Value> columns;
    for (int64_t column = 0; column < width; ++column) {
      SmallVector<Attribute> elements;
      for (int64_t row = 0; row < numRows; ++row)
        elements.push_back(all[row * width + column]);
      columns.push_back(arith::ConstantOp::create(
          b, loc, DenseElementsAttr::get(type, elements)));
    }
    return columns;
  }
  if (auto broadcast = leaf.getDefiningOp<vector::BroadcastOp>())
    if (!isa<VectorType>(broadcast.getSourceType()))
      return SmallVector<Value>(
          width,
          vector::BroadcastOp::create(b, loc, type, broadcast.getSource()));
  if (auto spread = getSpread(leaf, width))
    return SmallVector<Value>(width, spread.getV1());
  Value source = leaf;
  auto periodic = getPeriodic(leaf, width);
  if (periodic)
    source = periodic.getV1();
  SmallVector<Value> columns;
  for (int64_t column = 0; column < width; ++column) {
    SmallVector<int64_t> mask;
    for (int64_t row = 0; row < numRows; ++row)
      mask.push_back(periodic ? periodic.getMask()[column]
                              : row * width + column);
    columns.push_back(vector::ShuffleOp::create(b, loc, source, source, mask));
  }
  return columns;
}

void Web::rewrite() {
  llvm::MapVector<Value, SmallVector<Value>> columns;
  for (Value leaf : leaves) {
    OpBuilder b(block, block->begin());
    if (leaf.getParentBlock() == block)
      b.setInsertionPointAfterValue(leaf);
    columns[leaf] = createColumns(b, leaf);
  }
  for (Operation *op : ops) {
    OpBuilder b(op);
    Value result = op->getResult(0);
    SmallVector<Value> parts;
    for (int64_t column = 0; column < width; ++column) {
      IRMapping mapping;
      for (Value operand : op->getOperands())
        if (getCount(operand))
          mapping.map(operand, columns[operand][column]);
      Value part = b.clone(*op, mapping)->getResult(0);
      part.setType(getColumnType(result));
      parts.push_back(part);
    }
    columns[result] = std::move(parts);
  }
  llvm::MapVector<Value, Value> replacements;
  for (auto &[value, parts] : columns)
    for (Operation *user : value.getUsers()) {
      std::optional<int64_t> column = getColumn(user, width);
      // Columns of what comes from outside are there in this block alone.
      if (column && !llvm::is_contained(parts, user->getResult(0)) &&
          !(isLeaf(value) && user->getBlock() != block))
        replacements[user->getResult(0)] = parts[*column];
    }
  for (auto [shuffle, column] : replacements) {
    // It may be spread to rows, which are taken apart again.
    while (Value next = replacements.lookup(column))
      column = next;
    shuffle.replaceAllUsesWith(column);
  }
  for (auto [shuffle, column] : replacements)
    shuffle.getDefiningOp()->erase();
  for (Operation *op : llvm::reverse(ops))
    if (!inRows.contains(op))
      op->erase();
  for (Value leaf : leaves)
    if (Operation *def = leaf.getDefiningOp(); def && isOpTriviallyDead(def))
      def->erase();
}

/// The width of the rows that some op takes a column of `x` out of.
static std::optional<int64_t> getWidth(Value x) {
  for (Operation *user : x.getUsers())
    if (auto shuffle = dyn_cast<vector::ShuffleOp>(user)) {
      int64_t width = getCount(x) / getCount(shuffle);
      if (width > 1 && getColumn(shuffle, width))
        return width;
    }
  return std::nullopt;
}

/// Rewrites the webs of `block` for which that is better. Whether there were
/// any.
static bool rewriteWebs(Block &block, unsigned vectorBits) {
  SmallVector<Operation *> seeds;
  for (Operation &op : block)
    if (isElementwise(&op) && getWidth(op.getResult(0)))
      seeds.push_back(&op);
  bool changes = false;
  // What one of them erases, other than shuffles, stands before it.
  for (Operation *seed : seeds) {
    std::optional<int64_t> width = getWidth(seed->getResult(0));
    if (!width)
      continue;
    Web web(vectorBits, seed, *width);
    if (!web.isBetterInColumns())
      continue;
    web.rewrite();
    changes = true;
  }
  return changes;
}

namespace {
struct ComputeInColumns
    : public owl::impl::ComputeInColumnsBase<ComputeInColumns> {
  using ComputeInColumnsBase::ComputeInColumnsBase;

  void runOnOperation() override {
    if (failed(checkVectorBits(getOperation(), vectorBits)))
      return signalPassFailure();
    // What is in columns of pairs may be taken apart into single ones next.
    getOperation().walk([&](Block *block) {
      while (rewriteWebs(*block, vectorBits))
        ;
    });
  }
};
} // namespace
