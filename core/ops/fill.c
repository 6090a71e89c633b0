/* Numbers for new tensors. */
#include "fill.h"

#include <math.h>
#include <string.h>

#include "../base/thread_pool.h"
#include "../base/rng.h"
#include "../kernels/philox.h"

enum { PIECE = 1 << 14, PART = 64 }; /* numbers to a chunk, and at a time; multiples of 4 */

/* Also compiled for wide registers where the processor has them: products that are rounded before
   they are added give the same bits either way. Sanitizers are not there yet when it is chosen. */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

typedef struct fill {
  ms_tensor *t;
  uint64_t seed, stream;
  double a, b;
  void (*numbers)(const uint32_t *word, double a, double b, real *out); /* PART of them */
  int truncated;
} fill;

WIDE static void uniform(const uint32_t *word, double low, double high, real *restrict out)
{
  for (int i = 0; i < PART; i++) out[i] = (real)(low + (high - low) * ms_rng_unit(word[i]));
}

static void normal(const uint32_t *word, double mean, double deviation, real *out)
{
  ms_k_philox()->normal(word, mean, deviation, out, PART);
}

static void kept(const uint32_t *word, double p, double keep, real *out)
{
  for (int i = 0; i < PART; i++) out[i] = ms_rng_unit(word[i]) < p ? 0 : (real)keep;
}

enum { ROUNDS = 64 };
static const uint64_t APART = 0x9E3779B97F4A7C15; /* between the streams of two rounds */

/* Draws the numbers at i.. again that lie beyond two deviations, each in the next round at its
   place. */
static void redraw(const fill *f, size_t i, real *out)
{
  for (int round = 1, left = 1; left && round < ROUNDS; round++) {
    uint32_t word[PART];
    real next[PART];
    ms_k_philox()->words(f->seed, f->stream + (uint64_t)round * APART, i / 4, PART / 4, word);
    normal(word, f->a, f->b, next);
    left = 0;
    for (int k = 0; k < PART; k++)
      if (fabs(out[k] - f->a) > 2 * fabs(f->b)) out[k] = next[k], left = 1;
  }
}

static void piece(void *arg, size_t chunk)
{
  const fill *f = arg;
  size_t end = (chunk + 1) * PIECE < f->t->count ? (chunk + 1) * PIECE : f->t->count;
  for (size_t i = chunk * PIECE; i < end; i += PART) {
    uint32_t word[PART];
    real out[PART];
    ms_k_philox()->words(f->seed, f->stream, i / 4, PART / 4, word);
    f->numbers(word, f->a, f->b, out);
    if (f->truncated) redraw(f, i, out);
    memcpy(f->t->data + i, out, (end - i < PART ? end - i : PART) * sizeof *out);
  }
}

static void all(fill f)
{
  ms_parallel((f.t->count + PIECE - 1) / PIECE, piece, &f);
}

void ms_fill_uniform(ms_tensor *t, uint64_t seed, uint64_t stream, double low, double high)
{
  all((fill){ t, seed, stream, low, high, uniform, 0 });
}

void ms_fill_normal(ms_tensor *t, uint64_t seed, uint64_t stream, double mean, double deviation)
{
  all((fill){ t, seed, stream, mean, deviation, normal, 0 });
}

void ms_fill_truncated(ms_tensor *t, uint64_t seed, uint64_t stream, double mean, double deviation)
{
  all((fill){ t, seed, stream, mean, deviation, normal, 1 });
}

void ms_fill_kept(ms_tensor *t, uint64_t seed, uint64_t stream, double p)
{
  all((fill){ t, seed, stream, p, 1 / (1 - p), kept, 0 });
}

static void constant_piece(void *arg, size_t chunk)
{
  const fill *f = arg;
  const size_t end = (chunk + 1) * PIECE < f->t->count ? (chunk + 1) * PIECE : f->t->count;
  for (size_t i = chunk * PIECE; i < end; i++) f->t->data[i] = (real)f->a;
}

void ms_fill_constant(ms_tensor *t, double value)
{
  fill f = { .t = t, .a = value };
  ms_parallel((t->count + PIECE - 1) / PIECE, constant_piece, &f);
}

/* ---- whole numbers: two words each ---------------------------------------------------------- */
typedef struct whole {
  ms_tensor *t;
  uint64_t seed, stream, span;
  int64_t low;
} whole;

static uint64_t below(uint64_t wide, uint64_t n)
{
  return (uint64_t)((unsigned __int128)wide * n >> 64);
}

static void whole_piece(void *arg, size_t chunk)
{
  const whole *f = arg;
  const size_t end = (chunk + 1) * PIECE < f->t->count ? (chunk + 1) * PIECE : f->t->count;
  for (size_t i = chunk * PIECE; i < end; i += PART) {
    uint32_t word[2 * PART];
    ms_k_philox()->words(f->seed, f->stream, i / 2, PART / 2, word);
    for (size_t k = 0; k < PART && i + k < end; k++) {
      const uint64_t wide = (uint64_t)word[2 * k] << 32 | word[2 * k + 1];
      f->t->data[i + k] = (real)(f->low + (int64_t)below(wide, f->span));
    }
  }
}

void ms_fill_whole(ms_tensor *t, uint64_t seed, uint64_t stream, int64_t low, int64_t high)
{
  whole f = { t, seed, stream, (uint64_t)(high - low) + 1, low };
  ms_parallel((t->count + PIECE - 1) / PIECE, whole_piece, &f);
}

/* ---- sequences: from both ends, so that both are exact -------------------------------------- */
typedef struct sequence {
  ms_tensor *t;
  ms_sequence s;
} sequence;

static void sequence_piece(void *arg, size_t chunk)
{
  const sequence *f = arg;
  const ms_sequence s = f->s;
  const size_t n = f->t->count, end = (chunk + 1) * PIECE < n ? (chunk + 1) * PIECE : n;
  const size_t half = (n + 1) / 2 < end ? (n + 1) / 2 : end;
  real *to = f->t->data;
  size_t i = chunk * PIECE;
  const size_t first = i;
  for (; i < half; i++) to[i] = (real)(s.first + (double)(int64_t)i * s.step);
  for (; i < end; i++) to[i] = (real)(s.last - (double)(int64_t)(n - 1 - i) * s.step);
  if (s.base == 0) return;
  for (i = first; i < end; i++) {
    const double v =
        i < half ? s.first + (double)i * s.step : s.last - (double)(n - 1 - i) * s.step;
    to[i] = (real)pow(s.base, v);
  }
}

void ms_fill_sequence(ms_tensor *t, ms_sequence s)
{
  sequence f = { t, s };
  ms_parallel((t->count + PIECE - 1) / PIECE, sequence_piece, &f);
}
