//===- Host.cpp - This machine as a target --------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Asks LLVM for the machine that runs the compiler.
//
//===----------------------------------------------------------------------===//

#include "owl/Target/Native/Host.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

using namespace mlir;

owl::TargetSpec owl::getHostTarget() {
  TargetSpec spec;
  spec.name = "host";
  spec.triple = llvm::sys::getProcessTriple();
  spec.cpu = llvm::sys::getHostCPUName().str();
  // A hypervisor may hide features that the CPU's name implies, so the absent
  // ones are listed too; sorted, so that the same machine gives the same text.
  SmallVector<std::pair<std::string, bool>> features;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    features.emplace_back(feature.getKey().str(), feature.getValue());
  llvm::sort(features);
  llvm::SubtargetFeatures text;
  for (const auto &[name, enabled] : features)
    text.AddFeature(name, enabled);
  spec.features = text.getString();
  return spec;
}
