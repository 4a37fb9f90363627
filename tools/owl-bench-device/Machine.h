//===- Machine.h - What runs probes -----------------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where probes run: in this process, in Node, or in an image under QEMU.
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_OWL_BENCH_DEVICE_MACHINE_H
#define TOOLS_OWL_BENCH_DEVICE_MACHINE_H

#include "Probes.h"
#include "mlir/IR/MLIRContext.h"
#include "owl/Pipelines/Compile.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace mlir::owl {

/// How many seconds a program may take for what is asked of it.
constexpr unsigned kSilence = 60;

class Machine {
public:
  virtual ~Machine() = default;

  /// The seconds that `calls` calls of probe number `probe` take, one after the
  /// other.
  virtual llvm::Expected<double> time(unsigned probe, unsigned calls) = 0;

  /// The bytes of memory that models have, or 0 where the system knows.
  virtual uint64_t getMemory() const { return 0; }
};

/// Each is null after a diagnostic. `target` has a name of the table.
std::unique_ptr<Machine> createHostMachine(llvm::ArrayRef<Probe> probes,
                                           MLIRContext &context);
std::unique_ptr<Machine> createNodeMachine(llvm::ArrayRef<Probe> probes,
                                           const TargetRequest &target,
                                           MLIRContext &context);
std::unique_ptr<Machine> createImageMachine(llvm::ArrayRef<Probe> probes,
                                            const TargetRequest &target,
                                            MLIRContext &context);

/// Whether this machine runs an image of that architecture by itself, so that
/// QEMU need not emulate a processor.
bool hasVirtualization(bool isX86);

/// Compiles `probes` for `target`, and writes what they become to a temporary
/// file. Fails with one diagnostic.
FailureOr<std::string> compileProbes(llvm::ArrayRef<Probe> probes,
                                     const TargetRequest &target, Emit emit,
                                     MLIRContext &context);

/// A module of `probes`. Null after a diagnostic.
OwningOpRef<ModuleOp> parseProbes(llvm::ArrayRef<Probe> probes,
                                  MLIRContext &context);

} // namespace mlir::owl

#endif // TOOLS_OWL_BENCH_DEVICE_MACHINE_H
