//===- Inside.h - A plan that is away from every limit ----------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_ASSIGNMENT_INSIDE_H
#define OWL_LIB_ASSIGNMENT_INSIDE_H

#include "owl/Assignment/Exchange.h"
#include "owl/Assignment/Plan.h"

namespace owl::assignment {

/// A plan in which every device that can gain does, with some time and memory
/// left where the rules have room for that. By `rules` there is one.
Allocation findInside(const Problem &problem, const Rules &rules,
                      Exchange &exchange);

} // namespace owl::assignment

#endif // OWL_LIB_ASSIGNMENT_INSIDE_H
