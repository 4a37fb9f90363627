//===- Shard.h - A participant's part of a problem --------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_SHARD_H
#define OWL_ASSIGNMENT_SHARD_H

#include "owl/Assignment/Plan.h"

namespace owl::assignment {

/// The first device of participant `rank` of `size`, out of `devices`: runs of
/// devices that differ in length by one at most.
inline int32_t getShardBegin(int32_t devices, int rank, int size) {
  return int64_t(devices) * rank / size;
}

/// What participant `rank` of `size` works on: its devices with the rows that
/// they use, and all categories.
Problem getShard(const Problem &problem, int rank, int size);

/// The rules for the devices of that shard.
Rules getShard(const Rules &rules, int rank, int size);

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_SHARD_H
