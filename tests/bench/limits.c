/* This measures the most that the machine can do, for tests/bench/roofline.lua: multiply-adds in
   registers, reading memory and writing it. It prints one JSON line: gflops of all threads together
   with the instruction set in use, read_gbs and triad_gbs (a = b + s c; 12 bytes a number) over
   arrays that no cache holds.
       limits */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../core/base/cpu.h"
#include "../../core/base/memory.h"
#include "../../core/base/thread_pool.h"

enum { TURNS = 5, ROUNDS = 4000000 };
#define LENGTH ((size_t)1 << 26) /* floats to an array */
#define PIECE ((size_t)1 << 16)

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- multiply-adds: twelve sums that wait for nobody but themselves ------------------------- */
#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#define MAKE(i) wide s##i = first + (float)i;
#define TURN(i) s##i = s##i * factor + first; __asm__ volatile("" : "+v"(s##i));
#define TAKE(i) first += s##i;
#define MULTIPLY(name, bytes, target_)                                                    \
  static target_ void name(void *arg, size_t chunk)                                       \
  {                                                                                       \
    typedef float wide __attribute__((vector_size(bytes)));                               \
    wide first = { 0 }, factor = first + 0.999f;                                          \
    first += (float)(chunk + 1); /* sums tend to 1000 times this: no subnormals, which are slow */ \
    EACH(MAKE)                                                                            \
    for (long k = 0; k < ROUNDS; k++) { EACH(TURN) }                                      \
    EACH(TAKE)                                                                            \
    ((float *)arg)[chunk * 16] = first[0];                                                \
  }
#if defined(__x86_64__)
MULTIPLY(multiply_avx512, 64, __attribute__((target("avx512f"))))
MULTIPLY(multiply_avx2, 32, __attribute__((target("avx2,fma"))))
MULTIPLY(multiply_portable, 16, )
#else
#undef TURN
#define TURN(i) s##i = s##i * factor + first;
MULTIPLY(multiply_portable, 16, )
#define multiply_avx2 multiply_portable
#define multiply_avx512 multiply_portable
#endif

static double multiply_rate(void)
{
  static void (*const work[])(void *, size_t) = {
    multiply_portable, multiply_avx2, multiply_avx512
  };
  static float sink[16 * 256];
  const int level = ms_cpu_level(), threads = ms_threads();
  const double flops = 12.0 * 2 * (4 << level) * ROUNDS * threads;
  double best = 1e9;
  for (int i = 0; i < TURNS; i++) {
    const double start = now();
    ms_parallel((size_t)threads, work[level], sink);
    if (now() - start < best) best = now() - start;
  }
  return flops / best / 1e9;
}

/* ---- memory ------------------------------------------------------------------------------ */
typedef struct arrays {
  float *a, *b, *c;
} arrays;

static void triad(void *arg, size_t chunk)
{
  const arrays *t = arg;
  float *restrict a = t->a + chunk * PIECE;
  const float *restrict b = t->b + chunk * PIECE, *restrict c = t->c + chunk * PIECE;
  for (size_t i = 0; i < PIECE; i++) a[i] = b[i] + 3 * c[i];
}

static void read_all(void *arg, size_t chunk)
{
  const arrays *t = arg;
  float sum[64] = { 0 };
  for (const float *b = t->b + chunk * PIECE, *end = b + PIECE; b < end; b += 64)
    for (int k = 0; k < 64; k++) sum[k] += b[k];
  for (int k = 1; k < 64; k++) sum[0] += sum[k];
  t->a[chunk * PIECE] = sum[0];
}

static double memory_rate(void (*work)(void *, size_t), arrays *t, double bytes)
{
  double best = 1e9;
  for (int i = 0; i < TURNS; i++) {
    const double start = now();
    ms_parallel(LENGTH / PIECE, work, t);
    if (now() - start < best) best = now() - start;
  }
  return bytes / best / 1e9;
}

int main(void)
{
  size_t bytes = LENGTH * sizeof(float);
  arrays t = { ms_alloc(bytes), ms_alloc(bytes), ms_alloc(bytes) };
  if (!t.a || !t.b || !t.c) return 1;
  for (size_t i = 0; i < LENGTH; i++) t.a[i] = t.b[i] = t.c[i] = (float)(i % 7);
  const double array = (double)LENGTH * sizeof(float);
  printf("{\"cpu\": \"%s\", \"threads\": %d, \"gflops\": %.1f, ", ms_cpu_name(ms_cpu_level()),
         ms_threads(), multiply_rate());
  printf("\"read_gbs\": %.1f, ", memory_rate(read_all, &t, array));
  printf("\"triad_gbs\": %.1f}\n", memory_rate(triad, &t, 3 * array));
  return 0;
}
