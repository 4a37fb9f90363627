/*===- Serve.c - Requests over the serial port ----------------------------===*\
|*                                                                            *|
|* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* The server that runs once a machine is up: it finds frames in whatever     *|
|* comes over the serial port, calls the model's functions and sends back     *|
|* their results. docs/unikernel.md describes the protocol byte by byte.      *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "Kernel.h"

/* How long the host may pause within a frame. */
enum { TimeoutSeconds = 5 };

/*===----------------------------------------------------------------------===*\
|* Receiving *|
\*===----------------------------------------------------------------------===*/

/* The request at hand: how much of its payload is still to come, and the
   checksum of what has come. */
static struct {
  uint16_t kind, sequence;
  uint32_t remaining;
  uint32_t crc;
  /* Bytes of its payload or checksum were late: the rest will not come. */
  bool timedOut;
} request;

/* Fills `data`, or gives up after a pause that is too long. */
static bool readBytes(void *data, size_t size) {
  uint8_t *bytes = data;
  uint64_t start = readTicks();
  while (size) {
    size_t count = serialRead(bytes, size);
    if (count) {
      bytes += count;
      size -= count;
      start = readTicks();
    } else if (readTicks() - start > TimeoutSeconds * ticksPerSecond) {
      request.timedOut = true;
      return false;
    } else {
      serialWait();
    }
  }
  return true;
}

/* The next byte, however long it takes. */
static uint8_t waitForByte(void) {
  uint8_t byte;
  while (!serialRead(&byte, 1))
    serialWait();
  return byte;
}

static uint32_t load16(const uint8_t *data) { return data[0] | data[1] << 8; }
static uint32_t load32(const uint8_t *data) {
  return load16(data) | load16(data + 2) << 16;
}

/* Skips everything up to the next valid header. A window slides over the bytes
   one at a time, so that no garbage hides the frame behind it. */
static void readHeader(void) {
  uint8_t window[HeaderSize] = {0};
  do {
    for (unsigned i = 0; i + 1 < HeaderSize; ++i)
      window[i] = window[i + 1];
    window[HeaderSize - 1] = waitForByte();
  } while (load32(window) != FrameMagic ||
           load32(window + 12) != crc32(0, window, 12));
  request.kind = load16(window + 4);
  request.sequence = load16(window + 6);
  request.remaining = load32(window + 8);
  request.crc = 0;
  request.timedOut = false;
}

/* Reads the next `size` bytes of the payload. */
static bool readPayload(void *data, size_t size) {
  if (size > request.remaining || !readBytes(data, size))
    return false;
  request.remaining -= size;
  request.crc = crc32(request.crc, data, size);
  return true;
}

/*===----------------------------------------------------------------------===*\
|* Sending *|
\*===----------------------------------------------------------------------===*/

static uint32_t replyCrc;

static void store(uint8_t *data, uint64_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i)
    data[i] = value >> 8 * i;
}

static void beginReply(uint16_t kind, uint32_t size) {
  uint8_t header[HeaderSize];
  store(header, FrameMagic, 4);
  store(header + 4, kind, 2);
  store(header + 6, request.sequence, 2);
  store(header + 8, size, 4);
  store(header + 12, crc32(0, header, 12), 4);
  serialWrite(header, sizeof(header));
  replyCrc = 0;
}

static void write(const void *data, size_t size) {
  replyCrc = crc32(replyCrc, data, size);
  serialWrite(data, size);
}

static void write32(uint32_t value) {
  uint8_t data[4];
  store(data, value, 4);
  write(data, 4);
}

static void write64(uint64_t value) {
  uint8_t data[8];
  store(data, value, 8);
  write(data, 8);
}

static void endReply(void) {
  uint8_t data[4];
  store(data, replyCrc, 4);
  serialWrite(data, 4);
}

static void sendError(enum ErrorCode code, const struct Text *text) {
  beginReply(KindError, 4 + text->size);
  write32(code);
  write(text->data, text->size);
  endReply();
}

/* Reads the rest of the payload and its checksum, so that the next request is
   found. Where the request is damaged, says so and returns false. */
static bool acceptRequest(void) {
  uint8_t buffer[64];
  while (request.remaining && !request.timedOut)
    readPayload(buffer, request.remaining < sizeof(buffer) ? request.remaining
                                                           : sizeof(buffer));
  bool complete = !request.timedOut && readBytes(buffer, 4);
  if (complete && load32(buffer) == request.crc)
    return true;
  struct Text text;
  beginText(&text);
  addString(&text, complete ? "the checksum of the request is wrong"
                            : "the request stopped before its end");
  sendError(complete ? ErrorChecksum : ErrorTimeout, &text);
  return false;
}

/* Says what is wrong with a request. */
static void refuse(enum ErrorCode code, const struct Text *text) {
  if (acceptRequest())
    sendError(code, text);
}

static void refuseWith(enum ErrorCode code, const char *message) {
  struct Text text;
  beginText(&text);
  addString(&text, message);
  refuse(code, &text);
}

void reportException(const struct Text *text) {
  sendError(ErrorException, text);
  powerOff(/*failed=*/true);
}

/*===----------------------------------------------------------------------===*\
|* List *|
\*===----------------------------------------------------------------------===*/

static size_t nameSize(const char *name) {
  size_t size = 0;
  while (name[size])
    ++size;
  return size;
}

static void list(void) {
  if (!acceptRequest())
    return;
  uint32_t size = 4;
  for (uint64_t i = 0; i < functionTable.numFunctions; ++i) {
    const struct Function *f = &functionTable.functions[i];
    size += 12 + nameSize(f->name);
    for (uint32_t j = 0; j < f->numArguments + f->numResults; ++j)
      size += 8 + 8 * f->tensors[j].rank;
  }
  beginReply(KindList | KindReply, size);
  write32(functionTable.numFunctions);
  for (uint64_t i = 0; i < functionTable.numFunctions; ++i) {
    const struct Function *f = &functionTable.functions[i];
    write32(nameSize(f->name));
    write(f->name, nameSize(f->name));
    write32(f->numArguments);
    write32(f->numResults);
    for (uint32_t j = 0; j < f->numArguments + f->numResults; ++j) {
      write32(f->tensors[j].elementType);
      write32(f->tensors[j].rank);
      for (uint32_t k = 0; k < f->tensors[j].rank; ++k)
        write64(f->tensors[j].shape[k] == DYNAMIC ? -1
                                                  : f->tensors[j].shape[k]);
    }
  }
  endReply();
}

/*===----------------------------------------------------------------------===*\
|* Call and layout *|
\*===----------------------------------------------------------------------===*/

/* A call under preparation. The arrays live in the arena. */
struct Call {
  const struct Function *function;
  uint32_t flags, repeat;
  int64_t *dims;
  void **buffers;
  uint64_t *sizes;
  /* The dimensions of the results, one result after the other. */
  int64_t *resultShapes;
  uint64_t argumentBytes, resultBytes, workspaceBytes;
  uint32_t numResultDims;
  void *workspace;
};

static uint64_t saturatingMul(uint64_t a, uint64_t b) {
  uint64_t result;
  return __builtin_mul_overflow(a, b, &result) ? UINT64_MAX : result;
}

static uint64_t saturatingAdd(uint64_t a, uint64_t b) {
  uint64_t result;
  return __builtin_add_overflow(a, b, &result) ? UINT64_MAX : result;
}

/* The bytes of a tensor of the given shape. A negative dimension is left to the
   function to complain about: such a buffer is empty. A zero wins over every
   other dimension, also where those would overflow. */
static uint64_t tensorBytes(const struct Tensor *tensor, const int64_t *shape) {
  uint64_t bytes = tensor->elementSize;
  for (uint32_t i = 0; i < tensor->rank; ++i)
    if (shape[i] <= 0)
      return 0;
  for (uint32_t i = 0; i < tensor->rank; ++i)
    bytes = saturatingMul(bytes, shape[i]);
  return bytes;
}

/* Reads what a call and a layout request begin with: function, flags, repeat
   count and dimensions. */
static bool readCall(struct Call *call) {
  uint8_t head[16];
  if (!readPayload(head, sizeof(head))) {
    refuseWith(ErrorMalformed, "the request is too short");
    return false;
  }
  uint32_t index = load32(head), numDims = load32(head + 12);
  struct Text text;
  beginText(&text);
  if (index >= functionTable.numFunctions) {
    addString(&text, "there is no function ");
    addDecimal(&text, index);
    refuse(ErrorMalformed, &text);
    return false;
  }
  call->function = &functionTable.functions[index];
  call->flags = load32(head + 4);
  call->repeat = load32(head + 8);
  if (numDims != call->function->numDims) {
    addString(&text, call->function->name);
    addString(&text, " expects ");
    addDecimal(&text, call->function->numDims);
    addString(&text, " dynamic dimensions, got ");
    addDecimal(&text, numDims);
    refuse(ErrorMalformed, &text);
    return false;
  }
  call->dims = allocate(8 * (uint64_t)numDims);
  if (!call->dims) {
    refuseWith(ErrorOutOfMemory, "there is no memory for the dimensions");
    return false;
  }
  /* Both architectures are little-endian, as the protocol is. */
  if (!readPayload(call->dims, 8 * (size_t)numDims)) {
    refuseWith(ErrorMalformed, "the request is too short");
    return false;
  }
  return true;
}

/* Works out the shapes of the results, and the sizes of all buffers. */
static bool computeSizes(struct Call *call) {
  const struct Function *f = call->function;
  call->numResultDims = 0;
  for (uint32_t i = 0; i < f->numResults; ++i)
    call->numResultDims += f->tensors[f->numArguments + i].rank;
  uint64_t numBuffers = f->numArguments + f->numResults;
  call->buffers = allocate(8 * numBuffers);
  call->sizes = allocate(8 * numBuffers);
  call->resultShapes = allocate(8 * (uint64_t)call->numResultDims);
  /* Room for the shape of one argument. */
  int64_t *shape = allocate(8 * (uint64_t)f->maxRank);
  if (!call->buffers || !call->sizes || !call->resultShapes || !shape)
    return false;

  bool valid = true;
  call->argumentBytes = call->resultBytes = 0;
  const int64_t *dim = call->dims;
  for (uint32_t i = 0; i < f->numArguments; ++i) {
    const struct Tensor *tensor = &f->tensors[i];
    for (uint32_t j = 0; j < tensor->rank; ++j) {
      shape[j] = tensor->shape[j] == DYNAMIC ? *dim++ : tensor->shape[j];
      valid &= shape[j] >= 0;
    }
    call->sizes[i] = tensorBytes(tensor, shape);
    call->argumentBytes = saturatingAdd(call->argumentBytes, call->sizes[i]);
  }

  int64_t *resultShape = call->resultShapes;
  for (uint32_t i = 0; i < f->numResults; ++i) {
    const struct Tensor *tensor = &f->tensors[f->numArguments + i];
    if (tensor->numDynamic && valid) {
      f->outShape(i, call->dims, resultShape);
    } else {
      for (uint32_t j = 0; j < tensor->rank; ++j)
        resultShape[j] = tensor->shape[j] == DYNAMIC ? 0 : tensor->shape[j];
    }
    uint64_t bytes = tensorBytes(tensor, resultShape);
    call->sizes[f->numArguments + i] = bytes;
    call->resultBytes = saturatingAdd(call->resultBytes, bytes);
    resultShape += tensor->rank;
  }
  call->workspaceBytes = valid ? f->workspaceSize(call->dims) : 0;
  return true;
}

/* Places the buffers and the workspace. */
static bool allocateBuffers(struct Call *call) {
  const struct Function *f = call->function;
  for (uint32_t i = 0; i < f->numArguments + f->numResults; ++i)
    if (!(call->buffers[i] = allocate(call->sizes[i])))
      return false;
  call->workspace = NULL;
  return !call->workspaceBytes ||
         (call->workspace = allocate(call->workspaceBytes));
}

/* Reads the head of a request and lays out the buffers. Where that fails, the
   request has been refused. */
static bool prepareCall(struct Call *call) {
  resetArena();
  if (!readCall(call))
    return false;
  if (computeSizes(call) && allocateBuffers(call))
    return true;
  struct Text text;
  beginText(&text);
  addString(&text, call->function->name);
  addString(&text, " needs more memory than the ");
  addDecimal(&text, freeMemory());
  addString(&text, " bytes of this machine");
  refuse(ErrorOutOfMemory, &text);
  return false;
}

static void layout(void) {
  struct Call call;
  if (!prepareCall(&call))
    return;
  if (!acceptRequest())
    return;
  uint32_t numBuffers = call.function->numArguments + call.function->numResults;
  beginReply(KindLayout | KindReply, 4 + 16 * numBuffers);
  write32(numBuffers);
  for (uint32_t i = 0; i < numBuffers; ++i) {
    write64((uintptr_t)call.buffers[i]);
    write64(call.sizes[i]);
  }
  endReply();
}

static void callFunction(void) {
  struct Call call;
  if (!prepareCall(&call))
    return;
  const struct Function *f = call.function;
  bool inPlace = call.flags & CallInPlace;
  uint64_t expected = inPlace ? 0 : call.argumentBytes;
  if (request.remaining != expected) {
    struct Text text;
    beginText(&text);
    addString(&text, f->name);
    addString(&text, " expects ");
    addDecimal(&text, expected);
    addString(&text, " bytes of arguments, got ");
    addDecimal(&text, request.remaining);
    return refuse(ErrorMalformed, &text);
  }
  uint64_t replySize =
      24 + 8 * (uint64_t)call.numResultDims + (inPlace ? 0 : call.resultBytes);
  if (replySize > UINT32_MAX)
    return refuseWith(ErrorOutOfMemory,
                      "the results are too large for one reply");
  if (!inPlace)
    for (uint32_t i = 0; i < f->numArguments && !request.timedOut; ++i)
      readPayload(call.buffers[i], call.sizes[i]);
  if (!acceptRequest())
    return;

  int32_t status = 0;
  uint64_t least = UINT64_MAX, total = 0;
  for (uint32_t i = 0; status == 0 && (i == 0 || i < call.repeat); ++i) {
    uint64_t start = readTicks();
    status = f->call(call.buffers, call.dims, call.workspace);
    uint64_t ticks = readTicks() - start;
    total += ticks;
    if (ticks < least)
      least = ticks;
  }

  beginReply(KindCall | KindReply, status ? 24 : replySize);
  write32(status);
  write32(status ? 0 : f->numResults);
  write64(least);
  write64(total);
  if (status == 0) {
    for (uint32_t i = 0; i < call.numResultDims; ++i)
      write64(call.resultShapes[i]);
    for (uint32_t i = 0; !inPlace && i < f->numResults; ++i)
      write(call.buffers[f->numArguments + i], call.sizes[f->numArguments + i]);
  }
  endReply();
}

/*===----------------------------------------------------------------------===*\
|* The server *|
\*===----------------------------------------------------------------------===*/

static void shutdown(void) {
  if (!acceptRequest())
    return;
  beginReply(KindShutdown | KindReply, 0);
  endReply();
  powerOff(/*failed=*/false);
}

static void sendBanner(void) {
  struct Text text;
  beginText(&text);
  addString(&text, "\r\nOWL1 ");
  addString(&text, architecture);
  addString(&text, " functions=");
  addDecimal(&text, functionTable.numFunctions);
  addString(&text, " memory=");
  addDecimal(&text, freeMemory());
  addString(&text, " ticks=");
  addDecimal(&text, ticksPerSecond);
  addString(&text, "\r\n");
  serialWrite(text.data, text.size);
}

void serve(void) {
  sendBanner();
  for (;;) {
    readHeader();
    switch (request.kind) {
    case KindList:
      list();
      break;
    case KindCall:
      callFunction();
      break;
    case KindLayout:
      layout();
      break;
    case KindShutdown:
      shutdown();
      break;
    default: {
      struct Text text;
      beginText(&text);
      addString(&text, "there is no request of kind ");
      addDecimal(&text, request.kind);
      refuse(ErrorUnknownRequest, &text);
    }
    }
  }
}
