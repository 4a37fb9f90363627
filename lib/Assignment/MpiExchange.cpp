//===- MpiExchange.cpp - Participants that are processes ------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MPI_Allreduce may add up in any order. So the first process gathers, adds up
// in the order of the ranks, and tells all.
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/MpiExchange.h"
#include <algorithm>
#include <mpi.h>
#include <vector>

using namespace owl::assignment;

/// Numbers that each process sends at a time.
static constexpr int64_t kChunk = 1 << 16;

namespace {
class MpiExchange : public Exchange {
public:
  MpiExchange() {
    MPI_Init(nullptr, nullptr);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
  }
  ~MpiExchange() override { MPI_Finalize(); }

  int getRank() const override { return rank; }
  int getSize() const override { return size; }

protected:
  void reduceAll(double *sums, int64_t numSums, double *minima,
                 int64_t numMinima) override {
    combine(sums, numSums, [](double a, double b) { return a + b; });
    combine(minima, numMinima,
            [](double a, double b) { return std::min(a, b); });
  }

private:
  template <typename Combine>
  void combine(double *values, int64_t count, Combine combine) {
    for (int64_t done = 0; done < count; done += kChunk) {
      const int chunk = std::min(kChunk, count - done);
      double *own = values + done;
      received.resize(rank == 0 ? int64_t(chunk) * size : 0);
      MPI_Gather(own, chunk, MPI_DOUBLE, received.data(), chunk, MPI_DOUBLE, 0,
                 MPI_COMM_WORLD);
      for (int other = 1; rank == 0 && other != size; ++other)
        for (int j = 0; j != chunk; ++j)
          own[j] = combine(own[j], received[int64_t(other) * chunk + j]);
      MPI_Bcast(own, chunk, MPI_DOUBLE, 0, MPI_COMM_WORLD);
    }
  }

  int rank = 0, size = 1;
  std::vector<double> received;
};
} // namespace

std::unique_ptr<Exchange> owl::assignment::joinMpi() {
  return std::make_unique<MpiExchange>();
}
