//===- MachineModel.h - How fast a device is --------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a device takes to do the work of a group. A group that reads and writes
// `bytes` takes
//
//   t = launches L + max(bytes / B, flops / F + calls / X)
//
// seconds: memory and arithmetic overlap, arithmetic and functions do not. As
// many bytes as a cache holds are in that cache, where the ops before have left
// them, and B is that of the cache.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_DIALECT_OWL_IR_MACHINEMODEL_H
#define OWL_DIALECT_OWL_IR_MACHINEMODEL_H

#include "mlir/IR/Diagnostics.h"

namespace mlir::owl {
class DeviceOp;

/// What is to be done.
struct Work {
  unsigned launches = 0;
  /// Bytes that go to memory or come from there.
  double bytes = 0;
  /// Arithmetic ops on elements, and calls of functions such as exp.
  double flops = 0, calls = 0;

  Work &operator+=(const Work &other) {
    launches += other.launches;
    bytes += other.bytes;
    flops += other.flops;
    calls += other.calls;
    return *this;
  }
};

/// One core of a device.
struct MachineModel {
  /// Bytes a second to and from memory (B), additions of f32 a second (F),
  /// exponentials of f32 a second (X), and seconds to start a loop nest (L).
  double bandwidth, flops, transcendentals, launch;
  /// Bytes of the first cache, of the last one that a core has for itself (C),
  /// and of memory (M).
  uint64_t firstCache, cache, memory;

  /// What of the caches is kept by a loop nest that other data goes through.
  uint64_t getFirstCacheShare() const { return firstCache / 4; }
  uint64_t getCacheShare() const { return cache / 4; }

  /// Bytes a second to and from where so many bytes are: a cache, or memory.
  double getBandwidth(double bytes) const;

  /// The seconds that `work` takes.
  double getTime(const Work &work) const;

  /// The model of what `target`, the name of one, usually runs on. Fails with a
  /// diagnostic for an unknown name.
  static FailureOr<MachineModel>
  get(StringRef target, function_ref<InFlightDiagnostic()> emitError);

  /// The same, with figures of an owl.device behind the name that replace those
  /// of the model: "x86_64:bandwidth=4e10:flops=1.2e11". Fails with a
  /// diagnostic also for other figures, and for those that are not above 0.
  static FailureOr<MachineModel>
  parse(StringRef machine, function_ref<InFlightDiagnostic()> emitError);

  /// What parse() makes the model of `device` of.
  static std::string format(DeviceOp device);

  /// The model of `device`, which has been verified: what it says, and the rest
  /// from the model of its target.
  static MachineModel get(DeviceOp device);
};

/// A machine whose model is known without measuring it.
struct KnownMachine {
  /// What each figure is from, in words: a data sheet, a manual, a benchmark,
  /// or that it is an estimate.
  struct Sources {
    StringRef bandwidth, flops, transcendentals, launch, cache, memory;
  };

  /// A target, the CPU as LLVM calls it, and the board that has it.
  StringRef target, cpu, board;
  MachineModel model;
  Sources sources;

  /// All that are known. The first one of a target is what MachineModel::get
  /// takes for it.
  static ArrayRef<KnownMachine> getAll();

  /// The first one of `target`, and of `cpu` where it is not empty. Null if
  /// there is none.
  static const KnownMachine *find(StringRef target, StringRef cpu = "");
};

} // namespace mlir::owl

#endif // OWL_DIALECT_OWL_IR_MACHINEMODEL_H
