//===- ChildProcess.h - A program at both ends of a pipe --------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Starts a program, writes to its standard input and reads its standard output.
// It never outlives the object, nor this process.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_EXECUTIONENGINE_CHILDPROCESS_H
#define OWL_EXECUTIONENGINE_CHILDPROCESS_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <sys/types.h>

namespace mlir::owl {

class ChildProcess {
public:
  /// Starts `command`, a program and its arguments, the program being looked up
  /// on the PATH. `timeout` is how many seconds it may do nothing when
  /// something is wanted of it.
  static llvm::Expected<std::unique_ptr<ChildProcess>>
  start(ArrayRef<std::string> command, unsigned timeout);
  /// Ends the process, whatever it does.
  ~ChildProcess();

  /// Writes all of `data`. Fails where the process has ended or does not read.
  llvm::Error write(StringRef data);
  /// Appends what has come, one byte at least, to `data`. Fails where the
  /// process has ended or writes nothing.
  llvm::Error read(SmallVectorImpl<char> &data);
  /// Waits for the process to end by itself. Fails where it does not, or not
  /// with exit code 0.
  llvm::Error wait();

private:
  ChildProcess(pid_t id, int input, int output, int errors, unsigned timeout)
      : id(id), input(input), output(output), errors(errors), timeout(timeout) {
  }
  /// Waits until `file` is ready for `event`.
  llvm::Error waitFor(int file, short event);
  /// What has become of the process, which has closed an end.
  llvm::Error makeEnd();
  /// Whether the process has ended by itself in time; `status` is set then.
  bool reap(int &status);

  /// 0 once it has been waited for.
  pid_t id;
  int input, output, errors;
  unsigned timeout;
};

} // namespace mlir::owl

#endif // OWL_EXECUTIONENGINE_CHILDPROCESS_H
