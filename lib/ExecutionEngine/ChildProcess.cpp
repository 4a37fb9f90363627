//===- ChildProcess.cpp - A program at both ends of a pipe ----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// fork and exec, and a poll in front of each read and write.
//
//===----------------------------------------------------------------------===//

#include "owl/ExecutionEngine/ChildProcess.h"
#include "owl/Support/MakeError.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace mlir;
using namespace mlir::owl;

namespace {
/// A descriptor that is closed with this object.
struct File {
  int number = -1;

  ~File() {
    if (number >= 0)
      ::close(number);
  }
  int release() { return std::exchange(number, -1); }
};
} // namespace

/// The child's part: becomes the program, or writes errno to `report`.
[[noreturn]] static void exec(char *const *arguments, int input, int output,
                              int errors, int report, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // It may have ended before.
  if (::getppid() == parent && ::dup2(input, STDIN_FILENO) >= 0 &&
      ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(errors, STDERR_FILENO) >= 0)
    ::execvp(arguments[0], arguments);
  int code = errno;
  (void)!::write(report, &code, sizeof(code));
  ::_exit(127);
}

llvm::Expected<std::unique_ptr<ChildProcess>>
ChildProcess::start(ArrayRef<std::string> command, unsigned timeout) {
  auto fail = [&](int code) {
    return makeError("cannot run '" + command.front() +
                     "': " + std::strerror(code));
  };
  // Whoever writes into a pipe that nobody reads gets a signal, which a socket
  // can do without.
  File input[2], output[2], report[2], errors;
  auto open = [](File(&files)[2], auto create) {
    int numbers[2];
    if (create(numbers) != 0)
      return false;
    files[0].number = numbers[0];
    files[1].number = numbers[1];
    return true;
  };
  auto makePipe = [](int *numbers) { return ::pipe2(numbers, O_CLOEXEC); };
  auto makeSockets = [](int *numbers) {
    return ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, numbers);
  };
  // What it says about errors waits in memory, however much that is.
  errors.number = ::memfd_create("errors", MFD_CLOEXEC);
  if (!open(input, makeSockets) || !open(output, makePipe) ||
      !open(report, makePipe) || errors.number < 0)
    return fail(errno);

  SmallVector<char *> arguments;
  for (const std::string &argument : command)
    arguments.push_back(const_cast<char *>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t parent = ::getpid();
  pid_t id = ::fork();
  if (id < 0)
    return fail(errno);
  if (id == 0)
    exec(arguments.data(), input[1].number, output[1].number, errors.number,
         report[1].number, parent);
  std::unique_ptr<ChildProcess> process(new ChildProcess(
      id, input[0].release(), output[0].release(), errors.release(), timeout));
  ::close(report[1].release());
  int code;
  if (::read(report[0].number, &code, sizeof(code)) == sizeof(code))
    return fail(code);
  return std::move(process);
}

ChildProcess::~ChildProcess() {
  if (id != 0) {
    ::kill(id, SIGKILL);
    while (::waitpid(id, nullptr, 0) < 0 && errno == EINTR)
      ;
  }
  ::close(input);
  ::close(output);
  ::close(errors);
}

bool ChildProcess::reap(int &status) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point end = Clock::now() + std::chrono::seconds(timeout);
  for (;;) {
    if (::waitpid(id, &status, WNOHANG) == id) {
      id = 0;
      return true;
    }
    if (Clock::now() >= end)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// How a process has ended.
static std::string describe(int status) {
  if (WIFSIGNALED(status))
    return "it was ended by signal " + std::to_string(WTERMSIG(status));
  return "it ended with exit code " + std::to_string(WEXITSTATUS(status));
}

llvm::Error ChildProcess::makeEnd() {
  int status;
  if (!reap(status))
    return makeError("it closed its standard input or output");
  std::string message = describe(status);
  char text[1024];
  off_t size = ::lseek(errors, 0, SEEK_END);
  off_t begin = std::max<off_t>(0, size - off_t(sizeof(text)));
  ssize_t count = size > 0 ? ::pread(errors, text, sizeof(text), begin) : 0;
  if (count > 0) {
    // Of what it says the line with an error, else the last.
    SmallVector<StringRef> lines;
    StringRef(text, count).trim().split(lines, '\n');
    auto *found = llvm::find_if(lines, [](StringRef line) {
      return line.contains_insensitive("error:");
    });
    message += (": " + (found == lines.end() ? lines.back() : *found)).str();
  }
  return makeError(message);
}

llvm::Error ChildProcess::waitFor(int file, short event) {
  pollfd poll = {file, event, 0};
  int count;
  do
    count = ::poll(&poll, 1, int(timeout) * 1000);
  while (count < 0 && errno == EINTR);
  if (count > 0)
    return llvm::Error::success();
  return makeError("it did nothing for " + Twine(timeout) + " seconds");
}

llvm::Error ChildProcess::write(StringRef data) {
  while (!data.empty()) {
    if (llvm::Error error = waitFor(input, POLLOUT))
      return error;
    ssize_t count =
        ::send(input, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0)
      data = data.drop_front(count);
    else if (errno != EINTR && errno != EAGAIN)
      return makeEnd();
  }
  return llvm::Error::success();
}

llvm::Error ChildProcess::read(SmallVectorImpl<char> &data) {
  constexpr size_t most = 1 << 16;
  if (llvm::Error error = waitFor(output, POLLIN))
    return error;
  size_t size = data.size();
  data.resize_for_overwrite(size + most);
  ssize_t count;
  do
    count = ::read(output, data.data() + size, most);
  while (count < 0 && errno == EINTR);
  data.truncate(size + std::max<ssize_t>(count, 0));
  return count > 0 ? llvm::Error::success() : makeEnd();
}

llvm::Error ChildProcess::wait() {
  int status;
  if (!reap(status))
    return makeError("it did not end within " + Twine(timeout) + " seconds");
  return status == 0 ? llvm::Error::success() : makeError(describe(status));
}
