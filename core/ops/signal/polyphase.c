/* Resampling by taps: what lies between up and down of a whole-number ratio. */
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../../kernels/signal/fir.h"
#include "../ops.h"

/* y[t] = sum over i of x[i] h[offset + t down - i up], t in 0..points-1 */
typedef struct polyphase {
  size_t up, down;
  uint64_t offset;
  size_t points;
} polyphase;

enum { PIECE = 2048 };
static const size_t MOST = (size_t)1 << 40;

/* One direction: to[t] = sum over i of from[i] h[at + sign (t walk - i stride)]; taps: h at every
   stride-th place, (stride, longest), for sign = 1 from the end. */
typedef struct job {
  const real *from;
  real *to, *taps;
  size_t n_from, n_to, walk, stride, longest, nh, pieces;
  int64_t offset;
  int back; /* sign = -1 */
} job;

static int64_t floor_divide(int64_t a, int64_t b)
{
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* h[phase + q stride], q in 0..longest-1, zeros beyond its end. */
static void set_taps(const real *h, job *j)
{
  for (size_t phase = 0; phase < j->stride; phase++)
    for (size_t q = 0; q < j->longest; q++) {
      const size_t at = phase + q * j->stride, to = j->back ? q : j->longest - 1 - q;
      j->taps[phase * j->longest + to] = at < j->nh ? h[at] : 0;
    }
}

/* Where a number of a row stands: offset + or - t walk = whole stride + phase. */
typedef struct spot {
  int64_t whole, phase;
} spot;

static spot spot_of(const job *j, size_t t)
{
  const int64_t m = j->offset + (j->back ? -1 : 1) * (int64_t)(t * j->walk);
  const int64_t whole = floor_divide(m, (int64_t)j->stride);
  return (spot){ whole, m - whole * (int64_t)j->stride };
}

/* From the spot of one number to that of the next; by: the spot of `walk`. */
static void move(const job *j, spot by, spot *s)
{
  const int64_t stride = (int64_t)j->stride;
  s->whole += j->back ? -by.whole : by.whole;
  s->phase += j->back ? -by.phase : by.phase;
  if (s->phase >= stride) s->phase -= stride, s->whole++;
  if (s->phase < 0) s->phase += stride, s->whole--;
}

/* One number: the samples from `first` on meet the taps of a phase. Forward they are
   whole - q, back q - whole, for tap q. */
static real number(const job *j, const real *from, spot s)
{
  const int64_t length = (int64_t)j->longest, whole = s.whole, phase = s.phase;
  const int64_t first = j->back ? -whole : whole - length + 1;
  const int64_t low = first < 0 ? 0 : first;
  const int64_t end = first + length < (int64_t)j->n_from ? first + length : (int64_t)j->n_from;
  if (end <= low) return 0;
  return ms_k_fir()->dot(from + low, j->taps + phase * length + (low - first),
                         (size_t)(end - low));
}

static void piece(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t row = chunk / j->pieces, first = chunk % j->pieces * PIECE;
  const size_t end = first + PIECE < j->n_to ? first + PIECE : j->n_to;
  const spot by = { (int64_t)(j->walk / j->stride), (int64_t)(j->walk % j->stride) };
  spot s = spot_of(j, first);
  for (size_t t = first; t < end; t++, move(j, by, &s))
    j->to[row * j->n_to + t] = number(j, j->from + row * j->n_from, s);
}

static int run(job *j, const ms_tensor *h, size_t rows)
{
  j->nh = h->count;
  j->longest = (j->nh + j->stride - 1) / j->stride;
  j->pieces = (j->n_to + PIECE - 1) / PIECE;
  j->taps = ms_alloc(j->stride * j->longest * sizeof *j->taps);
  if (!j->taps) return -1;
  set_taps(h->data, j);
  ms_parallel(rows * j->pieces, piece, j);
  ms_free(j->taps);
  return 0;
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const polyphase *a = ms_node_attributes(node);
  int ndim;
  const size_t *dim = ms_node_input_dim(node, 0, &ndim);
  if (!(gx[0] = ms_tensor_new(ndim, dim))) return -1;
  job j = { .from = gy->data, .to = gx[0]->data, .n_from = a->points, .n_to = dim[ndim - 1],
            .walk = a->up, .stride = a->down, .offset = (int64_t)a->offset, .back = 1 };
  return run(&j, ms_node_saved(node, 0), gy->count / a->points);
}

static ms_tensor *forward(const ms_call *c)
{
  const polyphase *a = c->attributes;
  const ms_tensor *x = c->input[0];
  ms_tensor *h = c->input[1];
  char text[MS_SHAPE_TEXT];
  if (x->ndim < 1 || !x->count || h->ndim != 1 || !h->count)
    return ms_fail("resample_poly: samples (..., n) and a list of taps are expected, got %s",
                   ms_shape_text(x->ndim, x->dim, text)), NULL;
  if (ms_has_grad(h)) return ms_fail("resample_poly: taps have no gradient; take detach()"), NULL;
  if (a->up > MOST / h->count || a->down > MOST / h->count || a->offset > MOST ||
      a->points > MOST / a->down || x->dim[x->ndim - 1] > MOST / a->up)
    return ms_fail("resample_poly: the ratio is too large"), NULL;
  size_t dim[MS_MAX_DIMS];
  memcpy(dim, x->dim, sizeof dim);
  dim[x->ndim - 1] = a->points;
  ms_tensor *y = ms_tensor_new(x->ndim, dim);
  if (!y) return NULL;
  job j = { .from = x->data, .to = y->data, .n_from = x->dim[x->ndim - 1], .n_to = a->points,
            .walk = a->down, .stride = a->up, .offset = (int64_t)a->offset };
  if (run(&j, h, y->count / a->points) != 0) return ms_tensor_free(y), NULL;
  return ms_record(c, y, 1, &h);
}

/* core.internal.polyphase(x, taps, up, down, offset, points) -> y[t] = sum over i of
   x[i] taps[offset + t down - i up]. */
static const ms_op polyphase_op = {
  .name = "polyphase", .module = "internal", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(polyphase),
  .takes = { MS_TENSOR(x), MS_TENSOR(taps), MS_THE_COUNT(polyphase, up),
             MS_THE_COUNT(polyphase, down), MS_INTEGER(polyphase, offset, 0),
             MS_THE_COUNT(polyphase, points) },
};
MS_OPERATOR(polyphase_op)
