//===- WorkspacePlan.cpp - Buffers share memory by lifetime ---------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See WorkspacePlan.h.
//
//===----------------------------------------------------------------------===//

#include "owl/Conversion/CInterface/WorkspacePlan.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace mlir;
using namespace mlir::owl;
using llvm::ArrayRef;
using llvm::SmallVector;

WorkspacePlan owl::placeFirstFit(ArrayRef<PlannedBuffer> buffers,
                                 ArrayRef<unsigned> order) {
  WorkspacePlan plan;
  plan.offsets.resize(buffers.size());
  auto getEnd = [&](unsigned i) {
    return llvm::SaturatingAdd(plan.offsets[i], buffers[i].size);
  };
  // What is placed, in order of offset.
  SmallVector<unsigned> placed;
  for (unsigned i : order) {
    uint64_t offset = 0;
    for (unsigned other : placed) {
      if (!buffers[i].lifetime.overlaps(buffers[other].lifetime))
        continue;
      if (llvm::SaturatingAdd(offset, buffers[i].size) <= plan.offsets[other])
        break;
      offset = std::max(offset, getEnd(other));
    }
    plan.offsets[i] = offset;
    plan.size = std::max(plan.size, getEnd(i));
    placed.insert(llvm::upper_bound(placed, offset,
                                    [&](uint64_t offset, unsigned other) {
                                      return offset < plan.offsets[other];
                                    }),
                  i);
  }
  return plan;
}

/// The indices of `buffers` by decreasing `key`; of equal ones the first goes
/// first.
template <typename KeyFn>
static SmallVector<unsigned> orderBy(ArrayRef<PlannedBuffer> buffers,
                                     KeyFn key) {
  auto keys = llvm::map_to_vector(buffers, key);
  auto order = llvm::to_vector(llvm::seq<unsigned>(0, buffers.size()));
  llvm::sort(order, [&](unsigned lhs, unsigned rhs) {
    return keys[lhs] != keys[rhs] ? keys[lhs] > keys[rhs] : lhs < rhs;
  });
  return order;
}

SmallVector<unsigned> owl::orderBySize(ArrayRef<PlannedBuffer> buffers) {
  return orderBy(buffers, [](const PlannedBuffer &b) { return b.size; });
}

/// How much lives at each position.
static SmallVector<uint64_t> getLoads(ArrayRef<PlannedBuffer> buffers) {
  SmallVector<uint64_t> loads;
  for (const PlannedBuffer &buffer : buffers) {
    auto [first, last] = buffer.lifetime;
    if (last >= loads.size())
      loads.resize(last + 1);
    for (unsigned position = first; position <= last; ++position)
      loads[position] = llvm::SaturatingAdd(loads[position], buffer.size);
  }
  return loads;
}

static uint64_t getMost(ArrayRef<uint64_t> loads) {
  return loads.empty() ? 0 : *llvm::max_element(loads);
}

uint64_t owl::getLowerBound(ArrayRef<PlannedBuffer> buffers) {
  return getMost(getLoads(buffers));
}

WorkspacePlan owl::planWorkspace(ArrayRef<PlannedBuffer> buffers) {
  SmallVector<uint64_t> loads = getLoads(buffers);
  uint64_t bound = getMost(loads);
  auto getLength = [](const PlannedBuffer &b) -> uint64_t {
    return b.lifetime.last - b.lifetime.first + 1;
  };
  // Where memory is short, it is filled first.
  auto getPressure = [&](const PlannedBuffer &b) {
    return *std::max_element(&loads[b.lifetime.first],
                             &loads[b.lifetime.last] + 1);
  };
  WorkspacePlan best = placeFirstFit(buffers, orderBySize(buffers));
  auto improve = [&](auto key) {
    if (best.size == bound)
      return;
    WorkspacePlan plan = placeFirstFit(buffers, orderBy(buffers, key));
    if (plan.size < best.size)
      best = std::move(plan);
  };
  improve([&](const PlannedBuffer &b) {
    return std::make_pair(getPressure(b), b.size);
  });
  improve([&](const PlannedBuffer &b) {
    return llvm::SaturatingMultiply(b.size, getLength(b));
  });
  improve(getLength);
  improve([](const PlannedBuffer &b) { return ~b.lifetime.first; });
  return best;
}
