//===- Categories.h - Groups that are alike ---------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Groups that do the same are one *category*, of which each is an instance: so
// are the softmaxes of a model's layers. They have the same ops in the same
// order, with the same attributes, types and operands, where an input of a
// group counts as the number of its first use. Which of them are constants is
// part of it, as they take memory; the device of a group is not.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_DIALECT_OWL_ANALYSIS_CATEGORIES_H
#define OWL_DIALECT_OWL_ANALYSIS_CATEGORIES_H

#include "owl/Dialect/Owl/IR/Owl.h"

namespace mlir::owl {

/// A hash that is the same for groups that are alike.
llvm::hash_code getStructureHash(GroupOp group);

/// Whether `lhs` and `rhs` are alike.
bool areAlike(GroupOp lhs, GroupOp rhs);

/// The categories of a list of groups, in the order of their first instances.
class Categories {
public:
  /// Takes about as long as it takes to walk the groups.
  explicit Categories(ArrayRef<GroupOp> groups);

  unsigned size() const { return instances.size(); }
  /// The instances of a category, as indices into the list, in its order.
  ArrayRef<unsigned> getInstances(unsigned category) const {
    return instances[category];
  }
  /// The category of the group at `index` of the list.
  unsigned getCategory(unsigned index) const { return categoryOf[index]; }

private:
  SmallVector<SmallVector<unsigned>> instances;
  SmallVector<unsigned> categoryOf;
};

} // namespace mlir::owl

#endif // OWL_DIALECT_OWL_ANALYSIS_CATEGORIES_H
