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
#include "Process.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <unistd.h>

using namespace mlir;
using namespace mlir::owl;
namespace endian = llvm::support::endian;

static constexpr uint16_t kCall = 2, kReply = 0x8000, kError = 0xffff;
static constexpr uint32_t kInPlace = 1, kHeaderBytes = 16;

namespace {
class ImageMachine : public Machine {
public:
  explicit ImageMachine(StringRef path) : image(path), path(path) {}
  llvm::Error start(bool isX86);
  llvm::Expected<double> time(unsigned probe, unsigned calls) override;
  uint64_t getMemory() const override { return memory; }

private:
  llvm::Expected<std::string> receive(uint16_t sequence);

  llvm::FileRemover image;
  std::string path;
  Process qemu;
  uint16_t sequence = 0;
  uint64_t memory = 0, ticksPerSecond = 0;
};
} // namespace

static llvm::Error makeError(const Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

template <typename T> static void append(std::string &bytes, T value) {
  char buffer[sizeof(T)];
  endian::write<T>(buffer, value, llvm::endianness::little);
  bytes.append(buffer, sizeof(T));
}

template <typename T> static T getAt(StringRef bytes, size_t offset) {
  return endian::read<T>(bytes.data() + offset, llvm::endianness::little);
}

static uint32_t getChecksum(StringRef bytes) {
  return llvm::crc32(llvm::arrayRefFromStringRef(bytes));
}

bool owl::hasVirtualization(bool isX86) {
  return llvm::Triple(llvm::sys::getProcessTriple()).isX86() == isX86 &&
         ::access("/dev/kvm", R_OK | W_OK) == 0;
}

llvm::Error ImageMachine::start(bool isX86) {
  std::vector<std::string> command =
      isX86 ? std::vector<std::string>{"qemu-system-x86_64", "-M", "pc"}
            : std::vector<std::string>{"qemu-system-aarch64", "-M", "virt"};
  if (hasVirtualization(isX86))
    llvm::append_range(
        command, std::vector<std::string>{"-accel", "kvm", "-cpu", "host"});
  else if (!isX86)
    llvm::append_range(command, std::vector<std::string>{"-cpu", "cortex-a53"});
  llvm::append_range(
      command,
      std::vector<std::string>{"-m", "512", "-kernel", path, "-nodefaults",
                               "-no-user-config", "-no-reboot", "-display",
                               "none", "-monitor", "none", "-serial", "stdio"});
  if (llvm::Error error = qemu.start(command))
    return error;
  // What firmware prints comes before the banner.
  while (true) {
    llvm::Expected<std::string> line = qemu.readLine();
    if (!line)
      return line.takeError();
    StringRef banner = StringRef(*line).rtrim();
    size_t begin = banner.find("OWL1 ");
    if (begin == StringRef::npos)
      continue;
    SmallVector<StringRef> fields;
    banner.drop_front(begin).split(fields, ' ');
    for (StringRef field : fields) {
      auto [key, value] = field.split('=');
      if (key == "memory")
        value.getAsInteger(10, memory);
      if (key == "ticks")
        value.getAsInteger(10, ticksPerSecond);
    }
    return memory != 0 && ticksPerSecond != 0
               ? llvm::Error::success()
               : makeError("expected memory and ticks, got '" + banner + "'");
  }
}

/// The payload of the reply to request `sequence`.
llvm::Expected<std::string> ImageMachine::receive(uint16_t sequence) {
  std::string header;
  while (true) {
    llvm::Expected<std::string> more = qemu.read(kHeaderBytes - header.size());
    if (!more)
      return more.takeError();
    header += *more;
    if (StringRef(header).starts_with("OWL1") &&
        getAt<uint32_t>(header, 12) ==
            getChecksum(StringRef(header).take_front(12)))
      break;
    header.erase(0, 1);
  }
  llvm::Expected<std::string> payload =
      qemu.read(getAt<uint32_t>(header, 8) + sizeof(uint32_t));
  if (!payload)
    return payload.takeError();
  payload->resize(payload->size() - sizeof(uint32_t));
  uint16_t kind = getAt<uint16_t>(header, 4);
  if (kind == kError && payload->size() >= 4)
    return makeError("the image says: " + StringRef(*payload).drop_front(4));
  if (kind != (kReply | kCall) || getAt<uint16_t>(header, 6) != sequence)
    return makeError("expected the reply to a call, got kind " + Twine(kind));
  return payload;
}

llvm::Expected<double> ImageMachine::time(unsigned probe, unsigned calls) {
  std::string payload, frame = "OWL1";
  append<uint32_t>(payload, probe);
  append<uint32_t>(payload, kInPlace);
  append<uint32_t>(payload, calls);
  append<uint32_t>(payload, /*dynamic dimensions*/ 0);
  append<uint16_t>(frame, kCall);
  append<uint16_t>(frame, ++sequence);
  append<uint32_t>(frame, payload.size());
  append<uint32_t>(frame, getChecksum(frame));
  frame += payload;
  append<uint32_t>(frame, getChecksum(payload));
  if (llvm::Error error = qemu.write(frame))
    return std::move(error);
  llvm::Expected<std::string> reply = receive(sequence);
  if (!reply)
    return reply.takeError();
  if (reply->size() < 24 || getAt<uint32_t>(*reply, 0) != 0)
    return makeError("the image could not call probe " + Twine(probe));
  return double(getAt<uint64_t>(*reply, 16)) / ticksPerSecond;
}

std::unique_ptr<Machine> owl::createImageMachine(ArrayRef<Probe> probes,
                                                 const TargetRequest &target,
                                                 MLIRContext &context) {
  FailureOr<std::string> path =
      compileProbes(probes, target, Emit::Image, context);
  if (failed(path))
    return nullptr;
  auto machine = std::make_unique<ImageMachine>(*path);
  if (llvm::Error error =
          machine->start(StringRef(target.name).ends_with("x86_64"))) {
    emitError(UnknownLoc::get(&context)) << llvm::toString(std::move(error));
    return nullptr;
  }
  return machine;
}
