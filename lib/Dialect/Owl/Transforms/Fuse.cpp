//===- Fuse.cpp - Fusion groups -------------------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops join clusters in the order of the program, and clusters become groups.
//
// That groups stay convex follows from ranks: an op outside of all clusters has
// the largest rank of what it uses, one more where that is in a cluster, and an
// op may join a cluster only if all else that it uses is of a smaller rank (or
// no cluster, and of no larger one). So whatever depends on a cluster has a
// larger rank, and nothing of a larger rank is used by it.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "owl/Dialect/Owl/Analysis/Axes.h"
#include "owl/Dialect/Owl/Analysis/Cost.h"
#include "owl/Dialect/Owl/Analysis/MachineModel.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"
#include "owl/Support/ByteSize.h"

namespace mlir::owl {
#define GEN_PASS_DEF_FUSE
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// Whether `op` may be in a group. What is empty is left to those who remove
/// it.
static bool isFusible(Operation *op) {
  return Axes::isSupported(op) &&
         llvm::none_of(llvm::concat<Value>(op->getOperands(), op->getResults()),
                       [](Value value) {
                         auto type = dyn_cast<ShapedType>(value.getType());
                         return type && llvm::is_contained(type.getShape(), 0);
                       });
}

/// Ops that only make a tensor, and are made again in each group.
static bool isFree(Operation *op) {
  return isa<arith::ConstantOp, tensor::EmptyOp, tensor::SplatOp>(op);
}

/// Ops that group for the sake of others.
static bool onlyMoves(Operation *op) {
  return isa<tensor::CastOp, tensor::CollapseShapeOp, tensor::ExpandShapeOp>(
      op);
}

/// The product that `op` adds up, which is larger than all that it is made of
/// and must never be a tensor in memory. See owl-raise-contractions.
static linalg::GenericOp getContracted(Operation *op) {
  auto reduce = dyn_cast<ReduceOp>(op);
  auto product = reduce ? reduce.getSource().getDefiningOp<linalg::GenericOp>()
                        : linalg::GenericOp();
  if (!product || !product->hasOneUse() ||
      product->getBlock() != op->getBlock() || product.getNumResults() != 1)
    return {};
  // Windows are as large as they look only where somebody copies them.
  bool isLarger =
      llvm::all_of(product.getDpsInputOperands(), [&](OpOperand *input) {
        AffineMap map = product.getMatchingIndexingMap(input);
        return map.getNumResults() < product.getNumLoops() ||
               input->get().getDefiningOp<WindowOp>();
      });
  return isLarger && isFusible(product) && isFusible(op) ? product
                                                         : linalg::GenericOp();
}

/// The ops of its block that `op`, or an op in its regions, uses.
static SmallVector<Operation *> getProducers(Operation *op) {
  llvm::SetVector<Operation *> producers;
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (Operation *producer = operand.getDefiningOp())
        if (producer->getBlock() == op->getBlock())
          producers.insert(producer);
  });
  return producers.takeVector();
}

//===----------------------------------------------------------------------===//
// What remarks predict
//===----------------------------------------------------------------------===//

static double getCount(Value tensor) {
  double count = 1;
  for (int64_t size : cast<RankedTensorType>(tensor.getType()).getShape())
    count *= ShapedType::isDynamic(size) ? kUnknownSize : size;
  return count;
}

static double getBytes(Value tensor) {
  return getCount(tensor) * getElementBytes(getElementTypeOrSelf(tensor));
}

/// What one loop nest of `ops` does, which are of one block.
static Work getWork(ArrayRef<Operation *> ops) {
  Work work;
  work.launches = 1;
  DenseSet<Operation *> inside(ops.begin(), ops.end());
  DenseSet<Value> read;
  for (Operation *op : ops) {
    for (Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      bool isRead =
          isa<RankedTensorType>(operand.getType()) &&
          !(producer && (inside.contains(producer) || isFree(producer)));
      if (isRead && read.insert(operand).second)
        work.bytes += getBytes(operand);
    }
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) {
            return !inside.contains(
                op->getBlock()->findAncestorOpInBlock(*user));
          }))
        work.bytes += getBytes(result);
    auto reduce = dyn_cast<ReduceOp>(op);
    double count = getCount(reduce ? reduce.getSource() : op->getResult(0));
    Arithmetic own = Costs::getPerPoint(op);
    work.flops += count * own.flops;
    work.calls += count * own.calls;
  }
  return work;
}

/// The seconds that `ops` take in loop nests of their own.
static double getTimeApart(ArrayRef<Operation *> ops,
                           const MachineModel &machine) {
  double time = 0;
  for (Operation *op : ops) {
    // Views are none, and a product is in the nest that adds it up.
    if (onlyMoves(op) ||
        (op->hasOneUse() && getContracted(*op->user_begin()) == op))
      continue;
    SmallVector<Operation *, 2> nest = {op};
    if (linalg::GenericOp product = getContracted(op))
      nest.push_back(product);
    time += machine.getTime(getWork(nest));
  }
  return time;
}

namespace {
struct Cluster {
  unsigned rank = 0, cost = 0;
  SmallVector<Operation *> ops;
  Axes axes;
};

/// Forms the clusters of one block.
class Clustering {
public:
  Clustering(Block &block, unsigned maxOps, unsigned maxCost,
             const MachineModel &machine)
      : maxOps(maxOps), maxCost(maxCost), machine(machine) {
    for (Operation &op : block)
      place(&op);
  }

  /// The clusters that are worth a group.
  SmallVector<const Cluster *> getGroups() const;

private:
  void place(Operation *op);
  /// The cluster that `op` is in, if any.
  Cluster *find(Operation *op) const { return clusterOf.lookup(op); }
  /// Makes all of `clusters`, which have the same rank, and `ops`, which follow
  /// them, one; else returns why they cannot be.
  StringRef join(ArrayRef<Operation *> ops, ArrayRef<Cluster *> clusters);
  /// Says why `ops` are in another nest than some of what they use.
  void remarkApart(ArrayRef<Operation *> ops, StringRef reason) const;

  /// Whether an operand of `product`, which `sum` adds up, calls functions in
  /// the clusters and does not vary along the loop that has the vectors: one by
  /// one they would take longer than memory does.
  bool callsFunctions(linalg::GenericOp product, ReduceOp sum) const;
  /// Whether `value` calls some for the sake of one use. With more of them, it
  /// waits in a buffer.
  bool callsFunctions(Value value) const;

  /// Whether an operand of `product`, which `sum` adds up, waits in the
  /// clusters for a reduction, and all that is multiplied by it would be read
  /// again for each row of it: points of the result that share a row buffer
  /// cannot be computed side by side. See owl-jam-loops.
  bool waitsInRows(linalg::GenericOp product, ReduceOp sum) const;
  /// Whether a reduction in its cluster makes what `value` is computed from.
  bool isReduced(Value value) const;

  unsigned maxOps, maxCost;
  const MachineModel &machine;
  DenseMap<Operation *, Cluster *> clusterOf;
  DenseMap<Operation *, unsigned> rankOf;
  std::vector<std::unique_ptr<Cluster>> clusters;
};
} // namespace

void Clustering::remarkApart(ArrayRef<Operation *> ops,
                             StringRef reason) const {
  auto remark =
      remark::missed(ops.back()->getLoc(),
                     remark::RemarkOpts::name("apart").category("owl-fuse"));
  if (!remark)
    return;
  // What lies between them is written and read.
  DenseSet<Value> counted;
  Work traffic;
  for (Operation *op : ops)
    for (Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      Cluster *cluster = producer ? find(producer) : nullptr;
      if (cluster && cluster != find(op) && counted.insert(operand).second)
        traffic.bytes += 2 * getBytes(operand);
    }
  remark << remark::reason("{0}", reason.str())
         << remark::metric("Bytes", traffic.bytes)
         << remark::metric("Seconds", machine.getTime(traffic));
}

StringRef Clustering::join(ArrayRef<Operation *> ops,
                           ArrayRef<Cluster *> candidates) {
  size_t count = ops.size();
  unsigned cost = 0;
  for (Operation *op : ops)
    cost += Costs::getPerPoint(op).getAdditions();
  for (Cluster *candidate : candidates) {
    count += candidate->ops.size();
    cost += candidate->cost;
  }
  // Alone an op may be as large as it is.
  if (count > ops.size() && count > maxOps)
    return "more ops than max-ops";
  if (count > ops.size() && cost > maxCost)
    return "more arithmetic than max-cost";
  // The largest one takes in the others.
  Cluster *into = *llvm::max_element(candidates, [](Cluster *a, Cluster *b) {
    return a->ops.size() < b->ops.size();
  });
  Axes axes = into->axes;
  auto add = [&](Operation *other) {
    for (Value operand : other->getOperands())
      if (Operation *producer = operand.getDefiningOp())
        if (isFree(producer) && isFusible(producer) &&
            axes.getDims(operand).empty() && failed(axes.add(producer)))
          return failure();
    return axes.add(other);
  };
  SmallVector<Operation *> added;
  for (Cluster *candidate : candidates)
    if (candidate != into)
      llvm::append_range(added, candidate->ops);
  llvm::sort(added,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  llvm::append_range(added, ops);
  for (Operation *other : added)
    if (failed(add(other)))
      return "no loops in common";
  for (Operation *other : added)
    clusterOf[other] = into;
  llvm::append_range(into->ops, added);
  into->axes = std::move(axes);
  into->cost = cost;
  for (Cluster *candidate : candidates)
    if (candidate != into)
      candidate->ops.clear();
  return "";
}

bool Clustering::callsFunctions(Value value) const {
  Operation *op = value.getDefiningOp();
  if (!op || !find(op) || isa<ReduceOp>(op) || !value.hasOneUse())
    return false;
  return Costs::getOwn(value).calls > 0 ||
         llvm::any_of(op->getOperands(),
                      [&](Value operand) { return callsFunctions(operand); });
}

/// The loop of `product`, which `sum` adds up, that has the vectors: the last
/// one that is kept where what varies along it lies along it, else the
/// innermost one.
static unsigned getVectorLoop(linalg::GenericOp product, ReduceOp sum) {
  unsigned innermost = product.getNumLoops() - 1, kept = innermost;
  while (kept > 0 && sum.isReduced(kept))
    --kept;
  bool lieAlong =
      llvm::all_of(product.getIndexingMapsArray(), [&](AffineMap map) {
        return !map.isFunctionOfDim(kept) ||
               map.getResult(map.getNumResults() - 1).isFunctionOfDim(kept) ||
               map.getNumResults() == product.getNumLoops();
      });
  return lieAlong && !sum.isReduced(kept) ? kept : innermost;
}

bool Clustering::callsFunctions(linalg::GenericOp product, ReduceOp sum) const {
  unsigned vectors = getVectorLoop(product, sum);
  return llvm::any_of(product.getDpsInputOperands(), [&](OpOperand *input) {
    return !product.getMatchingIndexingMap(input).isFunctionOfDim(vectors) &&
           callsFunctions(input->get());
  });
}

bool Clustering::isReduced(Value value) const {
  llvm::SetVector<Value> values;
  values.insert(value);
  for (size_t i = 0; i < values.size(); ++i) {
    Operation *op = values[i].getDefiningOp();
    if (!op || !find(op) || find(op) != find(value.getDefiningOp()))
      continue;
    if (isa<ReduceOp>(op))
      return true;
    values.insert_range(op->getOperands());
  }
  return false;
}

bool Clustering::waitsInRows(linalg::GenericOp product, ReduceOp sum) const {
  SmallVector<int64_t> sizes = product.getStaticLoopRanges();
  auto inputs = product.getDpsInputOperands();
  auto varies = [&](OpOperand *input, unsigned loop) {
    return product.getMatchingIndexingMap(input).isFunctionOfDim(loop);
  };
  return llvm::any_of(inputs, [&](OpOperand *input) {
    bool isOneOfSeveral = llvm::any_of(
        llvm::seq<unsigned>(0, product.getNumLoops()), [&](unsigned loop) {
          return sizes[loop] != 1 && !sum.isReduced(loop) &&
                 varies(input, loop) &&
                 llvm::any_of(inputs, [&](OpOperand *other) {
                   return !varies(other, loop);
                 });
        });
    return isOneOfSeveral && isReduced(input->get());
  });
}

void Clustering::place(Operation *op) {
  if (isFree(op) && isFusible(op)) {
    // Its own operands are sizes.
    for (Operation *producer : getProducers(op))
      rankOf[op] = std::max(rankOf[op], rankOf.lookup(producer));
    return;
  }
  // A product waits for the op that adds it up.
  if (op->hasOneUse() && getContracted(*op->user_begin()) == op)
    return;
  SmallVector<Operation *, 2> ops = {op};
  SmallVector<Operation *> producers = getProducers(op);
  linalg::GenericOp product = getContracted(op);
  if (product) {
    ops.insert(ops.begin(), product);
    llvm::erase(producers, product);
    llvm::append_range(producers, getProducers(product));
  }
  auto setRank = [&](unsigned rank) {
    for (Operation *member : ops)
      rankOf[member] = rank;
  };
  unsigned rank = 0;
  llvm::SmallSetVector<Cluster *, 4> around;
  for (Operation *producer : producers) {
    Cluster *cluster = find(producer);
    rank =
        std::max(rank, cluster ? cluster->rank + 1 : rankOf.lookup(producer));
    if (cluster)
      around.insert(cluster);
  }
  setRank(rank);
  if (!isFusible(op))
    return;

  // The clusters that it uses, if nothing comes between.
  SmallVector<Cluster *> candidates;
  unsigned highest = 0;
  for (Cluster *cluster : around)
    highest = std::max(highest, cluster->rank);
  for (Cluster *cluster : around)
    if (cluster->rank == highest)
      candidates.push_back(cluster);
  bool isDirect = llvm::all_of(producers, [&](Operation *producer) {
    return find(producer) || rankOf.lookup(producer) <= highest;
  });
  constexpr StringRef leaves = "a value would leave the group and come back";
  StringRef reason;
  if (!isDirect)
    reason = leaves;
  else if (product && callsFunctions(product, cast<ReduceOp>(op)))
    reason = "functions would be called for one number at a time";
  else if (product && waitsInRows(product, cast<ReduceOp>(op)))
    reason = "each row would be multiplied as soon as it is reduced, alone";
  else if (!candidates.empty())
    reason = join(ops, candidates);
  bool isJoined = reason.empty() && !candidates.empty();
  if (!around.empty() && (!isJoined || candidates.size() < around.size()))
    remarkApart(ops, isJoined ? leaves : reason);
  if (isJoined) {
    setRank(highest);
    return;
  }
  // A cluster that reads the same tensor.
  for (Value operand : ops.front()->getOperands()) {
    if (!isa<RankedTensorType>(operand.getType()))
      continue;
    unsigned looked = 0;
    for (Operation *user : operand.getUsers()) {
      // What many ops use is small, or far away.
      if (++looked > 16)
        break;
      Cluster *cluster =
          user->getBlock() == op->getBlock() ? find(user) : nullptr;
      if (cluster && user != op && cluster->rank >= rank &&
          join(ops, {cluster}).empty()) {
        setRank(cluster->rank);
        return;
      }
    }
  }
  auto cluster = std::make_unique<Cluster>();
  cluster->rank = rank;
  if (join(ops, {cluster.get()}).empty())
    clusters.push_back(std::move(cluster));
}

SmallVector<const Cluster *> Clustering::getGroups() const {
  SmallVector<const Cluster *> groups;
  for (const auto &cluster : clusters) {
    unsigned count = 0;
    bool isElementwise = false;
    for (Operation *op : cluster->ops) {
      count += !onlyMoves(op);
      isElementwise |= !onlyMoves(op) && !isa<ReduceOp, RepeatOp, TileOp>(op);
    }
    if (count > 1 || isElementwise)
      groups.push_back(cluster.get());
  }
  return groups;
}

/// The size of dimension `dim` of `tensor`, from what is outside of the group.
static OpFoldResult getSize(OpBuilder &b, Location loc, const Axes &axes,
                            ArrayRef<Axis> dim, const IRMapping &replaced) {
  OpFoldResult product = b.getIndexAttr(1);
  for (Axis axis : dim) {
    const AxisSize &size = axes.getSize(axis);
    OpFoldResult factor;
    if (!ShapedType::isDynamic(size.count))
      factor = b.getIndexAttr(size.count);
    else if (size.dim < 0)
      factor = size.source;
    else
      factor = tensor::getMixedSize(
          b, loc, replaced.lookupOrDefault(size.source), size.dim);
    if (isOneInteger(product)) {
      product = factor;
      continue;
    }
    auto lhs = getConstantIntValue(product), rhs = getConstantIntValue(factor);
    product = lhs && rhs ? OpFoldResult(b.getIndexAttr(*lhs * *rhs))
                         : arith::MulIOp::create(
                               b, loc,
                               getValueOrCreateConstantIndexOp(b, loc, product),
                               getValueOrCreateConstantIndexOp(b, loc, factor))
                               .getResult();
  }
  return product;
}

/// Moves the ops of `cluster` into a group, which takes the place of the last.
/// `replaced` maps what groups have replaced so far to their results.
static void createGroup(const Cluster &cluster, EdgesAttr edges,
                        const MachineModel &machine, IRMapping &replaced) {
  SmallVector<Operation *> ops(cluster.ops);
  llvm::sort(ops,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  DenseSet<Operation *> inside(ops.begin(), ops.end());
  llvm::SetVector<Operation *> free;
  llvm::SetVector<Value> inputs;
  SmallVector<Value> outputs;
  std::function<void(Value)> take = [&](Value operand) {
    Operation *producer = operand.getDefiningOp();
    if (producer && inside.contains(producer))
      return;
    bool isScalarConstant = producer && isa<arith::ConstantOp>(producer) &&
                            !isa<ShapedType>(operand.getType());
    if (!producer ||
        !(isScalarConstant || (isFree(producer) && isFusible(producer)))) {
      inputs.insert(operand);
      return;
    }
    for (Value size : producer->getOperands())
      take(size);
    free.insert(producer);
  };
  for (Operation *op : ops)
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (!op->isAncestor(operand.getParentRegion()->getParentOp()))
          take(operand);
    });
  for (Operation *op : ops)
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) {
            Operation *here = op->getBlock()->findAncestorOpInBlock(*user);
            return !inside.contains(here);
          }))
        outputs.push_back(result);

  Location loc = ops.back()->getLoc();
  OpBuilder b(ops.back());
  SmallVector<Value> inits;
  for (Value output : outputs) {
    SmallVector<OpFoldResult> sizes;
    for (auto [dim, size] :
         llvm::enumerate(cast<RankedTensorType>(output.getType()).getShape()))
      sizes.push_back(ShapedType::isDynamic(size)
                          ? getSize(b, loc, cluster.axes,
                                    cluster.axes.getDims(output)[dim], replaced)
                          : OpFoldResult(b.getIndexAttr(size)));
    auto type = cast<RankedTensorType>(output.getType());
    Value init = tensor::EmptyOp::create(b, loc, sizes, type.getElementType());
    if (init.getType() != type)
      init = tensor::CastOp::create(b, loc, type, init);
    inits.push_back(init);
  }
  auto remark = remark::passed(
      loc, remark::RemarkOpts::name("fused").category("owl-fuse"));
  if (remark)
    remark << "one loop nest" << remark::metric("NumOps", ops.size())
           << remark::metric("Seconds", machine.getTime(getWork(ops)))
           << remark::metric("SecondsApart", getTimeApart(ops, machine));
  SmallVector<Type> types(ValueRange(outputs).getTypes());
  auto group =
      GroupOp::create(b, loc, types, inputs.getArrayRef(), inits, edges);
  Block *body = b.createBlock(&group.getBody());
  IRMapping mapping;
  for (Value input : inputs)
    mapping.map(input, body->addArgument(input.getType(), input.getLoc()));
  for (Operation *op : free)
    b.clone(*op, mapping);
  for (Operation *op : ops)
    b.clone(*op, mapping);
  SmallVector<Value> yielded;
  for (Value output : outputs)
    yielded.push_back(mapping.lookup(output));
  YieldOp::create(b, loc, yielded);
  for (auto [output, result] : llvm::zip_equal(outputs, group.getOutputs())) {
    replaced.map(output, result);
    output.replaceUsesWithIf(result, [&](OpOperand &use) {
      Operation *here =
          group->getBlock()->findAncestorOpInBlock(*use.getOwner());
      return !inside.contains(here);
    });
  }
  for (Operation *op : llvm::reverse(ops))
    op->erase();
  for (Operation *op : llvm::reverse(free))
    if (op->use_empty())
      op->erase();
}

/// Moves what an op of `block` uses, and comes later, to just before it. All
/// else stays in order. Upstream's sortTopologically walks the block once for
/// each of a chain of ops that are in the wrong order.
static void sortBlock(Block &block) {
  SmallVector<Operation *> order;
  DenseSet<Operation *> seen;
  SmallVector<std::pair<Operation *, SmallVector<Operation *>>> waiting;
  auto visit = [&](Operation *op) {
    if (!seen.insert(op).second)
      return;
    SmallVector<Operation *> producers = getProducers(op);
    llvm::sort(producers, [](Operation *a, Operation *b) {
      return b->isBeforeInBlock(a);
    });
    waiting.emplace_back(op, std::move(producers));
  };
  for (Operation &op : block) {
    visit(&op);
    while (!waiting.empty()) {
      if (waiting.back().second.empty())
        order.push_back(waiting.pop_back_val().first);
      else
        visit(waiting.back().second.pop_back_val());
    }
  }
  for (Operation *op : order)
    op->moveBefore(&block, block.end());
}

namespace {
struct Fuse : public owl::impl::FuseBase<Fuse> {
  using FuseBase::FuseBase;

  void runOnOperation() override {
    std::optional<Edges> choice = symbolizeEdges(edges);
    if (!choice) {
      emitError(getOperation().getLoc(),
                "expected edges to be auto, recompute, buffer or materialise, "
                "got ")
          << edges.getValue();
      return signalPassFailure();
    }
    std::optional<MachineModel> model = MachineModel::get(machine);
    if (!model) {
      emitError(getOperation().getLoc(),
                "expected machine to be the name of a target, got '")
          << machine.getValue() << "'";
      return signalPassFailure();
    }
    EdgesAttr forced;
    if (*choice != Edges::Auto)
      forced = EdgesAttr::get(&getContext(), *choice);
    SmallVector<Block *> blocks;
    getOperation()->walk([&](Block *block) {
      if (!isa<linalg::LinalgOp, FoldOp, GroupOp, tensor::GenerateOp>(
              block->getParentOp()))
        blocks.push_back(block);
    });
    for (Block *block : blocks) {
      Clustering clustering(*block, maxOps, maxCost, *model);
      IRMapping replaced;
      for (const Cluster *cluster : clustering.getGroups())
        createGroup(*cluster, forced, *model, replaced);
      sortBlock(*block);
    }
  }
};
} // namespace
