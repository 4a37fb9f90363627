/*===- MMU.c - Page tables of AArch64 -------------------------------------===*\
|*                                                                            *|
|* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Maps memory one to one. Without the MMU, all memory is that of devices:    *|
|* uncached, and a fault at each access that is not aligned.                  *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "Machine.h"

enum : uint64_t {
  Block = 1,
  Table = 3,
  Page = 3,
  /* Accessed, inner shareable, attributes 0 of MAIR: cached. */
  Normal = 1 << 10 | 3 << 8 | 0 << 2,
  /* Accessed, attributes 1, never executed: devices. */
  Device = 1 << 10 | 1 << 2 | UINT64_C(3) << 53
};
static const uint64_t kibibytes4 = UINT64_C(1) << 12;
static const uint64_t mebibytes2 = UINT64_C(1) << 21;
static const uint64_t gibibyte = UINT64_C(1) << 30;

/* 39 bits of address: 512 entries of 1 GiB. The first GiB holds the devices;
   the second, where memory starts, is mapped in smaller blocks, so that the
   page below the stack can be left out. */
static uint64_t root[512] __attribute__((aligned(4096)));
static uint64_t devices[512] __attribute__((aligned(4096)));
static uint64_t firstGiB[512] __attribute__((aligned(4096)));
static uint64_t aroundGuard[512] __attribute__((aligned(4096)));

static void mapBank(uint64_t begin, uint64_t end) {
  for (uint64_t i = begin / gibibyte; i < 512 && i * gibibyte < end; ++i)
    if (!root[i])
      root[i] = i * gibibyte | Normal | Block;
  for (unsigned i = 0; i < 512; ++i) {
    uint64_t address = RAMStart + i * mebibytes2;
    if (begin <= address && address < end)
      firstGiB[i] = address | Normal | Block;
  }
}

void setUpMMU(const struct Devices *machine) {
  root[0] = (uintptr_t)devices | Table;
  root[1] = (uintptr_t)firstGiB | Table;
  devices[GICDistributor / mebibytes2] = GICDistributor | Device | Block;
  devices[SerialPort / mebibytes2] = SerialPort | Device | Block;
  for (unsigned i = 0; i < machine->numBanks; ++i)
    mapBank(machine->banks[i].begin, machine->banks[i].end);

  uint64_t first = (uintptr_t)stackGuard & -mebibytes2;
  for (unsigned i = 0; i < 512; ++i)
    aroundGuard[i] = (first + i * kibibytes4) | Normal | Page;
  aroundGuard[((uintptr_t)stackGuard - first) / kibibytes4] = 0;
  firstGiB[(first - RAMStart) / mebibytes2] = (uintptr_t)aroundGuard | Table;

  /* Attributes 0: normal, write-back; 1: device, strongly ordered. */
  WRITE_REGISTER(mair_el1, 0xff);
  /* 39 bits of address, cached and shareable walks, 40 physical bits; no upper
     half. */
  WRITE_REGISTER(tcr_el1, UINT64_C(2) << 32 | 1 << 23 | 3 << 12 | 1 << 10 |
                              1 << 8 | (64 - 39));
  WRITE_REGISTER(ttbr0_el1, (uintptr_t)root);
  __asm__ volatile("dsb ish\n tlbi vmalle1\n ic iallu\n dsb ish\n isb" ::
                       : "memory");
  /* MMU, data cache, instruction cache; no check of alignment. */
  WRITE_REGISTER(sctlr_el1, 0x30d00800 | 1 << 12 | 1 << 2 | 1);
  __asm__ volatile("isb" ::: "memory");
}
