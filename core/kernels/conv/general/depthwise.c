/* Convolutions of every channel by itself: tiles of some results side by side and the channels of a
   cache line, so that the image is read, and the results written, in the order of memory. */
#include <string.h>

#include "../../../base/memory.h"
#include "../../../base/thread_pool.h"
#include "../../simd/stream_store.h"
#include "../../simd/vector_part.h"
#include "conv_pieces.h"

enum { WIDE = MS_VEC_BYTES == 64 ? 1 : 2, TALL = MS_VEC_BYTES == 64 ? 9 : 6 };

/* Channels c .. of a pixel: `wide` registers of `count` numbers. */
typedef struct lanes {
  size_t c, count;
  int wide, past; /* past: results go past the caches */
} lanes;

MS_INLINE void put_all(real *to, size_t step, const int tall, const lanes *k,
                       vec sum[TALL][WIDE])
{
  MS_UNROLL for (int i = 0; i < tall; i++)
    MS_UNROLL for (int v = 0; v < k->wide; v++) {
      real *here = to + (size_t)i * step + v * MS_LANES;
      if (k->past) ms_stream_store(here, sum[i][v]);
      else ms_put(here, sum[i][v], k->count);
    }
}

/* `tall` results from q on under some of the taps across. Reads are reached from one pointer to
   every three. */
MS_INLINE void block(const ms_piece *p, size_t q, const int tall, ms_stretch across, lanes k)
{
  const ms_gather *j = p->k->j;
  const size_t pixel = p->k->gives, step = j->x.reads * pixel;
  const ptrdiff_t apart = j->x.apart * (ptrdiff_t)pixel;
  vec sum[TALL][WIDE], w[WIDE];
  MS_UNROLL for (int i = 0; i < tall; i++)
    MS_UNROLL for (int v = 0; v < k.wide; v++)
      sum[i][v] = j->bias ? ms_take(j->bias + k.c + v * MS_LANES, k.count) : (vec){ 0 };
  for (size_t a = p->down.first; a < p->down.end; a++) {
    const real *x = ms_piece_reads(p, q, a, across.first) + k.c;
    for (size_t b = across.first; b < across.end; b++, x += apart) {
      const real *weight = j->weight + ms_gather_tap(j, a, b) + k.c, *three[(TALL + 2) / 3];
      MS_UNROLL for (int v = 0; v < k.wide; v++) w[v] = ms_take(weight + v * MS_LANES, k.count);
      MS_UNROLL for (int g = 0; g < (tall + 2) / 3; g++) three[g] = x + (size_t)g * 3 * step;
      MS_UNROLL for (int i = 0; i < tall; i++)
        MS_UNROLL for (int v = 0; v < k.wide; v++)
          sum[i][v] += ms_take(three[i / 3] + (size_t)(i % 3) * step + v * MS_LANES, k.count) *
                       w[v];
    }
  }
  put_all(p->to + (j->x.first + q * j->x.step) * pixel + k.c, j->x.step * pixel, tall, &k, sum);
}

/* All channels of them; the last register overlaps the one before where channels do not fill it. */
MS_INLINE void blocks(const ms_piece *p, size_t q, const int tall, ms_stretch across)
{
  const size_t all = p->k->gives;
  size_t c = 0;
  if (all < MS_LANES) {
    block(p, q, tall, across, (lanes){ 0, all, 1, 0 });
    return;
  }
  if (p->k->past)
    for (; c + WIDE * MS_LANES <= all; c += WIDE * MS_LANES)
      block(p, q, tall, across, (lanes){ c, MS_LANES, WIDE, 1 });
  else
    for (; c + WIDE * MS_LANES <= all; c += WIDE * MS_LANES)
      block(p, q, tall, across, (lanes){ c, MS_LANES, WIDE, 0 });
  for (; c + MS_LANES <= all; c += MS_LANES)
    block(p, q, tall, across, (lanes){ c, MS_LANES, 1, 0 });
  if (c < all) block(p, q, tall, across, (lanes){ all - MS_LANES, MS_LANES, 1, 0 });
}

/* What the tile after this one reads of the row that none has read yet. */
static void fetch_next(const ms_piece *p, size_t q)
{
  const ms_gather *j = p->k->j;
  if (p->down.end == p->down.first) return;
  const real *x = ms_piece_reads(p, q + TALL, p->down.end - 1, j->x.taps - 1);
  const size_t numbers = TALL * j->x.reads * p->k->gives;
  for (size_t i = 0; i < numbers; i += 64 / sizeof *x) __builtin_prefetch(x + i);
}

static void run_piece(const ms_piece *p)
{
  const ms_stretch in = p->k->inside, all = { 0, p->k->j->x.taps };
  const size_t end = in.end < p->end ? in.end : p->end;
  for (size_t q = p->first; q < p->end;) {
    if (q < in.first || q >= end) {
      blocks(p, q, 1, ms_lattice_taps(&p->k->j->x, q));
      q++;
      continue;
    }
    for (; q + TALL <= end; q += TALL) {
      fetch_next(p, q);
      blocks(p, q, TALL, all);
    }
    for (; q + 3 <= end; q += 3) blocks(p, q, 3, all);
    for (; q < end; q++) blocks(p, q, 1, all);
  }
}

static void chunk_of(void *arg, size_t chunk)
{
  const ms_pieces *k = arg;
  for (size_t u = chunk * k->together; u < ms_pieces_end(k, chunk); u++) {
    const ms_piece p = ms_piece_at(k, u);
    run_piece(&p);
  }
  if (k->past) ms_stream_done();
}

int MS_K(gather_depthwise)(const ms_gather *j)
{
  ms_pieces k;
  ms_pieces_cut(&k, j);
  k.past = ms_nontemporal(j->to, k.gives, ms_gather_results(j) * k.gives);
  ms_parallel(ms_pieces_chunks(&k), chunk_of, &k);
  return 0;
}

/* ---- by weight --------------------------------------------------------------------------- */
enum { MOST_PARTS = 32, PART_NUMBERS = 1 << 16, AT_ONCE = 8, NEAR_NUMBERS = 1 << 13 };
static ms_scratch_key room_for_sums;

typedef struct weights {
  ms_pieces k;
  size_t parts, size; /* numbers of one part's sums: (taps, channels) */
  real *sums;
} weights;

/* Adds to `taps` sums of `count` channels what results first .. end-1 of a row give; all of the
   taps meet places inside. */
MS_INLINE void add_taps(const ms_piece *p, size_t a, size_t b, const int taps, ms_stretch results,
                        size_t c, size_t count, real *sums)
{
  const ms_gather *j = p->k->j;
  const size_t channels = p->k->gives, step = j->x.reads * channels;
  const ptrdiff_t apart = j->x.apart * (ptrdiff_t)channels;
  vec sum[AT_ONCE];
  MS_UNROLL for (int t = 0; t < taps; t++) sum[t] = ms_take(sums + (size_t)t * channels, count);
  const real *x = ms_piece_reads(p, results.first, a, b) + c;
  const real *gy = p->to + results.first * channels + c;
  for (size_t q = results.first; q < results.end; q++, x += step, gy += channels) {
    const vec g = ms_take(gy, count);
    MS_UNROLL for (int t = 0; t < taps; t++) sum[t] += ms_take(x + t * apart, count) * g;
  }
  MS_UNROLL for (int t = 0; t < taps; t++) ms_put(sums + (size_t)t * channels, sum[t], count);
}

/* Results whose taps all meet places inside. */
MS_INLINE void add_inside(const ms_piece *p, ms_stretch in, size_t c, size_t count, real *sums)
{
  const size_t taps = p->k->j->x.taps, pixel = p->k->gives;
  for (size_t a = p->down.first; a < p->down.end; a++) {
    real *row = sums + a * taps * pixel + c;
    size_t b = 0;
    for (; b + AT_ONCE <= taps; b += AT_ONCE)
      add_taps(p, a, b, AT_ONCE, in, c, count, row + b * pixel);
    for (; b + 5 <= taps; b += 5) add_taps(p, a, b, 5, in, c, count, row + b * pixel);
    for (; b + 3 <= taps; b += 3) add_taps(p, a, b, 3, in, c, count, row + b * pixel);
    for (; b < taps; b++) add_taps(p, a, b, 1, in, c, count, row + b * pixel);
  }
}

/* Results first .. end-1 whose taps may meet places outside. */
static void add_edge(const ms_piece *p, size_t first, size_t end, real *restrict sums)
{
  const ms_lattice *l = &p->k->j->x;
  const size_t pixel = p->k->gives;
  for (size_t q = first; q < end; q++) {
    const ms_stretch across = ms_lattice_taps(l, q);
    for (size_t a = p->down.first; a < p->down.end; a++)
      for (size_t b = across.first; b < across.end; b++) {
        const real *x = ms_piece_reads(p, q, a, b), *gy = p->to + q * pixel;
        real *to = sums + (a * l->taps + b) * pixel;
        for (size_t c = 0; c < pixel; c++) to[c] += x[c] * gy[c];
      }
  }
}

/* Some results of a row, few enough that the caches keep what they read for all channels. */
static void add_some(const ms_piece *p, real *sums)
{
  const size_t channels = p->k->gives, whole = channels / MS_LANES * MS_LANES;
  ms_stretch in = ms_within(p->k->inside, p->first, p->end);
  if (in.first > p->end) in = (ms_stretch){ p->end, p->end };
  add_edge(p, p->first, in.first, sums);
  for (size_t c = 0; in.end > in.first && c < whole; c += MS_LANES)
    add_inside(p, in, c, MS_LANES, sums);
  if (in.end > in.first && whole < channels) add_inside(p, in, whole, channels - whole, sums);
  add_edge(p, in.end, p->end, sums);
}

static void part(void *arg, size_t chunk)
{
  const weights *w = arg;
  const ms_pieces *k = &w->k;
  const size_t some = NEAR_NUMBERS / (k->gives * (k->j->y.taps + 1)) + 1;
  real *sums = w->sums + chunk * w->size;
  memset(sums, 0, w->size * sizeof *sums);
  const size_t from = k->units * chunk / w->parts, to = k->units * (chunk + 1) / w->parts;
  for (size_t u = from; u < to; u++) {
    const ms_piece all = ms_piece_at(k, u);
    ms_piece p = all;
    for (; p.first < all.end; p.first += some) {
      p.end = p.first + some < all.end ? p.first + some : all.end;
      add_some(&p, sums);
    }
  }
}

int MS_K(weight_depthwise)(const ms_gather *j, real *gw)
{
  weights w;
  ms_pieces_cut(&w.k, j);
  const size_t parts = ms_gather_results(j) * w.k.gives / PART_NUMBERS + 1;
  w.parts = parts < MOST_PARTS ? parts : MOST_PARTS;
  w.size = j->y.taps * j->x.taps * w.k.gives;
  w.sums = ms_scratch(&room_for_sums, w.parts * w.size * sizeof *w.sums + 1);
  if (!w.sums) return -1;
  ms_parallel(w.parts, part, &w);
  memcpy(gw, w.sums, w.size * sizeof *gw);
  for (size_t p = 1; p < w.parts; p++)
    for (size_t i = 0; i < w.size; i++) gw[i] += w.sums[p * w.size + i];
  return 0;
}
