/* Tensors as keys, x[key]: masks and positions along the first dimensions. */
#include "key.h"

#include <math.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/thread_pool.h"
#include "../../kernels/strided.h"
#include "../broadcast.h"

/* ---- which one it is ------------------------------------------------------------------------ */
typedef struct content {
  int zeros, ones, others; /* whether there are such numbers */
} content;

enum { PIECE = 1 << 16, PIECES = 64 };

typedef struct scan {
  const ms_tensor *key;
  size_t first; /* piece */
  content found[PIECES];
} scan;

static void scan_piece(void *arg, size_t chunk)
{
  scan *s = arg;
  const size_t first = (s->first + chunk) * PIECE, left = s->key->count - first;
  const size_t n = left < PIECE ? left : PIECE;
  const real *v = s->key->data + first;
  int zeros = 0, ones = 0, others = 0;
  for (size_t i = 0; i < n; i++) {
    const int zero = v[i] == 0, one = v[i] == 1;
    zeros |= zero;
    ones |= one;
    others |= !(zero | one);
  }
  s->found[chunk] = (content){ zeros, ones, others };
}

static content content_of(const ms_tensor *key)
{
  content c = { 0, 0, 0 };
  scan s = { .key = key };
  const size_t all = (key->count + PIECE - 1) / PIECE;
  for (; s.first < all; s.first += PIECES) {
    const size_t now = all - s.first < PIECES ? all - s.first : PIECES;
    ms_parallel(now, scan_piece, &s);
    for (size_t i = 0; i < now; i++) {
      c.zeros |= s.found[i].zeros;
      c.ones |= s.found[i].ones;
      c.others |= s.found[i].others;
    }
  }
  return c;
}

static int has_shape(const ms_tensor *x, const ms_tensor *key)
{
  return key->ndim > 0 && key->ndim <= x->ndim &&
         ms_shape_same(key->ndim, key->dim, key->ndim, x->dim);
}

static ms_key_kind wrong(const char *format, const ms_tensor *x, const ms_tensor *key)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  return ms_fail(format, ms_shape_text(key->ndim, key->dim, a),
                 ms_shape_text(x->ndim, x->dim, b)), MS_KEY_WRONG;
}

ms_key_kind ms_key_kind_of(const ms_tensor *x, const ms_tensor *key)
{
  if (!x->ndim || !key->ndim)
    return wrong("x[t]: t (%s) must be a mask or a list of positions, and x (%s) must have a "
                 "dimension; one position is a number, x[i]", x, key);
  const content c = content_of(key);
  const int shaped = has_shape(x, key), yes_or_no = !c.others && (c.zeros || key->mask);
  if (c.zeros && c.others)
    return wrong("x[t]: t (%s) is neither a mask (0 and 1, in the shape of x's first dimensions; x "
                 "is %s) nor positions, which count from 1", x, key);
  if (yes_or_no && !shaped)
    return wrong("x[mask]: the mask (%s) must have the shape of x (%s), or of its first "
                 "dimensions; positions count from 1", x, key);
  if (yes_or_no) return MS_KEY_MASK;
  if (shaped && !c.others && (key->count > 1 || key->ndim > 1))
    return wrong("x[t]: t (%s) holds only ones, so it may be a mask of x (%s) or positions: write "
                 "x[t:eq(1)] or x:masked_select(t) for a mask, x:index_select(1, t) for positions",
                 x, key);
  return MS_KEY_POSITIONS;
}

/* ---- masks --------------------------------------------------------------------------------- */
static size_t ones_of(const ms_tensor *mask)
{
  size_t n = 0;
  for (size_t i = 0; i < mask->count; i++) n += mask->data[i] != 0;
  return n;
}

ms_tensor *ms_mask_positions(const ms_tensor *mask)
{
  enum { EXACT = 1 << 24 }; /* whole numbers that a float holds */
  if (mask->count > EXACT)
    return ms_fail("x[mask]: positions in %zu rows are too large; x:masked_select(mask) takes "
                   "masks of x's own shape", mask->count), NULL;
  ms_tensor *at = ms_tensor_new(1, (size_t[]){ ones_of(mask) });
  size_t n = 0;
  for (size_t i = 0; at && i < mask->count; i++)
    if (mask->data[i] != 0) at->data[n++] = (real)(i + 1);
  return at;
}

/* ---- writing -------------------------------------------------------------------------------- */
/* The value at the shape of `lead` dimensions and the rest of x's, in storage that is not x's. */
static ms_tensor *stretched(const ms_tensor *x, int used, int lead, const size_t *dim,
                            const ms_tensor *value)
{
  char given[MS_SHAPE_TEXT], wanted[MS_SHAPE_TEXT];
  size_t all[2 * MS_MAX_DIMS], common[MS_MAX_DIMS];
  int n, ndim = lead + x->ndim - used;
  if (ndim > MS_MAX_DIMS)
    return ms_fail("x[t] = value: a tensor has at most %d dimensions", MS_MAX_DIMS), NULL;
  memcpy(all, dim, (size_t)lead * sizeof *dim);
  memcpy(all + lead, x->dim + used, (size_t)(x->ndim - used) * sizeof *dim);
  if (ms_shape_broadcast(ndim, all, value->ndim, value->dim, &n, common) != 0 ||
      !ms_shape_same(n, common, ndim, all))
    return ms_fail("x[t] = value: a tensor of %s does not fit into %s",
                   ms_shape_text(value->ndim, value->dim, given),
                   ms_shape_text(ndim, all, wanted)), NULL;
  ms_tensor *source = ms_tensor_same_storage(x, value) ? ms_tensor_copy(value)
                                                       : ms_tensor_alias((ms_tensor *)value);
  ms_tensor *wide = source ? ms_stretch(source, ndim, all) : NULL;
  ms_tensor_free(source);
  return wide;
}

static void write_row(ms_tensor *x, size_t row, size_t width, const real *from)
{
  ms_k_strided()->row(from, 1, x->data + row * width, 1, width);
}

/* Position i as a row from 0, or -1 and a message. */
static int row_at(const ms_tensor *positions, size_t i, size_t rows, size_t *row)
{
  const double v = (double)positions->data[i], n = (double)rows;
  if (!(v == floor(v)) || v == 0 || v > n || v < -n)
    return ms_fail("x[positions]: position %zu is %g, which is no whole number in 1..%zu", i + 1,
                   isnan(v) ? fabs(v) : v, rows);
  *row = v > 0 ? (size_t)v - 1 : rows - (size_t)-v;
  return 0;
}

static int check_positions(const ms_tensor *positions, size_t rows)
{
  size_t row;
  for (size_t i = 0; i < positions->count; i++)
    if (row_at(positions, i, rows, &row) != 0) return -1;
  return 0;
}

int ms_rows_write(ms_tensor *x, const ms_tensor *positions, const ms_tensor *value)
{
  if (check_positions(positions, x->dim[0]) != 0) return -1;
  const ms_tensor *shape = positions;
  ms_tensor *wide = stretched(x, 1, shape->ndim, shape->dim, value);
  ms_tensor *at = wide ? ms_tensor_copy(positions) : NULL; /* it may be x itself */
  const size_t width = x->dim[0] ? x->count / x->dim[0] : 0;
  for (size_t i = 0, row = 0; at && width && i < at->count; i++)
    if (row_at(at, i, x->dim[0], &row) == 0) write_row(x, row, width, wide->data + i * width);
  ms_tensor_free(wide);
  ms_tensor_free(at);
  return at ? 0 : -1;
}

/* One number for all rows that the mask names. */
typedef struct flood {
  real *x;
  const real *mask;
  size_t rows, width, step; /* step: rows to a chunk */
  real value;
} flood;

static void flood_rows(void *arg, size_t chunk)
{
  const flood *f = arg;
  const size_t end = (chunk + 1) * f->step < f->rows ? (chunk + 1) * f->step : f->rows;
  const real value = f->value;
  for (size_t r = chunk * f->step; f->width == 1 && r < end; r++)
    f->x[r] = f->mask[r] != 0 ? value : f->x[r];
  for (size_t r = chunk * f->step; f->width > 1 && r < end; r++)
    if (f->mask[r] != 0) ms_k_strided()->row(&value, 0, f->x + r * f->width, 1, f->width);
}

static int write_number(ms_tensor *x, const ms_tensor *mask, real value)
{
  const size_t width = x->count / mask->count;
  flood f = { x->data, mask->data, mask->count, width, PIECE / 4 / (width + 1) + 1, value };
  ms_parallel((f.rows + f.step - 1) / f.step, flood_rows, &f);
  return 0;
}

int ms_mask_write(ms_tensor *x, const ms_tensor *mask, const ms_tensor *value)
{
  if (!value->ndim && x->count && !ms_tensor_same_storage(x, mask))
    return write_number(x, mask, value->data[0]);
  const size_t ones = ones_of(mask);
  ms_tensor *wide = stretched(x, mask->ndim, 1, &ones, value);
  ms_tensor *which = wide ? ms_tensor_copy(mask) : NULL;
  const size_t width = mask->count ? x->count / mask->count : 0;
  size_t n = 0;
  for (size_t i = 0; which && width && i < which->count; i++)
    if (which->data[i] != 0) write_row(x, i, width, wide->data + n++ * width);
  ms_tensor_free(wide);
  ms_tensor_free(which);
  return which ? 0 : -1;
}
