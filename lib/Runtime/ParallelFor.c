/*===- ParallelFor.c - The hook for threads -------------------------------===*\
|*                                                                            *|
|* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* owl_parallel_for, which the objects of `owl-translate --threads=N` call:   *|
|*                                                                            *|
|*   cc -O2 -pthread main.c model.o ParallelFor.c                             *|
|*                                                                            *|
|* The threads are created when they are first needed, as many as there are   *|
|* processors for the caller at most, and stay: for a moment they look for    *|
|* more work, then they sleep. One call at a time has them; others that come  *|
|* meanwhile, from other threads or from within a task, run all of their      *|
|* tasks themselves.                                                          *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

/* What the generated headers declare. */
void owl_parallel_for(void (*task)(void *context, int64_t index), void *context,
                      int64_t count);

enum {
  MAX_WORKERS = 255,
  /* How long to look for a change before sleeping. */
  LOOK_NANOSECONDS = 20000
};

/* One call: it lives on the caller's stack. */
struct job {
  void (*task)(void *context, int64_t index);
  void *context;
  int64_t count;
  _Atomic int64_t next;
};

/* Held by the call that has the workers. */
static pthread_mutex_t callers = PTHREAD_MUTEX_INITIALIZER;

/* What follows changes under this lock; atomic is what is looked at without. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_job = PTHREAD_COND_INITIALIZER;
static pthread_cond_t is_done = PTHREAD_COND_INITIALIZER;
static struct job *current;
/* How many jobs there have been, and how many workers are at the current one.
 */
static _Atomic uint64_t generation;
static _Atomic int64_t busy;
static int64_t workers;

/* Whether to look again. `end` is 0 before the first look. By the clock: what a
 * processor makes of a pause is anything from 1 to 140 cycles. */
static int look_on(int64_t *end) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  int64_t now = time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
  if (*end == 0)
    *end = now + LOOK_NANOSECONDS;
  return now < *end;
}

static void work(struct job *job) {
  for (;;) {
    int64_t index =
        atomic_fetch_add_explicit(&job->next, 1, memory_order_relaxed);
    if (index >= job->count)
      return;
    job->task(job->context, index);
  }
}

static void *run_worker(void *unused) {
  (void)unused;
  uint64_t seen = 0;
  for (;;) {
    int64_t end = 0;
    while (atomic_load(&generation) == seen && look_on(&end))
      ;
    pthread_mutex_lock(&lock);
    while (atomic_load(&generation) == seen)
      pthread_cond_wait(&has_job, &lock);
    seen = atomic_load(&generation);
    /* Null where the others have done it all. */
    struct job *job = current;
    if (job)
      atomic_fetch_add(&busy, 1);
    pthread_mutex_unlock(&lock);
    if (!job)
      continue;
    work(job);
    pthread_mutex_lock(&lock);
    if (atomic_fetch_sub(&busy, 1) == 1)
      pthread_cond_signal(&is_done);
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

/* A child process has none of its parent's threads, but their locks. */
static void forget_workers(void) {
  pthread_mutex_init(&callers, NULL);
  pthread_mutex_init(&lock, NULL);
  pthread_cond_init(&has_job, NULL);
  pthread_cond_init(&is_done, NULL);
  current = NULL;
  busy = 0;
  workers = 0;
}

static void set_up(void) { pthread_atfork(NULL, NULL, forget_workers); }

/* How many processors this thread, and so those that it creates, may run on. */
static int64_t count_processors(void) {
#ifdef __linux__
  /* Linux knows of 8192 at most, and refuses sets of fewer than it has. */
  cpu_set_t sets[8192 / CPU_SETSIZE];
  if (sched_getaffinity(0, sizeof(sets), sets) == 0)
    return CPU_COUNT_S(sizeof(sets), sets);
#endif
  return sysconf(_SC_NPROCESSORS_ONLN);
}

/* Sees to it that there are `count` workers, if the system allows. */
static void start_workers(int64_t count) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, set_up);
  if (count > MAX_WORKERS)
    count = MAX_WORKERS;
  /* To count them takes longer than some calls. */
  if (workers >= count)
    return;
  int64_t most = count_processors() - 1;
  if (count > most)
    count = most;
  if (workers >= count)
    return;
  /* Signals are for the program's own threads, but for those of a fault. */
  sigset_t others, before;
  sigfillset(&others);
  sigdelset(&others, SIGSEGV);
  sigdelset(&others, SIGBUS);
  sigdelset(&others, SIGFPE);
  sigdelset(&others, SIGILL);
  pthread_sigmask(SIG_SETMASK, &others, &before);
  while (workers < count) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_worker, NULL) != 0)
      break;
    pthread_detach(thread);
    ++workers;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void owl_parallel_for(void (*task)(void *context, int64_t index), void *context,
                      int64_t count) {
  struct job job = {task, context, count, 0};
  if (count < 2 || pthread_mutex_trylock(&callers) != 0) {
    work(&job);
    return;
  }
  start_workers(count - 1);
  pthread_mutex_lock(&lock);
  current = &job;
  atomic_fetch_add(&generation, 1);
  pthread_cond_broadcast(&has_job);
  pthread_mutex_unlock(&lock);
  work(&job);

  /* All tasks have begun. Who comes now finds no job. */
  int64_t end = 0;
  while (atomic_load(&busy) != 0 && look_on(&end))
    ;
  pthread_mutex_lock(&lock);
  current = NULL;
  while (atomic_load(&busy) != 0)
    pthread_cond_wait(&is_done, &lock);
  pthread_mutex_unlock(&lock);
  pthread_mutex_unlock(&callers);
}
