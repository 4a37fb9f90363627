// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the machine can do at best: reading, copying and filling memory by hand,
// with plain loads and stores, the best within the caches, with stores that
// bypass them, and with prefetching. Also the loop that calls what is timed.
// Counts are of bytes, multiples of 1024 for each thread.

#include <stddef.h>
#include <stdint.h>

#if defined(__AVX512F__)
#include <immintrin.h>
typedef __m512i vector;
#define LOAD(p) _mm512_load_si512(p)
#define STORE(p, v) _mm512_store_si512(p, v)
#define STREAM(p, v) _mm512_stream_si512((void *)(p), v)
#define OR(a, b) _mm512_or_si512(a, b)
#define SPLAT(x) _mm512_set1_epi32(x)
#define FENCE() _mm_sfence()
#elif defined(__AVX2__)
#include <immintrin.h>
typedef __m256i vector;
#define LOAD(p) _mm256_load_si256(p)
#define STORE(p, v) _mm256_store_si256(p, v)
#define STREAM(p, v) _mm256_stream_si256(p, v)
#define OR(a, b) _mm256_or_si256(a, b)
#define SPLAT(x) _mm256_set1_epi32(x)
#define FENCE() _mm_sfence()
#elif defined(__aarch64__)
#include <arm_neon.h>
typedef uint32x4_t vector;
#define LOAD(p) vld1q_u32((const uint32_t *)(p))
#define STORE(p, v) vst1q_u32((uint32_t *)(p), v)
// Clang makes a pair of these an stnp.
#define STREAM(p, v) __builtin_nontemporal_store(v, p)
#define OR(a, b) vorrq_u32(a, b)
#define SPLAT(x) vdupq_n_u32(x)
#define FENCE() ((void)0)
#else
#error "no kernels for this machine"
#endif

enum { UNROLL = 8 };

// Calls `f` on integer arguments `count` times; what it does not take is
// ignored in the calling conventions of x86-64 and AArch64. Returns the last
// status.
typedef int64_t function(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                         uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                         uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                         uint64_t);
int64_t call(function *f, const uint64_t *a, int64_t count) {
  int64_t status = 0;
  for (int64_t i = 0; i < count; ++i)
    status = f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9],
               a[10], a[11], a[12], a[13], a[14], a[15]);
  return status;
}

// Ahead of the hardware's own prefetching, which stops at the end of each page.
#define PREFETCH(p) __builtin_prefetch((const char *)(p) + 4096)
#define PREFETCH_NEAR(p) __builtin_prefetch((const char *)(p) + 1024)
#define PREFETCH_FAR(p) __builtin_prefetch((const char *)(p) + 8192)

#define READ(NAME, AHEAD)                                                      \
  int64_t NAME(const char *source, char *sink, int64_t bytes) {                \
    const vector *in = (const vector *)source;                                 \
    vector sums[UNROLL];                                                       \
    for (int k = 0; k < UNROLL; ++k)                                           \
      sums[k] = SPLAT(0);                                                      \
    for (int64_t i = 0, n = bytes / sizeof(vector); i < n; i += UNROLL)        \
      for (int k = 0; k < UNROLL; ++k) {                                       \
        AHEAD(in + i + k);                                                     \
        sums[k] = OR(sums[k], LOAD(in + i + k));                               \
      }                                                                        \
    for (int k = 0; k < UNROLL; ++k)                                           \
      STORE((vector *)sink + k, sums[k]);                                      \
    return 0;                                                                  \
  }
READ(read_plain, (void))
READ(read_prefetched, PREFETCH)
READ(read_prefetched_near, PREFETCH_NEAR)
READ(read_prefetched_far, PREFETCH_FAR)

// Several pages at once: each has a stream of the hardware's prefetching.
#define READ_PAGES(NAME, PAGES)                                                \
  int64_t NAME(const char *source, char *sink, int64_t bytes) {                \
    enum { PAGE = 4096, EACH = 2 };                                            \
    vector sums[PAGES * EACH];                                                 \
    for (int k = 0; k < PAGES * EACH; ++k)                                     \
      sums[k] = SPLAT(0);                                                      \
    int64_t i = 0;                                                             \
    for (; i + PAGES * PAGE <= bytes; i += PAGES * PAGE)                       \
      for (int64_t j = 0; j < PAGE; j += EACH * sizeof(vector))                \
        for (int k = 0; k < PAGES * EACH; ++k)                                 \
          sums[k] =                                                            \
              OR(sums[k],                                                      \
                 LOAD((const vector *)(source + i + j + k / EACH * PAGE) +     \
                      k % EACH));                                              \
    for (; i < bytes; i += sizeof(vector))                                     \
      sums[0] = OR(sums[0], LOAD((const vector *)(source + i)));               \
    for (int k = 0; k < PAGES * EACH; ++k)                                     \
      STORE((vector *)sink + k, sums[k]);                                      \
    return 0;                                                                  \
  }
READ_PAGES(read_4_pages, 4)
READ_PAGES(read_8_pages, 8)

#define COPY(NAME, AHEAD, PUT, END)                                            \
  int64_t NAME(const char *source, char *target, int64_t bytes) {              \
    const vector *in = (const vector *)source;                                 \
    vector *out = (vector *)target;                                            \
    for (int64_t i = 0, n = bytes / sizeof(vector); i < n; i += UNROLL)        \
      for (int k = 0; k < UNROLL; ++k) {                                       \
        AHEAD(in + i + k);                                                     \
        PUT(out + i + k, LOAD(in + i + k));                                    \
      }                                                                        \
    END;                                                                       \
    return 0;                                                                  \
  }
COPY(copy_plain, (void), STORE, (void)0)
COPY(copy_streamed, (void), STREAM, FENCE())
COPY(copy_streamed_prefetched, PREFETCH, STREAM, FENCE())
COPY(copy_streamed_prefetched_far, PREFETCH_FAR, STREAM, FENCE())

#define FILL(NAME, PUT, END)                                                   \
  int64_t NAME(const char *source, char *target, int64_t bytes) {              \
    vector value = LOAD((const vector *)source);                               \
    vector *out = (vector *)target;                                            \
    for (int64_t i = 0, n = bytes / sizeof(vector); i < n; i += UNROLL)        \
      for (int k = 0; k < UNROLL; ++k)                                         \
        PUT(out + i + k, value);                                               \
    END;                                                                       \
    return 0;                                                                  \
  }
FILL(fill_plain, STORE, (void)0)
FILL(fill_streamed, STREAM, FENCE())

// lib/Runtime/ParallelFor.c: Owl's own threads.
void owl_parallel_for(void (*task)(void *context, int64_t index), void *context,
                      int64_t count);

struct parts {
  int64_t (*kernel)(const char *, char *, int64_t);
  const char *source;
  char *target;
  int64_t bytes;
};

static void run_part(void *context, int64_t index) {
  const struct parts *parts = context;
  int64_t start = index * parts->bytes;
  parts->kernel(parts->source + start, parts->target + start, parts->bytes);
}

// Runs a kernel on as many threads, each on its part.
int64_t threaded(int64_t (*kernel)(const char *, char *, int64_t),
                 const char *source, char *target, int64_t bytes,
                 int64_t threads) {
  if (threads == 1)
    return kernel(source, target, bytes);
  struct parts parts = {kernel, source, target, bytes / threads};
  owl_parallel_for(run_part, &parts, threads);
  return 0;
}
