/*===- Serial.c - The 16550 of a PC ---------------------------------------===*\
|*                                                                            *|
|* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* The port is polled; its interrupt and that of the interval timer do        *|
|* nothing but end a halt.                                                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "Machine.h"

enum { Port = 0x3f8, FifoSize = 16, Threshold = 14 };
enum Register {
  Data = Port,
  DivisorLow = Port,
  InterruptEnable = Port + 1,
  DivisorHigh = Port + 1,
  InterruptId = Port + 2,
  FifoControl = Port + 2,
  LineControl = Port + 3,
  ModemControl = Port + 4,
  LineStatus = Port + 5
};
enum { ThresholdReached = 4, DataReady = 1, TransmitterEmpty = 0x20 };

void setUpSerial(void) {
  writePort(InterruptEnable, 0);
  writePort(LineControl, 0x80); /* the divisor: 115200 baud */
  writePort(DivisorLow, 1);
  writePort(DivisorHigh, 0);
  writePort(LineControl, 0x03);  /* 8 bits, no parity, one stop bit */
  writePort(FifoControl, 0xc7);  /* FIFOs on and empty, threshold 14 */
  writePort(ModemControl, 0x0b); /* ready; OUT2 lets interrupts through */
  writePort(InterruptEnable, 1); /* data received */

  writePort(0x43, 0x34); /* the interval timer: 18 times a second */
  writePort(0x40, 0);
  writePort(0x40, 0);

  /* The interrupt controllers: vectors from 0x20, and only lines 0 and 4. */
  writePort(0x20, 0x11);
  writePort(0xa0, 0x11);
  writePort(0x21, 0x20);
  writePort(0xa1, 0x28);
  writePort(0x21, 4);
  writePort(0xa1, 2);
  writePort(0x21, 1);
  writePort(0xa1, 1);
  writePort(0x21, 0xee);
  writePort(0xa1, 0xff);
}

size_t serialRead(uint8_t *data, size_t size) {
  size_t count = 0;
  while (count < size) {
    if (size - count >= Threshold &&
        (readPort(InterruptId) & 0x0f) == ThresholdReached) {
      for (unsigned i = 0; i < Threshold; ++i)
        data[count++] = readPort(Data);
    } else if (readPort(LineStatus) & DataReady) {
      data[count++] = readPort(Data);
    } else {
      break;
    }
  }
  return count;
}

void serialWrite(const void *data, size_t size) {
  const uint8_t *bytes = data;
  while (size) {
    while (!(readPort(LineStatus) & TransmitterEmpty))
      ;
    for (unsigned i = 0; i < FifoSize && size; ++i, --size)
      writePort(Data, *bytes++);
  }
}

void serialWait(void) {
  /* An interrupt cannot come between sti and the hlt behind it. */
  if (!(readPort(LineStatus) & DataReady))
    __asm__ volatile("sti\n hlt\n cli" : : : "memory");
}
