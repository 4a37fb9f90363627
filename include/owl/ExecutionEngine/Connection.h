//===- Connection.h - Calls over a pipe -------------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The host's side of the protocol in docs/unikernel.md, which images, programs
// for Linux and modules in Node answer.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_EXECUTIONENGINE_CONNECTION_H
#define OWL_EXECUTIONENGINE_CONNECTION_H

#include "owl/ExecutionEngine/ChildProcess.h"
#include "llvm/TargetParser/Triple.h"
#include <vector>

namespace mlir::owl {

/// The memory that an image is given.
constexpr unsigned kImageMegabytes = 512;

/// What boots `image`, a kernel for `triple`, under QEMU with nothing but its
/// serial port. `processor` are options of QEMU that choose one.
std::vector<std::string> getImageCommand(const llvm::Triple &triple,
                                         const std::string &image,
                                         ArrayRef<std::string> processor);

class Connection {
public:
  /// Starts `command`, and waits for it to say `OWL1 x86_64 functions=3 ...`.
  /// `timeout` is how many seconds it may do nothing.
  static llvm::Expected<std::unique_ptr<Connection>>
  open(ArrayRef<std::string> command, unsigned timeout);
  /// Asks the other side to end, and sees to it.
  ~Connection();

  /// That line.
  StringRef getBanner() const { return banner; }

  /// What is asked of a call: see docs/unikernel.md.
  struct Request {
    uint32_t function;
    /// Whether arguments and results stay where they are.
    bool inPlace = false;
    uint32_t times = 1;
    SmallVector<int64_t> dims;
    /// The bytes of the arguments.
    SmallVector<StringRef> data;
  };
  struct Reply {
    /// What the calls took, in the ticks of the banner.
    uint64_t ticks;
    /// Shapes and bytes of the results, which live until the next call.
    StringRef results;
  };
  /// Fails where the function returns another status than 0.
  llvm::Expected<Reply> call(const Request &request);

  /// Says that the last reply was as it should be. Who has given another one is
  /// not asked to end but killed.
  void confirm() { isWell = true; }

private:
  enum Kind : uint16_t {
    Call = 2,
    Shutdown = 4,
    Answer = 0x8000,
    Refusal = 0xffff
  };
  /// A frame that is intact.
  struct Frame {
    uint16_t kind, sequence;
    StringRef payload;
  };

  explicit Connection(std::unique_ptr<ChildProcess> process)
      : process(std::move(process)) {}
  llvm::Error readBanner();
  /// Sends a request whose payload is `head` and `data`, and returns the
  /// payload of its reply, which lives until the next one.
  llvm::Expected<StringRef> ask(Kind kind, StringRef head,
                                ArrayRef<StringRef> data);
  llvm::Expected<Frame> receive();
  /// Reads until there are `size` bytes from `begin` on.
  llvm::Error need(size_t size);
  StringRef pending() const {
    return StringRef(received.data(), received.size()).drop_front(begin);
  }

  std::unique_ptr<ChildProcess> process;
  std::string banner;
  uint16_t sequence = 0;
  /// What has come, and where that starts which has not been looked at.
  SmallVector<char, 0> received;
  size_t begin = 0;
  /// Whether all that was asked of it so far went well.
  bool isWell = false;
};

} // namespace mlir::owl

#endif // OWL_EXECUTIONENGINE_CONNECTION_H
