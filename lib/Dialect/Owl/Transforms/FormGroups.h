//===- FormGroups.h - Groups of the ops of a block --------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What owl-fuse does to a block, for other passes.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_DIALECT_OWL_TRANSFORMS_FORMGROUPS_H
#define LIB_DIALECT_OWL_TRANSFORMS_FORMGROUPS_H

#include "owl/Dialect/Owl/IR/MachineModel.h"
#include "owl/Dialect/Owl/IR/Owl.h"

namespace mlir::owl {

/// See the options of owl-fuse.
struct GroupingOptions {
  unsigned maxOps, maxCost;
  EdgesAttr edges;
  const MachineModel &machine;
  /// Whether every op that has loops comes to be in a group.
  bool all = false;
};

/// Puts ops of `block` that are in no group into groups.
void formGroups(Block &block, const GroupingOptions &options);

} // namespace mlir::owl

#endif // LIB_DIALECT_OWL_TRANSFORMS_FORMGROUPS_H
