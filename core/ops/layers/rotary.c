/* Rotary positions: pairs of numbers turn by an angle that grows with the token's place. */
#include <math.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../ops.h"

typedef struct rotary {
  size_t width, numbers, first;
  double base;
} rotary;

/* cosines (token, width / 2), then sines, which backward takes negative. */
typedef struct job {
  const real *from, *cosine, *sine;
  real *to;
  real sign;
  size_t tokens, dim, numbers, half;
} job;

static void turn_token(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t t = chunk % j->tokens;
  const real *x = j->from + chunk * j->dim, *cosine = j->cosine + t * j->half,
      *sine = j->sine + t * j->half;
  real *y = j->to + chunk * j->dim;
  for (size_t i = 0; i < j->numbers; i += 2 * j->half)
    for (size_t k = 0; k < j->half; k++) {
      const real a = x[i + 2 * k], b = x[i + 2 * k + 1], s = j->sign * sine[k];
      y[i + 2 * k] = a * cosine[k] - b * s;
      y[i + 2 * k + 1] = a * s + b * cosine[k];
    }
  memcpy(y + j->numbers, x + j->numbers, (j->dim - j->numbers) * sizeof *y);
}

static ms_tensor *turned(const ms_tensor *x, const rotary *a, real sign)
{
  const size_t tokens = x->dim[1], half = a->width / 2;
  real *table = ms_alloc((2 * tokens * half + 1) * sizeof *table);
  ms_tensor *y = table ? ms_tensor_like(x) : NULL;
  for (size_t t = 0; y && t < tokens; t++)
    for (size_t k = 0; k < half; k++) {
      const double turn = pow(a->base, -2.0 * (double)k / (double)a->width);
      const double angle = (double)(a->first - 1 + t) * turn;
      table[t * half + k] = (real)cos(angle);
      table[(tokens + t) * half + k] = (real)sin(angle);
    }
  job j = { .sign = sign, .tokens = tokens, .dim = x->dim[2], .half = half,
            .from = x->data, .cosine = table,
            .numbers = a->numbers && a->numbers < x->dim[2] ? a->numbers : x->dim[2] };
  if (y) {
    j.to = y->data;
    j.sine = table + tokens * half;
    ms_parallel(x->dim[0] * tokens, turn_token, &j);
  }
  ms_free(table);
  return y;
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  gx[0] = turned(gy, ms_node_attributes(node), -1);
  return gx[0] ? 0 : -1;
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const rotary *a = c->attributes;
  char text[MS_SHAPE_TEXT];
  if (x->ndim != 3)
    return ms_fail("rotary: x must be batch x token x numbers, got %s",
                   ms_shape_text(x->ndim, x->dim, text)), NULL;
  const size_t numbers = a->numbers ? a->numbers : x->dim[2];
  if (a->width % 2 || numbers % a->width || numbers > x->dim[2])
    return ms_fail("rotary: %zu of %zu numbers to a token do not divide into heads of an even "
                   "width, %zu", numbers, x->dim[2], a->width), NULL;
  if (!(a->base > 0 && a->base < INFINITY))
    return ms_fail("rotary: base must be above 0, got %g", a->base), NULL;
  return ms_record(c, turned(x, a, 1), 0, NULL);
}

/** x:rotary(width, [{numbers = all, base = 10000, first = 1}]) -> tokens (batch, token, numbers)
    whose pairs of neighbours turn by an angle: of a token at place p, counted from 0, numbers
    2 k + 1 and 2 k + 2 of each `width` (a head) by p base^(-2 k / width). numbers: only so many of
    each token, such as queries and keys of (queries, keys, values); first: the place of the first
    token, from 1. Pairs are neighbours, as in RoFormer, not halves of a head */
static const ms_op rotary_op = {
  .name = "rotary", .forward = forward, .backward = backward, .attributes = MS_ATTRIBUTES(rotary),
  .takes = { MS_TENSOR(x), MS_THE_COUNT(rotary, width),
             MS_NAMED_COUNT(rotary, numbers, 0),
             MS_NAMED_NUMBER(rotary, base, 10000), MS_NAMED_COUNT(rotary, first, 1) },
};
MS_OPERATOR(rotary_op)
