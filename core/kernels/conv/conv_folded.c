/* Convolutions with so few outputs that they would leave most of a register empty: `fold` pixels
   side by side are taken for one pixel of fold * cout channels, as they lie in memory. Its kernel
   is wider by fold - 1, moves by `fold`, and holds the weight once for each of the pixels, shifted
   by one each time, with zeros beside it. Sums are those of the rows solver, in its order. */
#include <string.h>

#include "../../base/memory.h"
#include "conv_exact.h"
#include "conv_solver.h"

static ms_scratch_key room_for_weight;

/* Pixels that become one: the most that a register holds and a row of y has whole; 1: none do. */
static size_t fold_of(const ms_conv_shape *s)
{
  size_t fold = MS_LANES / s->cout;
  while (fold > 1 && s->ow % fold) fold--;
  return fold;
}

static ms_conv_shape folded(const ms_conv_shape *s, size_t fold)
{
  ms_conv_shape f = *s;
  f.cout = s->cout * fold;
  f.kw = s->kw + fold - 1;
  f.sw = fold;
  f.ow = s->ow / fold;
  return f;
}

/* One tap of the weight, (cin, cout), into columns of the wider one. */
static void lay(const ms_conv_task *t, size_t tap, real *to, size_t row)
{
  const real *from = t->weight + (ptrdiff_t)tap * t->tap;
  for (size_t c = 0; c < t->s.cin; c++, from += t->in, to += row)
    for (size_t o = 0; o < t->s.cout; o++) to[o] = from[(ptrdiff_t)o * t->out];
}

/* Gives `wide` the weight (kh, kw + fold - 1, cin, fold * cout), and the bias for each pixel. */
static int unfold(const ms_conv_task *t, size_t fold, ms_conv_task *wide)
{
  const size_t cout = t->s.cout, row = wide->s.cout, tap = wide->s.cin * row;
  const size_t all = wide->s.kh * wide->s.kw * tap;
  real *weight = ms_scratch(&room_for_weight, (all + row) * sizeof *weight);
  if (!weight) return -1;
  real *bias = weight + all;
  memset(weight, 0, all * sizeof *weight);
  for (size_t p = 0; p < fold; p++) {
    for (size_t a = 0; a < t->s.kh; a++)
      for (size_t b = 0; b < t->s.kw; b++)
        lay(t, a * t->s.kw + b, weight + (a * wide->s.kw + b + p) * tap + p * cout, row);
    if (t->bias) memcpy(bias + p * cout, t->bias, cout * sizeof *bias);
  }
  wide->weight = weight;
  wide->tap = (ptrdiff_t)tap;
  wide->in = (ptrdiff_t)row;
  wide->out = 1;
  if (t->bias) wide->bias = bias;
  return 0;
}

/* A number that is not finite gets into the other pixels of its fold. */
static int run(const ms_conv_task *t)
{
  const size_t fold = fold_of(&t->s);
  ms_conv_task wide = *t;
  wide.s = folded(&t->s, fold);
  if (unfold(t, fold, &wide) != 0 || MS_K(conv_rows).run.forward(&wide) != 0) return -1;
  return MS_K(conv_finite)(t->y, t->s.n * t->s.oh * t->s.ow * t->s.cout) ? 0 : MS_CONV_NOT_FINITE;
}

static int takes(const ms_conv_shape *s)
{
  return MS_PER_OPERAND == 1 && s->sw == 1 && s->kw > 1 && fold_of(s) > 1;
}

/* The wider weight is written and packed anew each time. */
static size_t cost(const ms_conv_shape *s)
{
  enum { LAID = 16 };
  const ms_conv_shape f = folded(s, fold_of(s));
  return MS_K(conv_rows).cost(&f) + LAID * f.kh * f.kw * f.cin;
}

const ms_conv_solver MS_K(conv_folded) = {
  .name = "folded", .applicable = takes, .cost = cost, .run.forward = run,
};
