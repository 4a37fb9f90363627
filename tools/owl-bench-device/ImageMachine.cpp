//===- ImageMachine.cpp - Probes in an image under QEMU -------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Boots a kernel image of the probes and calls them over the serial port, by
// the protocol of docs/unikernel.md. Arrays stay in the machine, which times
// the calls itself.
//
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include "owl/ExecutionEngine/Connection.h"
#include "owl/Support/MakeError.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <unistd.h>

using namespace mlir;
using namespace mlir::owl;

namespace {
class ImageMachine : public Machine {
public:
  explicit ImageMachine(StringRef path) : image(path), path(path) {}
  llvm::Error start(const llvm::Triple &triple);
  llvm::Expected<double> time(unsigned probe, unsigned calls) override;
  uint64_t getMemory() const override { return memory; }

private:
  llvm::FileRemover image;
  std::string path;
  std::unique_ptr<Connection> connection;
  uint64_t memory = 0, ticksPerSecond = 0;
};
} // namespace

bool owl::hasVirtualization(bool isX86) {
  return llvm::Triple(llvm::sys::getProcessTriple()).isX86() == isX86 &&
         ::access("/dev/kvm", R_OK | W_OK) == 0;
}

llvm::Error ImageMachine::start(const llvm::Triple &triple) {
  std::vector<std::string> processor;
  const bool isVirtual = hasVirtualization(triple.isX86());
  if (isVirtual)
    processor = {"-accel", "kvm", "-cpu", "host"};
  else if (!triple.isX86())
    processor = {"-cpu", "cortex-a53"};
  llvm::Expected<std::unique_ptr<Connection>> opened =
      Connection::open(getImageCommand(triple, path, processor), kSilence);
  if (!opened)
    return makeError("the image does not start in QEMU" +
                     Twine(isVirtual ? " with KVM" : "") + ": " +
                     llvm::toString(opened.takeError()));
  connection = std::move(*opened);
  SmallVector<StringRef> fields;
  connection->getBanner().split(fields, ' ');
  for (StringRef field : fields) {
    auto [key, value] = field.split('=');
    if (key == "memory")
      value.getAsInteger(10, memory);
    if (key == "ticks")
      value.getAsInteger(10, ticksPerSecond);
  }
  return memory != 0 && ticksPerSecond != 0
             ? llvm::Error::success()
             : makeError("expected memory and ticks, got '" +
                         connection->getBanner() + "'");
}

llvm::Expected<double> ImageMachine::time(unsigned probe, unsigned calls) {
  Connection::Request request;
  request.function = probe;
  request.inPlace = true;
  request.times = calls;
  llvm::Expected<Connection::Reply> reply = connection->call(request);
  if (!reply)
    return makeError("the image could not call probe " + Twine(probe) + ": " +
                     llvm::toString(reply.takeError()));
  connection->confirm();
  return double(reply->ticks) / ticksPerSecond;
}

std::unique_ptr<Machine> owl::createImageMachine(ArrayRef<Probe> probes,
                                                 const TargetRequest &target,
                                                 MLIRContext &context) {
  FailureOr<std::string> path =
      compileProbes(probes, target, Emit::Image, context);
  if (failed(path))
    return nullptr;
  auto machine = std::make_unique<ImageMachine>(*path);
  StringRef name = target.name;
  if (llvm::Error error = machine->start(
          llvm::Triple(name.ends_with("x86_64") ? "x86_64" : "aarch64"))) {
    emitError(UnknownLoc::get(&context)) << llvm::toString(std::move(error));
    return nullptr;
  }
  return machine;
}
