//===- Target.h - Code generation targets -----------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of targets, and the path from the LLVM dialect to object code that
// they share.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_TARGET_COMMON_TARGET_H
#define OWL_TARGET_COMMON_TARGET_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>
#include <string>

namespace llvm {
class MCSubtargetInfo;
} // namespace llvm

namespace mlir::owl {

/// Where errors about something that has no location in a module are reported.
using EmitErrorFn = function_ref<InFlightDiagnostic()>;

/// What a `--target` name stands for, or a `--triple` with its options.
struct TargetSpec {
  /// The name in the table, or the triple.
  std::string name;
  std::string triple;
  /// LLVM's name of the CPU; empty for the triple's generic one.
  std::string cpu;
  /// LLVM's feature string, "+simd128,+bulk-memory".
  std::string features;
  /// A freestanding target: no red zone, the contract of `--check`.
  bool isUnikernel = false;

  bool isWasm() const;
  /// Bits of `index` and of pointers: 32 on wasm32, else 64.
  unsigned indexBits() const;
};

/// How a user names a target. An empty string means that nothing was said.
struct TargetRequest {
  /// A name of the table. Excludes `triple`.
  std::string name;
  std::string triple;
  /// Replaces the CPU of the table; "native" is this machine's, with all its
  /// features.
  std::string cpu;
  /// Comma-separated `+feature` and `-feature`, added to the target's own.
  std::string features;
};

/// Facts about a target that decide how a model is lowered for it. The passes
/// have the same defaults.
struct TargetTraits {
  /// Width of the vector registers.
  unsigned vectorBits = 256;
  /// How many vector registers a loop may work on at once: 1 for short code.
  unsigned stripRegisters = 4;
  /// How many bytes the buffers between phases may take on the stack of a
  /// function; others are in the workspace.
  unsigned stackBytes = 16384;
  /// Results of at least this many bytes are stored past the caches; 0 for
  /// targets that have no such stores, or gain nothing.
  uint64_t nonTemporalBytes = 0;
  /// How many bytes ahead inputs that the last cache holds, but not the L2
  /// cache, are fetched; 0 for targets that see by themselves what is read
  /// next, also from memory.
  unsigned prefetchBytes = 0;
  /// The same for inputs that no cache holds, alone and beside results that are
  /// stored past the caches, and into which cache the former are fetched, 1 or
  /// 2; the latter always into the second.
  unsigned farPrefetchBytes = 2048, streamedPrefetchBytes = 8192;
  unsigned farPrefetchCache = 2;
  /// The name of the machine model: see
  /// owl/Dialect/Owl/IR/MachineModel.h.
  StringRef machine = "x86_64";
  /// Bits of `index`.
  unsigned indexBits = 64;
  /// A fused multiply-add instruction for f32 and f64.
  bool hasFMA = false;
  /// Instructions for floor, ceil, trunc and round to even.
  bool hasRounding = false;
  /// Instructions between f16 and f32.
  bool hasF16Conversion = false;
  /// Maxima and minima of f32 and f64 that propagate NaN.
  bool hasExtremes = false;
};

/// The named targets: x86_64, aarch64, wasm32, unikernel-x86_64,
/// unikernel-aarch64 and host. Null for an unknown name.
std::unique_ptr<TargetSpec> getTarget(StringRef name);

/// The names that getTarget knows, in the order of the documentation.
ArrayRef<StringRef> getTargetNames();

/// The target that `request` names. Fails with one diagnostic for a name that
/// is not in the table, a name together with a triple, neither of the two, and
/// a native CPU of another architecture.
FailureOr<TargetSpec> resolveTarget(const TargetRequest &request,
                                    EmitErrorFn emitError);

/// The instruction set of `spec`. Fails with one diagnostic for a triple, a CPU
/// or a feature that LLVM does not know or that Owl cannot generate code for.
std::unique_ptr<llvm::MCSubtargetInfo>
createSubtargetInfo(const TargetSpec &spec, EmitErrorFn emitError);

/// A target machine at -O3 for `spec`. Fails as createSubtargetInfo does.
std::unique_ptr<llvm::TargetMachine> createTargetMachine(const TargetSpec &spec,
                                                         EmitErrorFn emitError);

/// What the pipeline must know of `machine`.
TargetTraits getTraits(const llvm::TargetMachine &machine);

/// Notes the triple and the data layout of `machine` on `module`, where the
/// conversions to the LLVM dialect look for them.
void setTargetAttributes(ModuleOp module, const llvm::TargetMachine &machine);

/// Translates a module in the LLVM dialect and runs LLVM's -O3 pipeline on it.
/// The result calls nothing: functions are marked "no-builtins". The functions
/// that are not internal, the C interface, stay; everything else may go. Null
/// after a diagnostic.
std::unique_ptr<llvm::Module> translateToLLVM(ModuleOp module,
                                              llvm::LLVMContext &context,
                                              const TargetSpec &spec,
                                              llvm::TargetMachine &machine);

/// Writes object code or assembly for `module`. Fails with one diagnostic when
/// the code generator refuses, and when object code needs a symbol that it does
/// not define: nothing is written then.
LogicalResult emitMachineCode(llvm::Module &module,
                              llvm::TargetMachine &machine,
                              llvm::CodeGenFileType type,
                              llvm::raw_pwrite_stream &os,
                              EmitErrorFn emitError);

} // namespace mlir::owl

#endif // OWL_TARGET_COMMON_TARGET_H
