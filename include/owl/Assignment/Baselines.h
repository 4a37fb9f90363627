//===- Baselines.h - Other ways to share out work ---------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a bargain is compared with. Those that are named for a heuristic do what
// it does, and so keep no limit that it does not know.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_BASELINES_H
#define OWL_ASSIGNMENT_BASELINES_H

#include "owl/Assignment/TaskGraph.h"

namespace owl::assignment {

//===----------------------------------------------------------------------===//
// In whole instances, of devices that are each one (`count` is 1)
//===----------------------------------------------------------------------===//

/// One instance after the other to the next device that can run it.
Allocation placeRoundRobin(const Problem &problem);

/// The longest instances first (by the device that is fastest for them), each
/// to the device that would be done with it first. Needs times. Of a category
/// with more than a thousand instances, the thousandth part at a time.
Allocation placeLongestFirst(const Problem &problem);
/// The seconds that the last device takes then: whole instances may need more
/// time than parts of them do.
double getWholeMakespan(const Problem &problem, const Rules &rules);

struct Schedule {
  /// Where each task runs.
  TaskPlan device;
  /// Seconds from the start of the first task to the end of the last.
  double makespan = 0;
};

/// Heterogeneous earliest finish time (Topcuoglu, Hariri and Wu 2002): tasks in
/// descending order of the mean time from their start to the end of all, each
/// where and when it is done first, in a gap between others too. What nodes
/// that stay make is there from the start. A value does not make tasks wait
/// that come before its maker. Needs times, and for each task a device that can
/// run it.
Schedule placeByHeft(const Problem &problem, const TaskGraph &graph);

/// The same for instances none of which waits for another, in parcels as above.
Allocation placeByHeft(const Problem &problem);

//===----------------------------------------------------------------------===//
// In fractions, under the limits of `rules`, with U_i >= d_i for all
//===----------------------------------------------------------------------===//

/// The largest sum w_i U_i. Nothing where the method does not converge.
std::optional<Allocation> placeUtilitarian(const Problem &problem,
                                           const Rules &rules);

/// The largest least (U_i - d_i) / w_i of the devices that are not pinned.
/// Nothing where the method does not converge.
std::optional<Allocation> placeMaxMin(const Problem &problem,
                                      const Rules &rules);

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_BASELINES_H
