/* Dimensions that a reduction takes away, as (outer, n, inner) of the kernels. */
#include "axes.h"

#include <string.h>

#include "../../base/error.h"
#include "../../base/thread_pool.h"

/* Sizes of 1 stand nowhere. How many runs of reduced dimensions the shape has; where the first
   one begins and ends. */
static int runs_of(int ndim, const size_t *dim, uint32_t axes, int *first, int *end)
{
  int runs = 0, inside = 0;
  *first = *end = ndim;
  for (int d = 0; d < ndim; d++) {
    if (dim[d] == 1) continue;
    const int reduced = ms_axes_has(axes, d);
    if (reduced && !inside && !runs++) *first = d;
    if (reduced && runs == 1) *end = d + 1;
    inside = reduced;
  }
  return runs;
}

static size_t product(const size_t *dim, int from, int end)
{
  size_t n = 1;
  for (int d = from; d < end; d++) n *= dim[d];
  return n;
}

ms_span ms_axes_span(int ndim, const size_t *dim, uint32_t axes)
{
  int first, end;
  size_t n = 1, kept = 1;
  if (runs_of(ndim, dim, axes, &first, &end) <= 1)
    return (ms_span){ product(dim, 0, first), product(dim, first, end), product(dim, end, ndim) };
  for (int d = 0; d < ndim; d++) *(ms_axes_has(axes, d) ? &n : &kept) *= dim[d];
  for (int d = ndim - 1; d >= 0; d--)
    if (dim[d] != 1 && !ms_axes_has(axes, d)) return (ms_span){ 1, n, kept };
    else if (dim[d] != 1) break;
  return (ms_span){ kept, n, 1 };
}

/* ---- moving axes together: whole runs along the last dimension, which stays the last -------- */
typedef struct move {
  real *from, *to;
  int ndim, back;
  size_t dim[MS_MAX_DIMS], step[MS_MAX_DIMS]; /* in the order of `to`; steps in `from` */
  size_t runs, width, each;
} move;

static void move_some(void *arg, size_t chunk)
{
  const move *m = arg;
  const size_t end = ms_least((chunk + 1) * m->each, m->runs);
  for (size_t r = chunk * m->each; r < end; r++) {
    size_t at = 0, rest = r;
    for (int d = m->ndim - 2; d >= 0; rest /= m->dim[d--]) at += rest % m->dim[d] * m->step[d];
    real *one = m->from + at, *other = m->to + r * m->width;
    memcpy(m->back ? one : other, m->back ? other : one, m->width * sizeof(real));
  }
}

/* The reduced dimensions last where the last one is reduced, else first. */
static void order_of(int ndim, const size_t *dim, uint32_t axes, move *m)
{
  size_t step[MS_MAX_DIMS], run = 1;
  int last = ndim - 1, at = 0;
  while (last > 0 && dim[last] == 1) last--;
  for (int d = ndim - 1; d >= 0; d--) step[d] = run, run *= dim[d];
  for (int turn = 0; turn < 2; turn++)
    for (int d = 0; d <= last; d++)
      if (ms_axes_has(axes, d) == (turn ? ms_axes_has(axes, last) : !ms_axes_has(axes, last))) {
        m->dim[at] = dim[d];
        m->step[at++] = step[d];
      }
  m->ndim = at;
  m->width = dim[last];
  m->runs = m->width ? run / m->width : 0;
  m->each = MS_SPAN_PIECE / (m->width + 1) + 1;
}

static void run(int ndim, const size_t *dim, uint32_t axes, real *from, real *to, int back)
{
  move m = { .from = from, .to = to, .back = back };
  order_of(ndim, dim, axes, &m);
  ms_parallel((m.runs + m.each - 1) / m.each, move_some, &m);
}

ms_tensor *ms_axes_gather(ms_tensor *x, uint32_t axes)
{
  int first, end;
  if (runs_of(x->ndim, x->dim, axes, &first, &end) <= 1) return ms_tensor_ref(x);
  ms_tensor *y = ms_tensor_like(x);
  if (y) run(x->ndim, x->dim, axes, x->data, y->data, 0);
  return y;
}

ms_tensor *ms_axes_return(ms_tensor *g, int ndim, const size_t *dim, uint32_t axes)
{
  int first, end;
  if (!g || runs_of(ndim, dim, axes, &first, &end) <= 1) return g;
  ms_tensor *y = ms_tensor_new(ndim, dim);
  if (y) run(ndim, dim, axes, y->data, g->data, 1);
  ms_tensor_free(g);
  return y;
}

ms_tensor *ms_axes_result(const ms_tensor *x, uint32_t axes, int keep)
{
  size_t dim[MS_MAX_DIMS];
  int n = 0;
  for (int d = 0; d < x->ndim; d++) {
    if (!ms_axes_has(axes, d)) dim[n++] = x->dim[d];
    else if (keep) dim[n++] = 1;
  }
  return ms_tensor_new(n, dim);
}

int ms_axes_some(const char *name, const ms_tensor *x, uint32_t axes)
{
  char text[MS_SHAPE_TEXT];
  size_t n = 1;
  for (int d = 0; d < x->ndim; d++)
    if (ms_axes_has(axes, d)) n *= x->dim[d];
  if (n) return 0;
  if (x->count == 0 && axes == ((uint32_t)1 << x->ndim) - 1)
    return ms_fail("%s: the tensor is empty", name);
  return ms_fail("%s: there is nothing along the axis; x is %s", name,
                 ms_shape_text(x->ndim, x->dim, text));
}
