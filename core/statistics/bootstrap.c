/* The bootstrap of means and ranking metrics: clips drawn with replacement, many times. */
#include "bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/error.h"
#include "../base/memory.h"
#include "../base/rng.h"
#include "../base/thread_pool.h"

enum { RUN = 8 }; /* resamples of one chunk */

typedef struct place { double score; uint32_t clip; unsigned char positive; } place;

/* Places of one score in the order of falling scores, its positive clips in front of its negative
   ones. */
typedef struct tie { uint32_t positives, negatives, end; } tie;

/* Clips in the order of falling scores; ties: those scores that a positive clip has. */
typedef struct ranks { uint32_t *clip; tie *ties; size_t count; } ranks;

typedef struct job {
  const ms_bootstrap *r;
  uint64_t seed, stream;
  const ranks *ranks;
  const double *values;
  double *first, *second;
  void (*work)(const struct job *j, size_t d); /* on resample d */
} job;

static void run(void *arg, size_t chunk)
{
  const job *j = arg;
  for (size_t d = chunk * RUN; d < (chunk + 1) * RUN && d < j->r->resamples; d++) j->work(j, d);
}

static void for_all(job *j)
{
  ms_parallel((j->r->resamples + RUN - 1) / RUN, run, j);
}

/* ---- which clips a resample takes ---------------------------------------------------------- */
/* The same clips as ms.random.integer(seed, purpose, d, k, clips) gives for d, k = 1, 2, ... */
static void count_clips(const job *j, size_t d)
{
  size_t n = j->r->clips;
  uint32_t *count = j->r->count + d * n;
  uint64_t stream = j->stream + (d + 1) * 0x9E3779B97F4A7C15u;
  memset(count, 0, n * sizeof *count);
  for (size_t k = 1; k <= n; k++) {
    uint32_t word[4];
    ms_rng_block(j->seed, stream, k, word);
    count[((uint64_t)word[0] << 32 | word[1]) % n]++;
  }
}

ms_bootstrap *ms_bootstrap_new(size_t clips, size_t resamples, uint64_t seed, uint64_t stream)
{
  if (clips > SIZE_MAX / sizeof(uint32_t) / resamples)
    return ms_fail("%zu resamples of %zu clips are too many", resamples, clips), NULL;
  ms_bootstrap *r = malloc(sizeof *r);
  if (!r) return ms_fail("out of memory"), NULL;
  *r = (ms_bootstrap){ clips, resamples, ms_alloc(resamples * clips * sizeof(uint32_t)) };
  if (!r->count) return free(r), NULL;
  for_all(&(job){ .r = r, .seed = seed, .stream = stream, .work = count_clips });
  return r;
}

void ms_bootstrap_free(ms_bootstrap *r)
{
  if (r) ms_free(r->count);
  free(r);
}

/* ---- ranking ------------------------------------------------------------------------------- */
static int falling(const void *a, const void *b)
{
  const place *x = a, *y = b;
  if (x->score != y->score) return x->score < y->score ? 1 : -1;
  return y->positive - x->positive;
}

/* Sorts the n places and notes what a resample needs of them. */
static void rank_clips(place *order, size_t n, ranks *r)
{
  qsort(order, n, sizeof *order, falling);
  for (size_t i = 0, end; i < n; i = end) {
    tie t = { (uint32_t)i, (uint32_t)i, 0 };
    for (end = i; end < n && order[end].score == order[i].score; end++) {
      r->clip[end] = order[end].clip;
      t.negatives += order[end].positive;
    }
    t.end = (uint32_t)end;
    if (t.negatives > t.positives) r->ties[r->count++] = t;
  }
}

static uint32_t total(const uint32_t *count, const uint32_t *clip, size_t from, size_t to)
{
  uint32_t sum = 0; /* at most all clips of a resample */
  for (size_t i = from; i < to; i++) sum += count[clip[i]];
  return sum;
}

/* Counts stay whole numbers, so that only quotients are rounded. Between two ties all clips are
   negative. */
static void rank_one(const job *j, size_t d)
{
  const uint32_t *count = j->r->count + d * j->r->clips, *clip = j->ranks->clip;
  /* wrong: twice the (positive, negative) pairs out of order */
  uint64_t hits = 0, misses = 0, wrong = 0;
  size_t at = 0;
  double precision = 0;
  for (size_t i = 0; i < j->ranks->count; i++) {
    const tie *t = j->ranks->ties + i;
    misses += total(count, clip, at, t->positives);
    uint64_t step = total(count, clip, t->positives, t->negatives);
    uint64_t tied = total(count, clip, t->negatives, t->end);
    wrong += step * (2 * misses + tied);
    hits += step, misses += tied;
    if (step) precision += (double)(step * hits) / (double)(hits + misses);
    at = t->end;
  }
  misses += total(count, clip, at, j->r->clips);
  uint64_t twice = 2 * hits * misses;
  j->first[d] = twice ? (double)(twice - wrong) / (double)twice : NAN;
  j->second[d] = hits ? precision / (double)hits : NAN;
}

int ms_bootstrap_ranking(const ms_bootstrap *r, const double *scores, const unsigned char *positive,
                         double *roc, double *precision)
{
  size_t n = r->clips;
  place *order = ms_alloc(n * sizeof *order);
  ranks found = { ms_alloc(n * sizeof *found.clip), ms_alloc(n * sizeof *found.ties), 0 };
  int status = order && found.clip && found.ties ? 0 : -1;
  if (status == 0) {
    for (size_t i = 0; i < n; i++) order[i] = (place){ scores[i], (uint32_t)i, positive[i] };
    rank_clips(order, n, &found);
    for_all(&(job){ .r = r, .ranks = &found, .first = roc, .second = precision,
                    .work = rank_one });
  }
  ms_free(order), ms_free(found.clip), ms_free(found.ties);
  return status;
}

/* ---- means --------------------------------------------------------------------------------- */
static void mean_one(const job *j, size_t d)
{
  size_t n = j->r->clips;
  const uint32_t *count = j->r->count + d * n;
  double sum = 0;
  /* an infinite one counts where it is drawn */
  for (size_t i = 0; i < n; i++) sum += count[i] ? count[i] * j->values[i] : 0;
  j->first[d] = sum / (double)n;
}

void ms_bootstrap_mean(const ms_bootstrap *r, const double *values, double *mean)
{
  for_all(&(job){ .r = r, .values = values, .first = mean, .work = mean_one });
}
