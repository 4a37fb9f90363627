//===- Level.h - How high the level of a program can be ---------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_ASSIGNMENT_LEVEL_H
#define OWL_LIB_ASSIGNMENT_LEVEL_H

#include "InteriorPoint.h"
#include <functional>

namespace owl::assignment {

/// A plan, and the best level that it has: not what the method says, but what
/// follows from the plan alone. The worst there is where a row without the
/// level is broken.
struct Leveled {
  Allocation plan;
  double level;
};

/// Takes steps of `method` until the level of a plan is enough, or as good as
/// any. Returns the best one.
Leveled findLevel(const BlockProgram &program, InteriorPoint &method,
                  Exchange &exchange,
                  const std::function<bool(double level)> &isEnough);

} // namespace owl::assignment

#endif // OWL_LIB_ASSIGNMENT_LEVEL_H
