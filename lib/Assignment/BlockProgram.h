//===- BlockProgram.h - Linear programs with logarithms ---------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the interior point method solves. Every question that the game asks is
// of one form, in the allocation s and a level z that all devices share:
//
//   minimise   levelCost * z - sum_i (W_i log u_i + bonus_i U_i(s_i))
//   such that  sum_i s_ik = T_k,  s_ik >= 0
//              u_i = U_i(s_i) - gainOffset_i - gainLevel_i z >= 0
//              timeOffset_i   + timeLevel_i z   - sum_k t_ik s_ik >= 0
//              memoryOffset_i + memoryLevel_i z - sum_k m_k s_ik  >= 0
//
// The Nash product has W_i > 0 and no level. The least makespan has the level
// as the limit of time; max-min fairness has it as the gain of everybody.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_ASSIGNMENT_BLOCKPROGRAM_H
#define OWL_LIB_ASSIGNMENT_BLOCKPROGRAM_H

#include "owl/Assignment/Plan.h"

namespace owl::assignment {

/// One of the three inequalities of each device. All numbers are for the
/// devices of a class together, that is `count` times those of one.
struct BlockRow {
  /// Whether the device has this row.
  bool active = false;
  double offset = 0, level = 0;
};

struct BlockDevice {
  BlockRow gain, time, memory;
  /// W_i: the weight of log(u_i), or 0 where the gain row is an inequality.
  double weight = 0;
  /// What a unit of utility is worth in itself.
  double bonus = 0;
};

struct BlockProgram {
  const Problem &problem;
  /// The devices of `problem`, that is of this participant.
  std::vector<BlockDevice> devices;
  /// Whether there is a level, and what it costs.
  bool hasLevel = false;
  double levelCost = 0;
  /// Where the level starts, a guess of its magnitude.
  double levelStart = 0;

  explicit BlockProgram(const Problem &problem)
      : problem(problem), devices(problem.getNumDevices()) {}

  /// Adds what every plan has to keep: memory, and the deadline if any.
  void addLimits(double deadline);
  /// Adds U_i >= d_i + z * scale_i for device `i`, times its count.
  void addDisagreement(int32_t i, double scale = 0);
  /// Adds U_i >= d_i > 0 for device `i`, but for a little: nothing lies inside
  /// of it where d_i is the most that there is.
  void addPinned(int32_t i);
};

/// The Nash bargaining problem by `rules`.
BlockProgram getNashProgram(const Problem &problem, const Rules &rules);

} // namespace owl::assignment

#endif // OWL_LIB_ASSIGNMENT_BLOCKPROGRAM_H
