/* Filters with feedback along the last axis, in double whatever the build's numbers are. */
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../ops.h"

/* Direct form II, transposed: y = (b / a) x, with a state of `order` numbers in front. */
typedef struct lfilter {
  int backwards; /* from the last sample to the first */
  int state;     /* the state behind the last sample is what is asked for */
} lfilter;

enum { MOST = 4096 }; /* coefficients */

typedef struct job {
  size_t order, n;
  const double *b, *a; /* order + 1 each, divided by a[0] */
  const real *x, *zi;  /* zi (order) for all rows, or for each */
  int own_zi;
  real *y, *zf;        /* one of them */
  ptrdiff_t step;      /* 1, or -1: backwards */
} job;

/* One sample through the state z (order). */
static inline double advance(const job *j, double *z, double x)
{
  const size_t order = j->order;
  const double y = j->b[0] * x + (order ? z[0] : 0);
  for (size_t k = 0; k + 1 < order; k++) z[k] = j->b[k + 1] * x + z[k + 1] - j->a[k + 1] * y;
  if (order) z[order - 1] = j->b[order] * x - j->a[order] * y;
  return y;
}

static void filter_row(void *arg, size_t row)
{
  const job *j = arg;
  double z[MOST];
  const ptrdiff_t first = j->step < 0 ? (ptrdiff_t)j->n - 1 : 0;
  const real *zi = j->zi ? j->zi + (j->own_zi ? row * j->order : 0) : NULL;
  for (size_t k = 0; k < j->order; k++) z[k] = zi ? (double)zi[k] : 0;
  for (size_t t = 0; t < j->n; t++) {
    const size_t at = row * j->n + (size_t)(first + j->step * (ptrdiff_t)t);
    const double y = advance(j, z, (double)j->x[at]);
    if (j->y) j->y[at] = (real)y;
  }
  for (size_t k = 0; j->zf && k < j->order; k++) j->zf[row * j->order + k] = (real)z[k];
}

/* b and a of one length, divided by a[0]; rows of samples. */
typedef struct shape {
  size_t order, rows, n;
  double *b, *a; /* b: a block with both, which the caller releases */
  double first;  /* a[0] */
} shape;

static int shape_of(ms_tensor *const *in, shape *s)
{
  const ms_tensor *b = in[0], *a = in[1], *x = in[2], *zi = in[3];
  *s = (shape){ 0 };
  if (b->ndim != 1 || a->ndim != 1 || !b->count || !a->count || b->count > MOST || a->count > MOST)
    return ms_fail("lfilter: b and a are lists of 1..%d coefficients", MOST);
  if (a->data[0] == 0) return ms_fail("lfilter: the first coefficient of a is 0");
  if (x->ndim < 1) return ms_fail("lfilter: samples (..., n) are expected, got a number");
  s->order = (b->count > a->count ? b->count : a->count) - 1;
  s->n = x->dim[x->ndim - 1];
  s->rows = s->n ? x->count / s->n : 0;
  const size_t wanted = zi && zi->ndim == 1 ? s->order : s->rows * s->order;
  if (zi && (!zi->ndim || zi->dim[zi->ndim - 1] != s->order || zi->count != wanted))
    return ms_fail("lfilter: the state in front has %zu numbers, for all rows or for each",
                   s->order);
  s->b = ms_alloc(2 * (s->order + 1) * sizeof *s->b);
  if (!s->b) return -1;
  s->a = s->b + s->order + 1;
  s->first = (double)a->data[0];
  for (size_t k = 0; k <= s->order; k++) {
    s->b[k] = k < b->count ? (double)b->data[k] / s->first : 0;
    s->a[k] = k < a->count ? (double)a->data[k] / s->first : 0;
  }
  return 0;
}

/* ---- backward -------------------------------------------------------------- */
/* What each row gives: w, the gradient in front of 1 / a, from the last sample to the first. */
typedef struct back {
  const shape *s;
  ptrdiff_t step;
  const real *x, *y, *gy;
  real *w, *gx, *gzi;
  double *gb, *ga; /* rows of order + 1 */
  const real *zi;
  int own_zi;
} back;

static size_t place(const back *j, size_t row, size_t t)
{
  return row * j->s->n + (j->step < 0 ? j->s->n - 1 - t : t);
}

/* w[t] = gy[t] - sum of a[k] w[t + k], by a state that runs backwards. */
static void solve_back(const back *j, size_t row)
{
  const shape *s = j->s;
  double z[MOST] = { 0 }; /* the last `order` of w, the newest first */
  for (size_t t = s->n; t-- > 0;) {
    double w = (double)j->gy[place(j, row, t)];
    for (size_t k = 0; k < s->order; k++) w -= s->a[k + 1] * z[k];
    if (s->order) memmove(z + 1, z, (s->order - 1) * sizeof *z);
    z[0] = w;
    j->w[row * s->n + t] = (real)w;
  }
}

static void back_row(void *arg, size_t row)
{
  const back *j = arg;
  const shape *s = j->s;
  const size_t n = s->n, order = s->order;
  solve_back(j, row);
  const real *w = j->w + row * n;
  const real *zi = j->zi ? j->zi + (j->own_zi ? row * order : 0) : NULL;
  for (size_t t = 0; j->gx && t < n; t++) {
    double sum = 0;
    for (size_t k = 0; k <= order && t + k < n; k++) sum += s->b[k] * (double)w[t + k];
    j->gx[place(j, row, t)] = (real)sum;
  }
  for (size_t k = 0; k <= order; k++) {
    double gb = 0, ga = 0;
    for (size_t t = k; t < n; t++) {
      gb += (double)w[t] * (double)j->x[place(j, row, t - k)];
      ga -= (double)w[t] * (double)j->y[place(j, row, t - k)];
    }
    for (size_t t = 0; !k && zi && t < order && t < n; t++) ga += (double)w[t] * (double)zi[t];
    j->gb[row * (order + 1) + k] = gb / s->first;
    j->ga[row * (order + 1) + k] = ga / s->first;
  }
  for (size_t k = 0; j->gzi && k < order; k++) j->gzi[row * order + k] = k < n ? w[k] : 0;
}

/* Sums over rows of `from` (rows, width) into a tensor of `count` numbers. */
static void add_rows(size_t rows, size_t width, const double *from, ms_tensor *to)
{
  for (size_t k = 0; k < to->count; k++) {
    double sum = 0;
    for (size_t r = 0; r < rows; r++) sum += from[r * width + k];
    to->data[k] = (real)sum;
  }
}

/* The gradient of the state in front: of each row, or their sum. */
static void put_state(const back *j, ms_tensor *to)
{
  const size_t order = j->s->order;
  if (j->own_zi) memcpy(to->data, j->gzi, to->count * sizeof(real));
  for (size_t k = 0; !j->own_zi && k < order; k++) {
    double sum = 0;
    for (size_t r = 0; r < j->s->rows; r++) sum += (double)j->gzi[r * order + k];
    to->data[k] = (real)sum;
  }
}

static int fill(const ms_node *node, back *j, ms_tensor **gx, const ms_tensor *const *in)
{
  const shape *s = j->s;
  const size_t wide = s->order + 1, rows = s->rows;
  for (int i = 0; i < 4; i++)
    if (in[i] && ms_needs_input_grad(node, i) &&
        !(gx[i] = ms_tensor_zeros(in[i]->ndim, in[i]->dim)))
      return -1;
  j->w = ms_alloc((rows * (s->n + s->order) + 1) * sizeof *j->w);
  j->gb = j->w ? ms_alloc((2 * rows * wide + 1) * sizeof *j->gb) : NULL;
  if (j->gb) {
    j->ga = j->gb + rows * wide;
    j->gx = gx[2] ? gx[2]->data : NULL;
    j->gzi = gx[3] ? j->w + rows * s->n : NULL;
    ms_parallel(rows, back_row, j);
    if (gx[0]) add_rows(rows, wide, j->gb, gx[0]);
    if (gx[1]) add_rows(rows, wide, j->ga, gx[1]);
    if (gx[3]) put_state(j, gx[3]);
  }
  const int status = j->gb ? 0 : -1;
  ms_free(j->w);
  ms_free(j->gb);
  return status;
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const lfilter *l = ms_node_attributes(node);
  ms_tensor *in[4];
  for (int i = 0; i < 4; i++) in[i] = ms_node_saved(node, i);
  const ms_tensor *const constant[] = { in[0], in[1], in[2], in[3] };
  shape s;
  if (shape_of(in, &s) != 0) return -1;
  back j = { .s = &s, .step = l->backwards ? -1 : 1, .x = in[2]->data,
             .y = ms_node_saved(node, 4)->data, .gy = gy->data, .zi = in[3] ? in[3]->data : NULL,
             .own_zi = in[3] && in[3]->ndim > 1 };
  const int status = fill(node, &j, gx, constant);
  ms_free(s.b);
  return status;
}

/* ---- forward --------------------------------------------------------------- */
static ms_tensor *filtered(const ms_call *c, const shape *s)
{
  const lfilter *l = c->attributes;
  const ms_tensor *x = c->input[2], *zi = c->input[3];
  size_t dim[MS_MAX_DIMS];
  memcpy(dim, x->dim, sizeof dim);
  if (l->state) dim[x->ndim - 1] = s->order;
  ms_tensor *y = ms_tensor_zeros(x->ndim, dim);
  if (!y) return NULL;
  job j = { .order = s->order, .n = s->n, .b = s->b, .a = s->a, .x = x->data,
            .zi = zi ? zi->data : NULL, .own_zi = zi && zi->ndim > 1,
            .y = l->state ? NULL : y->data, .zf = l->state ? y->data : NULL,
            .step = l->backwards ? -1 : 1 };
  ms_parallel(s->rows, filter_row, &j);
  return y;
}

static ms_tensor *forward(const ms_call *c)
{
  shape s;
  if (shape_of(c->input, &s) != 0) return NULL;
  ms_tensor *y = filtered(c, &s);
  ms_free(s.b);
  return ms_record(c, y, 5, (ms_tensor *[]){ c->input[0], c->input[1], c->input[2], c->input[3],
                                             y });
}

/* core.internal.lfilter(b, a, x, [zi], backwards, state = false) -> x (..., n) filtered by b / a;
   zi: the state in front, (order) or (..., order). */
static const ms_op lfilter_op = {
  .name = "lfilter", .module = "internal", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(lfilter),
  .takes = { MS_TENSOR(b), MS_TENSOR(a), MS_TENSOR(x), MS_OPTIONAL(zi),
             MS_FLAG(lfilter, backwards, 0) },
};
MS_OPERATOR(lfilter_op)

/* core.internal.lfilter_state(b, a, x, [zi], backwards, true) -> the state behind the last sample,
   (..., order): a constant. */
static const ms_op state_op = {
  .name = "lfilter_state", .module = "internal", .forward = forward,
  .attributes = MS_ATTRIBUTES(lfilter),
  .takes = { MS_TENSOR(b), MS_TENSOR(a), MS_TENSOR(x), MS_OPTIONAL(zi),
             MS_FLAG(lfilter, backwards, 0), MS_FLAG(lfilter, state, 1) },
};
MS_OPERATOR(state_op)
