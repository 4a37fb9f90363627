//===- Server.cpp - A device behind a pipe --------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arrays go over a connection, and those that come are as large as they should
// be.
//
//===----------------------------------------------------------------------===//

#include "Device.h"
#include "mlir/IR/BuiltinTypes.h"
#include "owl/ExecutionEngine/Connection.h"
#include "owl/Support/MakeError.h"
#include "llvm/Support/Endian.h"

using namespace mlir;
using namespace mlir::owl;
namespace endian = llvm::support::endian;

namespace {
class Server : public Device {
public:
  Server(std::unique_ptr<Connection> connection,
         ArrayRef<FunctionSignature> functions)
      : connection(std::move(connection)), functions(functions) {}

  llvm::Expected<SmallVector<SharedArray>>
  call(unsigned function, ArrayRef<SharedArray> arguments) override;

private:
  std::unique_ptr<Connection> connection;
  ArrayRef<FunctionSignature> functions;
};
} // namespace

llvm::Expected<SmallVector<SharedArray>>
Server::call(unsigned number, ArrayRef<SharedArray> arguments) {
  const FunctionSignature &function = functions[number];
  Connection::Request request;
  request.function = number;
  for (auto [argument, dim] : function.getDims())
    request.dims.push_back(arguments[argument]->shape[dim]);
  for (const SharedArray &array : arguments)
    request.data.push_back(StringRef(array->data.data(), array->data.size()));
  llvm::Expected<Connection::Reply> reply = connection->call(request);
  if (!reply)
    return reply.takeError();

  StringRef rest = reply->results;
  auto isShort = [] { return makeError("its answer is too short"); };
  auto take = [&](size_t size) {
    StringRef front = rest.take_front(size);
    rest = rest.drop_front(size);
    return front;
  };
  SmallVector<std::shared_ptr<NpyArray>> results;
  for (auto [index, tensor] : llvm::enumerate(function.results)) {
    if (rest.size() < 8 * tensor.shape.size())
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
    if (rest.size() < array->data.size())
      return isShort();
    llvm::copy(take(array->data.size()), array->data.data());
  }
  if (!rest.empty())
    return makeError("its answer is too long");
  connection->confirm();
  return SmallVector<SharedArray>(results.begin(), results.end());
}

llvm::Expected<std::unique_ptr<Device>>
owl::startServer(ArrayRef<std::string> command,
                 ArrayRef<FunctionSignature> functions, unsigned timeout) {
  llvm::Expected<std::unique_ptr<Connection>> connection =
      Connection::open(command, timeout);
  if (!connection)
    return connection.takeError();
  return std::make_unique<Server>(std::move(*connection), functions);
}
