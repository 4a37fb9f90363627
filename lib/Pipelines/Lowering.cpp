//===- Lowering.cpp - From tensors to the LLVM dialect --------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pipelines, in reading order.
//
//===----------------------------------------------------------------------===//

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/TensorToLinalg/TensorToLinalgPass.h"
#include "mlir/Conversion/TosaToArith/TosaToArith.h"
#include "mlir/Conversion/TosaToLinalg/TosaToLinalg.h"
#include "mlir/Conversion/TosaToSCF/TosaToSCF.h"
#include "mlir/Conversion/TosaToTensor/TosaToTensor.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "owl/Conversion/Passes.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"
#include "owl/Pipelines/Pipelines.h"

using namespace mlir;
using namespace mlir::owl;

/// TOSA becomes scf, linalg, arith and tensor.
static void buildTosa(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createTosaToSCFPass());
  tosa::addTosaToLinalgPasses(pm, TosaToLinalgOptions(),
                              TosaToLinalgNamedOptions(),
                              /*validationOptions=*/std::nullopt);
  // tosa.apply_scale, which is what rescaling is made of.
  TosaToArithPassOptions arith;
  arith.includeApplyRescale = true;
  pm.addNestedPass<func::FuncOp>(createTosaToArithPass(arith));
  pm.addNestedPass<func::FuncOp>(createTosaToTensorPass());
}

/// Element-wise work of every dialect becomes linalg.generic, neighbours fused.
static void buildElementwise(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createDecomposeAggregates());
  pm.addNestedPass<func::FuncOp>(createElementwiseToLinalg());
  pm.addPass(createConvertTensorToLinalgPass());
  pm.addPass(createLinalgGeneralizeNamedOpsPass());
  pm.addNestedPass<func::FuncOp>(createInsertShapeChecks());
  // A dimension taken of a value counts as a use of it, and the first round of
  // fusion leaves such: sizes are computed from the arguments before each. So
  // they are before anything canonicalizes, which takes each up step by step.
  pm.addNestedPass<func::FuncOp>(createResolveDims());
  pm.addPass(createCanonicalizerPass());
  // All checks have been made by now, and no two ops have become one.
  SimplifyOptions simplify;
  simplify.mergeAxes = false;
  simplify.checked = true;
  pm.addNestedPass<func::FuncOp>(createSimplify(simplify));
  for (int round = 0; round < 2; ++round) {
    pm.addNestedPass<func::FuncOp>(createResolveDims());
    pm.addPass(memref::createResolveShapedTypeResultDimsPass());
    pm.addPass(createCanonicalizerPass());
    pm.addNestedPass<func::FuncOp>(createFuseElementwise());
  }
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

static void addOwlToAffine(OpPassManager &pm, const LoweringOptions &options,
                           bool copies) {
  ConvertOwlToAffineOptions loops;
  loops.vectorBits = options.vectorBits;
  loops.stripRegisters = options.stripRegisters;
  loops.stackBytes = options.stackBytes;
  loops.nonTemporalBytes = options.nonTemporalBytes;
  loops.prefetchBytes = options.prefetchBytes;
  loops.farPrefetchBytes = options.farPrefetchBytes;
  loops.streamedPrefetchBytes = options.streamedPrefetchBytes;
  loops.farPrefetchCache = options.farPrefetchCache;
  loops.machine = options.machine.str();
  loops.threads = options.threads;
  loops.taskBytes = options.taskBytes;
  loops.copies = copies;
  pm.addPass(createConvertOwlToAffine(loops));
}

/// Tensors become buffers, functions become what C calls.
static void buildBufferization(OpPassManager &pm,
                               const LoweringOptions &options) {
  // Canonical forms of owl ops have made more of both.
  pm.addNestedPass<func::FuncOp>(createElementwiseToLinalg());
  pm.addNestedPass<func::FuncOp>(createFoldEmptyTensors());
  pm.addNestedPass<func::FuncOp>(createRaiseContractions());
  FuseOptions fusion;
  fusion.edges = options.edges;
  fusion.machine = options.machine.str();
  pm.addNestedPass<func::FuncOp>(createFuse(fusion));
  pm.addNestedPass<func::FuncOp>(createSplatsToFill());
  pm.addNestedPass<func::FuncOp>(createProtectArguments());
  pm.addNestedPass<func::FuncOp>(createCarryInPlace());
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  pm.addPass(createBufferize());
  LowerTransposesOptions transposes;
  transposes.vectorBits = options.vectorBits;
  transposes.threads = options.threads;
  transposes.taskBytes = options.taskBytes;
  pm.addPass(createLowerTransposes(transposes));
  // Copies into slices are simplified while they are copies.
  addOwlToAffine(pm, options, /*copies=*/false);
  pm.addPass(createLowerReshapes());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // Buffers are not yet all in one workspace.
  pm.addNestedPass<func::FuncOp>(createJamLoops());
  EmitCInterfaceOptions interface;
  interface.symbolPrefix = options.symbolPrefix;
  interface.indexBits = options.indexBits;
  pm.addPass(createEmitCInterface(interface));
  pm.addPass(createCSEPass());
}

void owl::buildRaisingPipeline(OpPassManager &pm) {
  pm.addPass(createInlinerPass({}, [](OpPassManager &) {}));
  pm.addPass(createSymbolDCEPass());
  buildTosa(pm);
  pm.addNestedPass<func::FuncOp>(createDecomposeAggregates());
  pm.addPass(createConvertTensorToLinalgPass());
  pm.addPass(createLinalgGeneralizeNamedOpsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(createRaiseContractions());
  pm.addNestedPass<func::FuncOp>(createSimplify());
}

void owl::buildAffinePipeline(OpPassManager &pm,
                              const LoweringOptions &options) {
  // A fleet has no part in what one device does.
  pm.addPass(createMergeDevices());
  // What nothing calls is no part of the model.
  pm.addPass(createSymbolDCEPass());
  pm.addPass(createVerifyModel());
  // The inliner would canonicalize what it inlines, which is too early.
  pm.addPass(createInlinerPass({}, [](OpPassManager &) {}));
  pm.addPass(createSymbolDCEPass());
  pm.addNestedPass<func::FuncOp>(createDissolveGroups());
  pm.addPass(createStripSignedness());
  // Folders of arith make constants of dynamic tensors (x ^ x), which have no
  // size: element-wise ops become linalg before anything folds.
  pm.addNestedPass<func::FuncOp>(createElementwiseToLinalg());
  pm.addPass(createCanonicalizerPass());
  buildTosa(pm);
  buildElementwise(pm);
  buildBufferization(pm, options);
  // What follows does for all that is equal what it does for one.
  pm.addPass(createSplitFunctions());
  // The C interface copies arguments that are results.
  addOwlToAffine(pm, options, /*copies=*/true);
  pm.addPass(createLowerReshapes());
  pm.addPass(createConvertLinalgToAffineLoopsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  ComputeInColumnsOptions columns;
  columns.vectorBits = options.vectorBits;
  pm.addNestedPass<func::FuncOp>(createComputeInColumns(columns));
}

void owl::buildLoweringPipeline(OpPassManager &pm,
                                const LoweringOptions &options) {
  buildAffinePipeline(pm, options);

  // What LLVM fuses depends on how it vectorizes what is around, which differs
  // between the loops of a task and what they leave.
  if (options.hasFMA)
    pm.addPass(math::createMathUpliftToFMA());
  // No target has a maths library. Some expansions are loops.
  ExpandMathOptions math;
  math.hasFMA = options.hasFMA;
  math.hasRounding = options.hasRounding;
  math.hasF16Conversion = options.hasF16Conversion;
  math.hasExtremes = options.hasExtremes;
  pm.addPass(createNarrowFloatsToBits());
  pm.addPass(createExpandMath(math));

  // Affine and scf loops become branches, views become addresses.
  pm.addPass(createLowerAffinePass());
  pm.addPass(createOutlineTasks());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());

  ConvertToLLVMOptions llvm;
  llvm.indexBits = options.indexBits;
  pm.addPass(createConvertToLLVM(llvm));
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}
