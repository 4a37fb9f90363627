//===- Shard.h - A participant's part of a problem --------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_SHARD_H
#define OWL_ASSIGNMENT_SHARD_H

#include "owl/Assignment/Exchange.h"
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

/// The rules and the plan for the whole of `problem`, for every participant,
/// from those of all shards.
Rules joinShards(const Problem &problem, const Rules &part, Exchange &exchange);
Plan joinShards(const Problem &problem, const Plan &part, Exchange &exchange);

/// The text of the first participant that has one, for all.
std::string joinTexts(const std::string &part, Exchange &exchange);

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_SHARD_H
