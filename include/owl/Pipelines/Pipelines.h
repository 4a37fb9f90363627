//===- Pipelines.h - The order of the passes --------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The only place where passes are put in order, and where the dialects that a
// model may use are listed.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_PIPELINES_PIPELINES_H
#define OWL_PIPELINES_PIPELINES_H

#include "owl/Support/Threads.h"
#include "owl/Target/Common/Target.h"
#include <string>

namespace mlir {
class DialectRegistry;
class OpPassManager;

namespace owl {

/// How work is split over threads.
struct ThreadOptions {
  /// How many threads share it. More than 1 need the hook of
  /// owl/Support/Threads.h.
  unsigned threads = 1;
  /// How many bytes each has to move at least, or to do what takes as long.
  uint64_t taskBytes = kTaskBytes;
};

/// How a model is lowered.
struct LoweringOptions : TargetTraits, ThreadOptions {
  LoweringOptions() = default;
  LoweringOptions(const TargetTraits &traits, const ThreadOptions &threads)
      : TargetTraits(traits), ThreadOptions(threads) {}

  /// What precedes the names of functions in the C interface.
  std::string symbolPrefix = "owl_";
  /// What is done about values that are needed more than once: see owl-fuse.
  std::string edges = "auto";
};

/// From a model on tensors to ops that groups can hold, before they are shared
/// among devices: calls inlined, products and convolutions made sums of
/// products, all in their simplest form.
void buildRaisingPipeline(OpPassManager &pm);

/// From a model on tensors to affine loops over buffers, behind the C interface
/// over bare pointers.
void buildAffinePipeline(OpPassManager &pm, const LoweringOptions &options);

/// From a model on tensors to the LLVM dialect: for each public function `@f`
/// the functions of its C interface, and nothing else that is public.
void buildLoweringPipeline(OpPassManager &pm, const LoweringOptions &options);

/// Registers the dialects that a model may use and those it is lowered
/// through, with the interfaces that the pipelines need.
void registerDialects(DialectRegistry &registry);

/// Registers Owl's passes and pipelines by name, for owl-opt.
void registerPasses();

} // namespace owl
} // namespace mlir

#endif // OWL_PIPELINES_PIPELINES_H
