/* Times every convolution of the paper's networks. One JSON line per case; the names are
   PART/CIN-COUT@HxWbBATCH/WAY, backward = by input and by weight together.
       convolution [SUBSTRING [SECONDS [bf16]]]
       convolution --list */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../core/base/cpu.h"
#include "../../core/base/error.h"
#include "../../core/base/memory.h"
#include "../../core/base/thread_pool.h"
#include "../../core/base/profile.h"
#include "../../core/kernels/conv/convolution.h"
#include "../../core/kernels/gemm/gemm_openblas.h"
#include "../../core/kernels/conv/up_convolution.h"

/* kernel, batch, cin, cout, h, w of the input */
static const struct { const char *part; size_t d[6]; } shapes[] = {
  { "conv3/unet", { 3, 8, 1, 16, 384, 256 } },    { "conv3/unet", { 3, 8, 16, 16, 384, 256 } },
  { "conv3/unet", { 3, 8, 16, 32, 192, 128 } },   { "conv3/unet", { 3, 8, 32, 32, 192, 128 } },
  { "conv3/unet", { 3, 8, 32, 64, 96, 64 } },     { "conv3/unet", { 3, 8, 64, 64, 96, 64 } },
  { "conv3/unet", { 3, 8, 64, 128, 48, 32 } },    { "conv3/unet", { 3, 8, 128, 128, 48, 32 } },
  { "conv3/unet", { 3, 8, 128, 192, 24, 16 } },   { "conv3/unet", { 3, 8, 192, 192, 24, 16 } },
  { "conv3/unet", { 3, 8, 192, 192, 12, 8 } },    { "up2/unet", { 2, 8, 192, 192, 6, 4 } },
  { "up2/unet", { 2, 8, 384, 192, 12, 8 } },      { "up2/unet", { 2, 8, 320, 128, 24, 16 } },
  { "up2/unet", { 2, 8, 192, 64, 48, 32 } },      { "up2/unet", { 2, 8, 96, 32, 96, 64 } },
  { "up2/unet", { 2, 8, 48, 16, 192, 128 } },     { "conv3/unet", { 3, 8, 17, 32, 384, 256 } },
  { "conv3/unet", { 3, 8, 32, 32, 384, 256 } },   { "conv3/unet", { 3, 8, 32, 1, 384, 256 } },
  { "conv3/unet", { 3, 8, 32, 4, 384, 256 } },    { "conv3/tail", { 3, 16, 2, 64, 384, 128 } },
  { "conv3/tail", { 3, 16, 64, 64, 384, 128 } },  { "conv3/tail", { 3, 16, 64, 64, 192, 64 } },
  { "conv3/tail", { 3, 16, 64, 128, 96, 32 } },   { "conv3/tail", { 3, 16, 128, 128, 96, 32 } },
  { "conv3/tail", { 3, 16, 128, 128, 48, 16 } },  { "conv3/tail", { 3, 16, 128, 128, 24, 8 } },
  { "conv3/tail", { 3, 16, 128, 128, 12, 4 } },   { "conv3/tail", { 3, 16, 128, 256, 6, 2 } },
  { "conv3/tail", { 3, 16, 256, 256, 6, 2 } },    { "conv1/adapt", { 1, 16, 32, 64, 192, 64 } },
  { "conv1/adapt", { 1, 16, 64, 64, 96, 32 } },   { "conv1/adapt", { 1, 16, 128, 128, 48, 16 } },
  { "conv1/adapt", { 1, 16, 192, 128, 24, 8 } },  { "conv1/adapt", { 1, 16, 192, 128, 12, 4 } },
};

typedef struct bench {
  ms_conv_shape s;
  ms_up_shape up;
  int is_up;
  real *x, *w, *b, *y, *gx, *gy, *gw, *gb;
} bench;

static int forward(const bench *t)
{
  return t->is_up ? ms_k_up_convolution(t->up.precision)->forward(&t->up, t->x, t->w, t->b, t->y)
                  : ms_k_convolution(t->s.precision)->forward(&t->s, NULL, t->x, t->w, t->b, t->y,
                                                              NULL);
}
static int by_input(const bench *t)
{
  return t->is_up ? ms_k_up_convolution(t->up.precision)->by_input(&t->up, t->w, t->gy, t->gx)
                  : ms_k_convolution(t->s.precision)->by_input(&t->s, t->w, t->gy, t->gx);
}
static int by_weight(const bench *t)
{
  return t->is_up
             ? ms_k_up_convolution(t->up.precision)->by_weight(&t->up, t->x, t->gy, t->gw, t->gb)
             : ms_k_convolution(t->s.precision)->by_weight(&t->s, NULL, t->x, t->gy, t->gw, t->gb);
}
static int backward(const bench *t)
{
  return by_input(t) | by_weight(t);
}

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The algorithms that the step takes: "rows+outer_products". */
static const char *solvers_of(int (*step)(const bench *), const bench *t)
{
  static char text[MS_PROFILE_TEXT];
  const ms_profile_choice *choice;
  ms_profile_start();
  if (step(t) != 0) exit(1);
  ms_profile_end("convolution", MS_FORWARD, 0);
  text[0] = 0;
  for (size_t i = 0, n = ms_profile_last(&choice); i < n; i++) {
    const size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "%s%s", i ? "+" : "", choice[i].name);
  }
  const ms_profile_row *row;
  ms_profile_stop(&row);
  return text;
}

enum { MOST = 4000 };

static void measure(const char *name, int (*step)(const bench *), const bench *t, double flops,
                    double seconds)
{
  static double times[MOST];
  size_t count = 0;
  for (int i = 0; i < 3; i++)
    if (step(t) != 0) exit(1);
  const double end = now() + seconds;
  while (count < 5 || (now() < end && count < MOST)) {
    const double start = now();
    if (step(t) != 0) exit(1);
    times[count++] = now() - start;
  }
  qsort(times, count, sizeof *times, ascending);
  printf("{\"case\": \"%s\", \"cpu\": \"%s\", \"dtype\": \"%s\", \"threads\": %d, "
         "\"repeats\": %zu, "
         "\"min_s\": %.4g, \"median_s\": %.4g, \"gflops\": %.1f, \"solvers\": \"%s\"}\n",
         name, ms_cpu_name(ms_cpu_level()),
         t->s.precision == MS_PRECISION_BF16 ? "bf16" : MS_REAL_NAME, ms_threads(), count, times[0],
         times[count / 2], flops / times[0] / 1e9, solvers_of(step, t));
  fflush(stdout);
}

static real *filled(size_t count)
{
  real *x = ms_alloc(count * sizeof *x);
  if (!x) exit(1);
  for (size_t i = 0; i < count; i++) x[i] = (real)((double)(i * 7919 % 1000) / 1000 - 0.5);
  return x;
}

static bench build(const size_t *d, ms_precision precision)
{
  bench t = { .is_up = d[0] == 2 };
  t.s = (ms_conv_shape){ d[1], d[4], d[5], d[2], d[0], d[0], d[3], 1, 1, 0, 0, 0, 0, precision };
  ms_conv_fill(&t.s, 1);
  t.up = (ms_up_shape){ d[1], d[4], d[5], d[2], d[3], precision };
  const size_t pixels = d[1] * d[4] * d[5], y = pixels * d[3] * (t.is_up ? 4 : 1);
  const size_t w = d[0] * d[0] * d[2] * d[3];
  t.x = filled(pixels * d[2]), t.gx = filled(pixels * d[2]), t.y = filled(y), t.gy = filled(y);
  t.w = filled(w), t.gw = filled(w), t.b = filled(d[3]), t.gb = filled(d[3]);
  return t;
}

int main(int argc, char **argv)
{
  static const struct { const char *way; int (*step)(const bench *); double times; } ways[] = {
    { "fwd", forward, 1 }, { "bwd", backward, 2 },
    { "bwd-x", by_input, 1 }, { "bwd-w", by_weight, 1 }
  };
  if (ms_gemm_open() != 0) return fprintf(stderr, "%s\n", ms_error()), 1;
  const int list = argc > 1 && strcmp(argv[1], "--list") == 0;
  const double seconds = argc > 2 ? atof(argv[2]) : 1;
  const ms_precision precision =
      argc > 3 && strcmp(argv[3], "bf16") == 0 ? MS_PRECISION_BF16 : MS_PRECISION_FULL;
  if (ms_precision_check(precision) != 0) return fprintf(stderr, "%s\n", ms_error()), 1;
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    const size_t *d = shapes[i].d;
    bench t = { 0 };
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
      char name[80];
      snprintf(name, sizeof name, "%s/%zu-%zu@%zux%zub%zu/%s", shapes[i].part, d[2], d[3], d[4],
               d[5], d[1], ways[k].way);
      if (list) printf("{\"case\": \"%s\"}\n", name);
      if (list || (argc > 1 && !strstr(name, argv[1]))) continue;
      if (!t.x) t = build(d, precision);
      const double flops = 2.0 * (double)(d[0] * d[0] * d[1] * d[2] * d[3] * d[4] * d[5]);
      measure(name, ways[k].step, &t, flops * ways[k].times, seconds);
    }
    real *all[] = { t.x, t.w, t.b, t.y, t.gx, t.gy, t.gw, t.gb };
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) ms_free(all[k]);
  }
  return 0;
}
