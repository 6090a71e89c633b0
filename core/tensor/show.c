/* A tensor in a few lines, however large it is. */
#include "show.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum { COLUMNS = 6, ROWS = 4 };

typedef struct writer {
  char *text;
  size_t at;
} writer;

__attribute__((format(printf, 2, 3))) static void put(writer *w, const char *format, ...)
{
  if (w->at >= MS_SHOW_TEXT - 1) return;
  va_list list;
  va_start(list, format);
  int n = vsnprintf(w->text + w->at, MS_SHOW_TEXT - w->at, format, list);
  va_end(list);
  w->at += n > 0 ? (size_t)n : 0;
}

/* Of the numbers that are none, the sign says nothing. */
static double unsigned_nan(double value)
{
  return isnan(value) ? fabs(value) : value;
}

static void put_odd(writer *w, size_t nan, size_t infinite)
{
  if (nan && infinite)
    put(w, "   %zu not finite (%zu nan, %zu infinite)", nan + infinite, nan, infinite);
  else if (nan + infinite)
    put(w, "   %zu not finite (%s)", nan + infinite, nan ? "nan" : "infinite");
}

ms_extent ms_extent_of(const ms_tensor *t)
{
  ms_extent e = { INFINITY, -INFINITY, 0, 0, 0 };
  for (size_t i = 0; i < t->count; i++) {
    double v = (double)t->data[i];
    e.nan += isnan(v) != 0;
    e.infinite += isinf(v) != 0;
    if (!isfinite(v)) continue;
    if (v < e.low) e.low = v;
    if (v > e.high) e.high = v;
    e.sum += v;
  }
  return e;
}

static void put_range(writer *w, const ms_tensor *t)
{
  ms_extent e = ms_extent_of(t);
  const size_t finite = t->count - e.nan - e.infinite;
  if (finite) put(w, "   min %.4g   mean %.4g   max %.4g", e.low, e.sum / (double)finite, e.high);
  put_odd(w, e.nan, e.infinite);
}

/* Letters of the last row's label, the longest, "[100,3,:]". */
static size_t label_letters(const ms_tensor *t)
{
  int letters = 3;
  for (int d = 0; d < t->ndim - 1; d++) letters += snprintf(NULL, 0, "%zu,", t->dim[d]);
  return (size_t)letters;
}

/* The label of a row, and blanks up to where the numbers of all rows begin. */
static void put_label(writer *w, const ms_tensor *t, size_t row)
{
  put(w, "\n  ");
  const size_t end = w->at + label_letters(t);
  put(w, "[");
  for (int d = 0; d < t->ndim - 1; d++) {
    size_t below = 1;
    for (int k = d + 1; k < t->ndim - 1; k++) below *= t->dim[k];
    put(w, "%zu,", row / below % t->dim[d] + 1);
  }
  put(w, ":]");
  put(w, "%*s", w->at < end ? (int)(end - w->at) : 0, "");
}

static void put_row(writer *w, const ms_tensor *t, size_t row, size_t width)
{
  const real *at = t->data + row * width;
  put_label(w, t, row);
  size_t head = width <= COLUMNS ? width : COLUMNS - 1;
  for (size_t i = 0; i < head; i++) put(w, " %10.4g", unsigned_nan((double)at[i]));
  if (head < width) put(w, "   ...%10.4g", unsigned_nan((double)at[width - 1]));
}

const char *ms_show(const ms_tensor *t, char *text)
{
  writer w = { text, 0 };
  char shape[MS_SHAPE_TEXT];
  if (t->ndim == 0) {
    put(&w, "%.7g", unsigned_nan((double)t->data[0]));
    return text;
  }
  put(&w, "tensor %s", ms_shape_text(t->ndim, t->dim, shape));
  if (!t->count) return text;
  put_range(&w, t);
  size_t width = t->dim[t->ndim - 1], rows = t->count / width;
  size_t head = rows <= ROWS ? rows : ROWS - 1;
  for (size_t r = 0; r < head; r++) put_row(&w, t, r, width);
  if (head < rows) {
    put(&w, "\n  ...");
    put_row(&w, t, rows - 1, width);
  }
  return text;
}
