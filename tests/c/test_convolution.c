/* Convolutions against plain loops in double: odd shapes, every instruction set of this
   machine, and the same bits for one, two and three threads. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/cpu.h"
#include "../../core/base/error.h"
#include "../../core/base/thread_pool.h"
#include "../../core/base/rng.h"
#include "../../core/kernels/conv/convolution.h"
#include "../../core/kernels/gemm/gemm_openblas.h"
#include "../../core/kernels/conv/up_convolution.h"

#if defined(__x86_64__)
#define EXTERN(family)                                                                   \
  extern const ms_##family##_kernels ms_k_##family##_portable, ms_k_##family##_avx2,     \
      ms_k_##family##_avx512;                                                            \
  static const ms_##family##_kernels *const family##_sets[] = {                          \
    &ms_k_##family##_portable, &ms_k_##family##_avx2, &ms_k_##family##_avx512            \
  };
#else
#define EXTERN(family)                                                                   \
  extern const ms_##family##_kernels ms_k_##family##_portable;                           \
  static const ms_##family##_kernels *const family##_sets[] = { &ms_k_##family##_portable };
#endif
EXTERN(convolution)
EXTERN(up_convolution)

/* n, h, w, cin, kh, kw, cout, sh, sw, same */
static const size_t shapes[][10] = {
  { 2, 7, 9, 1, 3, 3, 16, 1, 1, 1 },    { 1, 5, 20, 16, 3, 3, 16, 1, 1, 1 },
  { 2, 9, 33, 17, 3, 3, 32, 1, 1, 1 },  { 1, 40, 14, 32, 3, 3, 1, 1, 1, 1 },
  { 2, 35, 13, 32, 3, 3, 4, 1, 1, 1 },  { 1, 6, 31, 32, 3, 3, 5, 1, 1, 1 },
  { 3, 12, 8, 48, 3, 3, 48, 1, 1, 1 },  { 3, 6, 2, 64, 3, 3, 80, 1, 1, 1 },
  { 2, 12, 4, 40, 3, 3, 33, 1, 1, 1 },  { 1, 1, 1, 3, 3, 3, 2, 1, 1, 1 },
  { 1, 1, 17, 2, 3, 3, 64, 1, 1, 1 },   { 1, 70, 61, 16, 3, 3, 32, 1, 1, 1 },
  { 1, 64, 128, 8, 3, 3, 8, 1, 1, 1 },  { 2, 11, 10, 7, 1, 1, 9, 1, 1, 1 },
  { 1, 50, 60, 32, 1, 1, 64, 1, 1, 1 }, { 2, 13, 12, 6, 5, 5, 7, 1, 1, 1 },
  { 2, 13, 12, 6, 3, 5, 18, 1, 1, 0 },  { 1, 9, 9, 3, 2, 4, 5, 1, 1, 1 },
  { 1, 9, 14, 19, 2, 2, 3, 1, 1, 0 },   { 2, 12, 13, 5, 3, 3, 10, 2, 2, 1 },
  { 2, 13, 12, 5, 3, 3, 10, 2, 1, 0 },  { 1, 32, 48, 1, 16, 16, 40, 16, 16, 0 },
  { 2, 9, 10, 4, 2, 3, 20, 2, 3, 0 },   { 1, 17, 11, 3, 1, 1, 8, 2, 2, 0 },
  { 1, 11, 12, 3, 2, 2, 8, 3, 3, 0 },   { 1, 11, 12, 3, 4, 4, 8, 4, 4, 1 },
  { 1, 2, 2, 3, 3, 3, 8, 1, 1, 0 },     { 0, 4, 4, 3, 3, 3, 8, 1, 1, 1 },
  { 2, 5, 3, 3, 7, 7, 2, 1, 1, 1 },     { 1, 4, 300, 3, 3, 3, 130, 1, 1, 1 },
  { 2, 37, 41, 48, 3, 3, 39, 1, 1, 1 }, { 3, 31, 30, 33, 3, 3, 64, 1, 1, 0 },
  { 9, 16, 15, 64, 3, 3, 50, 1, 1, 1 }, { 2, 40, 36, 16, 3, 3, 17, 1, 1, 1 },
  { 20, 6, 2, 64, 3, 3, 72, 1, 1, 1 },  { 3, 29, 31, 40, 1, 1, 77, 1, 1, 1 },
  { 1, 3, 5, 70, 1, 1, 130, 1, 1, 1 },  { 1, 54, 56, 130, 3, 3, 168, 1, 1, 1 },
  { 2, 9, 12, 3, 3, 3, 1, 1, 1, 1 },    { 1, 10, 16, 5, 3, 3, 2, 1, 1, 1 },
  { 2, 70, 64, 4, 3, 3, 4, 1, 1, 1 },   { 1, 8, 18, 6, 3, 3, 5, 1, 1, 1 },
  { 2, 13, 14, 5, 3, 3, 2, 2, 1, 0 },   { 1, 7, 16, 2, 5, 7, 3, 1, 1, 1 },
};
/* n, h, w, cin, cout */
static const size_t up_shapes[][5] = { { 2, 3, 5, 7, 9 },    { 1, 6, 4, 48, 16 },
                                       { 2, 9, 17, 24, 8 },  { 1, 12, 8, 33, 12 },
                                       { 1, 30, 41, 5, 1 },  { 3, 2, 2, 64, 40 },
                                       { 2, 5, 7, 136, 130 } };

static int failures;
static uint64_t draws;

static real *numbers(size_t count, int random)
{
  real *x = malloc((count + 1) * sizeof *x);
  for (size_t i = 0; i < count; i++) {
    uint32_t word[4] = { 0 };
    if (random) ms_rng_block(1, 2, draws++, word);
    x[i] = random ? (real)(ms_rng_unit(word[0]) - 0.5) : (real)NAN;
  }
  return x;
}

/* The three results of one convolution, each with its size. */
typedef struct results {
  real *y, *gx, *gw, *gb;
  size_t y_count, gx_count, gw_count, gb_count;
} results;

static results room(size_t y, size_t gx, size_t gw, size_t gb)
{
  return (results){ numbers(y, 0), numbers(gx, 0), numbers(gw, 0), numbers(gb, 0), y, gx, gw, gb };
}

static void release(results *r)
{
  free(r->y), free(r->gx), free(r->gw), free(r->gb);
}

static void compare(const char *what, const char *which, const real *got, const real *wanted,
                    size_t count, double scale)
{
  const double limit = (sizeof(real) == 4 ? 3e-6 : 1e-14) * scale;
  for (size_t i = 0; i < count; i++)
    if (!(fabs((double)got[i] - (double)wanted[i]) <= limit)) {
      printf("FAIL %s %s [%zu of %zu]: got %g, wanted %g\n", what, which, i, count,
             (double)got[i], (double)wanted[i]);
      failures++;
      return;
    }
}

static void compare_all(const char *what, const results *got, const results *wanted,
                        double depth, double pixels)
{
  compare(what, "y", got->y, wanted->y, got->y_count, 1 + sqrt(depth));
  compare(what, "gx", got->gx, wanted->gx, got->gx_count, 1 + sqrt(depth));
  compare(what, "gw", got->gw, wanted->gw, got->gw_count, 1 + sqrt(pixels));
  compare(what, "gb", got->gb, wanted->gb, got->gb_count, 1 + sqrt(pixels));
}

static int same_bits(const results *a, const results *b)
{
  return !memcmp(a->y, b->y, a->y_count * sizeof(real)) &&
         !memcmp(a->gx, b->gx, a->gx_count * sizeof(real)) &&
         !memcmp(a->gw, b->gw, a->gw_count * sizeof(real)) &&
         !memcmp(a->gb, b->gb, a->gb_count * sizeof(real));
}

/* Plain loops. `visit` order: every product of the definition once. */
static void plain(const ms_conv_shape *s, const real *x, const real *w, const real *bias,
                  const real *gy, results *r)
{
  double *gx = calloc(r->gx_count + 1, sizeof *gx), *gw = calloc(r->gw_count + 1, sizeof *gw);
  double *gb = calloc(r->gb_count + 1, sizeof *gb);
  for (size_t p = 0; p < s->n * s->oh * s->ow; p++)
    for (size_t o = 0; o < s->cout; o++) {
      const size_t j = p % s->ow, i = p / s->ow % s->oh, n = p / s->ow / s->oh;
      const double g = gy[p * s->cout + o];
      double sum = bias ? bias[o] : 0;
      for (size_t k = 0; k < s->kh * s->kw; k++) {
        const size_t row = i * s->sh + k / s->kw - s->ph, column = j * s->sw + k % s->kw - s->pw;
        if (row >= s->h || column >= s->w) continue; /* below zero wraps around */
        for (size_t c = 0; c < s->cin; c++) {
          const size_t at = ((n * s->h + row) * s->w + column) * s->cin + c;
          const size_t in = (k * s->cin + c) * s->cout + o;
          sum += (double)x[at] * w[in];
          gx[at] += g * w[in];
          gw[in] += g * x[at];
        }
      }
      r->y[p * s->cout + o] = (real)sum;
      gb[o] += g;
    }
  for (size_t i = 0; i < r->gx_count; i++) r->gx[i] = (real)gx[i];
  for (size_t i = 0; i < r->gw_count; i++) r->gw[i] = (real)gw[i];
  for (size_t i = 0; i < r->gb_count; i++) r->gb[i] = (real)gb[i];
  free(gx), free(gw), free(gb);
}

static void expect(int status)
{
  if (status == 0) return;
  printf("FAIL %s\n", ms_error());
  failures++;
}

/* x as a batch norm and a leaky rectifier leave it. */
static real *entered(const ms_affine_relu *norm, const real *x, size_t count, size_t channels)
{
  real *to = malloc((count + 1) * sizeof *to);
  for (size_t i = 0; i < count; i++) {
    const double z = (double)norm->scale[i % channels] * x[i] + norm->shift[i % channels];
    to[i] = (real)(z > 0 ? z : norm->slope * z);
  }
  return to;
}

static void test_shape(const size_t *d, int normed)
{
  ms_conv_shape s = { d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], 0, 0, 0, 0,
                      MS_PRECISION_FULL };
  ms_conv_fill(&s, (int)d[9]);
  const size_t nx = s.n * s.h * s.w * s.cin, ny = s.n * s.oh * s.ow * s.cout;
  const size_t nw = s.kh * s.kw * s.cin * s.cout;
  real *x = numbers(nx, 1), *w = numbers(nw, 1), *b = numbers(s.cout, 1), *gy = numbers(ny, 1);
  real *scale = numbers(s.cin, 1), *shift = numbers(s.cin, 1);
  const ms_affine_relu f = { scale, shift, (real)0.1 }, *norm = normed ? &f : NULL;
  const real *bias = s.w % 2 ? b : NULL;
  real *seen = norm ? entered(norm, x, nx, s.cin) : x;
  results wanted = room(ny, nx, nw, s.cout);
  plain(&s, seen, w, bias, gy, &wanted);
  for (int level = 0; level <= ms_cpu_level(); level++) {
    const ms_convolution_kernels *k = convolution_sets[level];
    char what[120];
    snprintf(what, sizeof what, "%s %s %zux%zux%zux%zu kernel %zux%zu to %zu stride %zux%zu",
             ms_cpu_name(level), norm ? "norm and conv" : "conv", s.n, s.h, s.w, s.cin,
             s.kh, s.kw, s.cout, s.sh, s.sw);
    results first = { 0 };
    for (int threads = 1; threads <= 3; threads++) {
      results got = room(ny, nx, nw, s.cout);
      expect(ms_set_threads(threads));
      expect(k->forward(&s, norm, x, w, bias, got.y, NULL));
      expect(k->by_input(&s, w, gy, got.gx));
      expect(k->by_weight(&s, norm, x, gy, got.gw, got.gb));
      compare_all(what, &got, &wanted, (double)(s.kh * s.kw * (s.cin + s.cout)),
                  (double)(s.n * s.oh * s.ow));
      if (threads == 1) {
        first = got;
        continue;
      }
      if (!same_bits(&got, &first)) {
        printf("FAIL %s: other bits with %d threads\n", what, threads);
        failures++;
      }
      release(&got);
    }
    release(&first);
  }
  release(&wanted);
  if (norm) free(seen);
  free(x), free(w), free(b), free(gy), free(scale), free(shift);
}

/* y of the definition is the gradient by input of the halving convolution, and so on. */
static void plain_up(const ms_up_shape *s, const real *x, const real *w, const real *bias,
                     const real *gy, results *r)
{
  double *gx = calloc(r->gx_count, sizeof *gx), *gw = calloc(r->gw_count, sizeof *gw);
  double *gb = calloc(r->gb_count, sizeof *gb);
  for (size_t q = 0; q < r->y_count; q++) {
    const size_t o = q % s->cout, j = q / s->cout % (2 * s->w), i = q / s->cout / (2 * s->w);
    const size_t row = i / 2, tap = i % 2 * 2 + j % 2; /* i counts rows of all images */
    const size_t at = (row * s->w + j / 2) * s->cin;
    double sum = bias ? bias[o] : 0;
    for (size_t c = 0; c < s->cin; c++) {
      const size_t in = (tap * s->cin + c) * s->cout + o;
      sum += (double)x[at + c] * w[in];
      gx[at + c] += (double)gy[q] * w[in];
      gw[in] += (double)gy[q] * x[at + c];
    }
    r->y[q] = (real)sum;
    gb[o] += gy[q];
  }
  for (size_t i = 0; i < r->gx_count; i++) r->gx[i] = (real)gx[i];
  for (size_t i = 0; i < r->gw_count; i++) r->gw[i] = (real)gw[i];
  for (size_t i = 0; i < r->gb_count; i++) r->gb[i] = (real)gb[i];
  free(gx), free(gw), free(gb);
}

static void test_up(const size_t *d)
{
  const ms_up_shape s = { d[0], d[1], d[2], d[3], d[4], MS_PRECISION_FULL };
  const size_t nx = s.n * s.h * s.w * s.cin, ny = 4 * s.n * s.h * s.w * s.cout;
  const size_t nw = 4 * s.cin * s.cout;
  real *x = numbers(nx, 1), *w = numbers(nw, 1), *b = numbers(s.cout, 1), *gy = numbers(ny, 1);
  results wanted = room(ny, nx, nw, s.cout);
  plain_up(&s, x, w, b, gy, &wanted);
  for (int level = 0; level <= ms_cpu_level(); level++) {
    const ms_up_convolution_kernels *k = up_convolution_sets[level];
    char what[120];
    snprintf(what, sizeof what, "%s up %zux%zux%zux%zu to %zu", ms_cpu_name(level), s.n, s.h,
             s.w, s.cin, s.cout);
    results got[2];
    for (int threads = 1; threads <= 2; threads++) {
      results *g = &got[threads - 1];
      *g = room(ny, nx, nw, s.cout);
      expect(ms_set_threads(threads));
      expect(k->forward(&s, x, w, b, g->y));
      expect(k->by_input(&s, w, gy, g->gx));
      expect(k->by_weight(&s, x, gy, g->gw, g->gb));
      compare_all(what, g, &wanted, (double)(4 * (s.cin + s.cout)), (double)(4 * s.n * s.h * s.w));
    }
    if (!same_bits(&got[0], &got[1])) {
      printf("FAIL %s: other bits with 2 threads\n", what);
      failures++;
    }
    release(&got[0]);
    release(&got[1]);
  }
  release(&wanted);
  free(x), free(w), free(b), free(gy);
}

int main(void)
{
  expect(ms_gemm_open());
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    for (int normed = 0; normed < 2; normed++) test_shape(shapes[i], normed);
  for (size_t i = 0; i < sizeof up_shapes / sizeof *up_shapes; i++) test_up(up_shapes[i]);
  printf("%d failures\n", failures);
  return failures != 0;
}
