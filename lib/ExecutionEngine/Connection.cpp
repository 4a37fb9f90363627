//===- Connection.cpp - Calls over a pipe ---------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that comes from the other side is looked at before it is believed.
//
//===----------------------------------------------------------------------===//

#include "owl/ExecutionEngine/Connection.h"
#include "owl/ExecutionEngine/Engine.h"
#include "owl/Support/MakeError.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/EndianStream.h"

using namespace mlir;
using namespace mlir::owl;
namespace endian = llvm::support::endian;

static constexpr StringLiteral kMagic = "OWL1";
static constexpr size_t kHeaderSize = 16;
/// How much may be printed before the banner: firmware does.
static constexpr size_t kMostNoise = 1 << 20;

static uint32_t crc32(uint32_t crc, StringRef data) {
  return llvm::crc32(crc, llvm::arrayRefFromStringRef(data));
}

std::vector<std::string> owl::getImageCommand(const llvm::Triple &triple,
                                              const std::string &image,
                                              ArrayRef<std::string> processor) {
  std::vector<std::string> command = {"qemu-system-" +
                                          triple.getArchName().str(),
                                      "-kernel",
                                      image,
                                      "-m",
                                      std::to_string(kImageMegabytes),
                                      "-serial",
                                      "stdio",
                                      "-display",
                                      "none",
                                      "-monitor",
                                      "none",
                                      "-nodefaults",
                                      "-no-user-config",
                                      "-no-reboot"};
  if (triple.getArch() == llvm::Triple::aarch64)
    command.insert(command.end(), {"-M", "virt"});
  else // tells an exception by its exit code
    command.insert(command.end(), {"-M", "pc", "-device",
                                   "isa-debug-exit,iobase=0x501,iosize=2"});
  command.insert(command.end(), processor.begin(), processor.end());
  return command;
}

llvm::Expected<std::unique_ptr<Connection>>
Connection::open(ArrayRef<std::string> command, unsigned timeout) {
  llvm::Expected<std::unique_ptr<ChildProcess>> process =
      ChildProcess::start(command, timeout);
  if (!process)
    return process.takeError();
  std::unique_ptr<Connection> connection(new Connection(std::move(*process)));
  if (llvm::Error error = connection->readBanner())
    return std::move(error);
  return connection;
}

Connection::~Connection() {
  // Anything else ends with the process that it is in.
  if (!isWell)
    return;
  llvm::Expected<StringRef> reply = ask(Shutdown, "", {});
  llvm::consumeError(reply ? process->wait() : reply.takeError());
}

llvm::Error Connection::need(size_t size) {
  while (received.size() - begin < size)
    if (llvm::Error error = process->read(received))
      return error;
  return llvm::Error::success();
}

llvm::Error Connection::readBanner() {
  std::string start = ("\n" + kMagic + " ").str();
  for (;;) {
    StringRef text = pending();
    size_t at = text.find(start);
    size_t end = at == StringRef::npos ? at : text.find('\n', at + 1);
    if (end != StringRef::npos) {
      banner = text.slice(at + 1, end).rtrim().str();
      begin += end + 1;
      isWell = true;
      return llvm::Error::success();
    }
    if (text.size() > kMostNoise)
      return makeError("it prints other things than it should");
    if (llvm::Error error = process->read(received))
      return error;
  }
}

llvm::Expected<Connection::Frame> Connection::receive() {
  // What has been looked at is not needed any more.
  received.erase(received.begin(), received.begin() + begin);
  begin = 0;
  for (;; ++begin) {
    if (llvm::Error error = need(kHeaderSize))
      return std::move(error);
    StringRef header = pending().take_front(kHeaderSize);
    if (begin > kMostNoise)
      return makeError("it answers other things than it should");
    if (!header.starts_with(kMagic) ||
        endian::read32le(header.data() + 12) != crc32(0, header.take_front(12)))
      continue;
    Frame frame = {endian::read16le(header.data() + 4),
                   endian::read16le(header.data() + 6),
                   {}};
    size_t size = endian::read32le(header.data() + 8);
    if (llvm::Error error = need(kHeaderSize + size + 4))
      return std::move(error);
    frame.payload = pending().substr(kHeaderSize, size);
    const char *end = frame.payload.end();
    if (endian::read32le(end) != crc32(0, frame.payload))
      return makeError("its answer is damaged");
    begin += kHeaderSize + size + 4;
    return frame;
  }
}

llvm::Expected<StringRef> Connection::ask(Kind kind, StringRef head,
                                          ArrayRef<StringRef> data) {
  uint64_t size = head.size();
  uint32_t crc = crc32(0, head);
  for (StringRef part : data) {
    size += part.size();
    crc = crc32(crc, part);
  }
  if (size > UINT32_MAX)
    return makeError("its arguments have " + Twine(size) +
                     " bytes: a request takes less than 4 GiB");
  isWell = false;
  SmallString<64> frame;
  llvm::raw_svector_ostream os(frame);
  endian::Writer writer(os, llvm::endianness::little);
  os << kMagic;
  writer.write<uint16_t>(kind);
  writer.write<uint16_t>(++sequence);
  writer.write<uint32_t>(size);
  writer.write<uint32_t>(crc32(0, frame));
  os << head;
  if (llvm::Error error = process->write(frame))
    return std::move(error);
  for (StringRef part : data)
    if (llvm::Error error = process->write(part))
      return std::move(error);
  frame.clear();
  writer.write<uint32_t>(crc);
  if (llvm::Error error = process->write(frame))
    return std::move(error);

  for (;;) {
    llvm::Expected<Frame> reply = receive();
    if (!reply)
      return reply.takeError();
    if (reply->kind == Refusal && reply->payload.size() >= 4)
      return makeError(reply->payload.drop_front(4));
    if (reply->sequence != sequence)
      continue;
    if (reply->kind != (kind | Answer))
      return makeError("it answers another request than it was sent");
    return reply->payload;
  }
}

llvm::Expected<Connection::Reply> Connection::call(const Request &request) {
  SmallString<64> head;
  llvm::raw_svector_ostream os(head);
  endian::Writer writer(os, llvm::endianness::little);
  writer.write<uint32_t>(request.function);
  writer.write<uint32_t>(request.inPlace);
  writer.write<uint32_t>(request.times);
  writer.write<uint32_t>(request.dims.size());
  for (int64_t dim : request.dims)
    writer.write<int64_t>(dim);
  llvm::Expected<StringRef> payload = ask(Call, head, request.data);
  if (!payload)
    return payload.takeError();
  if (payload->size() < 24)
    return makeError("its answer is too short");
  if (int32_t status = endian::read32le(payload->data()))
    return makeError(describeStatus(status));
  return Reply{endian::read64le(payload->data() + 16), payload->drop_front(24)};
}
