/*===- Serial.c - The PL011 of QEMU's virt machine ------------------------===*\
|*                                                                            *|
|* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* The port is polled. Its interrupt and the timer's stay masked in the       *|
|* processor: a pending one is enough to end a wfi.                           *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "Machine.h"

enum Register {
  Data = 0x00,
  Flags = 0x18,
  LineControl = 0x2c,
  Control = 0x30,
  InterruptLevel = 0x34,
  InterruptMask = 0x38
};
enum { ReceiverEmpty = 1 << 4, TransmitterFull = 1 << 5 };
/* Shared peripheral interrupt 1, and that of the virtual timer. */
enum { SerialInterrupt = 33, TimerInterrupt = 27 };

static bool hasInterrupt;

static volatile uint32_t *at(uint64_t device, uint64_t offset) {
  return (volatile uint32_t *)(device + offset);
}

void setUpSerial(bool hasGICv2) {
  *at(SerialPort, Control) = 0;
  *at(SerialPort, LineControl) = 0x70; /* 8 bits, FIFOs on */
  *at(SerialPort, InterruptLevel) = 0; /* at an eighth of the FIFO */
  *at(SerialPort, InterruptMask) = 1 << 4 | 1 << 6; /* received, timeout */
  *at(SerialPort, Control) = 0x301;                 /* on, both directions */

  hasInterrupt = hasGICv2;
  if (!hasGICv2)
    return;
  *at(GICDistributor, 0x100 + SerialInterrupt / 32 * 4) =
      1u << SerialInterrupt % 32;
  *at(GICDistributor, 0x100) = 1u << TimerInterrupt;
  *at(GICDistributor, 0) = 1;
  *at(GICInterface, 4) = 0xff; /* let every priority through */
  *at(GICInterface, 0) = 1;
}

size_t serialRead(uint8_t *data, size_t size) {
  size_t count = 0;
  while (count < size && !(*at(SerialPort, Flags) & ReceiverEmpty))
    data[count++] = *at(SerialPort, Data);
  return count;
}

void serialWrite(const void *data, size_t size) {
  const uint8_t *bytes = data;
  for (size_t i = 0; i < size; ++i) {
    while (*at(SerialPort, Flags) & TransmitterFull)
      ;
    *at(SerialPort, Data) = bytes[i];
  }
}

void serialWait(void) {
  /* QEMU hands over one byte at a time, some microseconds apart: to halt for
     each would take twice as long. */
  uint64_t start = readTicks();
  while (readTicks() - start < ticksPerSecond / 20000)
    if (!(*at(SerialPort, Flags) & ReceiverEmpty))
      return;
  if (!hasInterrupt)
    return;
  WRITE_REGISTER(cntv_tval_el0, ticksPerSecond / 20);
  WRITE_REGISTER(cntv_ctl_el0, 1);
  __asm__ volatile("isb\n wfi" ::: "memory");
}
