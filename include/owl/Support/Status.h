//===- Status.h - What a compiled function returns --------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The status codes of the C interface, for the conversion that emits them and
// the headers that name them.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_SUPPORT_STATUS_H
#define OWL_SUPPORT_STATUS_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace mlir::owl {

/// What a compiled function returns; getStatuses in
/// owl/Target/Common/Signature.h has what each means.
enum class Status : int32_t {
  Ok = 0,
  BadShape = 1,
  EmptyReduction = 2,
};

/// What the message of an assertion contains that gives Status::EmptyReduction;
/// others give Status::BadShape.
constexpr llvm::StringLiteral kEmptyReduction = "empty reduction";

} // namespace mlir::owl

#endif // OWL_SUPPORT_STATUS_H
