//===- Progress.h - A line on the terminal ----------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Says what is going on when it takes more than two seconds.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_SUPPORT_PROGRESS_H
#define OWL_SUPPORT_PROGRESS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>

namespace mlir::owl {

/// While it lives, and once two seconds have passed, keeps one line on standard
/// error up to date if that is a terminal; then removes it.
class Progress {
public:
  /// Shows `what`, the seconds, and how much of `total` is done if that is not
  /// 0. What is no terminal gets a line every two seconds if `always`.
  Progress(llvm::StringRef what, unsigned total = 0, bool always = false)
      : what(what), total(total),
        isTerminal(llvm::sys::Process::StandardErrIsDisplayed()) {
    if (isTerminal || always)
      thread = std::thread([this] { show(); });
  }

  ~Progress() {
    if (!thread.joinable())
      return;
    {
      std::lock_guard<std::mutex> lock(mutex);
      isOver = true;
    }
    over.notify_one();
    thread.join();
  }

  /// One more of `total` is done.
  void advance() { ++done; }

  /// Shows `text` beside the seconds.
  void setNote(std::string text) {
    std::lock_guard<std::mutex> lock(mutex);
    note = std::move(text);
  }

private:
  void show() {
    using namespace std::chrono;
    auto start = steady_clock::now();
    auto next = start + seconds(2);
    bool isShown = false;
    // A stream of its own, which writes a line at once: diagnostics may come at
    // the same time.
    llvm::raw_fd_ostream os(STDERR_FILENO, /*shouldClose=*/false);
    os.SetBufferSize(256);
    std::unique_lock<std::mutex> lock(mutex);
    while (!over.wait_until(lock, next, [&] { return isOver; })) {
      next += milliseconds(isTerminal ? 500 : 2000);
      isShown = true;
      // Back to the first column, and remove what is right of the text.
      os << (isTerminal ? "\r" : "") << what << ' '
         << duration_cast<seconds>(steady_clock::now() - start).count() << " s";
      if (total != 0)
        os << ", " << done.load() << " of " << total;
      if (!note.empty())
        os << ", " << note;
      os << (isTerminal ? "\x1b[K" : "\n");
      os.flush();
    }
    if (isShown && isTerminal)
      os << "\r\x1b[K";
  }

  std::string what;
  unsigned total;
  bool isTerminal;
  std::string note;
  std::atomic<unsigned> done{0};
  std::thread thread;
  std::mutex mutex;
  std::condition_variable over;
  bool isOver = false;
};

} // namespace mlir::owl

#endif // OWL_SUPPORT_PROGRESS_H
