/* Convolutions of groups of few channels: a register holds the results of several groups, and what
   they read is spread over its lanes, each lane its own group's numbers. */
#include <string.h>

#include "../../../base/memory.h"
#include "../../../base/thread_pool.h"
#include "../../simd/pool_window.h"
#include "../../simd/shuffle.h"
#include "conv_pieces.h"

enum { TALL = 6, MOST_READS = 8, MOST_PARTS = 32, PART_NUMBERS = 1 << 16 };
static ms_scratch_key room_for_weights, room_for_sums;

typedef struct job {
  ms_pieces k;
  const real *weights; /* (taps, reads, channels given) */
  lanes source[MOST_READS]; /* which number of what is read goes to each lane, for each channel */
  size_t span;         /* numbers that the groups of a register read, side by side */
  size_t parts, size;  /* by weight */
  real *sums;
} job;

int MS_K(are_small_groups)(const ms_gather *j)
{
  return j->groups > 1 && MOST_READS % j->reads == 0 && j->reads <= j->gives &&
         j->gives < MS_LANES && MS_LANES % j->gives == 0 &&
         j->groups * j->gives % MS_LANES == 0;
}

static void begin(job *w, const ms_gather *j)
{
  *w = (job){ .span = MS_LANES / j->gives * j->reads };
  ms_pieces_cut(&w->k, j);
  for (size_t c = 0; c < j->reads; c++)
    for (size_t lane = 0; lane < MS_LANES; lane++)
      w->source[c][lane] = (place)(lane / j->gives * j->reads + c);
}

/* Weights with the channels given side by side. */
static const real *in_order(const ms_gather *j)
{
  const size_t gives = j->groups * j->gives;
  real *packed = ms_scratch(&room_for_weights,
                            j->y.taps * j->x.taps * j->reads * gives * sizeof *packed + 1);
  real *to = packed;
  if (!packed) return NULL;
  for (size_t a = 0; a < j->y.taps; a++)
    for (size_t b = 0; b < j->x.taps; b++)
      for (size_t c = 0; c < j->reads; c++)
        for (size_t o = 0; o < gives; o++)
          *to++ = j->weight[ms_gather_tap(j, a, b) + o / j->gives * j->group + c * j->read +
                            o % j->gives * j->give];
  return packed;
}

/* The register's first channel given: where what its groups read begins in a pixel. */
static size_t reads_of(const ms_gather *j, size_t o)
{
  return o / j->gives * j->reads;
}

/* `tall` results from q on, of the register of channels from o on, under some taps across. */
MS_INLINE void block(const job *w, const ms_piece *p, size_t q, const int tall, const int reads,
                     ms_stretch across, size_t o)
{
  const ms_gather *j = w->k.j;
  const size_t step = j->x.reads * w->k.reads, span = w->span, gives = w->k.gives;
  const ptrdiff_t apart = j->x.apart * (ptrdiff_t)w->k.reads;
  vec sum[TALL];
  MS_UNROLL for (int i = 0; i < tall; i++) sum[i] = j->bias ? *(const vec_u *)(j->bias + o)
                                                            : (vec){ 0 };
  for (size_t a = p->down.first; a < p->down.end; a++) {
    const real *x = ms_piece_reads(p, q, a, across.first) + reads_of(j, o);
    const real *weight = w->weights + (a * j->x.taps + across.first) * (size_t)reads * gives + o;
    for (size_t b = across.first; b < across.end; b++, x += apart) {
      vec here[TALL];
      MS_UNROLL for (int i = 0; i < tall; i++) here[i] = take(x + (size_t)i * step, span);
      MS_UNROLL for (int c = 0; c < reads; c++, weight += gives) {
        const vec row = *(const vec_u *)weight;
        MS_UNROLL for (int i = 0; i < tall; i++)
          sum[i] += MS_SHUFFLE(here[i], w->source[c]) * row;
      }
    }
  }
  real *to = p->to + (j->x.first + q * j->x.step) * gives + o;
  MS_UNROLL for (int i = 0; i < tall; i++) *(vec_u *)(to + (size_t)i * j->x.step * gives) = sum[i];
}

MS_INLINE void channels_of(const job *w, const ms_piece *p, const int reads, size_t o)
{
  const ms_stretch in = w->k.inside, all = { 0, w->k.j->x.taps };
  for (size_t q = p->first; q < p->end;) {
    if (q < in.first || q >= in.end) {
      block(w, p, q, 1, reads, ms_lattice_taps(&w->k.j->x, q), o);
      q++;
      continue;
    }
    const size_t end = in.end < p->end ? in.end : p->end;
    for (; q + TALL <= end; q += TALL) block(w, p, q, TALL, reads, all, o);
    for (; q < end; q++) block(w, p, q, 1, reads, all, o);
  }
}

static void run_piece(const job *w, const ms_piece *p)
{
  for (size_t o = 0; o < w->k.gives; o += MS_LANES) {
    if (w->k.j->reads == 1) channels_of(w, p, 1, o);
    else if (w->k.j->reads == 2) channels_of(w, p, 2, o);
    else if (w->k.j->reads == 4) channels_of(w, p, 4, o);
    else channels_of(w, p, MOST_READS, o);
  }
}

static void chunk_of(void *arg, size_t chunk)
{
  const job *w = arg;
  for (size_t u = chunk * w->k.together; u < ms_pieces_end(&w->k, chunk); u++) {
    const ms_piece p = ms_piece_at(&w->k, u);
    run_piece(w, &p);
  }
}

int MS_K(gather_small_groups)(const ms_gather *j)
{
  job w;
  begin(&w, j);
  if (!(w.weights = in_order(j))) return -1;
  ms_parallel(ms_pieces_chunks(&w.k), chunk_of, &w);
  return 0;
}

/* ---- by weight --------------------------------------------------------------------------- */
/* Adds to the sums (reads, channels given) of a tap what some results of a row give. */
MS_INLINE void add_tap(const job *w, const ms_piece *p, size_t a, size_t b, const int reads,
                       ms_stretch results, size_t o, real *sums)
{
  const ms_gather *j = w->k.j;
  const size_t step = j->x.reads * w->k.reads, gives = w->k.gives, span = w->span;
  vec sum[MOST_READS];
  MS_UNROLL for (int c = 0; c < reads; c++) sum[c] = *(const vec_u *)(sums + (size_t)c * gives);
  const real *x = ms_piece_reads(p, results.first, a, b) + reads_of(j, o);
  const real *gy = p->to + results.first * gives + o;
  for (size_t q = results.first; q < results.end; q++, x += step, gy += gives) {
    const vec g = *(const vec_u *)gy, here = take(x, span);
    MS_UNROLL for (int c = 0; c < reads; c++)
      sum[c] += MS_SHUFFLE(here, w->source[c]) * g;
  }
  MS_UNROLL for (int c = 0; c < reads; c++) *(vec_u *)(sums + (size_t)c * gives) = sum[c];
}

static void weights_of(const job *w, const ms_piece *p, size_t o, real *sums)
{
  const ms_gather *j = w->k.j;
  for (size_t a = p->down.first; a < p->down.end; a++)
    for (size_t b = 0; b < j->x.taps; b++) {
      const ms_stretch r = ms_within(ms_lattice_results(&j->x, b), p->first, p->end);
      real *to = sums + (a * j->x.taps + b) * j->reads * w->k.gives + o;
      if (r.end <= r.first) continue;
      if (j->reads == 1) add_tap(w, p, a, b, 1, r, o, to);
      else if (j->reads == 2) add_tap(w, p, a, b, 2, r, o, to);
      else if (j->reads == 4) add_tap(w, p, a, b, 4, r, o, to);
      else add_tap(w, p, a, b, MOST_READS, r, o, to);
    }
}

static void part(void *arg, size_t chunk)
{
  const job *w = arg;
  real *sums = w->sums + chunk * w->size;
  memset(sums, 0, w->size * sizeof *sums);
  const size_t from = w->k.units * chunk / w->parts, to = w->k.units * (chunk + 1) / w->parts;
  for (size_t u = from; u < to; u++) {
    const ms_piece p = ms_piece_at(&w->k, u);
    for (size_t o = 0; o < w->k.gives; o += MS_LANES) weights_of(w, &p, o, sums);
  }
}

/* Adds the parts, in order, and writes each sum where it belongs. */
static void finish(const job *w, real *gw)
{
  const ms_gather *j = w->k.j;
  const real *from = w->sums;
  for (size_t t = 0; t < j->y.taps * j->x.taps; t++)
    for (size_t c = 0; c < j->reads; c++)
      for (size_t o = 0; o < w->k.gives; o++, from++) {
        real sum = *from;
        for (size_t p = 1; p < w->parts; p++) sum += from[p * w->size];
        gw[t * j->tap + o / j->gives * j->group + c * j->read + o % j->gives * j->give] = sum;
      }
}

int MS_K(weight_small_groups)(const ms_gather *j, real *gw)
{
  job w;
  begin(&w, j);
  const size_t parts = ms_gather_results(j) * w.k.gives / PART_NUMBERS + 1;
  w.parts = parts < MOST_PARTS ? parts : MOST_PARTS;
  w.size = j->y.taps * j->x.taps * j->reads * w.k.gives;
  w.sums = ms_scratch(&room_for_sums, w.parts * w.size * sizeof *w.sums + 1);
  if (!w.sums) return -1;
  ms_parallel(w.parts, part, &w);
  finish(&w, gw);
  return 0;
}
