/* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Calls the compiled model of utils/demo.sh, as any C program would: reads the
 * photograph from a file, writes the results to two others. */

#include "model.h"

#include <stdio.h>
#include <stdlib.h>

enum { PHOTO = 240 * 320 * 3, ACTIVE = 480 * 640 * 3, SHARES = 3 };

static void *allocate(size_t size) {
  /* A multiple of 64 bytes, also where nothing is needed. */
  void *memory = aligned_alloc(64, (size / 64 + 1) * 64);
  if (!memory)
    exit(2);
  return memory;
}

static void save(const char *path, const float *data, size_t count) {
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(data, sizeof *data, count, file) != count ||
      fclose(file)) {
    perror(path);
    exit(2);
  }
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s PHOTO ACTIVE SHARES\n", argv[0]);
    return 2;
  }
  void *photo = allocate(PHOTO);
  FILE *file = fopen(argv[1], "rb");
  if (!file || fread(photo, 1, PHOTO, file) != PHOTO) {
    perror(argv[1]);
    return 2;
  }
  fclose(file);

  float *active = allocate(ACTIVE * sizeof *active);
  float *shares = allocate(SHARES * sizeof *shares);
  void *workspace = allocate(owl_demo_workspace_size());
  int32_t status = owl_demo(photo, active, shares, workspace);
  if (status != 0) {
    fprintf(stderr, "the model failed with status %d\n", (int)status);
    return 1;
  }
  save(argv[2], active, ACTIVE);
  save(argv[3], shares, SHARES);
  return 0;
}
