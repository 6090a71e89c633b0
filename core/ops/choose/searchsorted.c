/* searchsorted, and counts in bins for histogram and bincount of Lua. */
#include <math.h>
#include <stdint.h>

#include "../../base/error.h"
#include "../../kernels/choose/counting.h"
#include "../../kernels/choose/searching.h"
#include "../../kernels/reduce/folds.h"
#include "../ops.h"
#include "positions.h"

/* ---- searchsorted ---------------------------------------------------------------------------- */
typedef struct lookup {
  int right;
} lookup;

/* One list for all, or one for each line of values. */
static int fits(const ms_tensor *sorted, const ms_tensor *values)
{
  if (sorted->ndim == 1) return 1;
  int same = sorted->ndim == values->ndim && sorted->ndim > 0;
  for (int d = 0; same && d < sorted->ndim - 1; d++) same = sorted->dim[d] == values->dim[d];
  return same;
}

static ms_tensor *searchsorted(const ms_call *c)
{
  const ms_tensor *sorted = c->input[0], *values = c->input[1];
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  if (!fits(sorted, values))
    return ms_fail("searchsorted: one sorted list is expected, or one for each line of the values: "
                   "x is %s, the values %s", ms_shape_text(sorted->ndim, sorted->dim, a),
                   ms_shape_text(values->ndim, values->dim, b)), NULL;
  const size_t n = sorted->dim[sorted->ndim - 1];
  const int one = sorted->ndim == 1;
  const size_t m = one || !values->count ? values->count : values->dim[values->ndim - 1];
  if (ms_positions_fit("searchsorted", n + 1) != 0) return NULL;
  ms_tensor *y = ms_tensor_like(values);
  if (y && m)
    ms_k_searching()->search(sorted->data, n, values->data, m, values->count / m, one,
                             ((const lookup *)c->attributes)->right, y->data);
  return ms_record(c, y, 0, NULL);
}

/** x:searchsorted(values, {right = false}) -> positions 1..n + 1, in the shape of values, before
    which each value would go into x, n numbers in rising order, so that the order stays: the
    first of several, or the last one with right. x is one list, or has one for each line of
    values. PyTorch's counts from 0. Without gradient */
static const ms_op searchsorted_op = {
  .name = "searchsorted", .forward = searchsorted, .attributes = MS_ATTRIBUTES(lookup),
  .takes = { MS_TENSOR(x), MS_OPERAND(values), MS_NAMED_FLAG(lookup, right, 0) },
};
MS_OPERATOR(searchsorted_op)

/* ---- counts ---------------------------------------------------------------------------------- */
typedef struct histogram {
  size_t bins;
} histogram;

/* Of edges or of none. */
static ms_tensor *count(const ms_call *c, size_t bins, const ms_tensor *edges,
                        const ms_tensor *weights)
{
  const ms_tensor *x = c->input[0];
  if (weights && weights->count != x->count)
    return ms_fail("%s: a weight for each of the %zu numbers is expected, got %zu", c->op->name,
                   x->count, weights->count), NULL;
  if (bins > INT32_MAX) return ms_fail("%s: %zu bins are too many", c->op->name, bins), NULL;
  ms_tensor *y = ms_tensor_new(1, &bins);
  if (y && ms_k_counting()->count(x->data, weights ? weights->data : NULL, x->count,
                                  edges ? edges->data : NULL, bins, y->data) != 0) {
    ms_tensor_free(y);
    y = NULL;
  }
  return ms_record(c, y, 0, NULL);
}

static ms_tensor *take_histogram(const ms_call *c)
{
  const size_t bins = ((const histogram *)c->attributes)->bins;
  if (c->input[1]->count != bins + 1)
    return ms_fail("histogram: %zu bins have %zu edges", bins, bins + 1), NULL;
  return count(c, bins, c->input[1], c->input[2]);
}

/* internal.histogram(x, bins, edges, [weights]): evenly spaced edges */
static const ms_op histogram_op = {
  .name = "histogram", .module = "internal", .forward = take_histogram,
  .attributes = MS_ATTRIBUTES(histogram),
  .takes = { MS_TENSOR(x), MS_THE_COUNT(histogram, bins), MS_TENSOR(edges), MS_OPTIONAL(weights) },
};
MS_OPERATOR(histogram_op)

static size_t not_a_class(double number)
{
  return ms_fail("bincount: classes are whole numbers, 1 or more, got %g", number), 0;
}

/* The largest of all numbers, or the smallest: NaN where one is. 0, or -1 and a message. */
static int extreme(const ms_tensor *x, ms_fold_kind kind, double *most)
{
  real y;
  if (ms_k_folds()->fold(kind, (ms_span){ 1, x->count, 1 }, x->data, &y, 0) != 0) return -1;
  *most = (double)y;
  return 0;
}

/* As many bins as the largest class, or as asked for; 0 and a message where one is no class. */
static size_t bins_of(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const size_t least = ((const histogram *)c->attributes)->bins;
  double most, low;
  if (!x->count) return least;
  if (extreme(x, MS_FOLD_MAX, &most) != 0 || extreme(x, MS_FOLD_MIN, &low) != 0) return 0;
  if (!(most >= 0 && most <= 0x1p53)) return not_a_class(most);
  const size_t bins = most > (double)least ? (size_t)ceil(most) : least;
  if (ms_positions_check(c, 0, bins) != 0) return 0;
  return low < 0 ? not_a_class(low) : bins;
}

static ms_tensor *bincount(const ms_call *c)
{
  const size_t bins = bins_of(c);
  return bins ? count(c, bins, NULL, NULL) : NULL;
}

/* internal.bincount(x, least): at least so many bins */
static const ms_op bincount_op = {
  .name = "bincount", .module = "internal", .forward = bincount,
  .attributes = MS_ATTRIBUTES(histogram),
  .takes = { MS_TENSOR(x), MS_THE_COUNT(histogram, bins) },
};
MS_OPERATOR(bincount_op)
