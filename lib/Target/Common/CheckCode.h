//===- CheckCode.h - Rules about instructions -------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of `--check` that disassembles.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_TARGET_COMMON_CHECKCODE_H
#define OWL_LIB_TARGET_COMMON_CHECKCODE_H

#include "owl/Target/Common/Check.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Object/ELFObjectFile.h"

namespace mlir::owl {

/// Checks the instructions of `object`, an ELF file for x86-64 or AArch64, and
/// adds to `report`: the broken rules, and the deepest stack. Vector extensions
/// that `allowed` has may be used. Returns whether the deepest stack is known.
bool checkCode(const llvm::object::ELFObjectFileBase &object,
               const llvm::MCSubtargetInfo &allowed, CheckReport &report);

} // namespace mlir::owl

#endif // OWL_LIB_TARGET_COMMON_CHECKCODE_H
