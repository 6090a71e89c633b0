/* What operators that take positions share: their checks, and how a gathering walks. */
#include "positions.h"

#include <stdio.h>
#include <string.h>

#include "../../base/error.h"

/* "3" or "2, 3": where number i of a tensor stands. */
static const char *place_text(const ms_tensor *t, size_t i, char text[MS_SHAPE_TEXT])
{
  size_t at[MS_MAX_DIMS];
  char *end = text;
  for (int d = t->ndim - 1; d >= 0; i /= t->dim[d--]) at[d] = i % t->dim[d] + 1;
  *text = 0;
  for (int d = 0; d < t->ndim; d++)
    end += snprintf(end, (size_t)(text + MS_SHAPE_TEXT - end), "%s%zu", d ? ", " : "", at[d]);
  return t->ndim ? text : "1";
}

int ms_positions_check(const ms_call *c, int at, size_t n)
{
  const ms_tensor *index = c->input[at];
  const char *name = c->op->name;
  char text[MS_SHAPE_TEXT];
  if (ms_recording(1, &c->input[at]))
    return ms_fail("%s: positions are whole numbers and have no gradient; give it index:detach()",
                   name);
  const size_t wrong = ms_k_gathering()->find_wrong(index->data, index->count, n);
  if (wrong == index->count) return 0;
  return ms_fail("%s: positions are whole numbers in 1..%zu (or from the end, -1..-%zu), but "
                 "number %s of the index is %g", name, n, n, place_text(index, wrong, text),
                 (double)index->data[wrong]);
}

int ms_positions_fit(const char *name, size_t n)
{
  const size_t most = sizeof(real) == sizeof(float) ? (size_t)1 << 24 : (size_t)1 << 53;
  if (n <= most) return 0;
  return ms_fail("%s: positions beyond %zu are no exact numbers in %s, and the axis has %zu", name,
                 most, MS_REAL_NAME, n);
}

static void strides(int ndim, const size_t *dim, size_t *step)
{
  size_t run = 1;
  for (int d = ndim - 1; d >= 0; d--) step[d] = run, run *= dim[d];
}

static int follows(const size_t *step, size_t dim, int d)
{
  return step[d] == step[d + 1] * dim;
}

/* Joins dimensions d and d + 1 wherever all three tensors step through them as through one. */
static void join_dimensions(ms_gathering *g)
{
  for (int d = g->ndim - 2; d >= 0; d--) {
    const size_t inner = g->dim[d + 1];
    if (d == g->axis || d + 1 == g->axis || !follows(g->index, inner, d) ||
        !follows(g->x, inner, d) || !follows(g->y, inner, d))
      continue;
    size_t *rows[] = { g->dim, g->index, g->x, g->y };
    const size_t joined = g->dim[d] * inner;
    for (int r = 0; r < 4; r++)
      memmove(rows[r] + d, rows[r] + d + 1, (size_t)(g->ndim - d - 1) * sizeof **rows);
    g->dim[d] = joined;
    g->ndim--;
    if (g->axis > d) g->axis--;
  }
}

int ms_gathering_each(const char *name, int ndim, const size_t *x, int axis, int index_ndim,
                      const size_t *index, ms_gathering *g)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  int fits = ndim == index_ndim;
  for (int d = 0; fits && d < ndim; d++) fits = d == axis || index[d] <= x[d];
  if (!fits)
    return ms_fail("%s: the index must have x's dimensions and, beside axis %d, at most its sizes: "
                   "x is %s, the index %s", name, axis + 1, ms_shape_text(ndim, x, a),
                   ms_shape_text(index_ndim, index, b));
  *g = (ms_gathering){ .ndim = ndim, .axis = axis, .n = x[axis] };
  memcpy(g->dim, index, (size_t)ndim * sizeof *index);
  strides(ndim, index, g->index);
  strides(ndim, index, g->y);
  strides(ndim, x, g->x);
  join_dimensions(g);
  return 0;
}

void ms_gathering_slices(int ndim, const size_t *x, int axis, size_t count, ms_gathering *g)
{
  *g = (ms_gathering){ .ndim = ndim, .axis = axis, .n = x[axis] };
  memcpy(g->dim, x, (size_t)ndim * sizeof *x);
  g->dim[axis] = count;
  g->index[axis] = 1;
  strides(ndim, g->dim, g->y);
  strides(ndim, x, g->x);
  join_dimensions(g);
}
