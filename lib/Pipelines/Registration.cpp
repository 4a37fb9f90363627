//===- Registration.cpp - Dialects and passes -----------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What every tool registers.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/FuncBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Dialect/Func/Extensions/InlinerExtension.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/Linalg/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Linalg/Transforms/RuntimeOpVerification.h"
#include "mlir/Dialect/Linalg/Transforms/SubsetInsertionOpInterfaceImpl.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/MemRef/Transforms/AllocationOpInterfaceImpl.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/SCF/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/IR/TensorInferTypeOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/TensorTilingInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/RuntimeOpVerification.h"
#include "mlir/Dialect/Tensor/Transforms/SubsetInsertionOpInterfaceImpl.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Vector/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "owl/Conversion/Passes.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"
#include "owl/Pipelines/Pipelines.h"

using namespace mlir;

void owl::registerDialects(DialectRegistry &registry) {
  registry.insert<OwlDialect, affine::AffineDialect, arith::ArithDialect,
                  bufferization::BufferizationDialect, cf::ControlFlowDialect,
                  DLTIDialect, func::FuncDialect, LLVM::LLVMDialect,
                  linalg::LinalgDialect, math::MathDialect,
                  memref::MemRefDialect, scf::SCFDialect, tensor::TensorDialect,
                  tosa::TosaDialect, vector::VectorDialect>();
  registerBufferizableOpInterfaceExternalModels(registry);
  registerTilingInterfaceExternalModels(registry);
  registerRuntimeVerifiableOpInterfaceExternalModels(registry);

  // What the passes of the pipelines ask of upstream's ops.
  func::registerInlinerExtension(registry);
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  arith::registerValueBoundsOpInterfaceExternalModels(registry);
  affine::registerValueBoundsOpInterfaceExternalModels(registry);
  bufferization::func_ext::registerBufferizableOpInterfaceExternalModels(
      registry);
  linalg::registerBufferizableOpInterfaceExternalModels(registry);
  linalg::registerRuntimeVerifiableOpInterfaceExternalModels(registry);
  linalg::registerSubsetOpInterfaceExternalModels(registry);
  linalg::registerValueBoundsOpInterfaceExternalModels(registry);
  memref::registerAllocationOpInterfaceExternalModels(registry);
  memref::registerValueBoundsOpInterfaceExternalModels(registry);
  scf::registerBufferizableOpInterfaceExternalModels(registry);
  scf::registerValueBoundsOpInterfaceExternalModels(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerInferTypeOpInterfaceExternalModels(registry);
  tensor::registerRuntimeVerifiableOpInterfaceExternalModels(registry);
  tensor::registerSubsetOpInterfaceExternalModels(registry);
  tensor::registerTilingInterfaceExternalModels(registry);
  tensor::registerValueBoundsOpInterfaceExternalModels(registry);
  vector::registerBufferizableOpInterfaceExternalModels(registry);
  vector::registerValueBoundsOpInterfaceExternalModels(registry);
}

/// The options of the pipelines on owl-opt's command line.
namespace {
struct PipelineOptions : public PassPipelineOptions<PipelineOptions> {
  owl::LoweringOptions defaults;

  Option<unsigned> vectorBits{*this, "vector-bits",
                              llvm::cl::desc("Width of vector registers"),
                              llvm::cl::init(defaults.vectorBits)};
  Option<unsigned> stripRegisters{
      *this, "strip-registers",
      llvm::cl::desc("Vector registers that a loop works on at once"),
      llvm::cl::init(defaults.stripRegisters)};
  Option<unsigned> stackBytes{
      *this, "stack-bytes",
      llvm::cl::desc("Bytes of buffers on the stack of a function"),
      llvm::cl::init(defaults.stackBytes)};
  Option<uint64_t> nonTemporalBytes{
      *this, "non-temporal-bytes",
      llvm::cl::desc("Size from which on results are stored past the caches"),
      llvm::cl::init(defaults.nonTemporalBytes)};
  Option<unsigned> prefetchBytes{
      *this, "prefetch-bytes",
      llvm::cl::desc("How far ahead large inputs are fetched"),
      llvm::cl::init(defaults.prefetchBytes)};
  Option<unsigned> farPrefetchBytes{
      *this, "far-prefetch-bytes",
      llvm::cl::desc("How far ahead inputs from memory are fetched"),
      llvm::cl::init(defaults.farPrefetchBytes)};
  Option<unsigned> streamedPrefetchBytes{
      *this, "streamed-prefetch-bytes",
      llvm::cl::desc("The same beside results that are stored past the caches"),
      llvm::cl::init(defaults.streamedPrefetchBytes)};
  Option<unsigned> farPrefetchCache{
      *this, "far-prefetch-cache",
      llvm::cl::desc(
          "Into which cache, 1 or 2, inputs from memory are fetched"),
      llvm::cl::init(defaults.farPrefetchCache)};
  Option<std::string> machine{
      *this, "machine",
      llvm::cl::desc("The target whose machine model decides what is kept, and "
                     "figures that replace its own: x86_64:flops=1e11"),
      llvm::cl::init(defaults.machine.str())};
  Option<unsigned> threads{
      *this, "threads",
      llvm::cl::desc("Into how many tasks loops are split at most"),
      llvm::cl::init(defaults.threads)};
  Option<uint64_t> taskBytes{
      *this, "task-bytes",
      llvm::cl::desc("How many bytes each of them moves at least"),
      llvm::cl::init(defaults.taskBytes)};
  Option<unsigned> indexBits{*this, "index-bits",
                             llvm::cl::desc("Width of index and pointers"),
                             llvm::cl::init(defaults.indexBits)};
  Option<bool> hasFMA{*this, "has-fma",
                      llvm::cl::desc("The target fuses multiply and add"),
                      llvm::cl::init(defaults.hasFMA)};
  Option<bool> hasRounding{*this, "has-rounding",
                           llvm::cl::desc("The target rounds to integers"),
                           llvm::cl::init(defaults.hasRounding)};
  Option<bool> hasF16Conversion{
      *this, "has-f16-conversion",
      llvm::cl::desc("The target converts between f16 and f32"),
      llvm::cl::init(defaults.hasF16Conversion)};
  Option<bool> hasExtremes{
      *this, "has-extremes",
      llvm::cl::desc("The target has maxima that propagate NaN"),
      llvm::cl::init(defaults.hasExtremes)};
  Option<std::string> symbolPrefix{
      *this, "symbol-prefix",
      llvm::cl::desc("What precedes the names of functions"),
      llvm::cl::init(defaults.symbolPrefix)};
  Option<std::string> edges{
      *this, "edges",
      llvm::cl::desc("What is done about values that are needed more than once:"
                     " auto, recompute, buffer or materialise"),
      llvm::cl::init(defaults.edges)};

  /// Refers to the name of the machine in these options.
  owl::LoweringOptions get() const {
    owl::LoweringOptions options;
    options.vectorBits = vectorBits;
    options.stripRegisters = stripRegisters;
    options.stackBytes = stackBytes;
    options.nonTemporalBytes = nonTemporalBytes;
    options.prefetchBytes = prefetchBytes;
    options.farPrefetchBytes = farPrefetchBytes;
    options.streamedPrefetchBytes = streamedPrefetchBytes;
    options.farPrefetchCache = farPrefetchCache;
    options.machine = machine;
    options.threads = threads;
    options.taskBytes = taskBytes;
    options.indexBits = indexBits;
    options.hasFMA = hasFMA;
    options.hasRounding = hasRounding;
    options.hasF16Conversion = hasF16Conversion;
    options.hasExtremes = hasExtremes;
    options.symbolPrefix = symbolPrefix;
    options.edges = edges;
    return options;
  }
};
} // namespace

void owl::registerPasses() {
  registerOwlTransformsPasses();
  registerOwlConversionPasses();
  PassPipelineRegistration<>(
      "owl-raise", "Bring a model on tensors to ops that groups can hold",
      buildRaisingPipeline);
  PassPipelineRegistration<PipelineOptions>(
      "owl-to-affine", "Lower a model on tensors to affine loops",
      [](OpPassManager &pm, const PipelineOptions &options) {
        buildAffinePipeline(pm, options.get());
      });
  PassPipelineRegistration<PipelineOptions>(
      "owl-to-llvm", "Lower a model on tensors to the LLVM dialect",
      [](OpPassManager &pm, const PipelineOptions &options) {
        buildLoweringPipeline(pm, options.get());
      });
}
