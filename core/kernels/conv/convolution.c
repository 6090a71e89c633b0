/* 2-D convolutions of channels-last images: which way each shape goes. */
#include "convolution.h"

#include "../../base/memory.h"
#include "../../base/profile.h"
#include "conv_backward_weight.h"
#include "conv_exact.h"
#include "conv_solver.h"

static void zero(real *to, size_t count)
{
  for (size_t i = 0; i < count; i++) to[i] = 0;
}

static int nothing(const ms_conv_shape *s)
{
  return !s->n || !s->oh || !s->ow || !s->cin || !s->cout;
}

enum { LONG_ROW = 64 };

/* Kernels of one pixel see no neighbours: short rows are joined, to fill the tiles. */
static void join_rows(ms_conv_shape *s)
{
  if (!ms_conv_pointwise(s)) return;
  const size_t rows = s->n * s->h;
  size_t most = LONG_ROW / s->w;
  while (most > 1 && rows % most) most--;
  if (most < 2) return;
  s->n = 1;
  s->h = s->oh = rows / most;
  s->w = s->ow = s->w * most;
}

enum { NARROW = 64, FOLD = 16 };
static ms_scratch_key room_for_prologue;

/* Scale and shift of few channels are repeated, so that rows are read by whole registers. */
static int widen(const ms_affine_relu *norm, size_t channels, ms_conv_prologue *prologue)
{
  const size_t wide = channels < NARROW ? channels * FOLD : channels;
  real *repeated = ms_scratch(&room_for_prologue, 2 * wide * sizeof *repeated);
  if (!repeated) return -1;
  for (size_t i = 0; i < wide; i++) {
    repeated[i] = norm->scale[i % channels];
    repeated[wide + i] = norm->shift[i % channels];
  }
  *prologue = (ms_conv_prologue){ { repeated, repeated + wide, norm->slope }, wide };
  return 0;
}

/* Whether the weight is. Where it is not, y is not either, and may be fewer numbers to look at. */
static int weight_finite(const ms_conv_task *t, const real *weight)
{
  const size_t weights = t->s.kh * t->s.kw * t->s.cin * t->s.cout;
  const size_t outputs = t->s.n * t->s.oh * t->s.ow * t->s.cout;
  return (outputs < weights && MS_K(conv_finite)(t->y, outputs)) ||
         MS_K(conv_finite)(weight, weights);
}

static void count_work(const ms_conv_shape *s)
{
  if (ms_profile_on)
    ms_profile_work(2.0 * (double)(s->n * s->oh * s->ow * s->cout) *
                    (double)(s->kh * s->kw * s->cin));
}

int MS_K(conv_run)(const ms_conv_task *t, const real *weight)
{
  const ms_conv_shape *s = &t->s;
  const ms_conv_solver *solver = MS_K(conv_solver_for)(MS_CONV_FORWARD, s);
  int status = solver->run.forward(t);
  if (status == MS_CONV_NOT_FINITE) {
    solver = MS_K(conv_direct_solver)(s);
    status = solver->run.forward(t);
  }
  if (status == 0 && solver->direct && !ms_conv_borderless(s) && !weight_finite(t, weight))
    MS_K(conv_border)(t);
  return status;
}

static int forward(const ms_conv_shape *s, const ms_affine_relu *norm, const real *x,
                   const real *weight, const real *bias, real *y, ms_kept_weight *kept)
{
  ms_conv_prologue prologue;
  count_work(s);
  if (nothing(s)) return 0;
  if (norm && widen(norm, s->cin, &prologue) != 0) return -1;
  const ptrdiff_t out = 1, in = (ptrdiff_t)s->cout, tap = in * (ptrdiff_t)s->cin;
  ms_conv_task t = { .s = *s, .x = x, .weight = weight, .tap = tap, .in = in, .out = out,
                     .bias = bias, .y = y, .prologue = norm ? &prologue : NULL, .kept = kept };
  return MS_K(conv_run)(&t, weight);
}

/* Whether few channels meet a large kernel: as a convolution they would fill no vectors, but the
   products of all taps side by side do. */
static int wants_taps(const ms_conv_shape *s)
{
  enum { SMALL_KERNEL = 9 };
  return s->cin < MS_LANES && s->kh * s->kw > SMALL_KERNEL;
}

/* Of stride 1, it is a convolution of gy with the flipped weight. */
static int by_input(const ms_conv_shape *s, const real *weight, const real *gy, real *gx)
{
  count_work(s);
  if (nothing(s)) {
    zero(gx, s->n * s->h * s->w * s->cin);
    return 0;
  }
  const ptrdiff_t out = 1, in = (ptrdiff_t)s->cout, tap = in * (ptrdiff_t)s->cin;
  if (s->sh * s->sw > 1 || s->ph >= s->kh || s->pw >= s->kw || wants_taps(s)) {
    ms_conv_backward_input t = { .s = *s, .gy = gy, .weight = weight, .tap = tap, .in = in,
                         .out = out, .gx = gx };
    return MS_K(conv_solver_for)(MS_CONV_BACKWARD_INPUT, s)->run.backward_input(&t);
  }
  ms_conv_task t = { .x = gy, .tap = -tap, .in = out, .out = in, .y = gx };
  t.weight = weight + (ptrdiff_t)(s->kh * s->kw - 1) * tap;
  t.s = (ms_conv_shape){ .n = s->n, .h = s->oh, .w = s->ow, .cin = s->cout, .kh = s->kh,
                         .kw = s->kw, .cout = s->cin, .sh = 1, .sw = 1,
                         .ph = s->kh - 1 - s->ph, .pw = s->kw - 1 - s->pw,
                         .oh = s->h, .ow = s->w };
  return MS_K(conv_run)(&t, weight);
}

static int by_weight(const ms_conv_shape *s, const ms_affine_relu *norm, const real *x,
                     const real *gy, real *gw, real *gb)
{
  ms_conv_prologue prologue;
  count_work(s);
  if (nothing(s)) {
    zero(gw, s->kh * s->kw * s->cin * s->cout);
    if (gb) zero(gb, s->cout);
    return 0;
  }
  if (norm && widen(norm, s->cin, &prologue) != 0) return -1;
  ms_conv_backward_weight t = { .s = *s, .x = x, .gy = gy, .gw = gw, .tap = s->cin * s->cout,
                       .in = s->cout, .out = 1, .prologue = norm ? &prologue : NULL };
  join_rows(&t.s);
  if (MS_K(conv_solver_for)(MS_CONV_BACKWARD_WEIGHT, &t.s)->run.backward_weight(&t) != 0) return -1;
  if (s->kh * s->kw > 1 && !MS_K(conv_finite)(gw, s->kh * s->kw * s->cin * s->cout) &&
      MS_K(conv_taps)(&t) != 0)
    return -1;
  return gb ? MS_K(conv_sums)(gy, s->n * s->oh * s->ow, s->cout, gb) : 0;
}

const ms_convolution_kernels MS_K(convolution) = {
  .forward = forward, .by_input = by_input, .by_weight = by_weight,
};
