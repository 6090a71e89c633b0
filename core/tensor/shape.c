/* Sizes of tensors: counting, comparing, broadcasting, writing down. */
#include "shape.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../base/error.h"

/* An empty tensor is held to a smaller limit: nothing is allocated for its other sizes, but
   loops run over them. */
#define MOST       ((size_t)1 << 44)
#define MOST_EMPTY ((size_t)1 << 24)

int ms_shape_count(int ndim, const size_t *dim, size_t *count)
{
  char text[MS_SHAPE_TEXT];
  size_t n = 1, most = MOST;
  for (int d = 0; d < ndim; d++)
    if (!dim[d]) most = MOST_EMPTY;
  for (int d = 0; d < ndim; d++) {
    size_t size = dim[d] ? dim[d] : 1;
    if (n > most / size)
      return ms_fail("a tensor of %s is too large", ms_shape_text(ndim, dim, text));
    n *= size;
  }
  *count = most == MOST ? n : 0;
  return 0;
}

const char *ms_shape_text(int ndim, const size_t *dim, char text[MS_SHAPE_TEXT])
{
  size_t at = 0;
  if (ndim == 0) snprintf(text, MS_SHAPE_TEXT, "a number");
  for (int d = 0; d < ndim && at < MS_SHAPE_TEXT; d++)
    at += (size_t)snprintf(text + at, MS_SHAPE_TEXT - at, d ? "x%zu" : "%zu", dim[d]);
  return text;
}

int ms_shape_same(int na, const size_t *a, int nb, const size_t *b)
{
  return na == nb && memcmp(a, b, (size_t)na * sizeof *a) == 0;
}

int ms_shape_broadcast(int na, const size_t *a, int nb, const size_t *b, int *n, size_t *dim)
{
  *n = na > nb ? na : nb;
  for (int d = 0; d < *n; d++) {
    int ia = d - (*n - na), ib = d - (*n - nb);
    size_t x = ia < 0 ? 1 : a[ia], y = ib < 0 ? 1 : b[ib];
    if (x != y && x != 1 && y != 1) return -1;
    dim[d] = x == 1 ? y : x;
  }
  return 0;
}
