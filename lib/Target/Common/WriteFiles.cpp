//===- WriteFiles.cpp - Output files, all or none -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Temporary files in the output's own folder, so that renaming is atomic. While
// several are renamed, a second name keeps hold of each file that goes. A
// folder is filled under a temporary name.
//
//===----------------------------------------------------------------------===//

#include "owl/Target/Common/WriteFiles.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/ErrorOr.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"
#include <filesystem>

using namespace mlir;
using namespace mlir::owl;
namespace fs = llvm::sys::fs;

/// The file that writing to `path` would write: an absolute path without links,
/// also where there is no such file yet. Fails where its folder does not exist
/// and where links lead in a circle.
static llvm::ErrorOr<std::string> getDestination(StringRef path) {
  // A link to a file that is not there yet cannot be left to the system.
  std::error_code code;
  std::filesystem::path target(path.str());
  for (unsigned numLinks = 0; std::filesystem::is_symlink(target, code);) {
    std::filesystem::path next = std::filesystem::read_symlink(target, code);
    if (code)
      return code;
    if (++numLinks > 40)
      return std::make_error_code(std::errc::too_many_symbolic_link_levels);
    target = target.parent_path() / next;
  }
  if (!target.has_filename())
    return std::make_error_code(std::errc::is_a_directory);
  std::filesystem::path folder = std::filesystem::canonical(
      target.has_parent_path() ? target.parent_path() : ".", code);
  if (code)
    return code;
  return (folder / target.filename()).string();
}

namespace {
/// A name in a folder that nothing else has, for a file or folder that is gone
/// when this goes unless it got another name.
class TemporaryName {
public:
  /// Where `isExpendable`, a signal that ends the process removes the file too.
  explicit TemporaryName(bool isExpendable) : isExpendable(isExpendable) {}

  /// Tries names beside `path` until `create` takes one, that is fails with
  /// anything but file_exists.
  std::error_code create(StringRef path,
                         function_ref<std::error_code(StringRef)> create) {
    std::error_code code;
    for (unsigned attempt = 0; attempt != 100; ++attempt) {
      name = llvm::sys::path::parent_path(path);
      llvm::sys::path::append(
          name, "owl-" +
                    llvm::utohexstr(llvm::sys::Process::GetRandomNumber(),
                                    /*LowerCase=*/true) +
                    ".tmp");
      if (isExpendable)
        llvm::sys::RemoveFileOnSignal(name);
      code = create(name);
      if (!code)
        return code;
      keep();
      if (code != std::errc::file_exists)
        break;
    }
    return code;
  }

  std::error_code renameTo(StringRef path) {
    std::error_code code = fs::rename(name, path);
    if (code)
      return code;
    // Where both are names of one file, both stay.
    remove();
    keep();
    return code;
  }

  /// Leaves the file to itself.
  void keep() {
    if (isExpendable)
      llvm::sys::DontRemoveFileOnSignal(name);
    name.clear();
  }

  bool isSet() const { return !name.empty(); }
  StringRef get() const { return name; }

  ~TemporaryName() {
    if (!isSet())
      return;
    remove();
    keep();
  }
  TemporaryName(const TemporaryName &) = delete;
  TemporaryName &operator=(const TemporaryName &) = delete;

private:
  /// Removes what has the name, if anything has.
  void remove() {
    std::error_code code;
    std::filesystem::remove_all(name.str().str(), code);
  }

  bool isExpendable;
  SmallString<128> name;
};

/// One file on its way.
struct Output {
  explicit Output(const OutputFile &file) : file(file) {
    fs::file_status status;
    isStream = file.path == "-" ||
               (!fs::status(file.path, status) && fs::exists(status) &&
                !fs::is_regular_file(status));
  }

  const OutputFile &file;
  /// Whether something is there that cannot be renamed over.
  bool isStream;
  /// Known once the contents are written.
  std::string destination;
  TemporaryName contents{/*isExpendable=*/true};
  TemporaryName previous{/*isExpendable=*/false};
};
} // namespace

/// Writes `contents` to `file`, which it closes.
static std::error_code write(int file, StringRef contents) {
  llvm::raw_fd_ostream os(file, /*shouldClose=*/true);
  os << contents;
  os.close();
  std::error_code code = os.error();
  os.clear_error();
  return code;
}

/// Writes to what cannot be renamed over.
static std::error_code writeStream(Output &output) {
  std::error_code code;
  llvm::raw_fd_ostream os(output.file.path, code, fs::OF_None);
  if (!code) {
    os << output.file.contents;
    os.flush();
    code = os.error();
    os.clear_error();
  }
  return code;
}

/// Writes the file under a name of its own beside its destination.
static std::error_code writeTemporary(Output &output) {
  llvm::ErrorOr<std::string> destination = getDestination(output.file.path);
  if (!destination)
    return destination.getError();
  output.destination = std::move(*destination);
  fs::file_status previous;
  bool isNew = bool(fs::status(output.destination, previous));
  int file;
  std::error_code code =
      output.contents.create(output.destination, [&](StringRef name) {
        return fs::openFileForWrite(name, file, fs::CD_CreateNew, fs::OF_None,
                                    output.file.isProgram ? 0777 : 0666);
      });
  if (code)
    return code;
  // Before there is anything to read.
  if (!isNew)
    code = fs::setPermissions(
        file, fs::perms(previous.permissions() & fs::perms::all_all));
  std::error_code written = write(file, output.file.contents);
  return code ? code : written;
}

/// Gives back its name to what had it before.
static void restore(Output &output) {
  if (!output.previous.isSet())
    fs::remove(output.destination);
  else if (output.previous.renameTo(output.destination))
    output.previous.keep(); // Better under another name than lost.
}

/// Gives a second name to what is at the destination, so that it can be
/// restored.
static std::error_code keepPrevious(Output &output) {
  if (!fs::exists(output.destination))
    return {};
  return output.previous.create(output.destination, [&](StringRef name) {
    std::error_code code = fs::create_hard_link(output.destination, name);
    if (!code || code == std::errc::file_exists)
      return code;
    // Not every file system has links.
    return fs::exists(name) ? std::make_error_code(std::errc::file_exists)
                            : fs::rename(output.destination, name);
  });
}

LogicalResult owl::writeFiles(ArrayRef<OutputFile> files,
                              EmitErrorFn emitError) {
  std::vector<std::unique_ptr<Output>> outputs;
  for (const OutputFile &file : files)
    outputs.push_back(std::make_unique<Output>(file));

  // Everything that can fail comes before the first file gets its name, but for
  // the renaming itself, which can be undone.
  auto forEach = [&](bool isStream,
                     function_ref<std::error_code(Output &)> step) {
    for (auto &output : outputs) {
      if (output->isStream != isStream)
        continue;
      if (std::error_code code = step(*output)) {
        emitError() << "cannot write '" << output->file.path
                    << "': " << code.message();
        return failure();
      }
    }
    return success();
  };
  auto checkFolder = [](Output &output) {
    return fs::is_directory(output.file.path)
               ? std::make_error_code(std::errc::is_a_directory)
               : std::error_code();
  };
  // Links may give one file several names.
  auto checkDestinations = [&] {
    llvm::StringMap<StringRef> paths;
    for (auto &output : outputs) {
      if (output->isStream)
        continue;
      StringRef path = output->file.path;
      auto [at, isNew] = paths.try_emplace(output->destination, path);
      if (isNew)
        continue;
      InFlightDiagnostic error = emitError();
      error << "expected a file of its own for each output, got '" << path
            << "' twice";
      if (at->second != path)
        error << ", first as '" << at->second << "'";
      return failure();
    }
    return success();
  };
  SmallVector<Output *> renamed;
  auto rename = [&](Output &output) {
    // After the last one nothing can fail.
    if (&output != outputs.back().get())
      if (std::error_code code = keepPrevious(output))
        return code;
    if (std::error_code code = output.contents.renameTo(output.destination)) {
      if (output.previous.isSet())
        restore(output);
      return code;
    }
    renamed.push_back(&output);
    return std::error_code();
  };
  if (failed(forEach(/*isStream=*/true, checkFolder)) ||
      failed(forEach(/*isStream=*/false, writeTemporary)) ||
      failed(checkDestinations()) ||
      failed(forEach(/*isStream=*/true, writeStream)))
    return failure();
  if (succeeded(forEach(/*isStream=*/false, rename)))
    return success();
  for (Output *output : llvm::reverse(renamed))
    restore(*output);
  return failure();
}

/// Writes `files` into `folder`, which is there.
static LogicalResult fillFolder(StringRef folder, ArrayRef<OutputFile> files,
                                EmitErrorFn emitError) {
  for (const OutputFile &file : files) {
    SmallString<128> path(folder);
    llvm::sys::path::append(path, file.path);
    int descriptor;
    std::error_code code =
        fs::create_directories(llvm::sys::path::parent_path(path));
    if (!code)
      code = fs::openFileForWrite(path, descriptor, fs::CD_CreateNew,
                                  fs::OF_None, file.isProgram ? 0777 : 0666);
    if (!code)
      code = write(descriptor, file.contents);
    if (code)
      return emitError() << "cannot write '" << path << "': " << code.message();
  }
  return success();
}

LogicalResult owl::writeFolder(StringRef path, ArrayRef<OutputFile> files,
                               function_ref<LogicalResult()> check,
                               EmitErrorFn emitError) {
  auto fail = [&](std::error_code code) {
    return emitError() << "cannot write '" << path << "': " << code.message();
  };
  llvm::ErrorOr<std::string> destination =
      getDestination(path.rtrim(llvm::sys::path::get_separator()));
  if (!destination)
    return fail(destination.getError());
  std::error_code code;
  bool isThere = fs::exists(*destination);
  if (isThere && !fs::is_directory(*destination))
    return fail(std::make_error_code(std::errc::not_a_directory));
  if (isThere && !std::filesystem::is_empty(*destination, code) && !code &&
      failed(check()))
    return failure();
  if (code)
    return fail(code);

  // Both vanish with everything in them when they are not renamed.
  TemporaryName created(/*isExpendable=*/false);
  TemporaryName previous(/*isExpendable=*/false);
  auto makeFolder = [](StringRef name) {
    return fs::create_directory(name, /*IgnoreExisting=*/false);
  };
  code = created.create(*destination, makeFolder);
  if (code)
    return fail(code);
  if (failed(fillFolder(created.get(), files, emitError)))
    return failure();
  // An empty folder may be renamed over.
  if (isThere) {
    code = previous.create(*destination, makeFolder);
    if (!code)
      code = fs::rename(*destination, previous.get());
    if (code)
      return fail(code);
  }
  code = created.renameTo(*destination);
  if (!code)
    return success();
  if (isThere)
    (void)previous.renameTo(*destination);
  return fail(code);
}
