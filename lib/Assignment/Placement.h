//===- Placement.h - Whole instances on devices -----------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A plan in whole numbers that is being improved, step by step: an instance
// moves, two change places, or a chain of devices each pass one on. What a
// step is worth is the sum of what it is worth to each device that it touches.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_PLACEMENT_H
#define OWL_ASSIGNMENT_PLACEMENT_H

#include "Score.h"
#include <random>

namespace owl::assignment {

/// An allocation in whole numbers, each device of which is one (`count` is 1).
class Placement {
public:
  /// May take `effort` looks at a device and an instance in all, each of some
  /// ten nanoseconds.
  Placement(const Problem &problem, const Rules &rules, int64_t effort);

  void set(Allocation allocation);
  const Allocation &get() const { return allocation; }
  Score getScore() const;
  /// Whether nothing better is possible but for the product.
  bool isSound() const;

  /// Takes steps for the better until there is none, or no effort is left.
  void improve();
  /// Moves a few instances anywhere.
  void disturb(std::mt19937 &random);
  int64_t getEffort() const { return effort; }
  bool isExhausted() const { return effort <= 0; }

private:
  /// Where an instance of a category can be.
  struct Place {
    int32_t device;
    /// In the rates, and in the allocation.
    int64_t entry, cell;
  };
  /// An instance that one of two devices can give to the other.
  struct Gift {
    Place from, to;
    /// The most that it can add to the product; 0 if not asked for.
    double most;
  };

  Score rate(int32_t i, const Load &load) const;
  double getRoom(int32_t i, const Load &load) const;
  /// `load` with an instance more (or less) at `place`.
  Load add(const Load &load, const Place &place, double step) const;
  Place getPlace(int32_t i, int64_t entry) const;
  /// Where device `i` has category `k`, or nothing.
  std::optional<Place> find(int32_t i, int32_t k) const;
  bool needsHelp(int32_t i) const;

  /// Takes an instance from one place and puts it at another.
  void move(const Place &from, const Place &to);
  void update(int32_t i);
  void setNorm(double newNorm);

  /// Whether to take no further step.
  bool isDone() const { return isExhausted() || (norm != 0 && violators == 0); }
  void descend();
  bool improveByMoves();
  bool improveByMoves(int32_t k);
  bool improveBySwaps();
  bool improveBySwaps(int32_t i, int32_t j);
  std::vector<Gift> getGifts(int32_t from, int32_t to, bool isSmooth);
  double getSlope(int32_t i) const;
  bool improveByChains();
  bool improveByChain(int32_t first, std::vector<char> &isTried);

  const Problem &problem;
  const Rules &rules;
  Judge judge;
  int64_t effort;
  /// The places of each category: those of k are from columns[k] on.
  std::vector<int64_t> columns;
  std::vector<Place> places;

  /// Where room is wanted, whatever else it costs: see getRoom. Else 0.
  double norm = 0;
  Allocation allocation;
  std::vector<Load> loads;
  std::vector<Score> scores;
  /// Which devices exceed a limit or lose, and how many.
  std::vector<char> violates;
  int32_t violators = 0;
  /// The entries of which each device has an instance.
  std::vector<std::vector<int64_t>> held;
};

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_PLACEMENT_H
