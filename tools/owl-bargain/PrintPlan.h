//===- PrintPlan.h - A plan for people to read ------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef OWL_TOOLS_OWL_BARGAIN_PRINTPLAN_H
#define OWL_TOOLS_OWL_BARGAIN_PRINTPLAN_H

#include "owl/Assignment/Plan.h"
#include "llvm/Support/raw_ostream.h"

namespace owl::assignment {

/// Prints tables of what each device runs, if that fits a page, and of what it
/// has from it, the prices, and how good the plan is.
void printPlan(llvm::raw_ostream &os, const Problem &problem,
               const Rules &rules, const Plan &plan);

} // namespace owl::assignment

#endif // OWL_TOOLS_OWL_BARGAIN_PRINTPLAN_H
