//===- Unikernel.h - Images that boot by themselves -------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes a kernel of a model: its functions get a table through which they can
// be called without knowing their types, and are linked with Owl's own start-up
// code, which serves calls over the serial port (docs/unikernel.md). On Linux
// the same is a program, which serves calls over standard input and output.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_TARGET_UNIKERNEL_UNIKERNEL_H
#define OWL_TARGET_UNIKERNEL_UNIKERNEL_H

#include "owl/Target/Common/Signature.h"
#include "owl/Target/Common/Target.h"
#include "llvm/IR/Module.h"

namespace mlir::owl {

/// The symbol of the table that addDispatchTable defines. No function of a
/// model can be called so: C has no dots in names.
inline constexpr llvm::StringLiteral dispatchTableSymbol = "owl.functions";

/// Adds to `module`, which defines the `functions`, a constant that describes
/// each of them and points to its adapters (owl/Target/Common/Adapters.h). Its
/// layout is that of `struct FunctionTable` in
/// lib/Target/Unikernel/Startup/Kernel.h.
void addDispatchTable(ArrayRef<FunctionSignature> functions,
                      llvm::Module &module);

/// Whether there is start-up code for `spec`: for x86-64 and AArch64, on bare
/// metal and on Linux.
bool hasImages(const TargetSpec &spec);

/// Links `object`, a model with its dispatch table, and the start-up code for
/// `spec`, which has images, in this process. Fails with one diagnostic where
/// the linker objects. lld registers options named `mcpu`
/// and `mattr` with LLVM's command line, and sets all options there back to
/// their defaults: a tool that has some must have read them, and must have
/// removed its own of these names.
LogicalResult linkImage(StringRef object, const TargetSpec &spec,
                        SmallVectorImpl<char> &image, EmitErrorFn emitError);

} // namespace mlir::owl

#endif // OWL_TARGET_UNIKERNEL_UNIKERNEL_H
