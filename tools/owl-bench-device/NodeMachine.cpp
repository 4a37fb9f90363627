//===- NodeMachine.cpp - Probes in Node -----------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A WebAssembly module of the probes, and Node, which is told what to call and
// prints the processor time that it took: other programs do not count.
//
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include "owl/ExecutionEngine/ChildProcess.h"
#include "owl/Support/MakeError.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::owl;

/// Reads the path of the module and a line "NAME BYTES" for each probe, then
/// "PROBE CALLS" again and again.
static constexpr llvm::StringLiteral kScript = R"(
const fs = require('fs');
const lines = require('readline').createInterface({ input: process.stdin });
const next = lines[Symbol.asyncIterator]();
const read = async () => (await next.next()).value.split(' ');
(async () => {
  const [path, count] = await read();
  const { instance } = await WebAssembly.instantiate(fs.readFileSync(path));
  const { exports } = instance, { memory } = exports;
  const probes = [];
  let most = 0, workspace = 0;
  for (let i = 0; i < count; ++i) {
    const [name, bytes] = await read();
    most = Math.max(most, Number(bytes));
    workspace = Math.max(workspace, exports[`owl_${name}_workspace_size`]());
    probes.push(exports[`owl_${name}`]);
  }
  const align = (place) => Math.ceil(place / 64) * 64;
  const source = align(exports.__heap_base.value);
  const target = align(source + most), scratch = align(target + most);
  const missing = scratch + workspace - memory.buffer.byteLength;
  memory.grow(Math.max(0, Math.ceil(missing / 65536)));
  console.log('ready');
  while (true) {
    const [index, calls] = await read(), probe = probes[index];
    const start = process.cpuUsage();
    for (let i = 0; i < calls; ++i)
      if (probe(source, target, scratch) !== 0) throw new Error('status');
    const { user, system } = process.cpuUsage(start);
    console.log((user + system) / 1e6);
  }
})();
)";

namespace {
class NodeMachine : public Machine {
public:
  explicit NodeMachine(StringRef path) : module(path) {}
  llvm::Error start(ArrayRef<Probe> probes, StringRef path);
  llvm::Expected<double> time(unsigned probe, unsigned calls) override;

private:
  llvm::Error write(StringRef line) { return node->write((line + "\n").str()); }
  llvm::Expected<std::string> readLine();

  llvm::FileRemover module;
  std::unique_ptr<ChildProcess> node;
  /// What it has printed after the last line that was read.
  SmallString<64> printed;
};
} // namespace

llvm::Expected<std::string> NodeMachine::readLine() {
  while (!printed.str().contains('\n'))
    if (llvm::Error error = node->read(printed))
      return std::move(error);
  auto [line, rest] = printed.str().split('\n');
  std::string result = line.str();
  printed.erase(printed.begin(), rest.begin());
  return result;
}

llvm::Error NodeMachine::start(ArrayRef<Probe> probes, StringRef path) {
  auto started = ChildProcess::start({"node", "-e", kScript.str()}, kSilence);
  if (!started)
    return started.takeError();
  node = std::move(*started);
  std::string job = llvm::formatv("{0} {1}", path, probes.size());
  for (const Probe &probe : probes)
    job += llvm::formatv("\n{0} {1}", probe.name, probe.arrayBytes);
  if (llvm::Error error = write(job))
    return error;
  llvm::Expected<std::string> answer = readLine();
  if (answer && *answer != "ready")
    return makeError("expected 'ready' of node, got '" + *answer + "'");
  return answer.takeError();
}

llvm::Expected<double> NodeMachine::time(unsigned probe, unsigned calls) {
  if (llvm::Error error = write(llvm::formatv("{0} {1}", probe, calls).str()))
    return std::move(error);
  llvm::Expected<std::string> answer = readLine();
  if (!answer)
    return answer.takeError();
  double seconds;
  if (StringRef(*answer).getAsDouble(seconds))
    return makeError("expected seconds of node, got '" + *answer + "'");
  return seconds;
}

std::unique_ptr<Machine> owl::createNodeMachine(ArrayRef<Probe> probes,
                                                const TargetRequest &target,
                                                MLIRContext &context) {
  FailureOr<std::string> path =
      compileProbes(probes, target, Emit::Module, context);
  if (failed(path))
    return nullptr;
  auto machine = std::make_unique<NodeMachine>(*path);
  if (llvm::Error error = machine->start(probes, *path)) {
    emitError(UnknownLoc::get(&context)) << llvm::toString(std::move(error));
    return nullptr;
  }
  return machine;
}
