//===- Collapse.h - Devices that are alike ----------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nobody can tell devices apart that are alike in everything but their names,
// and by symmetry each gets the same. A solver need only see one of them with
// their number.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_COLLAPSE_H
#define OWL_ASSIGNMENT_COLLAPSE_H

#include "owl/Assignment/Plan.h"

namespace owl::assignment {

struct Collapsed {
  /// A device for each class, in the order of their first members, with its
  /// name.
  Problem problem;
  /// The class of each device.
  std::vector<int32_t> classOf;

  /// What `rules` for the classes are for the devices of `original`.
  Rules expand(const Rules &rules) const;
  /// What a plan for the classes is for the devices of `original`.
  Plan expand(const Problem &original, const Plan &plan) const;
};

/// `problem` is valid.
Collapsed collapse(const Problem &problem);

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_COLLAPSE_H
