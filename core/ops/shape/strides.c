/* Moving numbers between two layouts of one shape: dimensions that lie in a row become one, then
   rows are copied, or planes are turned over in blocks where each side runs along another
   dimension. */
#include "strides.h"

#include "../../base/thread_pool.h"
#include "../../kernels/strided.h"

enum { PIECE = 1 << 14, BLOCK = 64, LARGE = 1 << 22, LONG = 256 };

void ms_strides(int ndim, const size_t *dim, ptrdiff_t *stride)
{
  ptrdiff_t run = 1;
  for (int d = ndim - 1; d >= 0; run *= (ptrdiff_t)dim[d--]) stride[d] = run;
}

/* ---- fewer dimensions ------------------------------------------------------------------------ */
/* Whether a step along the outer dimension goes as far as all steps along the inner one. */
static int continues(const ms_strided *s, int outer, size_t dim, ptrdiff_t from, ptrdiff_t to)
{
  const ptrdiff_t n = (ptrdiff_t)dim;
  return s->from[outer] == from * n && s->to[outer] == to * n;
}

/* Leaves dimensions of 1 out and joins those that lie in a row; at least one is left. */
static ms_strided merge(const ms_strided *s)
{
  ms_strided m = { .ndim = 0 };
  for (int d = 0; d < s->ndim; d++) {
    if (s->dim[d] == 1) continue;
    const int last = m.ndim - 1;
    if (m.ndim && continues(&m, last, s->dim[d], s->from[d], s->to[d])) {
      m.dim[last] *= s->dim[d];
      m.from[last] = s->from[d];
      m.to[last] = s->to[d];
      continue;
    }
    m.dim[m.ndim] = s->dim[d];
    m.from[m.ndim] = s->from[d];
    m.to[m.ndim++] = s->to[d];
  }
  if (!m.ndim) m = (ms_strided){ .ndim = 1, .dim = { 1 }, .from = { 1 }, .to = { 1 } };
  return m;
}

/* Moves a dimension to the end of the list, the others in their order. */
static void move_to_end(ms_strided *s, int d)
{
  const size_t dim = s->dim[d];
  const ptrdiff_t from = s->from[d], to = s->to[d];
  for (; d + 1 < s->ndim; d++) {
    s->dim[d] = s->dim[d + 1];
    s->from[d] = s->from[d + 1];
    s->to[d] = s->to[d + 1];
  }
  s->dim[d] = dim;
  s->from[d] = from;
  s->to[d] = to;
}

/* ---- the loops: a chunk is some of the outer places, or of their blocks --------------------- */
typedef struct job {
  ms_strided s;
  const real *from;
  real *to;
  int outer;           /* dimensions before the inner ones */
  size_t places, step; /* outer ones in all, and to a chunk */
  size_t down, across; /* blocks of a plane */
  int past;            /* whether `to` is too large for the caches and has long rows */
} job;

typedef struct place {
  size_t at[MS_STRIDED_DIMS];
  const real *from;
  real *to;
} place;

static place place_of(const job *j, size_t n)
{
  place p = { .from = j->from, .to = j->to };
  for (int d = j->outer - 1; d >= 0; n /= j->s.dim[d--]) {
    p.at[d] = n % j->s.dim[d];
    p.from += (ptrdiff_t)p.at[d] * j->s.from[d];
    p.to += (ptrdiff_t)p.at[d] * j->s.to[d];
  }
  return p;
}

static void advance(const job *j, place *p)
{
  for (int d = j->outer - 1; d >= 0; d--) {
    p->from += j->s.from[d];
    p->to += j->s.to[d];
    if (++p->at[d] < j->s.dim[d]) return;
    p->from -= (ptrdiff_t)j->s.dim[d] * j->s.from[d];
    p->to -= (ptrdiff_t)j->s.dim[d] * j->s.to[d];
    p->at[d] = 0;
  }
}

static void rows(void *arg, size_t chunk)
{
  const job *j = arg;
  const int last = j->outer;
  const size_t first = chunk * j->step;
  const size_t end = first + j->step < j->places ? first + j->step : j->places;
  const ms_strided_kernels *k = ms_k_strided();
  place p = place_of(j, first);
  for (size_t i = first; i < end; i++, advance(j, &p))
    if (j->past) k->row_past(p.from, j->s.from[last], p.to, j->s.dim[last]);
    else k->row(p.from, j->s.from[last], p.to, j->s.to[last], j->s.dim[last]);
}

static size_t shorter(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* Places are blocks of a plane, then planes. */
static void blocks(void *arg, size_t chunk)
{
  const job *j = arg;
  const int r = j->outer, c = r + 1;
  const size_t end = shorter((chunk + 1) * j->step, j->places), plane = j->down * j->across;
  for (size_t i = chunk * j->step; i < end; i++) {
    const place p = place_of(j, i / plane);
    const size_t top = i % plane / j->across * BLOCK, left = i % j->across * BLOCK;
    ms_k_strided()->turn(p.from + top + (ptrdiff_t)left * j->s.from[c], j->s.from[c],
                         p.to + (ptrdiff_t)top * j->s.to[r] + left, j->s.to[r],
                         shorter(j->s.dim[r] - top, BLOCK), shorter(j->s.dim[c] - left, BLOCK));
  }
}

/* The dimension along which `from` goes by 1 where the last one does not; -1: there is none. */
static int turned(const ms_strided *s)
{
  const int last = s->ndim - 1;
  if (s->to[last] != 1 || s->from[last] == 1 || s->from[last] == 0) return -1;
  for (int d = 0; d < last; d++)
    if (s->from[d] == 1 && s->dim[d] * s->dim[last] >= 16) return d;
  return -1;
}

static void run(job *j, size_t numbers, void (*work)(void *, size_t))
{
  const int last = j->s.ndim - 1;
  for (int d = 0; d < j->outer; d++) j->places *= j->s.dim[d];
  j->past = numbers >= LONG && j->places * numbers > LARGE && j->s.to[last] == 1;
  j->step = PIECE / (numbers ? numbers : 1) + 1;
  ms_parallel((j->places + j->step - 1) / j->step, work, j);
}

/* Rows that are long are cut, so that they are more than one chunk. */
static void cut_last(ms_strided *s)
{
  const int last = s->ndim - 1;
  const size_t n = s->dim[last];
  if (n < (size_t)2 * PIECE || n % PIECE || s->ndim == MS_STRIDED_DIMS) return;
  s->ndim++;
  s->dim[last] = n / PIECE;
  s->dim[last + 1] = PIECE;
  s->from[last + 1] = s->from[last];
  s->to[last + 1] = s->to[last];
  s->from[last] *= PIECE;
  s->to[last] *= PIECE;
}

/* The numbers behind the last whole piece of a long last dimension. */
static void copy_rest(ms_strided *s, const real *from, real *to)
{
  const int last = s->ndim - 1;
  const size_t n = s->dim[last], whole = n - n % PIECE;
  if (n < (size_t)2 * PIECE || whole == n) return;
  ms_strided rest = *s;
  rest.dim[last] = n - whole;
  s->dim[last] = whole;
  ms_strided_copy(&rest, from + (ptrdiff_t)whole * s->from[last],
                  to + (ptrdiff_t)whole * s->to[last]);
}

void ms_strided_copy(const ms_strided *shape, const real *from, real *to)
{
  for (int d = 0; d < shape->ndim; d++)
    if (!shape->dim[d]) return;
  job j = { .s = merge(shape), .from = from, .to = to, .places = 1 };
  const int d = turned(&j.s);
  if (d < 0) {
    copy_rest(&j.s, from, to);
    cut_last(&j.s);
    j.outer = j.s.ndim - 1;
    run(&j, j.s.dim[j.outer], rows);
    return;
  }
  move_to_end(&j.s, d); /* ..., columns, rows */
  move_to_end(&j.s, j.s.ndim - 2);
  j.outer = j.s.ndim - 2;
  j.down = (j.s.dim[j.outer] + BLOCK - 1) / BLOCK;
  j.across = (j.s.dim[j.outer + 1] + BLOCK - 1) / BLOCK;
  j.places = j.down * j.across;
  run(&j, shorter(j.s.dim[j.outer], BLOCK) * shorter(j.s.dim[j.outer + 1], BLOCK), blocks);
}
