//===- Threads.h - What code for threads needs ------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one symbol that code for several threads needs from outside, and when it
// calls it. See docs/threads.md.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_SUPPORT_THREADS_H
#define OWL_SUPPORT_THREADS_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace mlir::owl {

/// void owl_parallel_for(void (*task)(void *context, int64_t index),
///                       void *context, int64_t count);
/// The models of a program share it, whatever the prefix of their symbols.
inline constexpr llvm::StringLiteral kParallelForHook = "owl_parallel_for";

/// The most threads that can be asked for.
inline constexpr unsigned kMaxThreads = 1024;

/// What a task has to do at least, in bytes that it moves: several times as
/// long as it takes to wake a thread.
inline constexpr uint64_t kTaskBytes = 256 * 1024;

} // namespace mlir::owl

#endif // OWL_SUPPORT_THREADS_H
