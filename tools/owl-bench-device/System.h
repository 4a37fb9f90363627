//===- System.h - What the system says of its machine -----------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes that nobody has to measure, and whether it is this machine at all that
// runs this program.
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_OWL_BENCH_DEVICE_SYSTEM_H
#define TOOLS_OWL_BENCH_DEVICE_SYSTEM_H

#include <cstdint>
#include <string>

namespace mlir::owl {

/// In bytes: the first cache for data, the last one that a core has for itself,
/// and the largest one. 0 for what the system does not tell.
struct CacheSizes {
  uint64_t first = 0, own = 0, last = 0;
};
CacheSizes getCacheSizes();

/// The bytes of memory, or 0 if the system does not tell.
uint64_t getMemoryBytes();

/// The program that emulates the processor for this one, such as qemu-aarch64;
/// empty if there is none.
std::string getEmulator();

} // namespace mlir::owl

#endif // TOOLS_OWL_BENCH_DEVICE_SYSTEM_H
