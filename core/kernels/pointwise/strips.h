/* Strips of inputs that are stretched: a few hundred numbers of each at a time, as they stand under
   the result, so that loops need to know nothing of shapes. */
#ifndef MS_STRIPS_H
#define MS_STRIPS_H

#include <string.h>

#include "stretched.h"

enum { MS_STRIP = 1024, MS_STRIP_ROW = 128 };

/* Where a number of the result is, dimension by dimension, and where that is in one input. */
typedef struct ms_place {
  size_t at[MS_BROADCAST_DIMS], offset;
} ms_place;

static inline ms_place ms_place_of(const ms_broadcast *b, int input, size_t index)
{
  ms_place p = { .offset = 0 };
  for (int d = b->ndim - 1; d >= 0; d--) {
    p.at[d] = index % b->dim[d];
    index /= b->dim[d];
    p.offset += p.at[d] * b->in[input].step[d];
  }
  return p;
}

/* On to the beginning of the next row. */
static inline void ms_place_next(const ms_broadcast *b, int input, ms_place *p)
{
  const size_t *step = b->in[input].step;
  const int last = b->ndim - 1;
  p->offset -= p->at[last] * step[last];
  p->at[last] = 0;
  for (int d = last - 1; d >= 0; d--) {
    p->offset += step[d];
    if (++p->at[d] < b->dim[d]) return;
    p->offset -= step[d] * b->dim[d];
    p->at[d] = 0;
  }
}

static inline void ms_fill(real *to, size_t n, real value)
{
  for (size_t i = 0; i < n; i++) to[i] = value;
}

/* n numbers of an input from `first` on, row by row. */
static inline void ms_strip_copy(const ms_broadcast *b, int input, size_t first, size_t n, real *to)
{
  const int last = b->ndim - 1;
  ms_place p = ms_place_of(b, input, first);
  while (n > 0) {
    const size_t left = b->dim[last] - p.at[last], m = n < left ? n : left;
    const real *from = b->in[input].data + p.offset;
    if (b->in[input].step[last]) for (size_t i = 0; i < m; i++) to[i] = from[i];
    else ms_fill(to, m, *from);
    to += m;
    n -= m;
    ms_place_next(b, input, &p);
  }
}

/* Whether all strips of an input are alike: a number's, and those of a short row that repeats, of
   which a strip holds whole ones. */
static inline int ms_strip_stays(const ms_broadcast *b, int input)
{
  return !b->in[input].dense &&
         (b->in[input].number ||
          (b->in[input].repeats && b->dim[b->ndim - 1] < MS_STRIP_ROW));
}

/* Such a strip, from `first` on. */
static inline void ms_strip_begin(const ms_broadcast *b, int input, size_t first, real *room)
{
  if (b->in[input].number) ms_fill(room, MS_STRIP, *b->in[input].data);
  else ms_strip_copy(b, input, first, MS_STRIP, room);
}

/* How many numbers the strip that begins at `first` has: long rows are taken one by one, so that
   only what is stretched along them is copied. */
static inline size_t ms_strip_length(const ms_broadcast *b, size_t first, size_t end)
{
  const size_t row = b->dim[b->ndim - 1], left = end - first;
  size_t n = row < MS_STRIP_ROW ? MS_STRIP - MS_STRIP % row : MS_STRIP;
  if (row >= MS_STRIP_ROW && row - first % row < n) n = row - first % row;
  return n < left ? n : left;
}

/* The strip of an input: where it lies, or copied to `room`. */
static inline const real *ms_strip(const ms_broadcast *b, int input, size_t first, size_t n,
                                   real *room)
{
  const int last = b->ndim - 1;
  if (b->in[input].dense) return b->in[input].data + first;
  if (ms_strip_stays(b, input)) return room; /* filled before */
  if (b->dim[last] >= MS_STRIP_ROW && b->in[input].step[last])
    return b->in[input].data + ms_place_of(b, input, first).offset;
  ms_strip_copy(b, input, first, n, room);
  return room;
}

#endif
