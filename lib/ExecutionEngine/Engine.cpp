//===- Engine.cpp - Running a model on this machine -----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lowers, generates an object file in memory and links it into this process.
//
//===----------------------------------------------------------------------===//

#include "owl/ExecutionEngine/Engine.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Pass/PassManager.h"
#include "owl/Support/MakeError.h"
#include "owl/Support/Threads.h"
#include "owl/Target/Common/Adapters.h"
#include "owl/Target/Common/Target.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"

using namespace mlir;
using namespace mlir::owl;

std::optional<NpyType> mlir::owl::getNpyType(Type type) {
  if (type.isBF16())
    return NpyType{'V', 2};
  if (type.isF16() || type.isF32() || type.isF64())
    return NpyType{'f', type.getIntOrFloatBitWidth() / 8};
  if (type.isIndex())
    return NpyType{'i', 8};
  if (type.isInteger(1))
    return NpyType{'b', 1};
  if (isa<IntegerType>(type) &&
      llvm::is_contained({8u, 16u, 32u, 64u}, type.getIntOrFloatBitWidth()))
    return NpyType{type.isUnsignedInteger() ? 'u' : 'i',
                   type.getIntOrFloatBitWidth() / 8};
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

/// Whether elements of a file of type `actual` can be passed as `type`. Both
/// signs pass for integers without one, and a bfloat16 as its 16 bits.
static bool isCompatible(Type type, NpyType actual) {
  std::optional<NpyType> expected = getNpyType(type);
  if (!expected || expected->bytes != actual.bytes)
    return false;
  if (type.isBF16())
    return actual.kind == 'V' || actual.kind == 'u';
  if (type.isSignlessInteger() && !type.isInteger(1))
    return actual.kind == 'i' || actual.kind == 'u';
  return expected->kind == actual.kind;
}

/// A shape as in a tensor type, "2x?x3"; "a scalar" for rank 0.
static std::string formatShape(ArrayRef<int64_t> shape) {
  if (shape.empty())
    return "a scalar";
  return llvm::join(llvm::map_range(shape,
                                    [](int64_t dim) {
                                      return ShapedType::isDynamic(dim)
                                                 ? std::string("?")
                                                 : std::to_string(dim);
                                    }),
                    "x");
}

llvm::Error mlir::owl::checkInputs(const FunctionSignature &function,
                                   ArrayRef<SharedArray> inputs,
                                   ArrayRef<std::string> names) {
  if (inputs.size() != function.arguments.size())
    return makeError("'" + function.name + "' takes " +
                     Twine(function.arguments.size()) + " input" +
                     (function.arguments.size() == 1 ? "" : "s") + ", got " +
                     Twine(inputs.size()));
  for (auto [index, argument] : llvm::enumerate(function.arguments)) {
    const NpyArray &input = *inputs[index];
    std::string where = names[index] + ": argument " + std::to_string(index) +
                        " of '" + function.name + "' expects ";
    if (!isCompatible(argument.elementType, input.type))
      return makeError(where + "elements of type " +
                       getNpyType(argument.elementType)->getName() + ", got " +
                       input.type.getName());
    auto matches = [](auto dims) {
      auto [expected, actual] = dims;
      return ShapedType::isDynamic(expected) || expected == actual;
    };
    if (input.shape.size() != argument.shape.size() ||
        !llvm::all_of(llvm::zip_equal(argument.shape, input.shape), matches))
      return makeError(where + "the shape " + formatShape(argument.shape) +
                       ", got " + formatShape(input.shape));
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

Engine::Engine(FunctionSignature function,
               std::shared_ptr<llvm::orc::LLJIT> jit)
    : function(std::move(function)), jit(std::move(jit)) {}

Engine::~Engine() = default;

// lib/Runtime/ParallelFor.c.
extern "C" void owl_parallel_for(void (*task)(void *context, int64_t index),
                                 void *context, int64_t count);

/// Links nothing but the object, and the hook for threads: another call into
/// this process would be one that no other target can make.
static llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>>
createJIT(const TargetSpec &spec, std::unique_ptr<llvm::MemoryBuffer> object) {
  llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> jit =
      llvm::orc::LLJITBuilder()
          .setJITTargetMachineBuilder(
              llvm::orc::JITTargetMachineBuilder(llvm::Triple(spec.triple)))
          .setLinkProcessSymbolsByDefault(false)
          .setPlatformSetUp(llvm::orc::setUpInactivePlatform)
          .create();
  if (!jit)
    return jit.takeError();
  if (llvm::Error error =
          (*jit)->getMainJITDylib().define(llvm::orc::absoluteSymbols(
              {{(*jit)->mangleAndIntern(kParallelForHook),
                {llvm::orc::ExecutorAddr::fromPtr(&owl_parallel_for),
                 llvm::JITSymbolFlags::Exported |
                     llvm::JITSymbolFlags::Callable}}})))
    return std::move(error);
  if (llvm::Error error = (*jit)->addObjectFile(std::move(object)))
    return std::move(error);
  return jit;
}

llvm::Error Engine::lookUp() {
  // What a lookup fails with is a list of names; the session says why.
  std::string reason;
  llvm::orc::ExecutionSession &session = jit->getExecutionSession();
  session.setErrorReporter(
      [&](llvm::Error error) { reason = llvm::toString(std::move(error)); });
  auto quiet = llvm::make_scope_exit(
      [&] { session.setErrorReporter(llvm::consumeError); });
  auto find = [&](const Twine &name, auto &function) -> llvm::Error {
    llvm::Expected<llvm::orc::ExecutorAddr> address = jit->lookup(name.str());
    if (!address && !reason.empty()) {
      llvm::consumeError(address.takeError());
      return makeError(reason);
    }
    if (!address)
      return address.takeError();
    function = address->toPtr<std::decay_t<decltype(function)>>();
    return llvm::Error::success();
  };
  std::string name = function.symbol + ".call";
  if (llvm::Error error = find(name, callee))
    return error;
  if (llvm::Error error = find(name + ".workspace_size", workspaceSize))
    return error;
  if (function.hasOutShape())
    return find(name + ".out_shape", outShape);
  return llvm::Error::success();
}

std::unique_ptr<Engine> Engine::compile(ModuleOp module,
                                        FunctionSignature function,
                                        const ThreadOptions &threads) {
  // Not an error of the op: that would print all of it.
  auto emitError = [&] { return mlir::emitError(module.getLoc()); };
  std::unique_ptr<TargetSpec> spec = getTarget("host");
  std::unique_ptr<llvm::TargetMachine> machine =
      createTargetMachine(*spec, emitError);
  if (!machine)
    return nullptr;

  setTargetAttributes(module, *machine);
  PassManager passManager(module.getContext());
  buildLoweringPipeline(passManager,
                        LoweringOptions(getTraits(*machine), threads));
  if (failed(passManager.run(module)))
    return nullptr;

  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> llvmModule =
      translateToLLVM(module, context, *spec, *machine);
  if (!llvmModule)
    return nullptr;
  emitAdapters(*llvmModule, function);
  SmallVector<char, 0> object;
  llvm::raw_svector_ostream os(object);
  if (failed(emitMachineCode(*llvmModule, *machine,
                             llvm::CodeGenFileType::ObjectFile, os, emitError)))
    return nullptr;

  llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> jit = createJIT(
      *spec, std::make_unique<llvm::SmallVectorMemoryBuffer>(
                 std::move(object), /*RequiresNullTerminator=*/false));
  if (!jit) {
    emitError() << "cannot link the compiled code: "
                << llvm::toString(jit.takeError());
    return nullptr;
  }
  std::unique_ptr<Engine> engine(
      new Engine(std::move(function), std::move(*jit)));
  if (llvm::Error error = engine->lookUp()) {
    emitError() << "cannot link the compiled code: "
                << llvm::toString(std::move(error));
    return nullptr;
  }
  return engine;
}

llvm::Expected<std::vector<std::unique_ptr<Engine>>>
Engine::load(std::unique_ptr<llvm::MemoryBuffer> object,
             ArrayRef<FunctionSignature> functions, EmitErrorFn emitError) {
  std::unique_ptr<TargetSpec> spec = getTarget("host");
  std::unique_ptr<llvm::TargetMachine> machine =
      createTargetMachine(*spec, emitError);
  if (!machine)
    return makeError("there is no code generator for this machine");
  llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> created =
      createJIT(*spec, std::move(object));
  if (!created)
    return created.takeError();

  // The object has nothing but the C interface.
  auto context = std::make_unique<llvm::LLVMContext>();
  auto module = std::make_unique<llvm::Module>("adapters", *context);
  module->setDataLayout((*created)->getDataLayout());
  for (const FunctionSignature &function : functions) {
    declareFunctions(*module, function);
    emitAdapters(*module, function);
  }
  if (llvm::Error error = (*created)->addIRModule(
          llvm::orc::ThreadSafeModule(std::move(module), std::move(context))))
    return std::move(error);

  std::shared_ptr<llvm::orc::LLJIT> jit = std::move(*created);
  std::vector<std::unique_ptr<Engine>> engines;
  for (const FunctionSignature &function : functions) {
    engines.push_back(std::unique_ptr<Engine>(new Engine(function, jit)));
    if (llvm::Error error = engines.back()->lookUp())
      return std::move(error);
  }
  return engines;
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

int64_t CallFrame::getNumBytes() const {
  int64_t numBytes = 0;
  for (const SharedArray &array : arguments)
    numBytes += array->data.size();
  for (const NpyArray &array : results)
    numBytes += array.data.size();
  return numBytes;
}

std::string owl::describeStatus(int32_t status) {
  for (const StatusInfo &known : getStatuses())
    if (static_cast<int32_t>(known.value) == status)
      return known.meaning.str();
  return "status " + std::to_string(status);
}

llvm::Error Engine::makeCallError(const CallFrame &frame,
                                  const Twine &reason) const {
  std::string message = ("'" + function.name + "' failed: " + reason).str();
  for (auto [index, dim] : llvm::enumerate(function.getDims()))
    message += (index == 0 ? "; " : ", ") +
               ("dimension " + Twine(dim.second) + " of argument " +
                Twine(dim.first) + " is " + Twine(frame.dims[index]))
                   .str();
  return makeError(message);
}

llvm::Expected<CallFrame>
Engine::prepare(SmallVector<SharedArray> inputs) const {
  CallFrame frame;
  frame.arguments = std::move(inputs);
  // Where dimensions exceed the address space, sizes wrap around: they mean
  // nothing and are not to be shown.
  std::string badShape = describeStatus(static_cast<int32_t>(Status::BadShape));
  for (auto [argument, dim] : function.getDims())
    frame.dims.push_back(frame.arguments[argument]->shape[dim]);

  for (auto [index, result] : llvm::enumerate(function.results)) {
    SmallVector<int64_t> shape = result.shape;
    if (result.isDynamic())
      outShape(index, frame.dims.data(), shape.data());
    NpyType type = *getNpyType(result.elementType);
    if (!NpyArray::getNumBytes(type, shape))
      return makeCallError(frame, badShape);
    llvm::Expected<NpyArray> array = NpyArray::create(type, shape);
    if (!array) {
      llvm::consumeError(array.takeError());
      return makeCallError(frame,
                           "not enough memory for result " + Twine(index));
    }
    frame.results.push_back(std::move(*array));
  }

  uint64_t size = workspaceSize(frame.dims.data());
  if (size > uint64_t(INT64_MAX))
    return makeCallError(frame, badShape);
  llvm::Expected<AlignedBuffer> workspace = AlignedBuffer::allocate(size);
  if (!workspace) {
    llvm::consumeError(workspace.takeError());
    return makeCallError(frame, "not enough memory for its workspace");
  }
  frame.workspace = std::move(*workspace);
  return std::move(frame);
}

llvm::Error Engine::call(CallFrame &frame) const {
  SmallVector<void *> buffers;
  for (const SharedArray &array : frame.arguments)
    buffers.push_back(array->data.data());
  for (const NpyArray &array : frame.results)
    buffers.push_back(array.data.data());
  int32_t status =
      callee(buffers.data(), frame.dims.data(), frame.workspace.data());
  if (status == 0)
    return llvm::Error::success();
  return makeCallError(frame, describeStatus(status));
}
