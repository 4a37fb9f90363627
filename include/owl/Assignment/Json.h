//===- Json.h - Problems and plans as JSON ----------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   { "devices": [ {"name": "rpi4", "weight": 1, "disagreement": 0,
//                   "memory": 4e9, "count": 1} ],
//     "categories": [ {"name": "softmax", "count": 12, "memory": 1e6} ],
//     "gain": [[...]], "time": [[...]], "saved_bytes": [[...]],
//     "saturation": [[...]] }
//
// See docs/bargain.md. The only part of Assignment that needs LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_JSON_H
#define OWL_ASSIGNMENT_JSON_H

#include "owl/Assignment/Plan.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace owl::assignment {

/// What devices want, as users choose it.
enum class Goal {
  /// Linear in "gain".
  Capped,
  /// Linear in "saved_bytes".
  SavedBytes,
  /// Diminishing in "gain", by "saturation" or else by what there is at most.
  Diminishing,
};

/// The problem that `text` describes. An error says where it is wrong, as in
/// `devices[2].weight`, and what was expected. The result is of the right
/// shape, but not yet valid: see Problem::validate.
llvm::Expected<Problem> readProblem(llvm::StringRef text, Goal goal);

llvm::StringRef getName(Status status);

/// Writes a plan with what it means for each device. A row of the allocation
/// has a number for each category, 0 where the device cannot run it.
void writePlan(llvm::raw_ostream &os, const Problem &problem,
               const Rules &rules, const Plan &plan);

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_JSON_H
