//===- Probes.h - Models that show what a machine can do --------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small models, each of which does one of the things that a machine model has
// a figure for, and next to nothing else. They are compiled as any model is: a
// device is measured by the loops that will run on it.
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_OWL_BENCH_DEVICE_PROBES_H
#define TOOLS_OWL_BENCH_DEVICE_PROBES_H

#include <cstdint>
#include <string>
#include <vector>

namespace mlir::owl {

/// A function of one tensor<NxNxf32> or tensor<Nxf32> with a result of the same
/// type.
struct Probe {
  std::string name;
  /// The function in MLIR.
  std::string text;
  /// The bytes of its argument, and of its result.
  uint64_t arrayBytes;
  /// How many bytes, additions, exponentials or loop nests one call is.
  double work;
};

/// Reads an array of `arrayBytes` and writes another; its work is the bytes of
/// both.
Probe getStream(std::string name, uint64_t arrayBytes);
/// Adds, on an array of `arrayBytes`.
Probe getAdditions(uint64_t arrayBytes);
/// Exponentials, on an array of `arrayBytes`.
Probe getExponentials(uint64_t arrayBytes);
/// `count` loop nests one after the other, on next to no data.
Probe getLaunches(std::string name, unsigned count);

} // namespace mlir::owl

#endif // TOOLS_OWL_BENCH_DEVICE_PROBES_H
