//===- Pricing.h - What a group takes on a device ---------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A group can be computed in several ways. What it takes is predicted from its
// ops, before there are loops: phases are the reductions that a value waits
// for, and a row is what lies inside of the loops that all of the group shares.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_DIALECT_OWL_ANALYSIS_PRICING_H
#define OWL_DIALECT_OWL_ANALYSIS_PRICING_H

#include "owl/Dialect/Owl/IR/MachineModel.h"
#include "owl/Dialect/Owl/IR/Owl.h"

namespace mlir::owl {

/// How a group is computed: its ops one by one; or fused, where what several
/// phases need is computed again for each of them, kept in rows, or written as
/// whole arrays.
enum class Variant { Unfused, Recompute, Buffer, Materialise };

StringRef stringifyVariant(Variant variant);

/// What a device takes for a group in the way that suits it best. The code for
/// the device decides so again, value by value and by the same figures.
struct Price {
  Variant variant;
  /// Seconds, and how many more it would take for the ops one by one: 0 where
  /// that would be faster, since a group stays one.
  double seconds, saved;
};

/// What `group`, which is on tensors, takes on any device.
class GroupPricing {
public:
  explicit GroupPricing(GroupOp group);

  /// The seconds of `variant` on `machine`; infinite if its cache does not hold
  /// the rows, or its memory the arrays.
  double getTime(Variant variant, const MachineModel &machine) const;

  /// The fastest fused variant, of equals the one that needs the least memory.
  Price choose(const MachineModel &machine) const;

  /// How many bytes fewer go to memory and come from there if the group is
  /// fused, on a device whose cache holds what is kept.
  double getSavedBytes() const;

  /// The bytes that a device holds for the group: those of its results, and of
  /// the constants among its inputs, where their sizes are known.
  double getMemory() const { return memory; }

private:
  /// A value that several phases need.
  struct Kept {
    double uses, count, elementBytes, rowBytes;
  };

  SmallVector<Work> apart;
  Work together;
  /// What recomputation adds.
  Work again;
  SmallVector<Kept> kept;
  double memory = 0;
};

} // namespace mlir::owl

#endif // OWL_DIALECT_OWL_ANALYSIS_PRICING_H
