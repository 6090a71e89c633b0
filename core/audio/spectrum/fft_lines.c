/* Fourier and cosine transforms of any length along one axis of a tensor: a line to each lane of
   the registers where there are enough short ones, otherwise by FFTW. For it lines are copied side
   by side into aligned rows, where its plan always finds them: the address of an array would choose
   other bits. */
#include "fft_lines.h"

#include <fftw3.h>
#include <limits.h>
#include <stdint.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/system/apart.h"
#include "../../base/thread.h"
#include "../../base/thread_pool.h"
#include "fft.h"
#include "fft_cosines.h"
#include "fft_line_job.h"

#ifdef MS_DOUBLE
#define FFTW(name) fftw_##name
#else
#define FFTW(name) fftwf_##name
#endif

enum {
  TOGETHER = 16,       /* lines of one plan where they are short, and of one room */
  SHORT = 256,         /* up to so many points */
  ROOM = 1 << 18,      /* numbers of a room, unless one line is longer */
  MOST_PLANS = 256
};

/* ---- plans --------------------------------------------------------------------------------- */
typedef struct ms_line_plan plan;
struct ms_line_plan {
  plan *next;
  ms_line_kind kind;
  size_t n;
  FFTW(plan) one, many;
  ms_lane_tables lanes;
  real *turns; /* of cosines in lanes */
};

static plan *plans;
static int planned;

static FFTW(plan) new_transform(const ms_line *l, int lines, real *x, real *y)
{
  const int n = (int)l->n, dx = (int)ms_line_pitch(l, 0), dy = (int)ms_line_pitch(l, 1);
  FFTW(complex) *cx = (FFTW(complex) *)x, *cy = (FFTW(complex) *)y;
  const FFTW(r2r_kind) cosine = l->kind == MS_LINE_COSINE ? FFTW_REDFT10 : FFTW_REDFT01;
  switch (l->kind) {
  case MS_LINE_FORWARD:
  case MS_LINE_BACK:
    return FFTW(plan_many_dft)(1, &n, lines, cx, NULL, 1, dx / 2, cy, NULL, 1, dy / 2,
                               l->kind == MS_LINE_FORWARD ? FFTW_FORWARD : FFTW_BACKWARD,
                               FFTW_ESTIMATE);
  case MS_LINE_REAL:
    return FFTW(plan_many_dft_r2c)(1, &n, lines, x, NULL, 1, dx, cy, NULL, 1, dy / 2,
                                   FFTW_ESTIMATE);
  case MS_LINE_HALF:
    return FFTW(plan_many_dft_c2r)(1, &n, lines, cx, NULL, 1, dx / 2, y, NULL, 1, dy,
                                   FFTW_ESTIMATE);
  default:
    return FFTW(plan_many_r2r)(1, &n, lines, x, NULL, 1, dx, y, NULL, 1, dy, &cosine,
                               FFTW_ESTIMATE);
  }
}

static void end_plan(plan *p)
{
  if (p->one) FFTW(destroy_plan)(p->one);
  if (p->many) FFTW(destroy_plan)(p->many);
  free(p->lanes.memory);
  free(p->turns);
  free(p);
}

/* Few numbers in a register are no faster than FFTW, whose odd sizes of real numbers, and of
   cosines, stay its own. */
static ms_lane_tables lanes_of(const ms_line *l)
{
  const int of_real = l->kind > MS_LINE_BACK;
  if (ms_k_fft_lanes()->lanes * sizeof(real) < 64 || (of_real && l->n % 2))
    return (ms_lane_tables){ .memory = NULL };
  return ms_lane_tables_of(of_real ? l->n / 2 : l->n, of_real);
}

/* Called with the planner held. Estimating reads no data, only the alignment. */
static plan *new_plan(const ms_line *l)
{
  const size_t lines = l->n <= SHORT ? TOGETHER : 1;
  if (ms_fft_room(l->n) != 0) return NULL;
  plan *p = calloc(1, sizeof *p);
  real *x = p ? ms_alloc(lines * ms_line_pitch(l, 0) * sizeof *x) : NULL;
  real *y = x ? ms_alloc(lines * ms_line_pitch(l, 1) * sizeof *y) : NULL;
  if (y) {
    *p = (plan){ .kind = l->kind, .n = l->n, .one = new_transform(l, 1, x, y) };
    if (lines > 1) p->many = new_transform(l, TOGETHER, x, y);
    if (!p->one || (lines > 1 && !p->many)) ms_fail("FFTW has no plan for %zu points", l->n);
  } else if (!p) ms_fail("no memory for a transform of %zu points", l->n);
  ms_free(x);
  ms_free(y);
  if (p && (!p->one || (lines > 1 && !p->many))) return end_plan(p), NULL;
  if (p) p->lanes = lanes_of(l);
  if (p && p->lanes.memory && l->kind >= MS_LINE_COSINE) p->turns = ms_cosine_turns(l->n);
  return p;
}

static const plan *find_plan(const ms_line *l)
{
  ms_fft_lock_planner();
  if (planned >= MOST_PLANS)
    for (plan *next; plans; plans = next, planned--) next = plans->next, end_plan(plans);
  plan *p = plans;
  while (p && (p->n != l->n || p->kind != l->kind)) p = p->next;
  if (!p && (p = new_plan(l))) p->next = plans, plans = p, planned++;
  ms_fft_unlock_planner();
  return p;
}

/* ---- lines in and out of a room --------------------------------------------------------- */
static void load(const ms_line_job *j, const ms_line_side *s, size_t first, size_t lines,
                 real *room)
{
  const size_t least = s->points < s->there ? s->points : s->there, step = j->inner * s->parts;
  for (size_t r = 0; r < lines; r++) {
    real *to = room + r * s->pitch;
    if (j->inner == 1)
      memcpy(to, j->x + ms_line_begin(j, s, first + r), least * s->parts * sizeof *to);
    memset(to + least * s->parts, 0, (s->points - least) * s->parts * sizeof *to);
  }
  if (j->inner == 1) return;
  const real *from[TOGETHER];
  for (size_t r = 0; r < lines; r++) from[r] = j->x + ms_line_begin(j, s, first + r);
  for (size_t p = 0; p < least; p++)
    for (size_t r = 0; r < lines; r++)
      for (size_t c = 0; c < s->parts; c++)
        room[r * s->pitch + p * s->parts + c] = from[r][p * step + c];
}

static void store(const ms_line_job *j, const ms_line_side *s, size_t first, size_t lines,
                  const real *room)
{
  const size_t least = s->points < s->there ? s->points : s->there, step = j->inner * s->parts;
  real *to[TOGETHER];
  for (size_t r = 0; r < lines; r++) to[r] = j->y + ms_line_begin(j, s, first + r);
  for (size_t r = 0; r < lines && j->inner == 1; r++) {
    memcpy(to[r], room + r * s->pitch, least * s->parts * sizeof *room);
    memset(to[r] + least * s->parts, 0, (s->there - least) * s->parts * sizeof *room);
  }
  if (j->inner == 1) return;
  for (size_t p = 0; p < s->there; p++)
    for (size_t r = 0; r < lines; r++)
      for (size_t c = 0; c < s->parts; c++)
        to[r][p * step + c] = p < least ? room[r * s->pitch + p * s->parts + c] : 0;
}

/* The weights of a line's spectrum. */
static void weigh(const ms_line *l, int out, real *line)
{
  const size_t parts = ms_line_is_complex(l->kind, out) ? 2 : 1, points = ms_line_points(l, out);
  const int whole = l->kind <= MS_LINE_BACK, has_last = parts == 2 && !whole && l->n % 2 == 0;
  const real inner = (real)l->inner, first = (real)(whole ? l->inner : l->first);
  if (inner == 1 && first == 1 && (!has_last || l->last == 1)) return;
  for (size_t i = parts; i < parts * points; i++) line[i] *= inner;
  for (size_t i = 0; i < parts; i++) line[i] *= first;
  if (has_last && points > 1)
    for (size_t i = 0; i < parts; i++)
      line[parts * (points - 1) + i] *= (real)(l->last / l->inner);
}

static void execute_many(const plan *p, real *x, real *y)
{
  switch (p->kind) {
  case MS_LINE_FORWARD:
  case MS_LINE_BACK:
    FFTW(execute_dft)(p->many, (FFTW(complex) *)x, (FFTW(complex) *)y);
    break;
  case MS_LINE_REAL: FFTW(execute_dft_r2c)(p->many, x, (FFTW(complex) *)y); break;
  case MS_LINE_HALF: FFTW(execute_dft_c2r)(p->many, (FFTW(complex) *)x, y); break;
  default: FFTW(execute_r2r)(p->many, x, y); break;
  }
}

typedef struct one_line {
  const plan *p;
  real *x, *y;
} one_line;

static void execute_one(void *arg)
{
  const one_line *o = arg;
  switch (o->p->kind) {
  case MS_LINE_FORWARD:
  case MS_LINE_BACK:
    FFTW(execute_dft)(o->p->one, (FFTW(complex) *)o->x, (FFTW(complex) *)o->y);
    break;
  case MS_LINE_REAL: FFTW(execute_dft_r2c)(o->p->one, o->x, (FFTW(complex) *)o->y); break;
  case MS_LINE_HALF: FFTW(execute_dft_c2r)(o->p->one, (FFTW(complex) *)o->x, o->y); break;
  default: FFTW(execute_r2r)(o->p->one, o->x, o->y); break;
  }
}

/* What a transform takes, in multiply-adds: its points wait for memory, and a size with a large
   prime factor is made of two larger transforms. */
static double operations(size_t n)
{
  double levels = 1, wait = 15;
  for (size_t of = 1; of < n; of *= 2) levels++;
  size_t rest = n;
  for (size_t d = 2; d <= 7; d++)
    while (rest % d == 0) rest /= d;
  if (rest > 1) wait *= 5;
  return wait * levels * (double)n;
}

/* A transform reads and writes in steps, of which processors foresee nothing. */
static void fetch(const real *line, size_t numbers)
{
  for (size_t i = 0; i < numbers; i += 64 / sizeof *line) __builtin_prefetch(line + i);
}

static int execute(const ms_line_job *j, size_t lines, real *x, real *y)
{
  const size_t dx = ms_line_pitch(&j->l, 0), dy = ms_line_pitch(&j->l, 1);
  if (lines == TOGETHER && j->plan->many) return execute_many(j->plan, x, y), 0;
  const double work = operations(j->l.n);
  for (; lines--; x += dx, y += dy) {
    one_line one = { j->plan, x, y };
    if (lines) fetch(x + dx, dx); /* the next line's */
    if (lines) fetch(y + dy, dy);
    const ms_apart_block written = { y, dy * sizeof *y };
    if (ms_apart(work, execute_one, &one, &written, 1) != 0) return -1;
  }
  return 0;
}

/* Whether lines lie in a tensor as they would in a room, and may be left there. */
static int is_in_place(const ms_line_job *j, const ms_line_side *s, const real *data)
{
  return j->inner == 1 && s->there == s->points && s->points * s->parts == s->pitch &&
         (uintptr_t)data % 64 == 0;
}

static void some_lines(void *arg, size_t chunk)
{
  ms_line_job *j = arg;
  const ms_line_side in = ms_line_side_of(j, 0), out = ms_line_side_of(j, 1);
  const int after = ms_line_ends_in_spectrum(j->l.kind);
  const size_t first = chunk * j->step;
  const size_t lines = j->lines - first < j->step ? j->lines - first : j->step;
  /* what goes in is changed by weights and by the transform from half a spectrum */
  const int leave_x = after && is_in_place(j, &in, j->x), leave_y = is_in_place(j, &out, j->y);
  real *room = ms_alloc(j->step * (in.pitch + out.pitch) * sizeof *room);
  if (!room) {
    atomic_store(&j->failed, 1);
    return;
  }
  real *x = leave_x ? (real *)j->x + first * in.pitch : room;
  real *y = leave_y ? j->y + first * out.pitch : room + j->step * in.pitch;
  if (!leave_x) load(j, &in, first, lines, x);
  for (size_t r = 0; r < lines && !after; r++) weigh(&j->l, 0, x + r * in.pitch);
  if (execute(j, lines, x, y) != 0) atomic_store(&j->failed, 1);
  for (size_t r = 0; r < lines && after; r++) weigh(&j->l, 1, y + r * out.pitch);
  if (!leave_y) store(j, &out, first, lines, y);
  ms_free(room);
}

ms_line ms_line_adjoint(const ms_line *l)
{
  ms_line a = *l;
  switch (l->kind) {
  case MS_LINE_FORWARD: a.kind = MS_LINE_BACK; break;
  case MS_LINE_BACK: a.kind = MS_LINE_FORWARD; break;
  case MS_LINE_REAL: a.kind = MS_LINE_HALF, a.inner /= 2; break;
  case MS_LINE_HALF: a.kind = MS_LINE_REAL, a.inner *= 2; break;
  case MS_LINE_COSINE: a.kind = MS_LINE_COSINE3, a.first *= 2; break;
  default: a.kind = MS_LINE_COSINE, a.first /= 2;
  }
  return a;
}

int ms_line_run(const ms_line *l, const real *x, size_t nx, real *y, size_t ny, size_t outer,
                size_t inner)
{
  if (l->n < 1 || l->n > INT_MAX / 4)
    return ms_fail("a transform has 1..%d points, not %zu", INT_MAX / 4, l->n);
  ms_line_job j = { .l = *l, .x = x, .y = y, .nx = nx, .ny = ny, .inner = inner,
                    .lines = outer * inner };
  if (!j.lines || !ny) return 0;
  if (!(j.plan = find_plan(l))) return -1;
  const size_t lanes = ms_k_fft_lanes()->lanes;
  const int is_cosine = l->kind >= MS_LINE_COSINE;
  /* FFTW is as fast for powers of two that lie together */
  const int faster = l->kind > MS_LINE_BACK || inner > 1 || l->n & (l->n - 1) || l->n < 128;
  j.lanes = &j.plan->lanes;
  j.turns = j.plan->turns;
  if (j.lanes->memory && j.lines >= lanes / 2 && faster && (j.turns || !is_cosine)) {
    ms_parallel((j.lines + lanes - 1) / lanes, is_cosine ? ms_line_cosines : ms_line_lanes, &j);
    return atomic_load(&j.failed) ? ms_fail("no memory for lines of %zu points", l->n) : 0;
  }
  j.step = ROOM / l->n < 1 ? 1 : ROOM / l->n < TOGETHER ? ROOM / l->n : TOGETHER;
  ms_parallel((j.lines + j.step - 1) / j.step, some_lines, &j);
  return atomic_load(&j.failed) ? ms_fail("no memory for lines of %zu points", l->n) : 0;
}
