/* Lines of a tensor through transforms that hold a line in each lane of the registers. */
#include <string.h>

#include "../../base/memory.h"
#include "fft_line_job.h"

enum { MOST_LANES = 16 };

/* Every parts-th of some numbers, and back. */
static void pick(const real *from, size_t parts, size_t n, real *restrict to)
{
  if (parts == 1) memcpy(to, from, n * sizeof *to);
  else for (size_t i = 0; i < n; i++) to[i] = from[2 * i];
}

static void put(const real *from, size_t parts, size_t n, real *restrict to)
{
  if (parts == 1) memcpy(to, from, n * sizeof *to);
  else for (size_t i = 0; i < n; i++) to[2 * i] = from[i];
}

/* Whether lines begin side by side. */
static int are_neighbours(const ms_line_job *j, size_t first, size_t lines)
{
  return j->inner > 1 && first % j->inner + lines <= j->inner;
}

/* The lines' numbers (points, parts) side by side; zeros where a line has none. */
static void gather(const ms_line_job *j, const ms_line_side *s, size_t first, size_t lines,
                   real *to)
{
  const size_t lanes = ms_k_fft_lanes()->lanes, step = j->inner * s->parts;
  const size_t least = s->points < s->there ? s->points : s->there, numbers = least * s->parts;
  const real *const line = j->x + ms_line_begin(j, s, first), *from[MOST_LANES] = { NULL };
  for (size_t r = 0; r < lines; r++) from[r] = j->x + ms_line_begin(j, s, first + r);
  if (j->inner == 1) ms_k_fft_lanes()->gather(from, lines, numbers, to);
  for (size_t i = 0; i < numbers && j->inner > 1; i++) {
    const size_t at = i / s->parts * step + i % s->parts;
    real *row = to + i * lanes;
    if (are_neighbours(j, first, lines)) pick(line + at, s->parts, lines, row);
    else for (size_t r = 0; r < lines; r++) row[r] = from[r][at];
    for (size_t r = lines; r < lanes; r++) row[r] = 0;
  }
  memset(to + numbers * lanes, 0, (s->points - least) * s->parts * lanes * sizeof *to);
}

static void scatter(const ms_line_job *j, const ms_line_side *s, size_t first, size_t lines,
                    const real *from)
{
  const size_t lanes = ms_k_fft_lanes()->lanes, step = j->inner * s->parts;
  const size_t least = s->points < s->there ? s->points : s->there, numbers = least * s->parts;
  const size_t all = s->there * s->parts;
  real *to[MOST_LANES];
  for (size_t r = 0; r < lines; r++) to[r] = j->y + ms_line_begin(j, s, first + r);
  if (j->inner == 1) ms_k_fft_lanes()->scatter(from, lines, numbers, to);
  for (size_t r = 0; r < lines && j->inner == 1; r++)
    memset(to[r] + numbers, 0, (all - numbers) * sizeof *from);
  for (size_t i = 0; i < all && j->inner > 1; i++) {
    const size_t at = i / s->parts * step + i % s->parts;
    const real *row = from + i * lanes;
    if (i < numbers && are_neighbours(j, first, lines)) put(row, s->parts, lines, to[0] + at);
    else for (size_t r = 0; r < lines; r++) to[r][at] = i < numbers ? row[r] : 0;
  }
}

/* The weights of a spectrum in lanes. */
static void weigh_lanes(const ms_line *l, size_t points, real *x)
{
  const size_t wide = 2 * ms_k_fft_lanes()->lanes;
  const int whole = l->kind <= MS_LINE_BACK;
  for (size_t p = 0; p < points; p++) {
    const int last = !whole && p == points - 1, first = !whole && !p;
    const real w = (real)(first ? l->first : last ? l->last : l->inner);
    for (size_t i = 0; w != 1 && i < wide; i++) x[p * wide + i] *= w;
  }
}

/* The transform of what lies in x, with y as room of the same size; returns where it is. */
static real *execute_lanes(const ms_line_job *j, real *x, real *y)
{
  const ms_fft_lanes_kernels *k = ms_k_fft_lanes();
  const ms_lane_tables *t = j->lanes;
  if (j->l.kind == MS_LINE_REAL) {
    real *z = k->transform(&t->plan, 0, x, y), *other = z == x ? y : x;
    k->split(t->turn, t->plan.n, z, other);
    return other;
  }
  if (j->l.kind != MS_LINE_HALF) return k->transform(&t->plan, j->l.kind == MS_LINE_BACK, x, y);
  k->join(t->turn, t->plan.n, x, y);
  return k->transform(&t->plan, 1, y, x);
}

void ms_line_lanes(void *arg, size_t chunk)
{
  ms_line_job *j = arg;
  const size_t lanes = ms_k_fft_lanes()->lanes, first = chunk * lanes;
  const size_t lines = j->lines - first < lanes ? j->lines - first : lanes;
  const size_t numbers = 2 * lanes * (j->lanes->plan.n + 1);
  const ms_line_side in = ms_line_side_of(j, 0), out = ms_line_side_of(j, 1);
  const int after = ms_line_ends_in_spectrum(j->l.kind);
  real *x = ms_alloc(2 * numbers * sizeof *x);
  if (!x) {
    atomic_store(&j->failed, 1);
    return;
  }
  gather(j, &in, first, lines, x);
  if (!after) weigh_lanes(&j->l, in.points, x);
  real *y = execute_lanes(j, x, x + numbers);
  if (after) weigh_lanes(&j->l, out.points, y);
  scatter(j, &out, first, lines, y);
  ms_free(x);
}
