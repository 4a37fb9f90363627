//===- Server.cpp - Calls over a pipe -------------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The host's side of the protocol in docs/unikernel.md. Everything that comes
// from a device is looked at before it is believed.
//
//===----------------------------------------------------------------------===//

#include "ChildProcess.h"
#include "Device.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/EndianStream.h"

using namespace mlir;
using namespace mlir::owl;
namespace endian = llvm::support::endian;

namespace {
enum Kind : uint16_t {
  Call = 2,
  Shutdown = 4,
  Reply = 0x8000,
  Refusal = 0xffff
};
constexpr StringLiteral kMagic = "OWL1";
constexpr size_t kHeaderSize = 16;
/// How much a device may print before it says hello: firmware does.
constexpr size_t kMostNoise = 1 << 20;

class Server : public Device {
public:
  Server(std::unique_ptr<ChildProcess> process,
         ArrayRef<FunctionSignature> functions)
      : process(std::move(process)), functions(functions) {}
  /// Asks the device to end, and sees to it.
  ~Server() override;

  /// Waits for `OWL1 x86_64 functions=3 ...`.
  llvm::Error readBanner();
  llvm::Expected<SmallVector<SharedArray>>
  call(unsigned function, ArrayRef<SharedArray> arguments) override;

private:
  /// Sends a request whose payload is `head` and `data`, and returns the
  /// payload of its reply, which lives until the next one.
  llvm::Expected<StringRef> request(Kind kind, StringRef head,
                                    ArrayRef<StringRef> data);
  /// The next frame that is intact.
  struct Frame {
    uint16_t kind, sequence;
    StringRef payload;
  };
  llvm::Expected<Frame> receive();
  /// Reads until there are `size` bytes from `begin` on.
  llvm::Error need(size_t size);
  StringRef pending() const {
    return StringRef(received.data(), received.size()).drop_front(begin);
  }

  std::unique_ptr<ChildProcess> process;
  ArrayRef<FunctionSignature> functions;
  uint16_t sequence = 0;
  /// What has come, and where that starts which has not been looked at.
  SmallVector<char, 0> received;
  size_t begin = 0;
  /// Whether all that was asked of it so far went well.
  bool isWell = false;
};
} // namespace

static llvm::Error makeError(const Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

static uint32_t crc32(uint32_t crc, StringRef data) {
  return llvm::crc32(crc, llvm::arrayRefFromStringRef(data));
}

Server::~Server() {
  // Anything else ends with the process that it is in.
  if (!isWell)
    return;
  llvm::Expected<StringRef> reply = request(Shutdown, "", {});
  llvm::consumeError(reply ? process->wait() : reply.takeError());
}

llvm::Error Server::need(size_t size) {
  while (received.size() - begin < size)
    if (llvm::Error error = process->read(received))
      return error;
  return llvm::Error::success();
}

llvm::Error Server::readBanner() {
  std::string start = ("\n" + kMagic + " ").str();
  for (;;) {
    StringRef text = pending();
    size_t at = text.find(start);
    size_t end = at == StringRef::npos ? at : text.find('\n', at + 1);
    if (end != StringRef::npos) {
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

llvm::Expected<Server::Frame> Server::receive() {
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

llvm::Expected<StringRef> Server::request(Kind kind, StringRef head,
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
    if (reply->kind != (kind | Reply))
      return makeError("it answers another request than it was sent");
    return reply->payload;
  }
}

llvm::Expected<SmallVector<SharedArray>>
Server::call(unsigned number, ArrayRef<SharedArray> arguments) {
  const FunctionSignature &function = functions[number];
  SmallString<64> head;
  llvm::raw_svector_ostream os(head);
  endian::Writer writer(os, llvm::endianness::little);
  writer.write<uint32_t>(number);
  writer.write<uint32_t>(0); // arguments and results come along
  writer.write<uint32_t>(1); // once
  writer.write<uint32_t>(function.getNumDims());
  for (auto [argument, dim] : function.getDims())
    writer.write<int64_t>(arguments[argument]->shape[dim]);
  SmallVector<StringRef> data;
  for (const SharedArray &array : arguments)
    data.push_back(StringRef(array->data.data(), array->data.size()));
  llvm::Expected<StringRef> reply = request(Call, head, data);
  if (!reply)
    return reply.takeError();

  auto isShort = [] { return makeError("its answer is too short"); };
  auto take = [&](size_t size) {
    StringRef front = reply->take_front(size);
    *reply = reply->drop_front(size);
    return front;
  };
  if (reply->size() < 24)
    return isShort();
  if (int32_t status = endian::read32le(take(24).data()))
    return makeError(describeStatus(status));
  SmallVector<std::shared_ptr<NpyArray>> results;
  for (auto [index, tensor] : llvm::enumerate(function.results)) {
    if (reply->size() < 8 * tensor.shape.size())
      return isShort();
    SmallVector<int64_t> shape;
    for (int64_t expected : tensor.shape) {
      shape.push_back(endian::read64le(take(8).data()));
      if (!ShapedType::isDynamic(expected) && shape.back() != expected)
        return makeError("dimension " + Twine(shape.size() - 1) +
                         " of result " + Twine(index) + " is " +
                         Twine(shape.back()) + ", expected " + Twine(expected));
    }
    llvm::Expected<NpyArray> array =
        NpyArray::create(*getNpyType(tensor.elementType), shape);
    if (!array)
      return array.takeError();
    results.push_back(std::make_shared<NpyArray>(std::move(*array)));
  }
  for (auto &array : results) {
    if (reply->size() < array->data.size())
      return isShort();
    llvm::copy(take(array->data.size()), array->data.data());
  }
  if (!reply->empty())
    return makeError("its answer is too long");
  isWell = true;
  return SmallVector<SharedArray>(results.begin(), results.end());
}

llvm::Expected<std::unique_ptr<Device>>
owl::startServer(ArrayRef<std::string> command,
                 ArrayRef<FunctionSignature> functions, unsigned timeout) {
  llvm::Expected<std::unique_ptr<ChildProcess>> process =
      ChildProcess::start(command, timeout);
  if (!process)
    return process.takeError();
  auto server = std::make_unique<Server>(std::move(*process), functions);
  if (llvm::Error error = server->readBanner())
    return std::move(error);
  return server;
}
