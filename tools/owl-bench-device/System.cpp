//===- System.cpp - What the system says of its machine -------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Linux has a folder for each cache of a processor, with the processors that
// share it. Where it has none, as in many virtual machines, the C library asks
// the processor.
//
//===----------------------------------------------------------------------===//

#include "System.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <algorithm>
#include <unistd.h>

using namespace mlir;
using namespace mlir::owl;

/// The first line of a small file; empty if there is none.
static std::string readLine(const llvm::Twine &path) {
  auto buffer = llvm::MemoryBuffer::getFileAsStream(path);
  return buffer ? (*buffer)->getBuffer().split('\n').first.str() : "";
}

static uint64_t ask(int name) { return std::max<int64_t>(0, ::sysconf(name)); }

CacheSizes owl::getCacheSizes() {
  CacheSizes sizes;
  // The processors of one core.
  std::string threads =
      readLine("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list");
  for (unsigned i = 0;; ++i) {
    std::string folder =
        "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(i) + "/";
    std::string type = readLine(folder + "type");
    if (type.empty())
      break;
    // "48K"
    uint64_t size = 0;
    if (type == "Instruction" ||
        llvm::StringRef(readLine(folder + "size")).consumeInteger(10, size))
      continue;
    size <<= 10;
    if (readLine(folder + "level") == "1")
      sizes.first = size;
    if (readLine(folder + "shared_cpu_list") == threads)
      sizes.own = std::max(sizes.own, size);
    sizes.last = std::max(sizes.last, size);
  }
#ifdef _SC_LEVEL1_DCACHE_SIZE
  if (sizes.first == 0) {
    sizes.first = ask(_SC_LEVEL1_DCACHE_SIZE);
    sizes.own = std::max(sizes.first, ask(_SC_LEVEL2_CACHE_SIZE));
    sizes.last = std::max(sizes.own, ask(_SC_LEVEL3_CACHE_SIZE));
  }
#endif
  return sizes;
}

uint64_t owl::getMemoryBytes() {
  return ask(_SC_PHYS_PAGES) * ask(_SC_PAGESIZE);
}

std::string owl::getEmulator() {
  // QEMU answers for /proc/self itself, but not for the folder of a thread.
  char path[256];
  ssize_t size = ::readlink("/proc/thread-self/exe", path, sizeof(path));
  if (size < 0)
    return "";
  llvm::StringRef name = llvm::sys::path::filename(llvm::StringRef(path, size));
  return name.starts_with("qemu-") ? name.str() : "";
}
