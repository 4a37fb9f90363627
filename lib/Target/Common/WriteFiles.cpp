//===- WriteFiles.cpp - Output files, all or none -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Temporary files in the output's own folder, so that renaming is atomic.
//
//===----------------------------------------------------------------------===//

#include "owl/Target/Common/WriteFiles.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::owl;
namespace fs = llvm::sys::fs;

/// Writes to something that cannot be renamed over: a stream or a device.
static LogicalResult writeDirectly(StringRef path, StringRef contents,
                                   EmitErrorFn emitError) {
  std::error_code code;
  llvm::raw_fd_ostream os(path, code, fs::OF_None);
  if (!code) {
    os << contents;
    os.flush();
    code = os.error();
    os.clear_error();
  }
  if (code)
    return emitError() << "cannot write '" << path << "': " << code.message();
  return success();
}

/// Writes `contents` to a new temporary file beside `path`.
static llvm::Expected<fs::TempFile> writeTemporary(StringRef path,
                                                   StringRef contents) {
  auto file = fs::TempFile::create(path + ".tmp%%%%%%%%");
  if (!file)
    return file.takeError();
  llvm::raw_fd_ostream os(file->FD, /*shouldClose=*/false);
  os << contents;
  os.flush();
  if (os.has_error()) {
    std::error_code code = os.error();
    os.clear_error();
    llvm::consumeError(file->discard());
    return llvm::errorCodeToError(code);
  }
  return file;
}

LogicalResult owl::writeFiles(StringRef path, ArrayRef<OutputFile> files,
                              EmitErrorFn emitError) {
  // A link stays, what it points to is replaced.
  SmallString<128> target(path);
  if (path == "-" || fs::real_path(path, target))
    target = path;
  fs::file_status status;
  if (path == "-" || (!fs::status(target, status) && fs::exists(status) &&
                      !fs::is_regular_file(status)))
    return writeDirectly(path, files.front().contents, emitError);

  SmallVector<std::string> names;
  SmallVector<fs::TempFile> temporaries;
  llvm::Error error = llvm::Error::success();
  for (const OutputFile &file : files) {
    SmallString<128> name(target);
    if (!file.extension.empty())
      llvm::sys::path::replace_extension(name, file.extension);
    names.push_back(name.str().str());
    auto temporary = writeTemporary(name, file.contents);
    if (!temporary) {
      error = temporary.takeError();
      break;
    }
    temporaries.push_back(std::move(*temporary));
  }

  size_t numKept = 0;
  if (!error)
    for (; numKept < files.size(); ++numKept)
      if ((error = temporaries[numKept].keep(names[numKept])))
        break;
  if (!error)
    return success();

  std::string culprit = names.back();
  if (numKept > 0 || temporaries.size() == files.size()) {
    culprit = names[numKept];
    for (size_t i = 0; i < numKept; ++i)
      fs::remove(names[i]);
  }
  for (size_t i = numKept; i < temporaries.size(); ++i)
    llvm::consumeError(temporaries[i].discard());
  return emitError() << "cannot write '" << culprit
                     << "': " << llvm::toString(std::move(error));
}
