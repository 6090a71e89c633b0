/* Numbers for new tensors. */
#include "fill.h"

#include <math.h>

#include "../base/pool.h"
#include "../base/rng.h"

enum { PIECE = 1 << 14 }; /* numbers to a chunk; a multiple of 4 */

typedef struct fill {
  ms_tensor *t;
  uint64_t seed, stream;
  double a, b;
  void (*four)(const uint32_t word[4], double a, double b, double out[4]);
} fill;

static void uniform4(const uint32_t word[4], double low, double high, double out[4])
{
  for (int i = 0; i < 4; i++) out[i] = low + (high - low) * ms_rng_unit(word[i]);
}

static void normal4(const uint32_t word[4], double mean, double deviation, double out[4])
{
  for (int i = 0; i < 4; i += 2) {
    double radius = sqrt(-2.0 * log(ms_rng_unit(word[i]) + 0.5 / 16777216.0));
    double angle = 2.0 * M_PI * ms_rng_unit(word[i + 1]);
    out[i] = mean + deviation * radius * cos(angle);
    out[i + 1] = mean + deviation * radius * sin(angle);
  }
}

static void piece(void *arg, size_t chunk)
{
  const fill *f = arg;
  size_t end = (chunk + 1) * PIECE < f->t->count ? (chunk + 1) * PIECE : f->t->count;
  for (size_t i = chunk * PIECE; i < end; i += 4) {
    uint32_t word[4];
    double out[4];
    ms_rng_block(f->seed, f->stream, i / 4, word);
    f->four(word, f->a, f->b, out);
    for (size_t k = 0; k < 4 && i + k < end; k++) f->t->data[i + k] = (real)out[k];
  }
}

void ms_fill_uniform(ms_tensor *t, uint64_t seed, uint64_t stream, double low, double high)
{
  fill f = { t, seed, stream, low, high, uniform4 };
  ms_parallel((t->count + PIECE - 1) / PIECE, piece, &f);
}

void ms_fill_normal(ms_tensor *t, uint64_t seed, uint64_t stream, double mean, double deviation)
{
  fill f = { t, seed, stream, mean, deviation, normal4 };
  ms_parallel((t->count + PIECE - 1) / PIECE, piece, &f);
}

void ms_fill_constant(ms_tensor *t, double value)
{
  for (size_t i = 0; i < t->count; i++) t->data[i] = (real)value;
}
