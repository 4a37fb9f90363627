//===- Check.h - The contract of unikernel-ready objects --------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whether an object can be linked into a kernel that offers nothing.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_TARGET_COMMON_CHECK_H
#define OWL_TARGET_COMMON_CHECK_H

#include "owl/Target/Common/Target.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <string>

namespace mlir::owl {

/// What the stack of an object may take where nobody says otherwise: as much as
/// many kernels give a thread, and what WebAssembly modules of Owl's have.
inline constexpr uint64_t kMaxStackBytes = 64 * 1024;

/// What checkObject found.
struct CheckReport {
  /// One line for each rule that the object breaks.
  SmallVector<std::string> broken;
  /// The deepest stack of any function, in bytes and with everything that it
  /// calls; on x86-64 with the return address. Meaningless where bytes are no
  /// instructions, or a stack is of unknown depth.
  uint64_t deepestStack = 0;
  /// The function that needs it; empty in an object without code.
  std::string deepestFunction;
};

/// Checks `object` rule by rule: a well-formed relocatable ELF file for x86-64
/// or AArch64;
/// no undefined symbol; code, read-only data and nothing else in memory, hence
/// no constructors, no TLS and no unwind tables; no GOT or PLT relocation; no
/// red zone; no AVX or SVE instruction, unless `cpu` with `features` has them;
/// a stack whose depth can be stated and is `maxStack` bytes at most. Fails
/// with a diagnostic, the object unseen, for a CPU or a feature that LLVM does
/// not know.
FailureOr<CheckReport> checkObject(llvm::MemoryBufferRef object, StringRef cpu,
                                   StringRef features, uint64_t maxStack,
                                   EmitErrorFn emitError);

} // namespace mlir::owl

#endif // OWL_TARGET_COMMON_CHECK_H
