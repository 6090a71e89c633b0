/* One pool of threads for all loops over large data.
   Workers spin for a moment before they sleep: the gaps between the loops of a training
   step are shorter than a wake-up. A loop waits for those alone who joined it: one that wakes
   late finds it closed, and a small loop is done before. */
#define _GNU_SOURCE
#include "thread_pool.h"

#include <stdatomic.h>

#include "clock.h"
#include "cpu.h"
#include "error.h"
#include "interrupt.h"
#include "profile.h"
#include "thread.h"

enum { MOST = 256, SPINS = 2000, LITTLE = 1 << 14 };

static struct {
  ms_mutex busy;      /* held by the caller whose loop runs */
  ms_mutex lock;      /* guards the fields below while sleeping and waking */
  ms_cond wake;
  ms_thread thread[MOST];
  unsigned long begun[MOST]; /* the turn in which each was started */
  int workers;       /* threads started, the caller not counted */
  int wanted;        /* set by ms_set_threads; 0 until first asked */
  int asleep;
  atomic_ulong turn; /* counts loops; a worker waits for it to change */
  atomic_int stop;
  void (*work)(void *, size_t);
  void *arg;
  size_t chunks;
  int may_stop;      /* Ctrl-C cuts the loop off */
  atomic_size_t next;
  atomic_int open;    /* workers may join */
  atomic_int running; /* workers that joined, or are about to look whether they may */
} pool = { .busy = MS_MUTEX_INIT, .lock = MS_MUTEX_INIT, .wake = MS_COND_INIT };

static _Thread_local int inside;

static void take_chunks(void)
{
  while (!ms_stop_wanted()) {
    size_t c = atomic_fetch_add_explicit(&pool.next, 1, memory_order_relaxed);
    if (c >= pool.chunks) return;
    pool.work(pool.arg, c);
  }
}

/* Waits until a new loop is announced; returns its turn. */
static unsigned long wait_for_turn(unsigned long seen)
{
  for (int spin = 0; spin < SPINS; spin++) {
    unsigned long turn = atomic_load_explicit(&pool.turn, memory_order_acquire);
    if (turn != seen) return turn;
    ms_cpu_pause();
  }
  ms_lock(&pool.lock);
  pool.asleep++;
  while (atomic_load(&pool.turn) == seen) ms_cond_wait(&pool.wake, &pool.lock);
  pool.asleep--;
  ms_unlock(&pool.lock);
  return atomic_load(&pool.turn);
}

/* Counted before it looks: a caller that closed the loop and counts nobody is alone. */
static void join(void)
{
  atomic_fetch_add(&pool.running, 1);
  if (atomic_load(&pool.open)) {
    ms_stop_lend(pool.may_stop);
    take_chunks();
  }
  atomic_fetch_sub(&pool.running, 1);
}

static void *worker(void *begun)
{
  ms_cpu_flush_denormals();
  unsigned long seen = *(const unsigned long *)begun;
  inside = 1;
  for (;;) {
    seen = wait_for_turn(seen);
    if (atomic_load(&pool.stop)) return NULL;
    join();
  }
}

static void announce(void)
{
  ms_lock(&pool.lock);
  atomic_fetch_add_explicit(&pool.turn, 1, memory_order_release);
  if (pool.asleep) ms_cond_wake(&pool.wake);
  ms_unlock(&pool.lock);
}

static void end_workers(void)
{
  if (!pool.workers) return;
  atomic_store(&pool.stop, 1);
  announce();
  for (int i = 0; i < pool.workers; i++) ms_thread_join(&pool.thread[i]);
  atomic_store(&pool.stop, 0);
  pool.workers = 0;
}

/* Called with `busy` held. A machine that refuses threads runs with fewer. */
static void start_workers(void)
{
  while (pool.workers < pool.wanted - 1) {
    unsigned long *turn = &pool.begun[pool.workers];
    *turn = atomic_load(&pool.turn);
    if (ms_thread_start(&pool.thread[pool.workers], worker, turn) != 0) return;
    pool.workers++;
  }
}

int ms_threads(void)
{
  if (pool.wanted) return pool.wanted;
  int n = ms_cpu_count();
  return n < MOST ? n : MOST;
}

int ms_set_threads(int threads)
{
  if (threads < 1 || threads > MOST)
    return ms_fail("threads must be 1..%d, got %d", MOST, threads);
  ms_lock(&pool.busy);
  end_workers();
  pool.wanted = threads;
  ms_unlock(&pool.busy);
  return 0;
}

void ms_thread_pool_forked(void)
{
  ms_mutex_init(&pool.busy);
  ms_mutex_init(&pool.lock);
  ms_cond_init(&pool.wake);
  pool.workers = pool.asleep = 0;
  atomic_store(&pool.running, 0);
  pool.wanted = 1;
}

int ms_parallel_inside(void) { return inside; }

unsigned long ms_parallel_count(void)
{
  return atomic_load_explicit(&pool.turn, memory_order_relaxed);
}

static void run_alone(size_t chunks, void (*work)(void *, size_t), void *arg)
{
  for (size_t c = 0; c < chunks; c++) {
    if (ms_stop_taken()) return;
    work(arg, c);
  }
}

void ms_parallel(size_t chunks, void (*work)(void *arg, size_t chunk), void *arg)
{
  if (chunks < 2 || inside || !ms_try_lock(&pool.busy)) {
    run_alone(chunks, work, arg);
    return;
  }
  const double began = ms_profile_on ? ms_clock() : 0;
  if (!pool.wanted) pool.wanted = ms_threads();
  start_workers();
  pool.work = work;
  pool.arg = arg;
  pool.chunks = chunks;
  pool.may_stop = ms_stop_may();
  atomic_store(&pool.next, 0);
  atomic_store(&pool.open, 1);
  inside = 1;
  announce();
  take_chunks();
  atomic_store(&pool.open, 0);
  while (atomic_load(&pool.running) > 0) ms_cpu_pause();
  inside = 0;
  if (atomic_load(&pool.next) < chunks) ms_stop_note(); /* some were never handed out */
  if (ms_profile_on) ms_profile_loop(chunks, pool.workers + 1, ms_clock() - began);
  ms_unlock(&pool.busy);
}

void ms_parallel_of(size_t numbers, size_t chunks, void (*work)(void *arg, size_t chunk), void *arg)
{
  if (numbers < LITTLE) run_alone(chunks, work, arg);
  else ms_parallel(chunks, work, arg);
}
