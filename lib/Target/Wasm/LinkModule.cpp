//===- LinkModule.cpp - From a wasm object to a module --------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs lld's wasm driver in this process. It reads and writes files only, so
// the object and the module pass through temporary ones.
//
//===----------------------------------------------------------------------===//

#include "lld/Common/Driver.h"
#include "mlir/IR/Diagnostics.h"
#include "owl/Target/Wasm/Wasm.h"
#include "llvm/Object/Wasm.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"

LLD_HAS_DRIVER(wasm)

using namespace mlir;
using namespace mlir::owl;

/// The stack below the data: the pages that an overflow runs out of trap.
static constexpr StringLiteral stackSize = "stack-size=65536";

/// The options for threads. The memory may grow as much as any, so that the
/// workers, who share it, need not know how much it takes.
static constexpr const char *threadOptions[] = {
    "--shared-memory",         "--import-memory",         "--export-memory",
    "--import-undefined",      "--max-memory=4294967296", "--export-table",
    "--export=__stack_pointer"};

/// The pages that the memory which `module` imports has at least.
static FailureOr<uint64_t> getImportedPages(StringRef module,
                                            EmitErrorFn emitError) {
  auto file = llvm::object::ObjectFile::createWasmObjectFile(
      llvm::MemoryBufferRef(module, "module"));
  if (!file)
    return emitError() << "cannot read the linked module: "
                       << llvm::toString(file.takeError());
  for (const llvm::wasm::WasmImport &import : (*file)->imports())
    if (import.Kind == llvm::wasm::WASM_EXTERNAL_MEMORY)
      return import.Memory.Minimum;
  return emitError() << "the linked module imports no memory";
}

LogicalResult owl::linkWasmModule(StringRef object,
                                  ArrayRef<FunctionSignature> functions,
                                  WasmThreads &threads,
                                  SmallVectorImpl<char> &module,
                                  EmitErrorFn emitError) {
  SmallString<128> input, output;
  int descriptor = -1;
  std::error_code code =
      llvm::sys::fs::createTemporaryFile("owl", "o", descriptor, input);
  if (code)
    return emitError() << "cannot create a temporary file: " << code.message();
  llvm::FileRemover removeInput(input);
  llvm::raw_fd_ostream file(descriptor, /*shouldClose=*/true);
  file << object;
  file.close();
  if (file.has_error()) {
    code = file.error();
    file.clear_error();
    return emitError() << "cannot write the temporary file '" << input
                       << "': " << code.message();
  }
  code = llvm::sys::fs::createTemporaryFile("owl", "wasm", output);
  if (code)
    return emitError() << "cannot create a temporary file: " << code.message();
  llvm::FileRemover removeOutput(output);

  SmallVector<std::string> exports;
  for (const FunctionSignature &function : functions) {
    exports.push_back("--export=" + function.symbol);
    exports.push_back("--export=" + function.workspaceSizeSymbol());
    if (function.hasOutShape())
      exports.push_back("--export=" + function.outShapeSymbol());
  }
  SmallVector<const char *> arguments = {"wasm-ld",
                                         "--no-entry",
                                         "--strip-all",
                                         "--gc-sections",
                                         "--export=__heap_base",
                                         "--stack-first",
                                         "-z",
                                         stackSize.data(),
                                         "--fatal-warnings",
                                         input.c_str(),
                                         "-o",
                                         output.c_str()};
  if (threads.count > 1)
    llvm::append_range(arguments, threadOptions);
  for (const std::string &symbol : exports)
    arguments.push_back(symbol.c_str());

  std::string messages;
  llvm::raw_string_ostream stream(messages);
  lld::Result result =
      lld::lldMain(arguments, stream, stream, {{lld::Wasm, &lld::wasm::link}});
  if (result.retCode != 0)
    return emitError() << "cannot link the WebAssembly module: "
                       << StringRef(messages).trim();

  auto linked = llvm::MemoryBuffer::getFile(output, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!linked)
    return emitError() << "cannot read the linked module: "
                       << linked.getError().message();
  StringRef bytes = (*linked)->getBuffer();
  if (threads.count > 1) {
    FailureOr<uint64_t> pages = getImportedPages(bytes, emitError);
    if (failed(pages))
      return failure();
    threads.pages = *pages;
  }
  module.assign(bytes.begin(), bytes.end());
  return success();
}
