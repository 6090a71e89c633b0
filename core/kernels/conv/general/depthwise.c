/* Convolutions of every channel by itself: registers of channels, tiles of results side by side. */
#include <string.h>

#include "../../../base/memory.h"
#include "../../../base/thread_pool.h"
#include "../../simd/vector_part.h"
#include "conv_pieces.h"

enum { TALL = 9 };

/* `tall` results from q on, of `count` channels from `c` on, under some of the taps across. Reads
   are reached from one pointer to every three. */
MS_INLINE void block(const ms_piece *p, size_t q, const int tall, ms_stretch across, size_t c,
                     size_t count)
{
  const ms_gather *j = p->k->j;
  const size_t channels = p->k->gives, step = j->x.reads * channels;
  const ptrdiff_t apart = j->x.apart * (ptrdiff_t)channels;
  vec sum[TALL];
  MS_UNROLL for (int i = 0; i < tall; i++) sum[i] = j->bias ? ms_take(j->bias + c, count)
                                                            : (vec){ 0 };
  for (size_t a = p->down.first; a < p->down.end; a++) {
    const real *x = ms_piece_reads(p, q, a, across.first) + c;
    for (size_t b = across.first; b < across.end; b++, x += apart) {
      const vec w = ms_take(j->weight + ms_gather_tap(j, a, b) + c, count);
      const real *three[TALL / 3];
      MS_UNROLL for (int g = 0; g < (tall + 2) / 3; g++) three[g] = x + (size_t)g * 3 * step;
      MS_UNROLL for (int i = 0; i < tall; i++)
        sum[i] += ms_take(three[i / 3] + (size_t)(i % 3) * step, count) * w;
    }
  }
  real *to = p->to + (j->x.first + q * j->x.step) * channels + c;
  MS_UNROLL for (int i = 0; i < tall; i++)
    ms_put(to + (size_t)i * j->x.step * channels, sum[i], count);
}

/* The piece's results of `count` channels. */
MS_INLINE void channels_of(const ms_piece *p, size_t c, size_t count)
{
  const ms_stretch in = p->k->inside, all = { 0, p->k->j->x.taps };
  for (size_t q = p->first; q < p->end;) {
    if (q < in.first || q >= in.end) {
      block(p, q, 1, ms_lattice_taps(&p->k->j->x, q), c, count);
      q++;
      continue;
    }
    const size_t end = in.end < p->end ? in.end : p->end;
    for (; q + TALL <= end; q += TALL) block(p, q, TALL, all, c, count);
    for (; q + 3 <= end; q += 3) block(p, q, 3, all, c, count);
    for (; q < end; q++) block(p, q, 1, all, c, count);
  }
}

/* The last register overlaps the one before where channels do not fill it. */
static void run_piece(const ms_piece *p)
{
  const size_t channels = p->k->gives;
  if (channels < MS_LANES) {
    channels_of(p, 0, channels);
    return;
  }
  for (size_t c = 0; c + MS_LANES <= channels; c += MS_LANES) channels_of(p, c, MS_LANES);
  if (channels % MS_LANES) channels_of(p, channels - MS_LANES, MS_LANES);
}

static void chunk_of(void *arg, size_t chunk)
{
  const ms_pieces *k = arg;
  for (size_t u = chunk * k->together; u < ms_pieces_end(k, chunk); u++) {
    const ms_piece p = ms_piece_at(k, u);
    run_piece(&p);
  }
}

int MS_K(gather_depthwise)(const ms_gather *j)
{
  ms_pieces k;
  ms_pieces_cut(&k, j);
  ms_parallel(ms_pieces_chunks(&k), chunk_of, &k);
  return 0;
}

/* ---- by weight --------------------------------------------------------------------------- */
enum { MOST_PARTS = 32, PART_NUMBERS = 1 << 16, AT_ONCE = 8 };
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

/* `taps` taps from b on: results inside for all of them together, the others tap by tap. */
MS_INLINE void taps_of(const ms_piece *p, size_t a, size_t b, const int taps, size_t c,
                       size_t count, real *sums)
{
  const ms_lattice *l = &p->k->j->x;
  const size_t last = b + (size_t)taps - 1;
  const ms_stretch ours = ms_within(ms_lattice_results(l, b), p->first, p->end);
  const ms_stretch other = ms_lattice_results(l, last);
  const ms_stretch all = ms_within(ours, other.first, other.end);
  if (all.end > all.first) add_taps(p, a, b, taps, all, c, count, sums);
  for (size_t t = 0; t < (size_t)taps; t++) {
    const ms_stretch here = ms_within(ms_lattice_results(l, b + t), p->first, p->end);
    real *to = sums + t * p->k->gives;
    if (all.end <= all.first) {
      add_taps(p, a, b + t, 1, here, c, count, to);
      continue;
    }
    const ms_stretch before = ms_within(here, 0, all.first);
    const ms_stretch after = ms_within(here, all.end, here.end);
    if (before.end > before.first) add_taps(p, a, b + t, 1, before, c, count, to);
    if (after.end > after.first) add_taps(p, a, b + t, 1, after, c, count, to);
  }
}

MS_INLINE void weights_of(const ms_piece *p, size_t c, size_t count, real *sums)
{
  const ms_gather *j = p->k->j;
  for (size_t a = p->down.first; a < p->down.end; a++) {
    real *row = sums + a * j->x.taps * p->k->gives + c;
    size_t b = 0;
    for (; b + AT_ONCE <= j->x.taps; b += AT_ONCE)
      taps_of(p, a, b, AT_ONCE, c, count, row + b * p->k->gives);
    for (; b + 5 <= j->x.taps; b += 5) taps_of(p, a, b, 5, c, count, row + b * p->k->gives);
    for (; b + 3 <= j->x.taps; b += 3) taps_of(p, a, b, 3, c, count, row + b * p->k->gives);
    for (; b < j->x.taps; b++) taps_of(p, a, b, 1, c, count, row + b * p->k->gives);
  }
}

static void part(void *arg, size_t chunk)
{
  const weights *w = arg;
  const ms_pieces *k = &w->k;
  const size_t channels = k->gives, whole = channels / MS_LANES * MS_LANES;
  real *sums = w->sums + chunk * w->size;
  memset(sums, 0, w->size * sizeof *sums);
  const size_t from = k->units * chunk / w->parts, to = k->units * (chunk + 1) / w->parts;
  for (size_t u = from; u < to; u++) {
    const ms_piece p = ms_piece_at(k, u);
    for (size_t c = 0; c < whole; c += MS_LANES) weights_of(&p, c, MS_LANES, sums);
    if (whole < channels) weights_of(&p, whole, channels - whole, sums);
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
