//===- PackRows.cpp - Scalars of rows side by side, in one vector ---------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See PackRows.h. Lanes are combined in halves, and those of a few rows in one
// vector: of four rows of 4 lanes
//
//   a0 a1 b0 b1 + a2 a3 b2 b3,  c0 c1 d0 d1 + c2 c3 d2 d3    two shuffles each
//   a0 b0 c0 d0 + a1 b1 c1 d1                                of those sums
//
//===----------------------------------------------------------------------===//

#include "PackRows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::owl;

/// LLVM takes f16 and bf16 out of vectors by way of other types.
static bool isPackable(Type type) {
  return type.isIntOrIndexOrFloat() && !isa<Float16Type, BFloat16Type>(type);
}

/// Whether `op` computes one scalar from scalars.
static bool isScalar(Operation *op) {
  return op->getNumResults() == 1 && op->getNumOperands() > 0 &&
         OpTrait::hasElementwiseMappableTraits(op) &&
         isPackable(op->getResult(0).getType()) &&
         llvm::all_of(op->getOperandTypes(),
                      [](Type type) { return isPackable(type); });
}

static int64_t getCount(Value vector) {
  return cast<VectorType>(vector.getType()).getNumElements();
}

/// The vector whose halves `op` combines, if it does: op(x[0, n), x[n, 2 n)).
static Value getHalved(Operation *op) {
  if (!op || op->getNumOperands() != 2 || op->getNumResults() != 1 ||
      !OpTrait::hasElementwiseMappableTraits(op) ||
      op->getResult(0).getType() != op->getOperand(0).getType())
    return {};
  Value source;
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    auto half = operand.getDefiningOp<vector::ExtractStridedSliceOp>();
    if (!half || half.getSourceVectorType().getRank() != 1 ||
        (source && half.getSource() != source))
      return {};
    source = half.getSource();
    int64_t count = getCount(operand);
    if (getCount(source) != 2 * count ||
        cast<IntegerAttr>(half.getOffsets()[0]).getInt() != int64_t(i) * count)
      return {};
  }
  return source;
}

namespace {
/// How one op combines the lanes of a vector, a power of 2.
struct LaneTree {
  /// Nothing if `op`, which makes a scalar, does not.
  static std::optional<LaneTree> match(Operation *op);

  /// Combines two halves, of `lanes` lanes of a row.
  Value combineHalves(OpBuilder &b, int64_t lanes, Value lhs, Value rhs) const;
  /// Combines the lanes of each of `rows`, a power of 2 of these, and returns a
  /// vector of what they give.
  Value combine(OpBuilder &b, SmallVector<Value> rows) const;

  Operation *op;
  Value source;
  /// The ops that combine halves, by the logarithm of their lanes; none where
  /// `op` is a reduction.
  SmallVector<Operation *> halves;
};
} // namespace

std::optional<LaneTree> LaneTree::match(Operation *op) {
  if (op->getNumResults() != 1 || !isPackable(op->getResult(0).getType()))
    return std::nullopt;
  if (auto reduction = dyn_cast<vector::ReductionOp>(op)) {
    Value source = reduction.getVector();
    // Sums and products of floats round in an order of their own.
    using Kind = vector::CombiningKind;
    bool isRounded =
        isa<FloatType>(reduction.getType()) &&
        (reduction.getKind() == Kind::ADD || reduction.getKind() == Kind::MUL);
    if (reduction.getAcc() || isRounded ||
        reduction.getSourceVectorType().isScalable() ||
        !llvm::isPowerOf2_64(getCount(source)))
      return std::nullopt;
    return LaneTree{op, source, {}};
  }
  auto extract = dyn_cast<vector::ExtractOp>(op);
  if (!extract || extract.getSourceVectorType().getNumElements() != 1)
    return std::nullopt;
  LaneTree tree{op, extract.getSource(), {}};
  while (Value halved = getHalved(tree.source.getDefiningOp())) {
    tree.halves.push_back(tree.source.getDefiningOp());
    tree.source = halved;
  }
  if (tree.halves.empty())
    return std::nullopt;
  return tree;
}

Value LaneTree::combineHalves(OpBuilder &b, int64_t lanes, Value lhs,
                              Value rhs) const {
  if (auto reduction = dyn_cast<vector::ReductionOp>(op))
    return vector::makeArithReduction(b, op->getLoc(), reduction.getKind(), lhs,
                                      rhs, reduction.getFastmathAttr());
  IRMapping mapping;
  Operation *half = halves[llvm::Log2_64(lanes)];
  mapping.map(half->getOperand(0), lhs);
  mapping.map(half->getOperand(1), rhs);
  Value result = b.clone(*half, mapping)->getResult(0);
  result.setType(lhs.getType());
  return result;
}

Value LaneTree::combine(OpBuilder &b, SmallVector<Value> rows) const {
  // Lanes that are left of each row, and rows in each vector.
  int64_t lanes = getCount(source), joined = 1;
  while (lanes > 1 || rows.size() > 1) {
    size_t count = rows.size() > 1 ? 2 : 1;
    int64_t half = llvm::divideCeil(lanes, 2);
    SmallVector<int64_t> first, second;
    for (int64_t row = 0, end = joined * count; row < end; ++row)
      for (int64_t lane = row * lanes; lane < row * lanes + half; ++lane) {
        first.push_back(lane);
        second.push_back(lane + half);
      }
    SmallVector<Value> next;
    for (size_t i = 0; i < rows.size(); i += count) {
      auto take = [&](ArrayRef<int64_t> positions) {
        return vector::ShuffleOp::create(b, op->getLoc(), rows[i],
                                         rows[i + count - 1], positions);
      };
      Value lower = take(first);
      next.push_back(lanes > 1 ? combineHalves(b, half, lower, take(second))
                               : lower);
    }
    rows = std::move(next);
    joined *= count;
    lanes = half;
  }
  return rows.front();
}

namespace {
class Packer {
public:
  explicit Packer(ArrayRef<SmallVector<Operation *>> rows) : rows(rows) {}

  void run();

private:
  /// Finds the ops that are packed: lanes that are combined, scalars that are
  /// computed from these, and scalars that are computed for that alone.
  void select();
  /// Does for all rows what the ops at `position` do.
  Value pack(OpBuilder &b, size_t position);
  /// The operand `number` of the ops at `position`, for each of them, and
  /// those that fill up a power of 2.
  SmallVector<Value> getOperands(size_t position, unsigned number) const;
  Value getPacked(OpBuilder &b, ArrayRef<Value> scalars);
  int64_t getNumLanes() const { return llvm::PowerOf2Ceil(rows.size()); }

  ArrayRef<SmallVector<Operation *>> rows;
  DenseSet<Operation *> selected;
  /// By that of the first row.
  DenseMap<Value, Value> packed;
};
} // namespace

void Packer::select() {
  auto positions = llvm::seq<size_t>(0, rows.front().size());
  auto isSelected = [&](Operation *op) { return selected.contains(op); };
  auto selectIf = [&](size_t position, auto condition) {
    Operation *op = rows.front()[position];
    if (!isSelected(op) && condition(op))
      for (ArrayRef<Operation *> row : rows)
        selected.insert(row[position]);
  };
  for (size_t before = ~size_t(0); before != selected.size();) {
    before = selected.size();
    for (size_t position : positions)
      selectIf(position, [&](Operation *op) {
        return LaneTree::match(op) ||
               (isScalar(op) &&
                llvm::any_of(op->getOperands(), [&](Value operand) {
                  return isSelected(operand.getDefiningOp());
                }));
      });
    for (size_t position : llvm::reverse(positions))
      selectIf(position, [&](Operation *op) {
        // A product that may be fused into a sum is fused for every row.
        auto product = dyn_cast<arith::MulFOp>(op);
        bool mayFuse =
            product && bitEnumContainsAny(product.getFastmath(),
                                          arith::FastMathFlags::contract);
        return isScalar(op) && !op->use_empty() &&
               (mayFuse ? llvm::any_of(op->getUsers(), isSelected)
                        : llvm::all_of(op->getUsers(), isSelected));
      });
  }
}

SmallVector<Value> Packer::getOperands(size_t position, unsigned number) const {
  SmallVector<Value> operands;
  for (ArrayRef<Operation *> row : rows)
    operands.push_back(row[position]->getOperand(number));
  operands.resize(getNumLanes(), operands.back());
  return operands;
}

Value Packer::getPacked(OpBuilder &b, ArrayRef<Value> scalars) {
  Value &vector = packed[scalars.front()];
  if (vector)
    return vector;
  Location loc = scalars.front().getLoc();
  auto type = VectorType::get(scalars.size(), scalars.front().getType());
  if (llvm::all_equal(scalars))
    vector = vector::BroadcastOp::create(b, loc, type, scalars.front());
  else
    vector = vector::FromElementsOp::create(b, loc, type, scalars);
  return vector;
}

Value Packer::pack(OpBuilder &b, size_t position) {
  Operation *op = rows.front()[position];
  if (auto tree = LaneTree::match(op)) {
    SmallVector<Value> sources;
    for (ArrayRef<Operation *> row : rows)
      sources.push_back(LaneTree::match(row[position])->source);
    sources.resize(getNumLanes(), sources.back());
    return tree->combine(b, std::move(sources));
  }
  IRMapping mapping;
  for (unsigned i = 0, end = op->getNumOperands(); i < end; ++i)
    mapping.map(op->getOperand(i), getPacked(b, getOperands(position, i)));
  Value result = b.clone(*op, mapping)->getResult(0);
  result.setType(VectorType::get(getNumLanes(), op->getResult(0).getType()));
  return result;
}

void Packer::run() {
  select();
  SmallVector<Operation *> replaced;
  for (size_t position = 0; position < rows.front().size(); ++position) {
    Operation *op = rows.front()[position];
    if (!selected.contains(op))
      continue;
    OpBuilder b(rows.back()[position]);
    Value result = pack(b, position);
    packed[op->getResult(0)] = result;
    for (auto [i, row] : llvm::enumerate(rows)) {
      auto scalar = vector::ExtractOp::create(b, op->getLoc(), result, i);
      row[position]->getResult(0).replaceUsesWithIf(
          scalar,
          [&](OpOperand &use) { return !selected.contains(use.getOwner()); });
      if (scalar->use_empty())
        scalar.erase();
      replaced.push_back(row[position]);
    }
  }
  for (Operation *op : llvm::reverse(replaced))
    op->erase();
}

void owl::combineInHalves(Operation *op) {
  auto tree = LaneTree::match(op);
  if (!tree || !tree->halves.empty())
    return;
  OpBuilder b(op);
  Value lanes = tree->combine(b, {tree->source});
  op->getResult(0).replaceAllUsesWith(
      vector::ExtractOp::create(b, op->getLoc(), lanes, 0));
  op->erase();
}

void owl::packRows(ArrayRef<SmallVector<Operation *>> rows) {
  Packer(rows).run();
}
