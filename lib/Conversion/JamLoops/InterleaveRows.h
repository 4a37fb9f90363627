//===- InterleaveRows.h - Short rows side by side ---------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A row that registers hold is normalised in straight code, in which each phase
// waits for the lanes of the one before to be combined:
//
//   for row { x = load; m = max(lanes of x); e = exp(x - m); s = sum(lanes of
//   e)
//             store e / s }
//
// and a processor sees too little of the next row to fill the time. So a few
// rows go through that code side by side, op by op.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_JAMLOOPS_INTERLEAVEROWS_H
#define OWL_CONVERSION_JAMLOOPS_INTERLEAVEROWS_H

#include "mlir/Dialect/Affine/IR/AffineOps.h"

namespace mlir::owl {

/// Whether an iteration of `loop` is straight code that waits for its own
/// results again and again: it combines lanes, and computes with all of them
/// what it makes of that; or it compares, and has no functions, whose own code
/// is long enough.
bool waitsForLanes(affine::AffineForOp loop);

/// Keeps in registers what one phase of `loop`, which is straight code, stores
/// for the next, and drops buffers that are no longer needed.
void forwardStores(affine::AffineForOp loop);

/// Makes one of `factor` iterations of `loop`, which can run side by side and
/// have no loops inside: each op is followed by its copies, or they are packed
/// (PackRows.h). What remains of the iterations is another loop.
void interleave(affine::AffineForOp loop, unsigned factor);

} // namespace mlir::owl

#endif // OWL_CONVERSION_JAMLOOPS_INTERLEAVEROWS_H
