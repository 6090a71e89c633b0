/* Results of a phase in pieces of rows, for kernels that keep all channels of a result together. */
#ifndef MS_CONV_PIECES_H
#define MS_CONV_PIECES_H

#include "conv_gather.h"

enum { MS_PIECE_NUMBERS = 1 << 15 };

/* `together` pieces are a chunk. */
typedef struct ms_pieces {
  const ms_gather *j;
  size_t reads, gives; /* channels of a pixel that is read, of one that is given */
  size_t piece, pieces, together, units;
  ms_stretch inside; /* results of a row whose taps all meet places inside */
  int past;          /* whether results go past the caches (simd/stream_store.h) */
} ms_pieces;

/* One piece of one row. */
typedef struct ms_piece {
  const ms_pieces *k;
  const real *image; /* read from it */
  real *to;          /* the row that the results go to */
  size_t row, first, end;
  ms_stretch down; /* taps that meet rows inside */
} ms_piece;

static inline void ms_pieces_cut(ms_pieces *k, const ms_gather *j)
{
  *k = (ms_pieces){ .j = j, .reads = j->groups * j->reads, .gives = j->groups * j->gives };
  k->piece = MS_PIECE_NUMBERS / k->gives + 1;
  if (k->piece > j->x.count) k->piece = j->x.count;
  k->pieces = k->piece ? (j->x.count + k->piece - 1) / k->piece : 0;
  k->together = MS_PIECE_NUMBERS / (k->piece * k->gives + 1) + 1;
  k->units = j->n * j->y.count * k->pieces;
  k->inside = ms_lattice_within(&j->x);
}

static inline ms_piece ms_piece_at(const ms_pieces *k, size_t unit)
{
  const ms_gather *j = k->j;
  const size_t row = unit / k->pieces, image = row / j->y.count, r = row % j->y.count;
  const size_t first = unit % k->pieces * k->piece, left = j->x.count - first;
  return (ms_piece){
    .k = k, .image = j->from + image * j->from_h * j->from_w * k->reads, .row = r,
    .to = j->to + (image * j->to_h + j->y.first + r * j->y.step) * j->to_w * k->gives,
    .first = first, .end = first + (left < k->piece ? left : k->piece),
    .down = ms_lattice_taps(&j->y, r) };
}

/* What result q reads under tap (a, b). */
static inline const real *ms_piece_reads(const ms_piece *p, size_t q, size_t a, size_t b)
{
  const ms_gather *j = p->k->j;
  const ptrdiff_t i = (ptrdiff_t)(p->row * j->y.reads) + j->y.at + (ptrdiff_t)a * j->y.apart;
  const ptrdiff_t at = (ptrdiff_t)(q * j->x.reads) + j->x.at + (ptrdiff_t)b * j->x.apart;
  return p->image + (i * (ptrdiff_t)j->from_w + at) * (ptrdiff_t)p->k->reads;
}

/* Those of a stretch that lie in first .. end-1. */
static inline ms_stretch ms_within(ms_stretch s, size_t first, size_t end)
{
  if (s.first < first) s.first = first;
  if (s.end > end) s.end = end;
  if (s.end < s.first) s.end = s.first;
  return s;
}

/* The pieces of a chunk: from k->together * chunk to the end that this gives. */
static inline size_t ms_pieces_end(const ms_pieces *k, size_t chunk)
{
  const size_t end = (chunk + 1) * k->together;
  return end < k->units ? end : k->units;
}

static inline size_t ms_pieces_chunks(const ms_pieces *k)
{
  return k->units ? (k->units + k->together - 1) / k->together : 0;
}

#endif
