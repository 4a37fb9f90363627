//===- ToolErrors.h - How tools report errors -------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MLIR's diagnostics are about a place in a model. Tools have two more kinds of
// error: about their command line and its files, and those with which LLVM ends
// the process.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_SUPPORT_TOOLERRORS_H
#define OWL_SUPPORT_TOOLERRORS_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/WithColor.h"
#include <algorithm>
#include <cstdlib>
#include <sys/resource.h>

namespace mlir::owl {

/// While it lives, diagnostics without a location are printed as
/// `tool: error: ...`. Others go to the handler below it.
class CommandLineDiagnostics : public ScopedDiagnosticHandler {
public:
  CommandLineDiagnostics(MLIRContext &context, StringRef tool)
      : ScopedDiagnosticHandler(
            &context, [tool = tool.str()](Diagnostic &diagnostic) {
              if (!isa<UnknownLoc>(diagnostic.getLocation()))
                return failure();
              llvm::WithColor::error(llvm::errs(), tool) << diagnostic << '\n';
              return success();
            }) {}
};

/// Makes LLVM's fatal errors one line and exit code 1, without temporary files
/// left behind; below the line there may be whole graphs of instructions.
/// `tool` is a literal.
inline void installFatalErrorHandler(const char *tool) {
  llvm::install_fatal_error_handler(
      [](void *tool, const char *reason, bool) {
        llvm::WithColor::error(llvm::errs(), static_cast<const char *>(tool))
            << "LLVM cannot go on: " << StringRef(reason).split('\n').first
            << '\n';
        llvm::sys::RunInterruptHandlers();
        std::_Exit(EXIT_FAILURE);
      },
      const_cast<char *>(tool));
}

/// Lets the stack of this process grow further than most systems do by
/// themselves: MLIR recurses as deeply as what it reads is nested.
inline void allowDeepRecursion() {
  constexpr rlim_t wanted = 64 << 20;
  rlimit limit;
  if (::getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= wanted)
    return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  ::setrlimit(RLIMIT_STACK, &limit);
}

} // namespace mlir::owl

#endif // OWL_SUPPORT_TOOLERRORS_H
