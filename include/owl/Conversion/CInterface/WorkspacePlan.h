//===- WorkspacePlan.h - Buffers share memory by lifetime -------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes and lifetimes in, offsets out. Knows nothing of the IR, so that it can
// be tested alone.
//
// Packing intervals into the least memory is NP-hard ("dynamic storage
// allocation"). First-fit in order of decreasing size is within a few percent
// of the best on what models need.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_CINTERFACE_WORKSPACEPLAN_H
#define OWL_CONVERSION_CINTERFACE_WORKSPACEPLAN_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace mlir::owl {

/// The positions of a program between which something is needed, both included.
/// Positions count from 0: memory is used for each.
struct Lifetime {
  unsigned first = 0, last = 0;

  bool overlaps(Lifetime other) const {
    return first <= other.last && other.first <= last;
  }
};

/// A buffer to be placed. All sizes are in the same unit.
struct PlannedBuffer {
  uint64_t size = 0;
  Lifetime lifetime;
};

/// Where each buffer lies. Sums that do not fit saturate, so that `size` is
/// then the largest number.
struct WorkspacePlan {
  llvm::SmallVector<uint64_t> offsets;
  /// The end of the last buffer.
  uint64_t size = 0;
};

/// Places the buffers in `order`, a permutation of their indices, each at the
/// lowest offset where it overlaps none that was placed before and lives at the
/// same time. Takes time quadratic in their number.
WorkspacePlan placeFirstFit(llvm::ArrayRef<PlannedBuffer> buffers,
                            llvm::ArrayRef<unsigned> order);

/// The indices of `buffers` in order of decreasing size; of equal ones the
/// first goes first.
llvm::SmallVector<unsigned> orderBySize(llvm::ArrayRef<PlannedBuffer> buffers);

/// The smallest plan that first-fit finds in a few orders, of which one is by
/// size. Deterministic.
WorkspacePlan planWorkspace(llvm::ArrayRef<PlannedBuffer> buffers);

/// The most that lives at one position: no plan is smaller.
uint64_t getLowerBound(llvm::ArrayRef<PlannedBuffer> buffers);

} // namespace mlir::owl

#endif // OWL_CONVERSION_CINTERFACE_WORKSPACEPLAN_H
