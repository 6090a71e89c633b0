/* A shape as (outer, n, inner) around what is reduced, and how it is cut into chunks: by size
   alone, so that the bits are the same for any number of threads. */
#ifndef MS_SPAN_H
#define MS_SPAN_H

#include <stddef.h>

#include "../../base/real.h"
#include "../../base/sizes.h"
#include "../simd/transpose.h"

typedef struct ms_span {
  size_t outer, n, inner;
} ms_span;

enum { MS_SPAN_PIECE = 1 << 14, MS_SPAN_GROUP = 128, MS_SPAN_NARROW = 16, MS_SPAN_FEW = 8,
       MS_SPAN_SHORT = 64, MS_SPAN_PITCH = MS_SPAN_GROUP + 16 };

/* One piece of work: columns first..first+wide-1 of one outer block, positions from..end-1. */
typedef struct ms_span_part {
  size_t outer, first, wide, from, end, piece;
} ms_span_part;

/* Columns in groups; n in pieces where there are few columns; short rows several to a chunk. */
typedef struct ms_span_cut {
  ms_span span;
  size_t wide, groups, length, pieces, units, step, chunks;
  int turned; /* short rows, taken as columns: the span is (1, n, rows), x still (rows, n) */
} ms_span_cut;

/* May n be cut in pieces, whose results are put together afterwards? */
static inline ms_span_cut ms_span_cut_of(ms_span s, int may_cut)
{
  ms_span_cut c = { .span = s, .wide = ms_least(s.inner, MS_SPAN_GROUP) };
  if (s.inner > MS_SPAN_NARROW && s.outer * (s.inner / MS_SPAN_GROUP + 1) < MS_SPAN_FEW)
    c.wide = MS_SPAN_NARROW;
  c.groups = c.wide ? (s.inner + c.wide - 1) / c.wide : 0;
  c.length = s.n;
  if (may_cut && c.wide && s.outer * c.groups < MS_SPAN_FEW &&
      s.n > 2 * MS_SPAN_PIECE / c.wide)
    c.length = MS_SPAN_PIECE / c.wide;
  c.pieces = c.length ? (s.n + c.length - 1) / c.length : 1;
  c.units = s.outer * c.groups * c.pieces;
  c.step = MS_SPAN_PIECE / (c.length * c.wide + 1) + 1;
  c.chunks = (c.units + c.step - 1) / c.step;
  return c;
}

/* For reductions: short rows go side by side. */
static inline ms_span_cut ms_span_cut_rows(ms_span s)
{
  if (s.inner != 1 || s.n > MS_SPAN_SHORT || s.n == 0 || s.outer <= MS_SPAN_NARROW)
    return ms_span_cut_of(s, s.outer > 0);
  ms_span_cut c = ms_span_cut_of((ms_span){ 1, s.n, s.outer }, 0);
  c.turned = 1;
  return c;
}

static inline ms_span_part ms_span_part_of(const ms_span_cut *c, size_t unit)
{
  ms_span_part p = { .piece = unit % c->pieces };
  unit /= c->pieces;
  p.first = unit % c->groups * c->wide;
  p.outer = unit / c->groups;
  p.wide = ms_least(c->wide, c->span.inner - p.first);
  p.from = p.piece * c->length;
  p.end = ms_least(p.from + c->length, c->span.n);
  return p;
}

/* Where the part begins in a tensor (outer, n, inner), and in its result (outer, inner). */
static inline size_t ms_span_at(const ms_span_cut *c, const ms_span_part *p)
{
  if (c->turned) return p->first * c->span.n;
  return (p->outer * c->span.n + p->from) * c->span.inner + p->first;
}

static inline size_t ms_span_to(const ms_span_cut *c, const ms_span_part *p)
{
  return p->outer * c->span.inner + p->first;
}

/* Where it begins among the results of all pieces (outer, pieces, inner). */
static inline size_t ms_span_partial(const ms_span_cut *c, const ms_span_part *p)
{
  return (p->outer * c->pieces + p->piece) * c->span.inner + p->first;
}

/* The part's columns in x, and how far apart its rows are; short rows are turned into `room`. */
static inline const real *ms_span_columns(const ms_span_cut *c, const ms_span_part *p,
                                          const real *x, size_t *pitch, real *room)
{
  const size_t n = c->span.n;
  x += ms_span_at(c, p);
  *pitch = c->turned ? MS_SPAN_PITCH : c->span.inner;
  if (!c->turned) return x;
  ms_transpose(x, n, p->wide, n, room, MS_SPAN_PITCH);
  return room;
}

/* Units of chunk `chunk`: the loop of a function given to ms_parallel. */
#define MS_SPAN_EACH(cut, chunk, part)                                                    \
  for (size_t u_ = (chunk) * (cut)->step;                                                 \
       u_ < ms_least(((chunk) + 1) * (cut)->step, (cut)->units); u_++)                    \
    for (ms_span_part part = ms_span_part_of(cut, u_), *once_ = &part; once_; once_ = NULL)

#endif
