//===- Categories.cpp - Groups that are alike -----------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values are numbered as they are met, which makes upstream's hash of an op one
// of the structure around it. Groups with the same hash are compared.
//
//===----------------------------------------------------------------------===//

#include "owl/Dialect/Owl/Analysis/Categories.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/OperationSupport.h"
#include <unordered_map>

using namespace mlir;
using namespace mlir::owl;

static constexpr auto kFlags = OperationEquivalence::IgnoreLocations;

/// Whether `value`, if it is an argument of the region of `group`, stands for a
/// constant.
static bool isConstant(GroupOp group, Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != &group.getBody().front())
    return false;
  Value input = group.getInputs()[argument.getArgNumber()];
  return matchPattern(input, m_Constant());
}

llvm::hash_code owl::getStructureHash(GroupOp group) {
  DenseMap<Value, unsigned> numbers;
  auto hashValue = [&](Value value) {
    unsigned number = numbers.try_emplace(value, numbers.size()).first->second;
    return llvm::hash_combine(number, value.getType(),
                              isConstant(group, value));
  };
  llvm::hash_code hash =
      llvm::hash_combine(group.getEdgesAttr(), group.getInputs().size());
  group.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
    // Arguments of inner regions come before what uses them.
    for (Region &region : op->getRegions())
      for (Value argument : region.getArguments())
        hash = llvm::hash_combine(hash, hashValue(argument));
    hash = llvm::hash_combine(hash, OperationEquivalence::computeHash(
                                        op, hashValue, hashValue, kFlags));
  });
  return hash;
}

bool owl::areAlike(GroupOp lhs, GroupOp rhs) {
  if (lhs.getEdgesAttr() != rhs.getEdgesAttr() ||
      lhs.getInputs().size() != rhs.getInputs().size())
    return false;
  // What stands for what, in both directions. Inputs are met at their first
  // uses.
  DenseMap<Value, Value> toRight, toLeft;
  auto mark = [&](Value left, Value right) {
    toRight[left] = right;
    toLeft[right] = left;
  };
  auto check = [&](Value left, Value right) -> LogicalResult {
    Value known = toRight.lookup(left);
    if (known || toLeft.contains(right))
      return success(known == right);
    if (left.getType() != right.getType() ||
        isConstant(lhs, left) != isConstant(rhs, right))
      return failure();
    mark(left, right);
    return success();
  };
  Block &leftBody = lhs.getBody().front(), &rightBody = rhs.getBody().front();
  return leftBody.getOperations().size() == rightBody.getOperations().size() &&
         llvm::all_of(llvm::zip_equal(leftBody, rightBody), [&](auto pair) {
           auto &[left, right] = pair;
           return OperationEquivalence::isEquivalentTo(&left, &right, check,
                                                       mark, kFlags);
         });
}

Categories::Categories(ArrayRef<GroupOp> groups) {
  std::unordered_map<size_t, SmallVector<unsigned, 1>> withHash;
  for (auto [index, group] : llvm::enumerate(groups)) {
    SmallVector<unsigned, 1> &candidates = withHash[getStructureHash(group)];
    auto *found = llvm::find_if(candidates, [&, group = group](unsigned k) {
      return areAlike(groups[instances[k].front()], group);
    });
    if (found == candidates.end()) {
      found = candidates.insert(candidates.end(), instances.size());
      instances.emplace_back();
    }
    instances[*found].push_back(index);
    categoryOf.push_back(*found);
  }
}
