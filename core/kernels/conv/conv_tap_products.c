/* The weight's gradient of a transposed convolution 2x2 of stride 2 with many weights: a matrix
   product for every tap, whose sums are stored once. */
#include <string.h>

#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../gemm/gemm.h"
#include "conv_solver.h"

enum { TAPS = 4, MANY_WEIGHTS = 1 << 16 };
static ms_scratch_key room_for_taps;

typedef struct taps {
  const ms_conv_backward_weight *t;
  real *to;
} taps;

/* A row of pixels of the small image: what each of the four taps meets of the large one, as rows of
   four matrices. */
static void part_row(void *arg, size_t row)
{
  const taps *j = arg;
  const ms_conv_shape *s = &j->t->s;
  for (size_t tap = 0; tap < TAPS; tap++) {
    const real *from = j->t->x + ((2 * row + tap / 2) * 2 * s->ow + tap % 2) * s->cin;
    real *to = j->to + (tap * s->n * s->oh + row) * s->ow * s->cin;
    for (size_t k = 0; k < s->ow; k++)
      memcpy(to + k * s->cin, from + 2 * k * s->cin, s->cin * sizeof *to);
  }
}

static int run(const ms_conv_backward_weight *t)
{
  const ms_conv_shape *s = &t->s;
  const size_t pixels = s->n * s->oh * s->ow;
  const taps j = { t, ms_scratch(&room_for_taps, TAPS * pixels * s->cin * sizeof *j.to) };
  if (!j.to) return -1;
  ms_parallel(s->n * s->oh, part_row, (void *)&j);
  for (size_t tap = 0; tap < TAPS; tap++) {
    const ms_product p = { .ta = 1, .m = s->cout, .n = s->cin, .k = pixels, .scale = 1, .a = t->gy,
                           .lda = s->cout, .b = j.to + tap * pixels * s->cin, .ldb = s->cin,
                           .c = t->gw + tap * t->tap, .ldc = t->out };
    if (ms_k_gemm(MS_SET_PRECISION)->all(&p) != 0) return -1;
  }
  return 0;
}

static int takes(const ms_conv_shape *s)
{
  return TAPS * s->cin * s->cout > MANY_WEIGHTS;
}

static size_t cost(const ms_conv_shape *s)
{
  return s->n * s->oh * s->ow * TAPS * s->cin * ms_conv_vectors(s->cout) / MS_PER_OPERAND;
}

const ms_conv_solver MS_K(conv_tap_products) = {
  .name = "tap_products", .applicable = takes, .cost = cost, .run.backward_weight = run,
};
