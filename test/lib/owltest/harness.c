/*===- harness.c - Calls compiled functions from a file of arguments ------===*\
|*
|* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*
|*
|* `harness IN OUT FIRST` reads the calls of IN from the FIRST-th on, makes them
|* and writes what they give to OUT, call by call, so that a crash tells which.
|* Every buffer is aligned to 16 bytes and to no more, and stands between guards
|* that must survive. backends.py writes IN and reads OUT; both consist of
|* int64_t and raw bytes.
|*
\*===----------------------------------------------------------------------===*/

#include "harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kGuard = 64, kMax = 32, kPattern = 0xA5 };
/* More than any workspace that a test needs. */
static const size_t kHuge = (size_t)1 << 40;

typedef struct {
  unsigned char *base, *data;
  size_t size;
} Buffer;

static FILE *in, *out;

static void die(const char *what) {
  fprintf(stderr, "harness: %s\n", what);
  exit(3);
}

static int64_t readInt(void) {
  int64_t value;
  if (fread(&value, sizeof value, 1, in) != 1)
    die("truncated input");
  return value;
}

static void writeInt(int64_t value) { fwrite(&value, sizeof value, 1, out); }

static Buffer makeBuffer(size_t size) {
  Buffer buffer = {malloc(size + 2 * kGuard + 128), NULL, size};
  if (!buffer.base)
    die("out of memory");
  memset(buffer.base, kPattern, size + 2 * kGuard + 128);
  uintptr_t at = ((uintptr_t)buffer.base + kGuard + 63) / 64 * 64 + 16;
  buffer.data = (unsigned char *)at;
  return buffer;
}

static int isIntact(const Buffer *buffer) {
  for (int i = 1; i <= kGuard; ++i)
    if (buffer->data[-i] != kPattern ||
        buffer->data[buffer->size + i - 1] != kPattern)
      return 0;
  return 1;
}

static uint64_t hash(const Buffer *buffer) {
  uint64_t h = 1469598103934665603u;
  for (size_t i = 0; i < buffer->size; ++i)
    h = (h ^ buffer->data[i]) * 1099511628211u;
  return h;
}

static void makeCall(int run) {
  const HarnessFunction *f = &harnessFunctions[readInt()];
  int64_t dims[kMax * 8], ranks[kMax];
  Buffer buffers[kMax];
  void *pointers[kMax];
  uint64_t hashes[kMax];
  int count = f->numArguments + f->numResults;
  if (count > kMax)
    die("too many arguments");
  for (int i = 0; i < f->numDims; ++i)
    dims[i] = readInt();
  for (int i = 0; i < count; ++i) {
    buffers[i] = makeBuffer(readInt());
    pointers[i] = buffers[i].data;
    if (i >= f->numArguments)
      ranks[i - f->numArguments] = readInt();
    else if (buffers[i].size &&
             fread(buffers[i].data, buffers[i].size, 1, in) != 1)
      die("truncated input");
    hashes[i] = hash(&buffers[i]);
  }
  if (run) {
    // Nobody has a workspace for dimensions that are lies: the function has to
    // see that before it uses one.
    size_t size = f->workspaceSize(dims);
    Buffer workspace = makeBuffer(size < kHuge ? size : 0);
    writeInt(f->call(pointers, dims, workspace.size ? workspace.data : NULL));
    int damage = !isIntact(&workspace);
    for (int i = 0; i < count; ++i)
      if (!isIntact(&buffers[i]) ||
          (i < f->numArguments && hash(&buffers[i]) != hashes[i]))
        damage |= 2 << i;
    writeInt(damage);
    for (int i = 0; i < f->numResults; ++i) {
      int64_t shape[kMax];
      for (int j = 0; j < kMax; ++j)
        shape[j] = -1;
      if (f->outShape) {
        f->outShape(i, dims, shape);
        for (int j = 0; j < ranks[i]; ++j)
          writeInt(shape[j]);
      }
      fwrite(buffers[f->numArguments + i].data, 1,
             buffers[f->numArguments + i].size, out);
    }
    fflush(out);
    free(workspace.base);
  }
  for (int i = 0; i < count; ++i)
    free(buffers[i].base);
}

int main(int argc, char **argv) {
  if (argc != 4 || !(in = fopen(argv[1], "rb")) ||
      !(out = fopen(argv[2], "wb")))
    die("usage: harness IN OUT FIRST");
  int64_t count = readInt(), first = atoll(argv[3]);
  for (int64_t i = 0; i < count; ++i)
    makeCall(i >= first);
  return fclose(out) != 0;
}
