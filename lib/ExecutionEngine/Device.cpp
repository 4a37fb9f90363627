//===- Device.cpp - What runs functions of a package ----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The device in this process, and what starts the others.
//
//===----------------------------------------------------------------------===//

#include "Device.h"
#include "owl/ExecutionEngine/Connection.h"
#include "owl/Support/MakeError.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::owl;

namespace {
/// A device that is this machine.
class LocalDevice : public Device {
public:
  explicit LocalDevice(std::vector<std::unique_ptr<Engine>> engines)
      : engines(std::move(engines)) {}

  llvm::Expected<SmallVector<SharedArray>>
  call(unsigned function, ArrayRef<SharedArray> arguments) override;

private:
  std::vector<std::unique_ptr<Engine>> engines;
};
} // namespace

llvm::Expected<SmallVector<SharedArray>>
LocalDevice::call(unsigned function, ArrayRef<SharedArray> arguments) {
  const Engine &engine = *engines[function];
  llvm::Expected<CallFrame> frame =
      engine.prepare(SmallVector<SharedArray>(arguments));
  if (!frame)
    return frame.takeError();
  if (llvm::Error error = engine.call(*frame))
    return std::move(error);
  SmallVector<SharedArray> results;
  for (NpyArray &result : frame->results)
    results.push_back(std::make_shared<NpyArray>(std::move(result)));
  return results;
}

llvm::Expected<std::unique_ptr<Device>>
owl::openDevice(const PackageDevice &device,
                ArrayRef<FunctionSignature> functions, StringRef folder,
                unsigned timeout, EmitErrorFn emitError) {
  auto getPath = [&](StringRef file) {
    SmallString<128> path(folder);
    llvm::sys::path::append(path, file);
    return path.str().str();
  };
  llvm::Triple triple(device.triple), host(llvm::sys::getProcessTriple());
  // Whatever its CPU is: most code for another one runs here, and of what does
  // not, an emulator of this architecture knows little more. Whoever handles
  // signals asks PackageEngine whose code it was.
  if (!device.object.empty() && triple.getArch() == host.getArch() &&
      triple.getOS() == host.getOS()) {
    std::string path = getPath(device.object);
    auto object = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
    if (!object)
      return makeError("cannot read '" + path +
                       "': " + object.getError().message());
    auto engines = Engine::load(std::move(*object), functions, emitError);
    if (!engines)
      return makeError("cannot link '" + path +
                       "': " + llvm::toString(engines.takeError()));
    return std::make_unique<LocalDevice>(std::move(*engines));
  }

  if (device.server.empty())
    return makeError("it has no file that this machine could run");
  std::string server = getPath(device.server);
  if (std::error_code code =
          llvm::sys::fs::access(server, llvm::sys::fs::AccessMode::Exist))
    return makeError("cannot read '" + server + "': " + code.message());
  std::vector<std::string> command = {"qemu-" + triple.getArchName().str(),
                                      "-cpu", "max", server};
  if (triple.isWasm())
    command = {"node", server};
  else if (!triple.isOSLinux())
    // With every feature that the image may use.
    command = getImageCommand(triple, server, {"-cpu", "max"});
  return startServer(command, functions, timeout);
}
