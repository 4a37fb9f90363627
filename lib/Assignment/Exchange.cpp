//===- Exchange.cpp - Participants that are threads -----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Threads exchange in place: when all have shown their arrays, each combines
// its slice of the numbers over all arrays, in the order of the ranks, and
// writes the result into each of them.
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Exchange.h"
#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

using namespace owl::assignment;

namespace {

/// What the threads share.
struct Meeting {
  explicit Meeting(int size) : size(size), sums(size), minima(size) {}

  /// Returns when all have called it.
  void wait() {
    std::unique_lock<std::mutex> lock(mutex);
    const int64_t mine = turn;
    if (++arrived == size) {
      arrived = 0;
      ++turn;
      all.notify_all();
      return;
    }
    all.wait(lock, [&] { return turn != mine; });
  }

  const int size;
  /// The arrays of each rank.
  std::vector<double *> sums, minima;

private:
  std::mutex mutex;
  std::condition_variable all;
  int arrived = 0;
  int64_t turn = 0;
};

class ThreadExchange : public Exchange {
public:
  ThreadExchange(Meeting &meeting, int rank) : meeting(meeting), rank(rank) {}

  int getRank() const override { return rank; }
  int getSize() const override { return meeting.size; }

protected:
  void reduceAll(double *sums, int64_t numSums, double *minima,
                 int64_t numMinima) override {
    meeting.sums[rank] = sums;
    meeting.minima[rank] = minima;
    meeting.wait();
    combine(meeting.sums, numSums, [](double a, double b) { return a + b; });
    combine(meeting.minima, numMinima,
            [](double a, double b) { return std::min(a, b); });
    meeting.wait();
  }

private:
  template <typename Combine>
  void combine(const std::vector<double *> &arrays, int64_t count,
               Combine combine) {
    const int64_t end = count * (rank + 1) / meeting.size;
    for (int64_t j = count * rank / meeting.size; j != end; ++j) {
      double value = arrays[0][j];
      for (int r = 1; r != meeting.size; ++r)
        value = combine(value, arrays[r][j]);
      for (double *array : arrays)
        array[j] = value;
    }
  }

  Meeting &meeting;
  const int rank;
};

} // namespace

void owl::assignment::runShards(int threads,
                                const std::function<void(Exchange &)> &body) {
  if (threads <= 1) {
    SoleParticipant alone;
    return body(alone);
  }
  Meeting meeting(threads);
  std::vector<std::thread> others;
  auto run = [&](int rank) {
    ThreadExchange exchange(meeting, rank);
    body(exchange);
  };
  for (int rank = 1; rank != threads; ++rank)
    others.emplace_back(run, rank);
  run(0);
  for (std::thread &other : others)
    other.join();
}
