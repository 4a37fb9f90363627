//===- ReadModel.cpp - Parse a model file ---------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tells a file that is no model at all from a model with a mistake: the parser
// would show the bytes of either, or crash on them.
//
//===----------------------------------------------------------------------===//

#include "owl/Pipelines/ReadModel.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir;

/// Whether a text editor would show `text` as text.
static bool isText(StringRef text) {
  auto *begin = reinterpret_cast<const llvm::UTF8 *>(text.bytes_begin());
  return !text.contains('\0') &&
         llvm::isLegalUTF8String(
             &begin, reinterpret_cast<const llvm::UTF8 *>(text.bytes_end()));
}

/// How deeply `text` nests at most: brackets outside of strings and comments,
/// and minus signs in a row, which are operators of operators.
static int64_t getNesting(StringRef text) {
  int64_t depth = 0, deepest = 0, numMinuses = 0;
  while (!text.empty()) {
    char c = text.front();
    if (text.consume_front("//")) {
      text = text.drop_until([](char c) { return c == '\n'; });
      continue;
    }
    if (text.consume_front("->") || text.consume_front(">=") ||
        text.consume_front("<=")) {
      numMinuses = 0;
      continue;
    }
    text = text.drop_front();
    if (c == '"') {
      // To the end of the string, or of the line: strings do not go on there.
      while (!text.empty() && text.front() != '\n') {
        c = text.front();
        text =
            text.drop_front(c == '\\' ? std::min<size_t>(2, text.size()) : 1);
        if (c == '"')
          break;
      }
    } else if (StringRef("([{<").contains(c)) {
      ++depth;
    } else if (StringRef(")]}>").contains(c)) {
      depth = std::max<int64_t>(depth - 1, 0);
    }
    if (!llvm::isSpace(c))
      numMinuses = c == '-' ? numMinuses + 1 : 0;
    deepest = std::max(deepest, depth + numMinuses);
  }
  return deepest;
}

/// No bytecode takes its reader this long.
static constexpr rlim_t kMaxReadSeconds = 30;

/// MLIR's parser recurses: far below this it still has stack.
static constexpr int64_t kMaxNesting = 1000;

/// Writes to `file` why MLIR cannot read the bytecode in `buffer`, nothing if
/// it can. Takes the module apart again, where a damaged one would crash too.
static void tryToRead(llvm::MemoryBufferRef buffer,
                      const DialectRegistry &registry, int file) {
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.allowUnregisteredDialects();
  std::string problem;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (problem.empty())
      problem = diagnostic.str();
    return success();
  });
  // What the verifier finds is no damage, and reported by who reads the model.
  ParserConfig config(&context, /*verifyAfterParse=*/false);
  Block block;
  if (failed(readBytecodeFile(buffer, &block, config)))
    llvm::raw_fd_ostream(file, /*shouldClose=*/false)
        << (problem.empty() ? "MLIR's reader refuses it" : problem);
  else
    for (Operation &op : block)
      (void)verify(&op);
}

/// Why MLIR cannot read the bytecode in `buffer`; empty if it can. Its reader
/// trusts what it reads in places: it may crash, or leave a heap that crashes
/// later. A process of its own bears that.
static std::string getBytecodeProblem(llvm::MemoryBufferRef buffer,
                                      const DialectRegistry &registry) {
  int ends[2];
  if (::pipe(ends))
    return "";
  pid_t child = ::fork();
  if (child == 0) {
    for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP})
      ::signal(signal, SIG_DFL);
    // It may also never end.
    rlimit seconds{kMaxReadSeconds, kMaxReadSeconds};
    ::setrlimit(RLIMIT_CPU, &seconds);
    // What libraries say on their way down is no diagnostic.
    if (int null = ::open("/dev/null", O_WRONLY); null >= 0)
      ::dup2(null, STDERR_FILENO);
    tryToRead(buffer, registry, ends[1]);
    ::_exit(EXIT_SUCCESS);
  }
  ::close(ends[1]);
  std::string problem;
  char chunk[256];
  while (ssize_t size = ::read(ends[0], chunk, sizeof(chunk))) {
    if (size > 0)
      problem.append(chunk, size);
    else if (errno != EINTR)
      break;
  }
  ::close(ends[0]);
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  if (problem.empty() && status != 0)
    return "MLIR's reader crashes on it, or does not come to an end";
  return problem;
}

std::string owl::getInputProblem(llvm::MemoryBufferRef buffer,
                                 const DialectRegistry &registry) {
  std::string name = "'" + buffer.getBufferIdentifier().str() + "'";
  if (isBytecode(buffer)) {
    std::string problem = getBytecodeProblem(buffer, registry);
    return problem.empty() ? "" : name + " is damaged bytecode: " + problem;
  }
  if (!isText(buffer.getBuffer()))
    return name + " is no model: expected MLIR as UTF-8 text or as bytecode";
  if (getNesting(buffer.getBuffer()) > kMaxNesting)
    return name + " nests too deeply: expected at most " +
           std::to_string(kMaxNesting) + " levels of brackets";
  return "";
}

OwningOpRef<ModuleOp>
owl::readModel(std::unique_ptr<llvm::MemoryBuffer> buffer,
               const std::shared_ptr<llvm::SourceMgr> &sourceManager,
               MLIRContext &context) {
  if (std::string problem =
          getInputProblem(*buffer, context.getDialectRegistry());
      !problem.empty()) {
    emitError(UnknownLoc::get(&context)) << problem;
    return nullptr;
  }
  sourceManager->AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  return parseSourceFile<ModuleOp>(sourceManager, ParserConfig(&context));
}
