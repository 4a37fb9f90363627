//===- Exchange.h - How participants add up their numbers -------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every solver is one program that R participants run, each on a shard of the
// devices. All that they know of each other is what they exchange here. A
// participant is a thread (runShards) or a process (MpiExchange).
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_EXCHANGE_H
#define OWL_ASSIGNMENT_EXCHANGE_H

#include <cstdint>
#include <functional>

namespace owl::assignment {

class Exchange {
public:
  virtual ~Exchange() = default;

  virtual int getRank() const = 0;
  virtual int getSize() const = 0;

  /// Replaces each of the numbers in `sums` by its sum over all participants,
  /// and each of those in `minima` by the least, the same bits for each of
  /// them. Each call is one round.
  void reduce(double *sums, int64_t numSums, double *minima,
              int64_t numMinima) {
    ++rounds;
    reduceAll(sums, numSums, minima, numMinima);
  }
  void sum(double *values, int64_t count) { reduce(values, count, nullptr, 0); }
  void min(double *values, int64_t count) { reduce(nullptr, 0, values, count); }

  /// Calls of the three above.
  int64_t getRounds() const { return rounds; }

protected:
  virtual void reduceAll(double *sums, int64_t numSums, double *minima,
                         int64_t numMinima) = 0;

private:
  int64_t rounds = 0;
};

/// Alone: every sum is its own.
class SoleParticipant : public Exchange {
public:
  int getRank() const override { return 0; }
  int getSize() const override { return 1; }

protected:
  void reduceAll(double *, int64_t, double *, int64_t) override {}
};

/// Runs `body` on `threads` threads of this process, each with its own
/// Exchange; returns after all of them. Sums are in the order of the ranks.
void runShards(int threads, const std::function<void(Exchange &)> &body);

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_EXCHANGE_H
