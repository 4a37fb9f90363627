/*===- Machine.c - A process of Linux -------------------------------------===*\
|*                                                                            *|
|* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* A model as a program of its own, static and without a C library: standard  *|
|* input and output are its serial port. It ends when its input does.         *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "../Kernel.h"

/*===----------------------------------------------------------------------===*\
|* System calls *|
\*===----------------------------------------------------------------------===*/

#ifdef __x86_64__
const char architecture[] = "x86_64";

enum SystemCall {
  Read = 0,
  Write = 1,
  MapMemory = 9,
  SetSignalAction = 13,
  SystemInfo = 99,
  SetSignalStack = 131,
  GetTime = 228,
  ExitGroup = 231,
  Poll = 271
};

static long call(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
                     "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

__asm__(".globl owl.entry\n"
        "owl.entry:\n"
        "  xor %ebp, %ebp\n"
        "  and $-16, %rsp\n"
        "  call owl.start\n");
#else
const char architecture[] = "aarch64";

enum SystemCall {
  Read = 63,
  Write = 64,
  Poll = 73,
  ExitGroup = 94,
  GetTime = 113,
  SetSignalStack = 132,
  SetSignalAction = 134,
  SystemInfo = 179,
  MapMemory = 222
};

static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc #0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
}

__asm__(".globl owl.entry\n"
        "owl.entry:\n"
        "  mov x29, xzr\n"
        "  mov x30, xzr\n"
        "  bl owl.start\n");
#endif

void powerOff(bool failed) {
  for (;;)
    call(ExitGroup, failed ? 3 : 0, 0, 0, 0, 0, 0);
}

/*===----------------------------------------------------------------------===*\
|* Input and output *|
\*===----------------------------------------------------------------------===*/

enum { Input = 0, Output = 1, Interrupted = -4 };

struct Time {
  int64_t seconds, nanoseconds;
};

/* Waits until there is something to read, or its end. */
static bool waitForInput(int64_t nanoseconds) {
  struct {
    int file;
    short events, happened;
  } poll = {Input, /*POLLIN=*/1, 0};
  struct Time time = {0, nanoseconds};
  return call(Poll, (long)&poll, 1, (long)&time, 0, 0, 0) > 0;
}

size_t serialRead(uint8_t *data, size_t size) {
  if (!waitForInput(0))
    return 0;
  long count = call(Read, Input, (long)data, size, 0, 0, 0);
  if (count == Interrupted)
    return 0;
  /* Nobody is left to ask. */
  if (count <= 0)
    powerOff(count < 0);
  return count;
}

void serialWrite(const void *data, size_t size) {
  const uint8_t *bytes = data;
  while (size) {
    long count = call(Write, Output, (long)bytes, size, 0, 0, 0);
    if (count == Interrupted)
      continue;
    if (count < 0)
      powerOff(/*failed=*/true);
    bytes += count;
    size -= count;
  }
}

void serialWait(void) { waitForInput(50000000); }

/*===----------------------------------------------------------------------===*\
|* Time *|
\*===----------------------------------------------------------------------===*/

uint64_t ticksPerSecond = 1000000000;

uint64_t readTicks(void) {
  struct Time time;
  call(GetTime, /*CLOCK_MONOTONIC=*/1, (long)&time, 0, 0, 0, 0);
  return time.seconds * ticksPerSecond + time.nanoseconds;
}

/*===----------------------------------------------------------------------===*\
|* Memory *|
\*===----------------------------------------------------------------------===*/

/* Address space for all of the machine's memory, or as much as this process may
   have. Pages are the system's until they are written. */
static void setUpMemory(void) {
  struct {
    long uptime;
    unsigned long loads[3], totalRAM, freeRAM, sharedRAM, bufferRAM, totalSwap,
        freeSwap;
    unsigned short numProcesses, padding;
    unsigned long totalHigh, freeHigh;
    unsigned int unit;
    char reserved[64];
  } info;
  if (call(SystemInfo, (long)&info, 0, 0, 0, 0, 0) != 0)
    return;
  enum { ReadWrite = 3, PrivateAnonymousUnreserved = 0x4022 };
  for (uint64_t size = (uint64_t)info.totalRAM * info.unit; size >= 4096;
       size /= 2) {
    long begin = call(MapMemory, 0, size, ReadWrite, PrivateAnonymousUnreserved,
                      /*file=*/-1, 0);
    if (begin < 0 && begin > -4096)
      continue;
    addMemory(begin, begin + size);
    return;
  }
}

/*===----------------------------------------------------------------------===*\
|* Exceptions *|
\*===----------------------------------------------------------------------===*/

static const struct {
  int number;
  const char *name;
} signals[] = {
    {4, "illegal instruction"},
    {5, "breakpoint"},
    {7, "bus error"},
    {8, "arithmetic exception"},
    {11, "access outside of memory"},
};

static void handleSignal(int number) {
  struct Text text;
  beginText(&text);
  for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); ++i)
    if (signals[i].number == number)
      addString(&text, signals[i].name);
  addString(&text, " (signal ");
  addDecimal(&text, number);
  addString(&text, ")");
  reportException(&text);
}

static void setUpSignals(void) {
  /* The stack may be what is wrong. */
  static uint8_t stack[32768] __attribute__((aligned(16)));
  struct {
    void *stack;
    int flags;
    size_t size;
  } alternative = {stack, 0, sizeof(stack)};
  call(SetSignalStack, (long)&alternative, 0, 0, 0, 0, 0);
  enum { OnStack = 0x08000000, HasRestorer = 0x04000000 };
  struct {
    void (*handler)(int);
    unsigned long flags;
#ifdef __x86_64__
    /* Wanted, though no handler returns. */
    void (*restorer)(int);
#endif
    unsigned long mask;
  } action = {.handler = handleSignal, .flags = OnStack};
#ifdef __x86_64__
  action.flags |= HasRestorer;
  action.restorer = handleSignal;
#endif
  for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); ++i)
    call(SetSignalAction, signals[i].number, (long)&action, 0,
         sizeof(action.mask), 0, 0);
}

_Noreturn void start(void) OWL_SYMBOL(start);

void start(void) {
  setUpSignals();
  setUpMemory();
  serve();
}
