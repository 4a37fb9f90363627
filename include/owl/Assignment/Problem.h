//===- Problem.h - Devices, categories and what they gain -------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The market that devices bargain in. There are N devices and K categories of
// subgraphs; T_k instances of category k have to be placed, and s_ik of them
// are placed on device i:
//
//   maximise   sum_i w_i log(U_i(s_i) - d_i)
//   such that  s_ik >= 0,  sum_i s_ik = T_k,  U_i(s_i) >= d_i,
//              sum_k m_k s_ik <= M_i,  sum_k t_ik s_ik <= tau
//
// See docs/bargain.md.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_PROBLEM_H
#define OWL_ASSIGNMENT_PROBLEM_H

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace owl::assignment {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

/// What a device makes of what it is given.
enum class Utility {
  /// sum_k v_ik s_ik: the gain of each instance times the instances.
  Linear,
  /// sum_k v_ik c_ik log(1 + s_ik / c_ik): the more of one category, the less
  /// another instance of it is worth.
  Diminishing,
};

/// A device, or `count` devices that are alike in everything.
struct Device {
  std::string name;
  /// How many there are. An allocation is of all of them together; utilities,
  /// the weight, the disagreement and the memory are each one's.
  double count = 1;
  /// Bargaining power w_i, positive.
  double weight = 1;
  /// Utility d_i before anything is distributed.
  double disagreement = 0;
  /// Memory M_i, in the unit of Category::memory.
  double memory = kUnlimited;
  /// Which of the rows of Rates is this device's. Several may share one.
  int32_t row = 0;
};

struct Category {
  std::string name;
  /// Instances T_k to place, a whole number.
  double count = 0;
  /// What an instance takes of a device's memory (m_k).
  double memory = 0;
};

/// A sparse matrix in rows: what each kind of device gets from, and takes for,
/// an instance of each category that it can run.
struct Rates {
  /// Where each row starts in the arrays below, and at last their length.
  std::vector<int64_t> start = {0};
  /// The categories of a row, in ascending order.
  std::vector<int32_t> category;
  /// What an instance is worth there (v_ik, at least 0).
  std::vector<double> gain;
  /// Seconds that an instance takes there (t_ik, at least 0); empty where time
  /// is not limited.
  std::vector<double> time;
  /// c_ik > 0 of a diminishing utility, in instances; else empty.
  std::vector<double> saturation;

  int32_t getNumRows() const { return start.size() - 1; }
};

struct Problem {
  std::vector<Device> devices;
  std::vector<Category> categories;
  Rates rates;
  Utility utility = Utility::Linear;
  /// By how much the slowest device may finish later than in the fastest plan:
  /// tau = (1 + slack) * the least makespan. Infinite: no limit.
  double slack = 0.1;

  int32_t getNumDevices() const { return devices.size(); }
  int32_t getNumCategories() const { return categories.size(); }
  /// The first entry of device `i` in the arrays of `rates`, and that after its
  /// last.
  int64_t begin(int32_t i) const { return rates.start[devices[i].row]; }
  int64_t end(int32_t i) const { return rates.start[devices[i].row + 1]; }
  /// The entry of category `k` in the row of device `i`, if that can run it.
  std::optional<int64_t> find(int32_t i, int32_t k) const;
  bool isTimed() const { return !rates.time.empty() && slack != kUnlimited; }
  bool isMemoryLimited() const;

  /// What is wrong with the problem, in one sentence that names the device or
  /// category, or nothing. Numbers other than 0 have to be of a size from 1e-30
  /// to 1e30.
  std::optional<std::string> validate() const;

  /// U_i of device `i` for what `instances` (one per entry of its row, for all
  /// of its count together) give to each one.
  double getUtility(int32_t i, const double *instances) const;
  /// The seconds that each of device `i`'s takes for `instances`.
  double getTime(int32_t i, const double *instances) const;
  /// The memory that each of device `i`'s takes for `instances`.
  double getMemory(int32_t i, const double *instances) const;
};

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_PROBLEM_H
