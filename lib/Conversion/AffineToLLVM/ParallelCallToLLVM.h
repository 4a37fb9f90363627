//===- ParallelCallToLLVM.h - Calls of the hook for threads -----*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_AFFINETOLLVM_PARALLELCALLTOLLVM_H
#define OWL_CONVERSION_AFFINETOLLVM_PARALLELCALLTOLLVM_H

namespace mlir {
class LLVMTypeConverter;
class RewritePatternSet;
class SymbolTableCollection;

namespace owl {

/// Lowers owl.parallel_call to a call of the hook. `symbolTables` outlives the
/// patterns.
void populateParallelCallToLLVMPatterns(const LLVMTypeConverter &converter,
                                        RewritePatternSet &patterns,
                                        SymbolTableCollection &symbolTables);

} // namespace owl
} // namespace mlir

#endif // OWL_CONVERSION_AFFINETOLLVM_PARALLELCALLTOLLVM_H
