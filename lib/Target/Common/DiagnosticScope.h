//===- DiagnosticScope.h - LLVM's errors as diagnostics ---------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An LLVMContext without a handler prints errors itself and ends the process.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_TARGET_COMMON_DIAGNOSTICSCOPE_H
#define OWL_LIB_TARGET_COMMON_DIAGNOSTICSCOPE_H

#include "mlir/IR/Diagnostics.h"
#include "owl/Target/Common/Target.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LLVMContext.h"

namespace mlir::owl {

/// While it lives, the first error of `context` goes to `emitError`; warnings
/// and remarks are dropped.
class DiagnosticScope {
public:
  /// `emitError` must refer to something that outlives the scope.
  DiagnosticScope(llvm::LLVMContext &context, EmitErrorFn emitError)
      : context(context), previous(context.getDiagnosticHandler()) {
    context.setDiagnosticHandler(std::make_unique<Handler>(*this, emitError));
  }
  ~DiagnosticScope() { context.setDiagnosticHandler(std::move(previous)); }
  DiagnosticScope(const DiagnosticScope &) = delete;
  DiagnosticScope &operator=(const DiagnosticScope &) = delete;

  bool hadError() const { return error; }

private:
  struct Handler : public llvm::DiagnosticHandler {
    Handler(DiagnosticScope &scope, EmitErrorFn emitError)
        : scope(scope), emitError(emitError) {}

    bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
      if (info.getSeverity() != llvm::DS_Error || scope.error)
        return true;
      scope.error = true;
      std::string message;
      llvm::raw_string_ostream os(message);
      llvm::DiagnosticPrinterRawOStream printer(os);
      info.print(printer);
      emitError() << "code generation failed: " << message;
      return true;
    }

    DiagnosticScope &scope;
    EmitErrorFn emitError;
  };

  llvm::LLVMContext &context;
  std::unique_ptr<llvm::DiagnosticHandler> previous;
  bool error = false;
};

} // namespace mlir::owl

#endif // OWL_LIB_TARGET_COMMON_DIAGNOSTICSCOPE_H
