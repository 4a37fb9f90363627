//===- Process.cpp - A program that answers -------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Process.h.
//
//===----------------------------------------------------------------------===//

#include "Process.h"
#include "llvm/Support/Program.h"
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace mlir::owl;

extern char **environ;

static llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

Process::~Process() {
  for (int end : {in, out})
    if (end >= 0)
      ::close(end);
  if (pid < 0)
    return;
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

llvm::Error Process::start(llvm::ArrayRef<std::string> arguments) {
  name = arguments.front();
  llvm::ErrorOr<std::string> path = llvm::sys::findProgramByName(name);
  if (!path)
    return makeError("cannot run '" + name + "': " + path.getError().message());
  // What it does not read any more is an error, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  int toProgram[2], fromProgram[2];
  if (::pipe2(toProgram, O_CLOEXEC) != 0)
    return makeError("cannot make a pipe: " +
                     llvm::Twine(std::strerror(errno)));
  in = toProgram[1];
  if (::pipe2(fromProgram, O_CLOEXEC) != 0) {
    ::close(toProgram[0]);
    return makeError("cannot make a pipe: " +
                     llvm::Twine(std::strerror(errno)));
  }
  out = fromProgram[0];
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, toProgram[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, fromProgram[1], STDOUT_FILENO);
  std::vector<char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(const_cast<char *>(argument.c_str()));
  pointers.push_back(nullptr);
  int code = ::posix_spawn(&pid, path->c_str(), &actions, nullptr,
                           pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(toProgram[0]);
  ::close(fromProgram[1]);
  if (code == 0)
    return llvm::Error::success();
  pid = -1;
  return makeError("cannot run '" + name + "': " + std::strerror(code));
}

llvm::Error Process::write(llvm::StringRef text) {
  while (!text.empty()) {
    ssize_t count = ::write(in, text.data(), text.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return makeError("'" + name + "' has ended");
    text = text.drop_front(count);
  }
  return llvm::Error::success();
}

llvm::Expected<std::string> Process::read(size_t count) {
  std::string text;
  while (text.size() != count) {
    pollfd wait = {out, POLLIN, 0};
    int ready = ::poll(&wait, 1, 1000 * kSilence);
    if (ready < 0 && errno == EINTR)
      continue;
    if (ready == 0)
      return makeError("'" + name + "' has printed nothing for " +
                       llvm::Twine(kSilence) + " s");
    char buffer[4096];
    ssize_t got =
        ::read(out, buffer, std::min(sizeof(buffer), count - text.size()));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return makeError("'" + name + "' has ended");
    text.append(buffer, got);
  }
  return text;
}

llvm::Expected<std::string> Process::readLine() {
  std::string line;
  while (true) {
    llvm::Expected<std::string> byte = read(1);
    if (!byte)
      return byte.takeError();
    if (*byte == "\n")
      return line;
    line += *byte;
  }
}
