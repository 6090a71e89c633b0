/* Numbers read from and written to positions along one dimension, and numbers that a mask picks.
   */
#include "gathering.h"

#include <math.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "../../base/thread_pool.h"
#include "../simd/isa.h"

enum { PIECE = 1 << 14 };

/* ---- positions ------------------------------------------------------------------------------- */
typedef struct search {
  const real *index;
  size_t count;
  real most;
  _Atomic size_t first;
} search;

#ifdef MS_DOUBLE
#define FLOOR floor
#else
#define FLOOR floorf
#endif

static inline int is_position(real p, real most)
{
  const real a = p < 0 ? -p : p;
  return (a >= 1) & (a <= most) & (a == FLOOR(a));
}

static void note_least(_Atomic size_t *least, size_t i)
{
  size_t now = *least;
  while (i < now && !atomic_compare_exchange_weak(least, &now, i)) {}
}

static void search_piece(void *arg, size_t chunk)
{
  search *s = arg;
  const size_t end = (chunk + 1) * PIECE < s->count ? (chunk + 1) * PIECE : s->count;
  int right = 1;
  for (size_t i = chunk * PIECE; i < end; i++) right &= is_position(s->index[i], s->most);
  if (right) return;
  for (size_t i = chunk * PIECE; i < end; i++)
    if (!is_position(s->index[i], s->most)) {
      note_least(&s->first, i);
      return;
    }
}

/* The largest `real` that is at most n. */
static real largest(size_t n)
{
  const real most = (real)n;
  return (double)most <= (double)n ? most : most * (1 - (real)0x1p-23);
}

static size_t find_wrong(const real *index, size_t count, size_t n)
{
  search s = { .index = index, .count = count, .most = largest(n), .first = count };
  ms_parallel((count + PIECE - 1) / PIECE, search_piece, &s);
  return s.first;
}

static inline size_t place(real p, size_t n)
{
  const ptrdiff_t at = (ptrdiff_t)p;
  return (size_t)(at - 1 + (at < 0 ? (ptrdiff_t)n + 1 : 0));
}

/* ---- reading --------------------------------------------------------------------------------- */
typedef struct job {
  const ms_gathering *g;
  const real *index;
  real *x, *y;
  real scale;
  ms_scattering kind;
  size_t parts, width, step, rows; /* parts of a row, numbers of a part, parts to a chunk */
} job;

/* Where the row begins in the three; rows go over all dimensions but the last. */
typedef struct begin {
  size_t index, x, y;
} begin;

static begin begin_of(const ms_gathering *g, size_t row)
{
  begin b = { 0, 0, 0 };
  for (int d = g->ndim - 2; d >= 0 && row; d--) {
    const size_t over = row < g->dim[d] ? 0 : row / g->dim[d], at = row - over * g->dim[d];
    row = over;
    b.index += at * g->index[d];
    b.y += at * g->y[d];
    if (d != g->axis) b.x += at * g->x[d];
  }
  return b;
}

/* Numbers of one line that lie side by side: places fit 32 bits, as wide as a float. */
static void gather_line(const real *restrict index, const real *restrict x, real *restrict y,
                        size_t count, int32_t n)
{
  for (size_t i = 0; i < count; i++) {
    const int32_t at = (int32_t)index[i], from_end = at < 0 ? n + 1 : 0;
    y[i] = x[at - 1 + from_end];
  }
}

static void gather_row(const job *j, size_t row, size_t first, size_t end)
{
  const ms_gathering *g = j->g;
  const int last = g->ndim - 1;
  const begin b = begin_of(g, row);
  const real *index = j->index + b.index, *x = j->x + b.x;
  real *restrict y = j->y + b.y;
  const size_t pitch = g->x[g->axis], n = g->n;
  if (last == g->axis && pitch == 1 && n < INT32_MAX)
    gather_line(index + first, x, y + first, end - first, (int32_t)n);
  else if (last == g->axis)
    for (size_t i = first; i < end; i++) y[i] = x[place(index[i], n) * pitch];
  else if (!g->index[last])
    memcpy(y + first, x + place(*index, n) * pitch + first, (end - first) * sizeof *y);
  else
    for (size_t i = first; i < end; i++) y[i] = x[place(index[i], n) * pitch + i];
}

static void gather_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t all = j->rows * j->parts, width = j->g->dim[j->g->ndim - 1];
  const size_t last = (chunk + 1) * j->step < all ? (chunk + 1) * j->step : all;
  for (size_t u = chunk * j->step; u < last; u++) {
    const size_t row = j->parts == 1 ? u : u / j->parts, first = (u - row * j->parts) * PIECE;
    gather_row(j, row, first, first + PIECE < width ? first + PIECE : width);
  }
}

static size_t count_of(const ms_gathering *g, int from, int end)
{
  size_t n = 1;
  for (int d = from; d < end; d++) n *= g->dim[d];
  return n;
}

static void gather(const ms_gathering *g, const real *index, const real *x, real *y)
{
  const size_t width = g->dim[g->ndim - 1];
  if (!count_of(g, 0, g->ndim)) return;
  job j = { .g = g, .index = index, .x = (real *)x, .y = y, .rows = count_of(g, 0, g->ndim - 1) };
  j.parts = (width + PIECE - 1) / PIECE;
  j.step = j.parts > 1 ? 1 : PIECE / width + 1;
  ms_parallel((j.rows * j.parts + j.step - 1) / j.step, gather_some, &j);
}

/* ---- writing: what may meet in one place of x stays in one chunk, in order ------------------- */
#define EACH_PLACE(body)                                                                  \
  for (size_t i = first; i < end; i++) {                                                  \
    real *to = x + place(index[i * step], n) * pitch + i * along, *from = y + i;          \
    body;                                                                                 \
  }

static void add_run(real *restrict x, const real *restrict y, size_t n, real scale)
{
  for (size_t i = 0; i < n; i++) x[i] += scale * y[i];
}

static void scatter_row(const job *j, size_t row, size_t first, size_t end)
{
  const ms_gathering *g = j->g;
  const int last = g->ndim - 1;
  const begin b = begin_of(g, row);
  const real *index = j->index + b.index, scale = j->scale;
  real *x = j->x + b.x, *y = j->y + b.y;
  const size_t pitch = g->x[g->axis], n = g->n, step = g->index[last], along = last != g->axis;
  if (j->kind == MS_SCATTER_SET) EACH_PLACE(*to = scale * *from)
  else if (j->kind == MS_SCATTER_ADD && !step)
    add_run(x + place(*index, n) * pitch + first, y + first, end - first, scale);
  else if (j->kind == MS_SCATTER_ADD) EACH_PLACE(*to += scale * *from)
  else
    for (size_t i = end; i-- > first;) {
      real *from = x + place(index[i * step], n) * pitch + i * along;
      y[i] = *from;
      *from = 0;
    }
}

static void scatter_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t width = j->g->dim[j->g->ndim - 1];
  const size_t outer = j->parts == 1 ? chunk : chunk / j->parts;
  const size_t first = (chunk - outer * j->parts) * j->width;
  const size_t end = first + j->width < width ? first + j->width : width;
  for (size_t r = 0; r < j->rows; r++) {
    const size_t row = j->kind == MS_SCATTER_TAKE ? j->rows - 1 - r : r;
    scatter_row(j, outer * j->rows + row, first, end);
  }
}

static void scatter(const ms_gathering *g, ms_scattering kind, const real *index, real *x, real *y,
                    real scale)
{
  enum { COLUMNS = 64 };
  const int last = g->ndim - 1;
  const size_t width = g->dim[last];
  if (!count_of(g, 0, g->ndim)) return;
  job j = { .g = g, .index = index, .x = x, .y = y, .scale = scale, .kind = kind };
  j.rows = last == g->axis ? 1 : count_of(g, g->axis, last);
  j.width = last == g->axis || width < COLUMNS ? width : COLUMNS;
  j.parts = (width + j.width - 1) / j.width;
  ms_parallel_of(count_of(g, 0, g->ndim), count_of(g, 0, g->axis) * j.parts, scatter_some, &j);
}

/* ---- masks: a room of pieces is counted, then each one knows where its numbers begin ------ */
enum { ROOM = 256, BUFFER = 256 };

typedef struct masking {
  const real *mask, *from;
  real *to;
  size_t n, at[ROOM];
  int ndim; /* of the places: the mask's sizes, and how many numbers come before this room */
  const size_t *dim;
  size_t before;
} masking;

static size_t end_of(const masking *m, size_t chunk)
{
  return (chunk + 1) * PIECE < m->n ? (chunk + 1) * PIECE : m->n;
}

static void count_piece(void *arg, size_t chunk)
{
  masking *m = arg;
  const real *restrict mask = m->mask;
  unsigned count = 0;
  for (size_t i = chunk * PIECE; i < end_of(m, chunk); i++) count += mask[i] != 0;
  m->at[chunk] = count;
}

static void select_piece(void *arg, size_t chunk)
{
  const masking *m = arg;
  real buffer[BUFFER + 1], *to = m->to + m->at[chunk];
  const size_t end = end_of(m, chunk);
  for (size_t i = chunk * PIECE; i < end;) {
    const size_t stop = end - i < BUFFER ? end : i + BUFFER;
    size_t k = 0;
    for (; i < stop; i++) {
      buffer[k] = m->from[i];
      k += m->mask[i] != 0;
    }
    memcpy(to, buffer, k * sizeof *to);
    to += k;
  }
}

static void scatter_piece(void *arg, size_t chunk)
{
  const masking *m = arg;
  const real *from = m->from + m->at[chunk];
  for (size_t i = chunk * PIECE; i < end_of(m, chunk); i++)
    m->to[i] = m->mask[i] != 0 ? *from++ : 0;
}

/* Places of one row's numbers first..end-1 that are not 0. */
static real *note_row(const masking *m, const real *mask, size_t row, size_t first, size_t end,
                      real *to)
{
  real at[MS_GATHERING_DIMS];
  uint32_t found[BUFFER + 1];
  const int last = m->ndim - 1;
  for (int d = last - 1; d >= 0; row /= m->dim[d--]) at[d] = (real)(row % m->dim[d] + 1);
  while (first < end) {
    const size_t stop = end - first < BUFFER ? end : first + BUFFER;
    size_t many = 0;
    for (size_t i = first; i < stop; i++) {
      found[many] = (uint32_t)(i - first);
      many += mask[i] != 0;
    }
    for (size_t k = 0; k < many; k++) {
      for (int d = 0; d < last; d++) *to++ = at[d];
      *to++ = (real)(first + found[k] + 1);
    }
    first = stop;
  }
  return to;
}

static void places_piece(void *arg, size_t chunk)
{
  const masking *m = arg;
  const size_t width = m->dim[m->ndim - 1], end = m->before + end_of(m, chunk);
  real *to = m->to + m->at[chunk] * (size_t)m->ndim;
  for (size_t i = m->before + chunk * PIECE; i < end;) {
    const size_t row = i / width, first = i % width;
    const size_t stop = width - first < end - i ? width : first + (end - i);
    to = note_row(m, m->mask + (row * width - m->before), row, first, stop, to);
    i += stop - first;
  }
}

/* Room after room; those numbers that stay together move on by what the room counted. */
static size_t rooms(masking m, void (*work)(void *, size_t), size_t pick_from, size_t pick_to)
{
  const size_t all = m.n;
  size_t total = 0;
  for (size_t first = 0; first < all; first += (size_t)ROOM * PIECE) {
    m.n = all - first < (size_t)ROOM * PIECE ? all - first : (size_t)ROOM * PIECE;
    const size_t chunks = (m.n + PIECE - 1) / PIECE;
    size_t sum = 0;
    ms_parallel(chunks, count_piece, &m);
    for (size_t c = 0; c < chunks; c++) {
      const size_t here = m.at[c];
      m.at[c] = sum;
      sum += here;
    }
    if (work) ms_parallel(chunks, work, &m);
    total += sum;
    m.mask += m.n;
    m.before += m.n;
    m.from += pick_from ? sum : m.n;
    m.to += pick_to ? sum * pick_to : m.n;
  }
  return total;
}

static size_t mask_count(const real *mask, size_t n)
{
  return rooms((masking){ .mask = mask, .from = mask, .to = (real *)mask, .n = n }, NULL, 0, 0);
}

static void mask_select(const real *mask, const real *x, real *y, size_t n)
{
  rooms((masking){ .mask = mask, .from = x, .to = y, .n = n }, select_piece, 0, 1);
}

static void mask_places(const real *mask, int ndim, const size_t *dim, real *places)
{
  masking m = { .mask = mask, .from = mask, .to = places, .n = 1, .ndim = ndim, .dim = dim };
  for (int d = 0; d < ndim; d++) m.n *= dim[d];
  rooms(m, places_piece, 0, (size_t)ndim);
}

static void mask_scatter(const real *mask, const real *gy, real *gx, size_t n)
{
  rooms((masking){ .mask = mask, .from = gy, .to = gx, .n = n }, scatter_piece, 1, 0);
}

const ms_gathering_kernels MS_K(gathering) = {
  .find_wrong = find_wrong, .gather = gather, .scatter = scatter, .mask_count = mask_count,
  .mask_select = mask_select, .mask_scatter = mask_scatter, .mask_places = mask_places,
};
