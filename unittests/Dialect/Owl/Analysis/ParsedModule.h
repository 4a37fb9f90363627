//===- ParsedModule.h - A module for a test ---------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A module as text, with its context and its groups.
//
//===----------------------------------------------------------------------===//

#ifndef UNITTESTS_DIALECT_OWL_ANALYSIS_PARSEDMODULE_H
#define UNITTESTS_DIALECT_OWL_ANALYSIS_PARSEDMODULE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Pipelines/Pipelines.h"

struct ParsedModule {
  explicit ParsedModule(llvm::StringRef text) {
    mlir::DialectRegistry registry;
    mlir::owl::registerDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (module)
      module->walk([&](mlir::owl::GroupOp group) { groups.push_back(group); });
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  llvm::SmallVector<mlir::owl::GroupOp> groups;
};

#endif // UNITTESTS_DIALECT_OWL_ANALYSIS_PARSEDMODULE_H
