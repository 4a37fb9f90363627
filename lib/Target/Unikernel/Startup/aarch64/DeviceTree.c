/*===- DeviceTree.c - What the machine is made of -------------------------===*\
|*                                                                            *|
|* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Reads the memory banks, the way to the firmware and the kind of interrupt  *|
|* controller off a flattened device tree (Devicetree Specification 0.4,      *|
|* chapter 5).                                                                *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "Machine.h"

enum { TreeMagic = 0xd00dfeed };
enum Token { BeginNode = 1, EndNode = 2, Property = 3, Nop = 4 };

static uint32_t load32(const uint8_t *data) {
  return (uint32_t)data[0] << 24 | data[1] << 16 | data[2] << 8 | data[3];
}

static uint64_t load64(const uint8_t *data) {
  return (uint64_t)load32(data) << 32 | load32(data + 4);
}

static bool equal(const char *a, const char *b) {
  while (*a && *a == *b)
    ++a, ++b;
  return *a == *b;
}

static bool startsWith(const char *string, const char *prefix) {
  while (*prefix && *string == *prefix)
    ++string, ++prefix;
  return !*prefix;
}

static void readProperty(const char *node, const char *name,
                         const uint8_t *value, uint32_t size,
                         struct Devices *devices) {
  /* `virt` states addresses and sizes in two cells each. */
  if (startsWith(node, "memory@") && equal(name, "reg")) {
    for (; size >= 16 && devices->numBanks < MaxBanks; size -= 16, value += 16)
      devices->banks[devices->numBanks++] =
          (struct Bank){load64(value), load64(value) + load64(value + 8)};
  } else if (equal(node, "psci") && equal(name, "method")) {
    devices->firmwareBySmc = equal((const char *)value, "smc");
  } else if (equal(name, "compatible") &&
             equal((const char *)value, "arm,cortex-a15-gic")) {
    devices->hasGICv2 = true;
  }
}

bool readDeviceTree(const void *tree, struct Devices *devices) {
  const uint8_t *base = tree;
  if (!base || (uintptr_t)base % 8 || load32(base) != TreeMagic)
    return false;
  const uint8_t *next = base + load32(base + 8);
  const uint8_t *end = base + load32(base + 4);
  const char *strings = (const char *)base + load32(base + 12);
  const char *node = "";
  while (next < end) {
    uint32_t token = load32(next);
    next += 4;
    if (token == BeginNode) {
      node = (const char *)next;
      while (*next++)
        ;
    } else if (token == Property) {
      uint32_t size = load32(next);
      readProperty(node, strings + load32(next + 4), next + 8, size, devices);
      next += 8 + size;
    } else if (token != EndNode && token != Nop) {
      break;
    }
    next = (const uint8_t *)(((uintptr_t)next + 3) & ~(uintptr_t)3);
  }
  return true;
}
