//===- Measure.h - From times to a machine model ----------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which probes show what, and what their times say of a machine.
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_OWL_BENCH_DEVICE_MEASURE_H
#define TOOLS_OWL_BENCH_DEVICE_MEASURE_H

#include "Machine.h"
#include "System.h"
#include "owl/Dialect/Owl/IR/MachineModel.h"

namespace mlir::owl {

/// A figure and how far the middle half of its samples is apart, as a part of
/// it.
struct Figure {
  double value = 0, spread = 0;
};

/// The figures of a machine model that time shows.
struct Figures {
  Figure bandwidth, flops, transcendentals, launch;
};

/// The probes for a machine with these caches and as much memory, in bytes.
SmallVector<Probe> getProbes(const CacheSizes &caches, uint64_t memory);

/// Lets `machine` run what getProbes gave, in rounds, until figures do not
/// change any more or `seconds` are over; three rounds at least.
llvm::Expected<Figures> measure(Machine &machine, llvm::ArrayRef<Probe> probes,
                                double seconds);

} // namespace mlir::owl

#endif // TOOLS_OWL_BENCH_DEVICE_MEASURE_H
