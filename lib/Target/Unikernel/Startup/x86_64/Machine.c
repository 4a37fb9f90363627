/*===- Machine.c - A PC with a PVH start info -----------------------------===*\
|*                                                                            *|
|* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Memory, the serial port, time and the way out on x86-64.                   *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "Machine.h"

const char architecture[] = "x86_64";

/*===----------------------------------------------------------------------===*\
|* Memory *|
\*===----------------------------------------------------------------------===*/

/* The start of hvm_start_info and an entry of its memory map, from the
   interface of Xen's PVH guests. */
struct StartInfo {
  uint32_t magic, version, flags, numModules;
  uint64_t modules, commandLine, rsdp, memoryMap;
  uint32_t memoryMapEntries;
};
struct MemoryMapEntry {
  uint64_t address, size;
  uint32_t type, reserved;
};
enum { StartInfoMagic = 0x336ec578, TypeRAM = 1 };

enum { Present = 1, Writable = 2, Large = 0x80 };
static const uintptr_t largePage = UINT64_C(2) << 20;
static const uintptr_t gibibyte = UINT64_C(1) << 30;
/* What one table of page directory pointers reaches. */
static const uintptr_t maxAddress = UINT64_C(512) << 30;

extern uint64_t pageDirectoryPointers[512] OWL_SYMBOL(pageDirectoryPointers);
/* Start-up has mapped the first 4 GiB. */
extern uint64_t pageDirectories[2048] OWL_SYMBOL(pageDirectories);

/* Makes a page of the first 4 GiB inaccessible: the large page that it is part
   of becomes a table of small ones, `table` where it is not one yet. */
static void unmapPage(uintptr_t address, uint64_t table[512]) {
  uintptr_t first = address & -largePage;
  uint64_t *entry = &pageDirectories[address / largePage];
  if (*entry & Large) {
    for (unsigned i = 0; i < 512; ++i)
      table[i] = (first + i * 4096) | Present | Writable;
    *entry = (uintptr_t)table | Present | Writable;
  }
  table = (uint64_t *)(*entry & -(uint64_t)4096);
  table[(address - first) / 4096] = 0;
  __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

/* Maps memory above 4 GiB, as far as there are pages for its tables. Returns
   the end of what is accessible. */
static uintptr_t mapMemory(uintptr_t begin, uintptr_t end) {
  if (end > maxAddress)
    end = maxAddress;
  for (uintptr_t i = begin / gibibyte; i * gibibyte < end; ++i) {
    if (pageDirectoryPointers[i])
      continue;
    uint64_t *directory = takePage();
    if (!directory)
      return i * gibibyte;
    for (unsigned j = 0; j < 512; ++j)
      directory[j] =
          (i * gibibyte + j * largePage) | Present | Writable | Large;
    pageDirectoryPointers[i] = (uintptr_t)directory | Present | Writable;
  }
  return end;
}

static void setUpMemory(const struct StartInfo *info) {
  if (info->magic != StartInfoMagic || info->version < 1)
    return;
  const struct MemoryMapEntry *map =
      (const struct MemoryMapEntry *)info->memoryMap;
  /* Memory below 4 GiB first: the tables for the rest come from there. */
  for (int high = 0; high < 2; ++high) {
    for (uint32_t i = 0; i < info->memoryMapEntries; ++i) {
      uintptr_t begin = map[i].address, end = begin + map[i].size;
      if (map[i].type != TypeRAM || (begin >= 4 * gibibyte) != high)
        continue;
      if (begin < (uintptr_t)imageEnd)
        begin = (uintptr_t)imageEnd;
      addMemory(begin, mapMemory(begin, end));
    }
  }
  static uint64_t tables[2][512] __attribute__((aligned(4096)));
  unmapPage(0, tables[0]);
  unmapPage((uintptr_t)stackGuard, tables[1]);
}

/*===----------------------------------------------------------------------===*\
|* Time *|
\*===----------------------------------------------------------------------===*/

uint64_t ticksPerSecond;

uint64_t readTicks(void) {
  uint32_t low, high;
  __asm__ volatile("lfence\n rdtsc" : "=a"(low), "=d"(high) : : "memory");
  return (uint64_t)high << 32 | low;
}

/* The counter, and where channel 2 of the interval timer stood at that time. */
struct Sample {
  uint64_t ticks;
  uint16_t timer;
};

/* This thread of the host may be put aside between any two instructions: of
   some attempts, the quickest is the one to trust. */
static struct Sample takeSample(void) {
  struct Sample best = {0, 0};
  uint64_t bestTime = UINT64_MAX;
  for (int attempt = 0; attempt < 8; ++attempt) {
    uint64_t before = readTicks();
    writePort(0x43, 0x80); /* hold what channel 2 counts */
    uint64_t after = readTicks();
    uint16_t timer = readPort(0x42);
    timer |= readPort(0x42) << 8;
    if (after - before < bestTime) {
      bestTime = after - before;
      best = (struct Sample){before + bestTime / 2, timer};
    }
  }
  return best;
}

/* Nothing that every hypervisor has states the rate of the time stamp counter,
   so it is measured against the interval timer, for 10 ms. */
static void measureTicks(void) {
  const uint32_t timerHz = 1193182;
  writePort(0x61, (readPort(0x61) & ~2) | 1); /* gate on, speaker off */
  writePort(0x43, 0xb0);                      /* channel 2, down from 65535 */
  writePort(0x42, 0xff);
  writePort(0x42, 0xff);
  struct Sample first = takeSample(), last;
  do
    last = takeSample();
  while ((uint16_t)(first.timer - last.timer) < timerHz / 100);
  ticksPerSecond = (last.ticks - first.ticks) * timerHz /
                   (uint16_t)(first.timer - last.timer);
}

/*===----------------------------------------------------------------------===*\
|* The way out *|
\*===----------------------------------------------------------------------===*/

void powerOff(bool failed) {
  /* Let the last bytes leave the port. */
  while (!(readPort(0x3f8 + 5) & 0x40))
    ;
  /* QEMU's isa-debug-exit, where the command line has one: exit code 3. */
  if (failed)
    writePort(0x501, 1);
  /* ACPI S5 of QEMU's pc and q35. */
  writePort16(0x604, 0x2000);
  /* Any other machine: with no interrupt table, an exception is a reset. */
  struct __attribute__((packed)) {
    uint16_t limit;
    uint64_t base;
  } descriptor = {0, 0};
  __asm__ volatile("lidt %0\n ud2" : : "m"(descriptor));
  __builtin_unreachable();
}

_Noreturn void start(const struct StartInfo *info) OWL_SYMBOL(start);

void start(const struct StartInfo *info) {
  setUpExceptions();
  setUpSerial();
  setUpMemory(info);
  measureTicks();
  serve();
}
