//===- Process.h - A program that answers -----------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program that runs beside this one: what it reads and prints are pipes.
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_OWL_BENCH_DEVICE_PROCESS_H
#define TOOLS_OWL_BENCH_DEVICE_PROCESS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <sys/types.h>

namespace mlir::owl {

class Process {
public:
  Process() = default;
  /// Ends the program.
  ~Process();
  Process(const Process &) = delete;
  Process &operator=(const Process &) = delete;

  /// Starts `arguments`, the first of which is looked for on the PATH. Fails
  /// where it cannot be run.
  llvm::Error start(llvm::ArrayRef<std::string> arguments);

  llvm::Error write(llvm::StringRef text);
  /// The next `count` bytes that it prints. Fails when it has ended, or has
  /// printed nothing for `kSilence` seconds.
  llvm::Expected<std::string> read(size_t count);
  /// What it prints up to the end of the line, which is left out.
  llvm::Expected<std::string> readLine();

  static constexpr int kSilence = 60;

private:
  std::string name;
  pid_t pid = -1;
  int in = -1, out = -1;
};

} // namespace mlir::owl

#endif // TOOLS_OWL_BENCH_DEVICE_PROCESS_H
